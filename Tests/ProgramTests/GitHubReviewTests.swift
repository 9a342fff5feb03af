import GitHubStandIn
import HotfixTesting
import ReleaseModel
import Testing

/// What counts as a review on GitHub, and what becomes of a merge that people do there.
@Suite struct GitHubReviewTests {
  private func world() async throws -> (World, GitHubStandIn) {
    let world = try await World(onGitHub: true)
    return (world, try #require(world.github))
  }

  @Test func anApprovalOfSomebodyWhoMayOnlyReadDoesNotCount() async throws {
    let (world, github) = try await world()
    try await world.untilReview()
    try await github.setRole(World.repository, "eve", .read)
    try await github.review(World.repository, 1, by: "eve", .approved)
    let waits = await world.hotfix(world.ana, "next")
    #expect(waits.status == 3 && waits.out.contains("other than ana: approves"), "\(waits.all)")
    try await github.review(World.repository, 1, by: "ben", .approved)
    #expect(await world.hotfix(world.ana, "next").status == 0)
  }

  /// Nobody has to look, and whoever did look and objects is heard until the tag is out.
  @Test func aloneNoReviewIsWaitedForAndALateObjectionStopsTheRun() async throws {
    let world = try await World(
      onGitHub: true,
      settings: { $0 + "policy: { approvals: 0 }\n" }
    )
    let github = try #require(world.github)
    try world.expect(await world.hotfix(world.ana, World.openArguments), 0)
    try world.expect(await world.hotfix(world.ana, "next"), 3)
    try await world.fix()
    // Every review is behind it when the candidate fails.
    let stopped = await world.hotfix(world.ana, ["next"], environment: ["WICK_KEY": ""])
    #expect(stopped.status == 1 && stopped.all.contains("WICK_KEY"), "\(stopped.all)")
    let status = await world.hotfix(world.ana, "status")
    #expect(status.out.contains("✓ comments"), "\(status.all)")
    try await github.review(World.repository, 1, by: "ben", .changesRequested, body: "No.")
    let objected = await world.hotfix(world.ana, "next")
    #expect(objected.status == 3 && objected.out.contains("asked for changes"), "\(objected.all)")
    try await github.review(World.repository, 1, by: "ben", .approved)
    let done = await world.hotfix(world.ana, "next")
    #expect(done.status == 0, "\(done.all)")
  }

  @Test func anApprovalOfAnOlderCommitDoesNotCount() async throws {
    let (world, github) = try await world()
    try await world.untilReview()
    try await github.review(World.repository, 1, by: "ben", .approved)
    try await world.sh(world.ana, "echo '# Every one.' >> wick.sh")
    try await world.commit(world.ana, "Say which words")
    _ = await world.hotfix(world.ana, "next")
    let waits = await world.hotfix(world.ana, "next")
    #expect(waits.status == 3 && waits.out.contains("ben approved an older commit"), "\(waits.all)")
  }

  @Test func aStrangerWhoIsListedNeedsAStatementInTheRecord() async throws {
    let (world, github) = try await world()
    try world.expect(await world.hotfix(world.ana, World.openArguments), 0)
    try world.expect(await world.hotfix(world.ben, "approve"), 0)
    try world.expect(await world.hotfix(world.ana, "next"), 3)
    try await world.fix()
    try await world.sh(
      world.ana,
      "git commit -q --amend --no-edit --author='Cem <cem@example.org>'"
    )
    _ = await world.hotfix(world.ana, "next")
    try await github.review(World.repository, 1, by: "ben", .approved)
    let refused = await world.hotfix(world.ana, "next")
    #expect(refused.status == 1 && refused.all.contains("[review.author]"), "\(refused.all)")
    try world.write(
      world.ben,
      [
        "allowed_signers": try world.read("ben/allowed_signers")
          + "cem@example.org \(try world.publicKeyLine(world.eve))"
      ]
    )
    try await world.commit(world.ben, "List Cem")
    try await world.sh(world.ben, "git push -q origin main")
    try world.expect(await world.hotfix(world.ben, "approve", "policy"), 0)
    try world.expect(await world.hotfix(world.ana, "next"), 3)
    try world.expect(await world.hotfix(world.ben, "approve"), 0)
    let waits = await world.hotfix(world.ana, "next")
    #expect(waits.status == 3 && waits.out.contains("cem@example.org wrote a part"), "\(waits.all)")
    try world.expect(await world.hotfix(world.ben, "approve"), 0)
    #expect(await world.hotfix(world.ana, "next").status == 0)
  }

  /// A reviewer merges in the web page, the host removes the branch, and another machine goes on.
  @Test(arguments: ["merge", "squash"])
  func aBranchThatTheHostRemovedIsNotMissed(_ method: String) async throws {
    let world = try await World(
      onGitHub: true,
      settings: { $0.replacing("github: ana/wick,", with: "github: ana/wick, merge: \(method),") }
    )
    let github = try #require(world.github)
    try await github.setDeletesBranches(World.repository)
    try await world.untilRelease()
    let head = try await world.sh(world.ana, "git rev-parse hotfix/v1.0.1-hotfix1")
    try await GitHubEnd.merge(github, 1, method)
    let gone = try await world.sh(world.ana2, "git ls-remote --heads origin 'hotfix/*'")
    #expect(gone.isEmpty, "\(gone)")
    let next = await world.hotfix(world.ana2, "next")
    #expect(next.status == 0, "\(next.all)")
    #expect(try await world.sh(world.ana2, "git rev-parse v1.0.1-hotfix1^{commit}") == head)
    #expect(!next.err.contains("creates hotfix/"), "\(next.err)")
  }

  @Test func conflictsWithAProtectedMainGetARequestOfTheirOwn() async throws {
    let (world, github) = try await world()
    try await world.untilRelease()
    let head = try await world.sh(world.ana, "git rev-parse hotfix/v1.0.1-hotfix1")
    try await world.sh(world.ben, "git pull -q && echo 'echo other' > wick.sh")
    try await world.commit(world.ben, "Rewrite")
    try await world.sh(world.ben, "git push -q origin main")
    try await github.protect(World.repository, branch: "main", approvals: nil)
    let next = await world.hotfix(world.ana, "next")
    #expect(next.status == 1 && next.out.contains("[merge.conflict]"), "\(next.all)")
    let line = next.out.split(separator: "\n").first { $0.contains("cd /") }
    let folder = try #require(line?.split(separator: " ").last)
    try await world.sh(
      world.ana,
      "git checkout -q --theirs wick.sh && git add -A && git commit -q --no-edit",
      in: FilePath(String(folder))
    )
    let on = await world.hotfix(world.ana, "next", "--continue")
    #expect(on.status == 0, "\(on.all)")
    #expect(try await world.sh(world.ana, "git rev-parse v1.0.1-hotfix1^{commit}") == head)
    try await world.sh(
      world.ana,
      "git fetch -q && git merge-base --is-ancestor \(head) origin/main"
    )
  }

  @Test func aMergeQueueIsWaitedFor() async throws {
    let (world, github) = try await world()
    _ = try await github.addRuleset(World.repository, name: "queue", rules: [.mergeQueue()])
    try await world.untilRelease()
    let asks = await world.hotfix(world.ana, "next")
    #expect(asks.status == 3 && asks.out.contains("into the merge queue"), "\(asks.all)")
    try await GitHubEnd.enqueue(github, 1)
    let later = ["HOTFIX_CLOCK_SHIFT": "60"]
    let waits = await world.hotfix(world.ana, ["next"], environment: later)
    #expect(waits.status == 3 && waits.out.contains("merge queue: merges"), "\(waits.all)")
    try await github.finishMergeQueue(World.repository, 1)
    let end = await world.hotfix(world.ana, ["next"], environment: later)
    #expect(end.err.contains("✓ merge"), "\(end.all)")
  }
}
