import Feeds
import Foundation
import HotfixTesting
import ReleaseModel
import Signatures
import Testing

/// Answers obtained by running Sparkle 2.9.2's own code (Tests/Fixtures/sparkle).
@Suite struct SparkleTests {
  struct OrderRow: Decodable, Sendable {
    let a, b: String
    let order: Int
  }

  struct SelectionRow: Decodable, Sendable {
    struct Offered: Decodable, Sendable {
      let version: String
      let url: String?
      let critical, informational, majorUpgrade: Bool
    }

    let feed, host, system: String
    let channels: [String]
    let group: Int?
    let now: Int
    let offered: Offered?
    let delta: String?
  }

  static func rows<T: Decodable>(_ name: String, _ type: T.Type) throws -> [T] {
    try Fixtures.text("sparkle/\(name).jsonl").split(separator: "\n").map {
      try JSONDecoder().decode(T.self, from: Data($0.utf8))
    }
  }

  @Test(arguments: try rows("versions", OrderRow.self))
  func ordersVersionsAsSparkleDoes(_ row: OrderRow) {
    #expect(SparkleVersionOrder.compare(row.a, row.b) == row.order, "\(row.a) ~ \(row.b)")
    #expect(SparkleVersionOrder.compare(row.b, row.a) == -row.order, "and the other way round")
  }

  @Test(arguments: try rows("selection", SelectionRow.self).enumerated().map { $0 })
  func offersWhatSparkleOffers(_ entry: (offset: Int, element: SelectionRow)) throws {
    let row = entry.element
    let client = SparkleClient(
      host: row.host,
      system: row.system,
      channels: Set(row.channels),
      group: row.group,
      now: Moment(seconds: row.now)
    )
    let answer = (try? SparkleFeed(Array(row.feed.utf8))).map { client.offer($0) }
    let offered = answer?.offered
    #expect(offered?.version == row.offered?.version)
    if let offered, let expected = row.offered {
      #expect(offered.isCritical(for: row.host) == expected.critical)
      #expect(offered.isInformational(for: row.host) == expected.informational)
      #expect(offered.isMajorUpgrade(for: row.host) == expected.majorUpgrade)
      if let url = expected.url { #expect(offered.enclosure?.url == url) }
    }
    #expect(answer?.delta?.enclosure.url == row.delta)
  }

  /// Reading a feed once for many users must not change an answer.
  @Test func answersForManyUsersAreTheAnswersForEach() throws {
    let offers = try #require(Updater.named("sparkle")?.offers)
    for row in try Self.rows("selection", SelectionRow.self) {
      let users = [row.host, "0", "1.0", "999999"].map { host in
        var user = FeedUser(version: host, system: row.system, now: Moment(seconds: row.now))
        user.channels = row.channels
        user.group = row.group
        return user
      }
      let feed = Array(row.feed.utf8)
      let each = users.map { user in
        var answer = SparkleClient.offer(feed, to: user)
        answer.items = []
        return answer
      }
      #expect(offers(feed, users) == each, "\(row.feed)")
    }
  }

  static let signature = String(repeating: "A", count: 86) + "=="

  static let feed = """
    <?xml version="1.0" encoding="utf-8"?>
    <!-- kept by hand: ask Jo before you edit -->
    <rss version="2.0" xmlns:sparkle="http://www.andymatuschak.org/xml-namespaces/sparkle">
      <channel>
        <title>Lamp</title>
        <!-- newest first -->
        <item>
          <title>1.0</title>
          <sparkle:version>10</sparkle:version>
          <enclosure url='https://e.org/1.0.zip' length="5" sparkle:edSignature="\(signature)"/>
        </item>
      </channel>
    </rss>

    """

  static let newItem = SparkleFeed.NewItem(
    title: "1.1 <&>",
    version: "11",
    shortVersion: "1.1",
    pubDate: Moment(seconds: 1_795_382_946),
    notesURL: nil,
    minimumSystem: nil,
    criticalBelow: "11",
    url: "https://e.org/1.1.zip",
    length: 6,
    edSignature: signature
  )

  @Test func addingAnItemKeepsEveryOtherByte() throws {
    let old = try SparkleFeed(Array(Self.feed.utf8))
    let text = String(decoding: old.adding(Self.newItem), as: UTF8.self)
    let added = try #require(text.firstRange(of: "<item>\n      <title>1.1 &lt;&amp;&gt;</title>"))
    let end = try #require(text.firstRange(of: "</item>\n    "))
    var without = text
    without.removeSubrange(added.lowerBound..<end.upperBound)
    #expect(without == Self.feed)
    #expect(text.contains("<pubDate>Sun, 22 Nov 2026 21:29:06 +0000</pubDate>"))
  }

  @Test func removingTheAddedItemGivesTheOldBytes() throws {
    let old = try SparkleFeed(Array(Self.feed.utf8))
    let new = try SparkleFeed(old.adding(Self.newItem))
    #expect(new.items.map(\.version) == ["11", "10"])
    #expect(new.removing(version: "11") == Array(Self.feed.utf8))
  }

  @Test func signedNotesAreWrittenAndRead() throws {
    var item = Self.newItem
    item.notesURL = "https://e.org/notes.md"
    item.notesSignature = Self.signature
    item.notesLength = 7
    let feed = try SparkleFeed(try SparkleFeed(Array(Self.feed.utf8)).adding(item))
    #expect(feed.items[0].notes?.url == "https://e.org/notes.md")
    #expect(feed.items[0].notes?.edSignature == Self.signature)
    item.notesSignature = nil
    let plain = try SparkleFeed(Array(Self.feed.utf8)).adding(item)
    let signed = SparkleFeed.file(content: plain, signature: Self.signature)
    #expect(FeedLint.findings(signed, .appcast).map(\.rule).contains("unsigned-notes"))
  }

  @Test func addsTheFirstItemToAnEmptyFeed() throws {
    let empty = try SparkleFeed(SparkleFeed.empty(title: "Lamp", link: "https://e.org"))
    let one = try SparkleFeed(empty.adding(Self.newItem))
    #expect(one.items.map(\.version) == ["11"])
  }

  @Test func splitsTheSigningBlockAndSignsItAgain() throws {
    let content = Array(Self.feed.utf8)
    let key = try UpdateKey.make(seed: [UInt8](repeating: 3, count: 32)).key
    let file = SparkleFeed.file(content: content, signature: try key.sign(content))
    let parsed = try SparkleFeed(file)
    #expect(parsed.content == content)
    let signature = try #require(parsed.signature)
    #expect(edSignatureHolds(signature, over: content, publicKey: key.publicKey))
    #expect(String(decoding: file, as: UTF8.self).hasSuffix("length: \(content.count)\n-->\n"))
  }

  @Test(arguments: [
    ("<rss><channel><item></channel></rss>", "</channel> ends <item>"),
    ("<rss><channel>&nope;</channel></rss>", "&nope; is not known"),
    ("<!DOCTYPE rss [<!ENTITY a \"b\">]><rss/>", "document types are not allowed"),
    ("<rss a=\"1\" a=\"2\"/>", "attribute a stands twice"),
    ("<rss><channel/>", "<rss> is not closed"),
    ("", "there is no root element"), ("<", "a name is missing"),
    ("<rss", "attribute"), ("<rss a", "has no value"), ("<a><!-- ", "the comment does not end"),
  ])
  func refusesWhatIsNotWellFormed(_ text: String, _ reason: String) {
    let problem = #expect(throws: Problem.self) { try SparkleFeed(Array(text.utf8)) }
    #expect(problem?.code == "feed.malformed")
    if reason != "attribute" {
      #expect(problem?.why.contains(reason) == true, "\(problem?.why ?? "")")
    }
  }

  @Test func survivesEveryTruncationAndEveryChangedByte() {
    let bytes = Array(Self.feed.utf8)
    for length in 0..<bytes.count { _ = try? SparkleFeed(Array(bytes[..<length])) }
    for index in bytes.indices {
      for byte: UInt8 in [0, 0x22, 0x26, 0x3C, 0x3E, 0xFF] {
        var changed = bytes
        changed[index] = byte
        if let feed = try? SparkleFeed(changed) {
          _ = feed.adding(Self.newItem)
          _ = feed.removing(version: "10")
        }
      }
    }
  }

  @Test func refusesDepthBeyondTheLimit() {
    let deep = String(repeating: "<a>", count: 100) + String(repeating: "</a>", count: 100)
    #expect(throws: Problem.self) { try XMLScanner.document(Array(deep.utf8)) }
  }

  @Test func refusesMoreAttributesThanTheLimit() {
    let wide = (0..<300).map { " a\($0)=''" }.joined()
    #expect(throws: Problem.self) { try XMLScanner.document(Array("<a\(wide)/>".utf8)) }
    // Each element that binds a prefix has a table of all that are bound around it.
    let bound = (0..<XMLScanner.prefixesMax / 8).map { level in
      "<a" + (0...8).map { " xmlns:p\(level)_\($0)=\"u\"" }.joined() + ">"
    }
    #expect(throws: Problem.self) {
      try XMLScanner.document(Array((bound.joined() + String(repeating: "</a>", count: 32)).utf8))
    }
  }

  @Test func lintFindsWhatHurtsUsers() throws {
    let text = Self.feed.replacing(" sparkle:edSignature=\"\(Self.signature)\"", with: "")
      .replacing(
        "<sparkle:version>10",
        with:
          "<sparkle:phasedRolloutInterval>60</sparkle:phasedRolloutInterval>\n<pubDate>yesterday</pubDate><sparkle:version>10"
      )
    let rules = FeedLint.findings(Array(text.utf8), .appcast).map(\.rule)
    #expect(rules == ["phasing-date", "unsigned-enclosure"])
    #expect(FeedLint.findings(Array(Self.feed.utf8), .appcast).isEmpty)
  }

  @Test func lintTellsOfLostCriticality() throws {
    let critical = try SparkleFeed(Array(Self.feed.utf8)).adding(Self.newItem)
    var plain = Self.newItem
    plain.version = "12"
    plain.criticalBelow = nil
    let file = try SparkleFeed(critical).adding(plain)
    #expect(FeedLint.findings(file, .appcast).map(\.rule) == ["critical-lost"])
  }

  @Test func lintGivesThePlaceOfAMalformedFeed() throws {
    let finding = try #require(
      FeedLint.findings(Array("<rss>\n  <a></b></rss>".utf8), .appcast).first
    )
    #expect(finding.place == FeedPlaceMaker.place(line: 2, column: 9))
  }
}

enum FeedPlaceMaker {
  static func place(line: Int, column: Int) -> FeedPlace {
    let bytes = Array(
      (String(repeating: "\n", count: line - 1) + String(repeating: " ", count: column)).utf8
    )
    return FeedPlace(of: line - 1 + column - 1, in: bytes)
  }
}
