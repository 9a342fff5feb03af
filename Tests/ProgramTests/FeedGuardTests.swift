import Foundation
import HotfixTesting
import ReleaseModel
import Testing

/// Nobody is offered less than today by any feed, and what would do so is refused before the tag.
@Suite struct FeedGuardTests {
  @Test func aFeedThatIsFurtherThanTheHotfixIsRefusedBeforeTheTag() async throws {
    let world = try await World.patched()
    try await world.untilRelease()
    try world.serve([OtherItem(name: "1.0.0", build: "2600")])
    let (feed, refs) = (try world.read("site/appcast.xml"), try await world.refs())
    let refused = await world.hotfix(world.ana, "next")
    #expect(refused.status == 1, "\(refused.all)")
    #expect(refused.all.contains("1.0.0 (2600)"), "the build in the feed is named: \(refused.all)")
    let number = "expr 2600 + $(git rev-list --count HEAD)"
    #expect(refused.all.contains("version: { build: \"\(number)\" }"), "\(refused.all)")
    #expect(try await world.refs() == refs, "nothing was pushed")
    #expect(try world.read("site/appcast.xml") == feed)
    try world.serve([OtherItem(name: "1.0.0", build: "26.0.1")])
    let dotted = try await world.candidate()
    #expect(dotted.err.contains("\"echo 26.0.1.$(git rev-list --count HEAD)\""), "\(dotted.all)")
    try world.serve(feed)
    try await world.changeSettings(
      "build: git rev-list --count HEAD",
      "build: \"\(number)\""
    )
    let next = await world.hotfix(world.ana, "next")
    #expect(next.status == 0, "\(next.all)")
    #expect(await world.offer("appcast.xml", "sparkle", from: "2600") == "1.0.1")
  }

  @Test func anItemNamedWithTheTagsLetterIsThatVersion() async throws {
    let world = try await World.patched()
    try await world.untilFix()
    try world.serve([OtherItem(name: "v1.0.0", build: "2600")])
    let refused = try await world.candidate()
    #expect(refused.status == 1 && refused.err.contains("1.0.0 (2600)"), "\(refused.all)")
  }

  /// What is served in the place of the feed, and the line at which it is told.
  @Test func aFeedThatCannotBeReadIsRefusedBeforeTheTagWithTheLine() async throws {
    let world = try await World.patched()
    try await world.untilFix()
    let whole = try world.read("site/appcast.xml")
    let lines = whole.split(separator: "\n", omittingEmptySubsequences: false)
    let broken = try #require(lines.firstIndex { $0.contains("<sparkle:version>") })
    let cases = [
      ("<html><body>502 Bad Gateway</body></html>", 1), ("gateway time-out", 1),
      (whole.replacing("</sparkle:version>", with: "</sparkle:verson>"), broken + 1),
    ]
    for (text, line) in cases {
      try world.serve(text)
      let refused = try await world.candidate()
      #expect(refused.status == 1, "\(refused.all)")
      #expect(refused.err.contains("[feed.unreadable]"), "\(refused.err)")
      #expect(refused.err.contains("The feed appcast.xml as served cannot be read."))
      #expect(refused.err.contains("Line \(line), column"), "line \(line) is told: \(refused.err)")
      #expect(try world.read("site/appcast.xml") == text)
    }
  }

  /// A feed that is ahead of every tag: users are offered what nobody knows the code of.
  @Test func aNewerReleaseThatOnlyTheFeedKnowsIsRefusedBeforeTheTag() async throws {
    let world = try await World.patched()
    try await world.untilFix()
    try world.serve([OtherItem(name: "1.2.0", build: "900")])
    let refused = try await world.candidate()
    #expect(refused.status == 1 && refused.err.contains("[feed.ahead]"), "\(refused.all)")
    try await world.sh(world.ana, "git tag v1.2.0 v1.0.0^{} && git push -q origin v1.2.0")
    let known = try await world.candidate()
    #expect(!known.err.contains("[feed.ahead]"), "\(known.all)")
  }

  /// What is wrong with an item that another tool made years ago holds no hotfix up.
  @Test func anOldItemWithAnErrorHoldsNobodyUp() async throws {
    let world = try await World.patched()
    try await world.untilFix()
    try world.serve([OtherItem(name: "1.0.0", build: "1"), OtherItem(name: "0.9.0", build: "0")])
    let feed = try world.read("site/appcast.xml")
    let signature = String(repeating: "A", count: 86) + "=="
    let last = try #require(feed.range(of: signature, options: .backwards))
    let broken = feed.replacingCharacters(in: last, with: "AAAA")
    try world.serve(broken)
    let lint = await world.hotfix(world.ana, "feed", "lint", "\(world.site)/appcast.xml")
    #expect(lint.status == 1, "the item has an error: \(lint.all)")
    let candidate = try await world.candidate()
    #expect(candidate.status == 0, "\(candidate.all)")
  }

  /// Each item is higher than 1.0.0 (1) and lower than the hotfix's build, for some users alone.
  @Test(arguments: [
    ("<sparkle:channel>beta</sparkle:channel>", "in channel beta"),
    ("<sparkle:maximumSystemVersion>11.7</sparkle:maximumSystemVersion>", "on macOS 11.7"),
  ])
  func usersWhoWouldLoseAreShown(_ element: String, _ whom: String) async throws {
    let world = try await World.patched()
    try await world.untilFix()
    try world.serve([
      OtherItem(name: "1.1.0", build: "1.5", more: element), OtherItem(name: "1.0.0", build: "1"),
    ])
    let feed = try world.read("site/appcast.xml")
    let refused = try await world.candidate()
    #expect(refused.status == 1 && refused.err.contains("[feed.backwards]"), "\(refused.all)")
    #expect(refused.err.contains("Sparkle users \(whom)"), "\(refused.err)")
    #expect(refused.err.contains("1.0.1 instead of 1.1.0"), "\(refused.err)")
    #expect(refused.err.contains("below 1.5 (1.1.0) would do"), "\(refused.err)")
    #expect(!refused.err.contains("log:"), "nothing was built")
    #expect(try world.read("site/appcast.xml") == feed)
  }

  @Test func feedAddWarnsOfThoseWhoLoseAndStillWrites() async throws {
    let world = try await World.patched()
    try await world.sh(world.ana, "cp ../site/appcast.xml a.xml && echo x > Wick.tar.gz")
    let add = [
      "feed", "add", "a.xml", "Wick.tar.gz", "--url", "https://example.org/Wick.tar.gz", "--key",
      "env:WICK_KEY",
    ]
    let usual = await world.hotfix(
      world.ana,
      add + ["--version", "7", "--short-version", "1.0.1"]
    )
    #expect(usual.status == 0 && !usual.all.contains("WARNING"), "\(usual.all)")
    let older = await world.hotfix(
      world.ana,
      add + ["--version", "50", "--short-version", "0.9.0"]
    )
    #expect(older.status == 0, "\(older.all)")
    #expect(older.err.contains("WARNING: users of a.xml are offered less"), "\(older.all)")
    #expect(older.err.contains("0.9.0 instead of 1.0.1"), "who loses what: \(older.err)")
    #expect(!older.out.contains("WARNING"), "stdout is for the result")
    #expect(try world.read("ana/a.xml").contains("<sparkle:version>50</sparkle:version>"))
  }
}
