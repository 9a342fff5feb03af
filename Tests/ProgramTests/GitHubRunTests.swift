import GitHubStandIn
import HotfixTesting
import ReleaseModel
import Testing

/// A whole hotfix on the stand-in for GitHub: real git over HTTP, real requests.
@Suite struct GitHubRunTests {
  @Test func carriesAHotfixThroughGitHub() async throws {
    let world = try await World(onGitHub: true)
    let github = try #require(world.github)
    try await world.untilReview()
    let waiting = await world.hotfix(world.ana, "next")
    #expect(waiting.status == 3 && waiting.all.contains("/pull/1"), "\(waiting.all)")
    let head = try await world.sh(world.ana, "git rev-parse origin/hotfix/v1.0.1-hotfix1")
    try await github.review(World.repository, 1, by: "ben", .approved, body: "Good.")
    let next = await world.hotfix(world.ana, "next")
    #expect(next.status == 0, "\(next.all)")
    #expect(await world.hotfix(world.ana, "close").status == 0)
    let tagged = try await world.sh(world.ana, "git rev-parse v1.0.1-hotfix1^{commit}")
    #expect(tagged == head)
  }

  @Test func findsWhoHasTheFaultAndHowManyTheyAre() async throws {
    let world = try await World(onGitHub: true)
    let arguments = World.openArguments.filter { !["--reach", "many"].contains($0) }
    let commit = try await world.sh(world.ana, "git rev-parse v1.0.0^{commit}")
    for _ in 0..<3 { try world.expect(await world.hotfix(world.ben, "verify", "v1.0.0"), 0) }
    let opened = await world.hotfix(world.ana, arguments + ["--introduced-by", commit])
    #expect(opened.status == 0, "\(opened.all)")
    #expect(opened.err.contains("v1.0.0 has the fault, 3 downloads"), "\(opened.all)")
    #expect(opened.err.contains("reach: many, 100 %"), "\(opened.all)")
    let status = await world.hotfix(world.ana, "next")
    #expect(status.err.contains("affected: 1.0.0"), "\(status.all)")
    let later = try await world.sh(world.ana, "git rev-parse origin/main")
    let unreleased = await world.hotfix(world.ana, arguments + ["--introduced-by", later])
    #expect(unreleased.status == 1 && unreleased.err.contains("[open.unreleased]"))
  }

  /// Everything that is asked for, by GitHub's own description.
  @Test(
    .enabled("GitHub's descriptions are not here") { Judges.shared != nil },
    .enabled("Python lacks jsonschema or graphql-core") {
      await Judges.has(module: "jsonschema, rfc3339_validator, graphql")
    }
  )
  func asksAsGitHubDescribesIt() async throws {
    let world = try await World(onGitHub: true)
    let github = try #require(world.github)
    _ = try await github.addIssue(World.repository, title: "The last word is lost")
    try await world.untilRelease()
    try world.expect(await world.hotfix(world.ana, "next"), 0)
    try world.expect(await world.hotfix(world.ana, "doctor"), 0)
    try world.expect(
      await world.hotfix(world.ana, "withdraw", "--reason", "it hurts after all"),
      0
    )
    let complaints = try await Judges.complaints(github, .november2022, in: world.path)
    #expect(complaints?.isEmpty == true, "\(complaints ?? "")")
  }
}
