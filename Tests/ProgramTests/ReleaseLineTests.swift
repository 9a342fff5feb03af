import Foundation
import HotfixTesting
import ReleaseModel
import Testing

/// A hotfix of 1.x while 2.0.0 is out: it reaches those who are on 1.x, and nobody else.
@Suite struct ReleaseLineTests {
  /// Build numbers that keep the lines apart: 1.0.0 is 101, 2.0.0 is 202.
  static let numbers =
    "build: { \"1\": \"expr 100 + $(git rev-list --count HEAD)\", "
    + "\"2\": \"expr 200 + $(git rev-list --count HEAD)\" }"

  static let feeds = """
    feeds:
      - { sparkle: appcast.xml }
      - { electron: latest-linux.yml, artifact: "Wick-{version}.tar.gz" }
      - { electron: old/latest-linux.yml, artifact: "Wick-{version}.tar.gz", line: "1" }
      - { tauri: latest.json, artifact: "Wick-{version}.tar.gz" }
      - { velopack: velopack/releases.linux.json, artifact: "Wick-{version}-full.nupkg" }
      - { squirrel-mac: squirrel-mac.json }
    """

  private static let both =
    "artifacts: [ { path: \"dist/Wick-{version}.tar.gz\" }, "
    + "{ path: \"dist/Wick-{version}-full.nupkg\" } ]"

  @discardableResult
  private func ship(_ world: World, _ version: String) async throws -> World.Outcome {
    let tag = "v\(version)"
    try await world.sh(
      world.ana,
      "git switch -q main && git pull -q --ff-only && git tag -s -m \(tag) \(tag) "
        + "&& git push -q origin \(tag)"
    )
    let shipped = await world.hotfix(world.ana, "ship", tag)
    try #require(shipped.status == 0, "\(shipped.all)")
    return shipped
  }

  private func world(
    numbers: String = Self.numbers,
    newest: String = "2.0.0",
    _ edit: @Sendable (String) -> String = { $0 }
  ) async throws -> World {
    let world = try await World.patched { text in
      edit(text.replacing("build: git rev-list --count HEAD", with: numbers))
    }
    try await ship(world, newest)
    return world
  }

  /// Adds an element to the item of a version.
  private func add(_ element: String, to version: String, in world: World) throws {
    let text = try world.read("site/appcast.xml")
    let name = "<sparkle:shortVersionString>\(version)</sparkle:shortVersionString>"
    try #require(text.contains(name), "\(text)")
    try world.serve(text.replacing(name, with: name + element))
  }

  @Test func feedsOfTheNewestLineAreLeftAloneAndTheLinesOwnFeedGetsIt() async throws {
    let world = try await world { text in
      text.replacing("feeds: [ { sparkle: appcast.xml } ]", with: Self.feeds)
        .replacing("artifacts: [ { path: \"dist/Wick-{version}.tar.gz\" } ]", with: Self.both)
        .replacing(
          "ed25519: { key: env:WICK_KEY }",
          with: "ed25519: { key: env:WICK_KEY }, minisign: { key: env:WICK_MINISIGN }"
        )
    }
    try add(
      "<sparkle:minimumAutoupdateVersion>200</sparkle:minimumAutoupdateVersion>",
      to: "2.0.0",
      in: world
    )
    let newest = [
      "latest-linux.yml", "latest.json", "velopack/releases.linux.json", "squirrel-mac.json",
    ]
    let before = try newest.map { try world.read("site/\($0)") }
    #expect(try world.read("site/old/latest-linux.yml").contains("version: 1.0.0"))
    try await world.untilFix("--base", "v1.0.0")
    try await world.expect(world.hotfix(world.ana, "next"), 3)
    try await world.expect(world.hotfix(world.ben, "approve"), 0)
    let next = await world.hotfix(world.ana, "next")
    #expect(next.status == 0, "\(next.all)")
    #expect(try newest.map { try world.read("site/\($0)") } == before)
    #expect(try world.read("site/old/latest-linux.yml").contains("version: 1.0.1"))
    for said in [
      "latest-linux.yml is left alone: users of line 1 read old/latest-linux.yml",
      "latest.json is left alone: it belongs to 2.0.0, the newest; users on 1.0.0 get 1.0.1 from "
        + "\(world.url)/releases/v1.0.1",
      "squirrel-mac.json is left alone",
      "minimumAutoupdateVersion of 2.0.0: minor updates come before a major upgrade",
    ] {
      #expect(next.err.contains(said), "\(said): \(next.err)")
    }
    let report = await world.hotfix(world.ana, "report", "v1.0.1").out
    #expect(report.contains("velopack/releases.linux.json is left alone"), "\(report)")
    #expect(await world.offer("appcast.xml", "sparkle", from: "101") == "1.0.1")
    #expect(await world.offer("appcast.xml", "sparkle", from: "202") == "nothing")
    #expect(await world.offer("old/latest-linux.yml", "electron-updater", from: "1.0.0") == "1.0.1")
    let own = try world.read("site/old/latest-linux.yml")
    try await ship(world, "2.0.1")
    let verified = await world.hotfix(world.ana, "verify", "v2.0.1")
    #expect(verified.status == 0, "\(verified.all)")
    let later = "1.0.0 by Sparkle: offered 1.0.1 first; 2.0.1 is a major upgrade"
    #expect(verified.err.contains(later), "\(verified.err)")
    #expect(verified.err.contains("→ 2.0.1 by Sparkle"), "\(verified.err)")
    #expect(try world.read("site/old/latest-linux.yml") == own, "2.0.1 is not of line 1")
    #expect(try world.read("site/latest-linux.yml").contains("version: 2.0.1"))
  }

  /// What is added to 2.0.0's item, what the evidence says, and the users whom it reaches.
  @Test(arguments: [
    (
      "<sparkle:minimumSystemVersion>10.15</sparkle:minimumSystemVersion>",
      "users on 1.0.0 below macOS 10.15 get it by minimumSystemVersion of 2.0.0",
      "1.0.0 (101) → 1.0.1 by Sparkle"
    ),
    (
      "<sparkle:minimumUpdateVersion>150</sparkle:minimumUpdateVersion>",
      "users on 1.0.0 get it by minimumUpdateVersion of 2.0.0",
      "1.0.0 (101) → 1.0.1 by Sparkle"
    ),
    (
      "",
      "appcast.xml is left alone: Sparkle offers 2.0.0 to everybody on 1.0.0; users on 1.0.0 get "
        + "1.0.1 from",
      "appcast.xml belongs to another line, and was left alone"
    ),
  ])
  func anAppcastTakesTheItemWhereARuleKeepsItFromTheNewLine(
    _ element: String,
    _ rule: String,
    _ trial: String
  ) async throws {
    let world = try await world()
    try await world.untilFix("--base", "v1.0.0")
    try add(element, to: "2.0.0", in: world)
    let feed = try world.read("site/appcast.xml")
    let tried = try await world.candidate()
    #expect(tried.status == 0, "\(tried.all)")
    #expect(tried.err.contains(trial), "\(tried.err)")
    #expect(try world.read("site/appcast.xml") == feed, "a candidate changes no feed")
    try await world.expect(world.hotfix(world.ana, "next"), 3)
    try await world.expect(world.hotfix(world.ben, "approve"), 0)
    let next = await world.hotfix(world.ana, "next")
    #expect(next.status == 0, "\(next.all)")
    #expect(next.err.contains(rule), "\(next.err)")
    #expect(await world.offer("appcast.xml", "sparkle", from: "202") == "nothing")
    #expect((try world.read("site/appcast.xml") == feed) == element.isEmpty)
  }

  @Test func theItemOfAChannelsReleaseIsPutIntoThatChannel() async throws {
    let world = try await World.patched()
    try add("<sparkle:channel>early</sparkle:channel>", to: "1.0.0", in: world)
    try await world.untilFix("--base", "v1.0.0")
    try await world.expect(world.hotfix(world.ana, "next"), 3)
    try await world.expect(world.hotfix(world.ben, "approve"), 0)
    let next = await world.hotfix(world.ana, "next")
    #expect(next.status == 0, "\(next.all)")
    #expect(next.err.contains("1.0.0 (1) → 1.0.1 by Sparkle"), "it is tried: \(next.err)")
    let channels = try world.read("site/appcast.xml").ranges(of: "<sparkle:channel>early<")
    #expect(channels.count == 2)
    #expect(await world.offer("appcast.xml", "sparkle", from: "1") == "nothing")
  }

  /// The newest release, and the prefix of the line that 1.0.1 is on and it is not.
  @Test(arguments: [("2.0.0", "1"), ("1.5.0", "1.0")])
  func aNumberThatOvertakesTheNewLineIsRefusedAndOneBetweenIsTaken(
    _ newest: String,
    _ line: String
  ) async throws {
    let world = try await world(numbers: "build: git rev-list --count HEAD", newest: newest)
    try add(
      "<sparkle:minimumAutoupdateVersion>2</sparkle:minimumAutoupdateVersion>",
      to: newest,
      in: world
    )
    try await world.untilFix("--base", "v1.0.0")
    // 1.0.0 is 1, the newest is 2; the branch has more commits than that by the end.
    try await world.sh(world.ana, "git commit -q --allow-empty -m 'More'")
    let refs = try await world.refs()
    let refused = try await world.candidate()
    #expect(refused.status == 1, "\(refused.all)")
    #expect(refused.err.contains("one above 1 (1.0.0) and below 2 (\(newest)) would do"))
    #expect(
      refused.err.contains("version: { build: { \"\(line)\": \"echo 1.1\" } }"),
      "\(refused.err)"
    )
    #expect(try await world.refs() == refs)
    try await world.changeSettings(
      "build: git rev-list --count HEAD",
      "build: { \"\(line)\": \"echo 1.1\", \"2\": git rev-list --count HEAD }"
    )
    let tried = try await world.candidate()
    #expect(tried.status == 0, "\(tried.all)")
    #expect(tried.err.contains("1.0.0 (1) → 1.0.1 by Sparkle"), "\(tried.err)")
  }
}
