import Forges
import GitHubStandIn
import HotfixTesting
import ReleaseModel
import Runbook
import Testing

/// A hotfix of an old line on GitHub: the newest release stays latest, with its feeds, and a feed of
/// the old line's own is changed where it is.
@Suite struct GitHubLineTests {
  private static let lineFeed =
    "feeds: [ { sparkle: appcast.xml, signed: true }, "
    + "{ sparkle: appcast-1.xml, signed: true, line: \"1\" } ]"

  private func settings(_ text: String, line: Bool, host: String = "") -> String {
    let feeds = "feeds: [ { sparkle: appcast.xml, signed: true } ]"
    return text.replacing(feeds, with: line ? Self.lineFeed : feeds)
      .replacing("github: ana/wick,", with: "github: ana/wick,\(host)")
  }

  /// A world where 2.0.0 is out, and a hotfix of 1.0.0 is ready to be released.
  private func world(
    line: Bool,
    host: String = "",
    isImmutable: Bool = false
  ) async throws -> (World, GitHubStandIn) {
    let world = try await World(onGitHub: true) { settings($0, line: line, host: host) }
    let github = try #require(world.github)
    try await github.setImmutableReleases(World.repository, isImmutable)
    // Build numbers count commits: the newer line has to stay above the older one's hotfix.
    let work = "for i in 1 2 3 4 5; do git commit -q --allow-empty -m \"Work $i\"; done"
    let release = "git tag -s -m 2 v2.0.0 && git push -q origin main v2.0.0"
    try await world.sh(world.ana, "\(work); \(release)")
    try world.expect(await world.hotfix(world.ana, "ship", "v2.0.0"), 0)
    try world.expect(
      await world.hotfix(world.ana, World.openArguments + ["--base", "v1.0.0"]),
      0
    )
    try world.expect(await world.hotfix(world.ben, "approve"), 0)
    try world.expect(await world.hotfix(world.ana, "next"), 3)
    try await world.fix()
    try world.expect(await world.hotfix(world.ana, "next"), 3)
    try world.expect(await world.hotfix(world.ben, "approve"), 0)
    return (world, github)
  }

  private func served(_ github: GitHubStandIn, _ path: String) async throws -> String {
    let url = "\(github.url)/\(World.repository)/\(path)"
    let answer = try await LiveHTTP.http.send(HTTP.Request("GET", url))
    return String(decoding: answer.body, as: UTF8.self)
  }

  private let latest = "releases/latest/download"

  @Test func leavesLatestAndItsFeedAlone() async throws {
    let (world, github) = try await world(line: false)
    let before = try await served(github, "\(latest)/appcast.xml")
    #expect(before.contains("2.0.0"))
    let next = await world.hotfix(world.ana, "next")
    #expect(next.status == 0, "\(next.all)")
    let end = try await GitHubEnd(github)
    #expect(end.latest == "v2.0.0" && end.releases["v1.0.1-hotfix1"] == false)
    #expect(try await served(github, "\(latest)/appcast.xml") == before)
    #expect(!end.assets.contains("appcast.xml"), "no feed beside the old line's artifacts")
    #expect(next.err.contains("appcast.xml is left alone"), "\(next.all)")
  }

  @Test func changesTheLinesOwnFeedAmongTheAssetsOfLatest() async throws {
    let (world, github) = try await world(line: true)
    let before = try await served(github, "\(latest)/appcast.xml")
    #expect(!(try await served(github, "\(latest)/appcast-1.xml")).contains("2.0.0"))
    let next = await world.hotfix(world.ana, "next")
    #expect(next.status == 0, "\(next.all)")
    #expect(try await GitHubEnd(github).latest == "v2.0.0")
    #expect(try await served(github, "\(latest)/appcast.xml") == before)
    let own = try await served(github, "\(latest)/appcast-1.xml")
    #expect(own.contains("1.0.1-hotfix1") && !own.contains("2.0.0"), "\(own)")
  }

  /// Where feeds are assets of latest, a withdrawn release of an old line is in latest's feed.
  @Test func takesAWithdrawnReleaseOutOfTheLinesOwnFeed() async throws {
    let (world, github) = try await world(line: true)
    try world.expect(await world.hotfix(world.ana, "next"), 0)
    let before = try await served(github, "\(latest)/appcast.xml")
    let withdraw = await world.hotfix(world.ana, "withdraw", "--reason", "it is worse")
    #expect(withdraw.status == 0, "\(withdraw.all)")
    #expect(try await served(github, "\(latest)/appcast.xml") == before)
    let own = try await served(github, "\(latest)/appcast-1.xml")
    #expect(!own.contains("1.0.1-hotfix1") && own.contains("1.0.0"), "\(own)")
  }

  @Test func refusesAFeedThatCannotBeChangedBeforeTheTag() async throws {
    let (world, github) = try await world(line: true, isImmutable: true)
    let next = await world.hotfix(world.ana, "next")
    #expect(next.status == 1 && next.all.contains("[feed.immutable]"), "\(next.all)")
    #expect(next.all.contains("appcast-1.xml is an asset of v2.0.0"), "\(next.all)")
    let tags = try await world.sh(world.ana, "git ls-remote --tags origin 'v1.0.1*'")
    #expect(tags.isEmpty, "nothing has been tagged")
    #expect(try await GitHubEnd(github).releases.count == 2)
  }

  /// Where no feed is to be changed, an immutable latest release is no hindrance.
  @Test func releasesBesideAnImmutableLatest() async throws {
    let (world, github) = try await world(line: false, isImmutable: true)
    let next = await world.hotfix(world.ana, "next")
    #expect(next.status == 0, "\(next.all)")
    #expect(try await GitHubEnd(github).latest == "v2.0.0")
  }

  @Test func commitsTheLinesOwnFeedOnItsBranch() async throws {
    let (world, github) = try await world(line: true, host: " feeds: repository,")
    let before = try await served(github, "raw/main/appcast.xml")
    let next = await world.hotfix(world.ana, "next")
    #expect(next.status == 0, "\(next.all)")
    #expect(try await GitHubEnd(github).latest == "v2.0.0")
    #expect(try await served(github, "raw/main/appcast.xml") == before)
    #expect((try await served(github, "raw/main/appcast-1.xml")).contains("1.0.1-hotfix1"))
  }
}
