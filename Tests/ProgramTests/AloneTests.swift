import HotfixTesting
import ReleaseModel
import Testing

/// With `policy: { approvals: 0 }` nobody else has to look, and nothing claims that somebody did.
@Suite struct AloneTests {
  private static func world() async throws -> World {
    try await World(settings: { $0 + "policy: { approvals: 0 }\n" })
  }

  private func open(_ world: World) async throws {
    let opened = await world.hotfix(world.ana, World.openArguments)
    try world.expect(opened, 0)
    #expect(opened.out.hasSuffix("next:  hotfix next"), "\(opened.all)")
    try world.expect(await world.hotfix(world.ana, "next"), 3)
    try await world.fix()
  }

  @Test func oneMaintainerReleasesAndNothingClaimsAReview() async throws {
    let world = try await Self.world()
    try world.write(
      world.ana,
      ["allowed_signers": "ana@example.org \(try world.publicKeyLine(world.ana))"]
    )
    try await world.commit(world.ana, "List ana alone")
    try await world.sh(world.ana, "git push --quiet origin HEAD:main")
    #expect(await world.hotfix(world.ana, "doctor").out.contains("no approval is needed"))
    try await open(world)
    let next = await world.hotfix(world.ana, "next")
    #expect(next.status == 0 && !next.all.contains("WAIVED"), "\(next.all)")
    let tag = try await world.sh(world.ana, "git cat-file tag v1.0.1-hotfix1")
    let unseen = "approval, code-review, test-review, docs-review"
    #expect(tag.contains("Nobody else has looked: \(unseen)."), "\(tag)")
    let report = await world.hotfix(world.ana, "report", "v1.0.1-hotfix1")
    #expect(report.out.contains("- Nobody else has looked: approval"), "\(report.all)")
    #expect(!report.out.contains("open → reviewed") && !report.out.contains("open → approved"))
    let verified = await world.hotfix(world.ana, "record", "verify")
    #expect(verified.status == 0, "\(verified.all)")
    let shipped = await world.hotfix(world.ana, "ship", "v1.0.1-hotfix1")
    #expect(shipped.status == 0, "the tag's check counts as the run did: \(shipped.all)")
  }

  @Test func aRefusalCountsAllTheSame() async throws {
    let world = try await Self.world()
    try await open(world)
    try await world.sh(world.ana, "git push --quiet origin HEAD:hotfix/v1.0.1-hotfix1")
    let declined = await world.hotfix(
      world.ben,
      "decline",
      "code-review",
      "--reason",
      "the lock is taken twice"
    )
    #expect(declined.status == 0, "\(declined.all)")
    let next = await world.hotfix(world.ana, "next")
    #expect(next.status == 3 && next.all.contains("has declined"), "\(next.all)")
    let own = await world.hotfix(
      world.ana,
      "waive",
      "code-review",
      "--reason",
      "the author says so"
    )
    try world.expect(own, 0)
    try world.expect(await world.hotfix(world.ana, "next"), 3)
    try world.expect(await world.hotfix(world.ben, "approve", "code-review"), 0)
    let done = await world.hotfix(world.ana, "next")
    #expect(done.status == 0, "\(done.all)")
    let tag = try await world.sh(world.ana, "git cat-file tag v1.0.1-hotfix1")
    #expect(tag.contains("Nobody else has looked: approval, test-review, docs-review."), "\(tag)")
  }
}
