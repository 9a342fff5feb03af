import Feeds
import Foundation
import ReleaseModel
import Testing

/// Who loses by a change of a feed; what is expected follows from the updaters' own rules.
@Suite struct OfferComparisonTests {
  typealias Installed = OfferComparison.Installed

  static let now = Moment(seconds: 1_795_382_946)
  static let space = "http://www.andymatuschak.org/xml-namespaces/sparkle"

  /// An item of an appcast; `more` is put inside of it as it is.
  static func item(
    _ build: String,
    _ name: String,
    _ more: String = "",
    os: String? = nil
  ) -> String {
    let system = os.map { " sparkle:os=\"\($0)\"" } ?? ""
    return """
      <item><sparkle:version>\(build)</sparkle:version>
      <sparkle:shortVersionString>\(name)</sparkle:shortVersionString>\(more)
      <enclosure url="https://e.org/\(name).zip" length="5"\(system)/></item>

      """
  }

  static func appcast(_ items: String...) -> [UInt8] { appcast(items) }

  static func appcast(_ items: [String]) -> [UInt8] {
    Array(
      ("<rss version=\"2.0\" xmlns:sparkle=\"\(space)\"><channel>\n" + items.joined()
        + "</channel></rss>\n").utf8
    )
  }

  static func compare(
    _ old: [UInt8]?,
    _ new: [UInt8],
    _ kind: FeedKind = .appcast,
    fileName: String? = nil,
    updaters: [String]? = nil,
    installed: [Installed] = [],
    now: Moment = now
  ) -> OfferComparison {
    OfferComparison(
      from: old,
      to: new,
      kind,
      fileName: fileName,
      updaters: (updaters ?? kind.clients).compactMap { Updater.named($0) },
      installed: installed,
      now: now
    )
  }

  static func row(
    _ comparison: OfferComparison,
    _ name: String,
    _ cohort: String = "",
    client: String? = nil
  ) throws -> OfferComparison.Row {
    try #require(
      comparison.rows.first {
        $0.installed.name == name && $0.cohort == cohort && (client ?? $0.client) == $0.client
      }
    )
  }

  @Test func nothingChangesForAnybodyWhenTheFeedIsTheSame() {
    let feed = Self.appcast(Self.item("12", "1.2"), Self.item("11", "1.1"))
    let same = Self.compare(feed, feed, installed: [Installed("9", name: "0.9")])
    #expect(Set(same.rows.map(\.client)) == ["sparkle", "winsparkle", "netsparkle"])
    #expect(
      same.rows.prefix(4).map(\.installed.name) == ["a new install", "0.9", "1.1", "1.2"]
    )
    #expect(same.rows.allSatisfy { $0.change == .same })
    #expect(same.losses.isEmpty)
    #expect(same.table(onlyLosses: true, linesMax: 10) == [])
  }

  @Test func aNewerItemIsMoreForAllBelowIt() throws {
    let old = Self.appcast(Self.item("11", "1.1"))
    let new = Self.appcast(Self.item("12", "1.2"), Self.item("11", "1.1"))
    let comparison = Self.compare(old, new, updaters: ["sparkle"])
    #expect(try Self.row(comparison, "1.1").change == .more)
    #expect(try Self.row(comparison, "a new install").change == .more)
    #expect(try Self.row(comparison, "1.2").change == .same)
    #expect(
      comparison.table(onlyLosses: false, linesMax: 10) == [
        "who            from           before    after",
        "Sparkle users  a new install  1.1 (11)  1.2 (12)",
        "Sparkle users  1.1            nothing   1.2 (12)",
        "Sparkle users  1.2            nothing   nothing",
      ]
    )
    #expect(
      comparison.table(onlyLosses: false, linesMax: 1).last == "… and 2 more"
    )
  }

  @Test func aRemovedItemIsLostByThoseWhoWereOfferedIt() throws {
    let old = Self.appcast(Self.item("12", "1.2"), Self.item("11", "1.1"))
    let comparison = Self.compare(old, Self.appcast(Self.item("11", "1.1")))
    for client in FeedKind.appcast.clients {
      #expect(
        try Self.row(comparison, "1.1", client: client).loss
          == "is offered nothing instead of 1.2"
      )
      #expect(
        try Self.row(comparison, "a new install", client: client).loss
          == "is offered 1.1 instead of 1.2"
      )
    }
    #expect(
      comparison.table(onlyLosses: true, linesMax: 9).dropFirst() == [
        "Sparkle, WinSparkle, NetSparkle users  a new install  1.2 (12)  1.1 (11)  "
          + "is offered 1.1 instead of 1.2",
        "Sparkle, WinSparkle, NetSparkle users  1.1            1.2 (12)  nothing   "
          + "is offered nothing instead of 1.2",
      ]
    )
  }

  @Test func aBuildNumberThatOvertakesANewerLineIsALoss() throws {
    let old = Self.appcast(Self.item("50", "2.0.0"), Self.item("40", "1.0.0"))
    let new = Self.appcast(
      Self.item("60", "1.0.1"),
      Self.item("50", "2.0.0"),
      Self.item("40", "1.0.0")
    )
    let comparison = Self.compare(old, new, updaters: ["sparkle"])
    #expect(
      try Self.row(comparison, "2.0.0").loss
        == "would go down from 2.0.0 to 1.0.1: build number 60 is above 50"
    )
    #expect(
      try Self.row(comparison, "1.0.0").loss
        == "would go to 1.0.1 instead of 2.0.0: build number 60 is above 50"
    )
  }

  @Test func namesWithoutNumbersAndEqualNumbersAreNotCompared() {
    let old = Self.appcast(Self.item("50", "Lamp"), Self.item("40", "1.0.0"))
    let new = Self.appcast(Self.item("60", "1.0"), Self.item("50", "Lamp"))
    #expect(Self.compare(old, new, updaters: ["sparkle"]).losses.isEmpty)
  }

  @Test func anOfferThatBothFeedsMakeIsNoLossOfTheChange() {
    let odd = Self.appcast(Self.item("60", "1.0.1"), Self.item("50", "2.0.0"))
    #expect(Self.compare(odd, odd).losses.isEmpty)
  }

  @Test func usersOfAChannelLoseWhatOnlyTheyWereOffered() throws {
    let beta = Self.item("20", "2.0", "<sparkle:channel>beta</sparkle:channel>")
    let old = Self.appcast(beta, Self.item("11", "1.1"))
    let comparison = Self.compare(
      old,
      Self.appcast(Self.item("11", "1.1")),
      updaters: ["sparkle"]
    )
    #expect(try Self.row(comparison, "1.1").change == .same)
    #expect(
      try Self.row(comparison, "1.1", "in channel beta").loss
        == "is offered nothing instead of 2.0"
    )
    #expect(
      comparison.table(onlyLosses: true, linesMax: 9).dropFirst().allSatisfy {
        $0.hasPrefix("Sparkle users in channel beta")
      }
    )
  }

  @Test func theChannelThatChangesIsAskedAmongMany() throws {
    let items = (1...40).map {
      Self.item("\($0)", "1.\($0)", "<sparkle:channel>c\($0)</sparkle:channel>")
    }
    let comparison = Self.compare(
      Self.appcast(items),
      Self.appcast(Array(items.dropFirst())),
      updaters: ["sparkle"]
    )
    #expect(comparison.losses.map(\.cohort) == ["in channel c1"])
    #expect(Set(comparison.rows.map(\.cohort)).count < 20)
  }

  @Test func usersOfAnOldSystemFallBackWhenTheirItemGoes() throws {
    let old = Self.appcast(Self.item("11", "1.1"))
    let new = Self.appcast(
      Self.item("12", "1.2", "<sparkle:minimumSystemVersion>26.0</sparkle:minimumSystemVersion>")
    )
    let comparison = Self.compare(old, new, updaters: ["sparkle"])
    #expect(try Self.row(comparison, "a new install").change == .more)
    #expect(
      try Self.row(comparison, "a new install", "below macOS 26.0").loss
        == "is offered nothing instead of 1.1"
    )
    let both = Self.appcast(
      Self.item("12", "1.2", "<sparkle:minimumSystemVersion>26.0</sparkle:minimumSystemVersion>"),
      Self.item("11", "1.1", "<sparkle:maximumSystemVersion>14.7</sparkle:maximumSystemVersion>")
    )
    let kept = Self.compare(old, both, updaters: ["sparkle"])
    #expect(try Self.row(kept, "a new install", "on macOS 14.7").change == .same)
    #expect(
      try Self.row(kept, "a new install", "above macOS 14.7").loss
        == "is offered nothing instead of 1.1"
    )
  }

  @Test func usersOnIntelLoseAnItemThatNeedsAppleSilicon() throws {
    let arm = "<sparkle:hardwareRequirements>arm64</sparkle:hardwareRequirements>"
    let comparison = Self.compare(
      Self.appcast(Self.item("11", "1.1")),
      Self.appcast(Self.item("12", "1.2", arm)),
      updaters: ["sparkle"]
    )
    #expect(
      try Self.row(comparison, "a new install", "on Intel").loss
        == "is offered nothing instead of 1.1"
    )
    #expect(try Self.row(comparison, "a new install", "on Apple silicon").change == .more)
  }

  @Test func aRolloutIsAskedForTheFirstAndTheLastGroup() throws {
    let date = "<pubDate>\(Self.now.rfc822)</pubDate>"
    let phase = "<sparkle:phasedRolloutInterval>86400</sparkle:phasedRolloutInterval>"
    let old = Self.appcast(Self.item("11", "1.1"))
    let new = Self.appcast(Self.item("12", "1.2", date + phase), Self.item("11", "1.1"))
    let comparison = Self.compare(old, new, updaters: ["sparkle"])
    #expect(comparison.losses.isEmpty)
    #expect(try Self.row(comparison, "1.1").change == .more)
    #expect(try Self.row(comparison, "1.1", "in the first rollout group").change == .more)
    #expect(try Self.row(comparison, "1.1", "in the last rollout group").change == .same)
    let alone = Self.compare(old, Self.appcast(Self.item("12", "1.2", date + phase)))
    #expect(
      try Self.row(alone, "a new install", "in the last rollout group").loss
        == "is offered nothing instead of 1.1"
    )
  }

  @Test func anUnreadableFeedEndsEveryCheck() {
    let old = Self.appcast(Self.item("11", "1.1"))
    let comparison = Self.compare(old, Array("<rss><channel>".utf8))
    #expect(comparison.rows.count == comparison.losses.count)
    #expect(
      comparison.losses.allSatisfy {
        $0.loss?.hasPrefix("ends its check with feed.malformed: ") ?? false
      }
    )
    #expect(Self.compare(Array("<rss".utf8), Array("<rss".utf8)).losses.isEmpty)
  }

  @Test func aFirstFeedIsMoreThanNone() throws {
    let comparison = Self.compare(nil, Self.appcast(Self.item("11", "1.1")))
    #expect(try Self.row(comparison, "a new install").before == FeedOffer())
    #expect(try Self.row(comparison, "a new install").change == .more)
    #expect(comparison.losses.isEmpty)
  }

  @Test func netSparkleIsAskedOnEverySystemOfTheFeed() throws {
    let old = Self.appcast(Self.item("11", "1.1", os: "linux"), Self.item("11", "1.1"))
    let comparison = Self.compare(old, Self.appcast(Self.item("11", "1.1")))
    #expect(
      try Self.row(comparison, "a new install", "on Linux", client: "netsparkle").loss
        == "is offered nothing instead of 1.1"
    )
    #expect(try Self.row(comparison, "a new install", client: "netsparkle").change == .same)
  }

  @Test func asksLargeFeedsForABoundedNumberOfUsers() throws {
    let items = (1...1000).reversed().map { Self.item("\($0)", "1.0.\($0)") }
    let old = Self.appcast(items)
    let comparison = Self.compare(old, Self.appcast(Array(items.dropFirst())))
    let names = Set(comparison.rows.map(\.installed.name))
    #expect(names.isSuperset(of: ["1.0.1", "1.0.1000", "1.0.999", "a new install"]))
    #expect(names.count <= 42)
    #expect(comparison.rows.count <= 3 * 42)
    #expect(
      try Self.row(comparison, "1.0.999").loss == "is offered nothing instead of 1.0.1000"
    )
    #expect(try Self.row(comparison, "1.0.1").loss == "is offered 1.0.999 instead of 1.0.1000")
    #expect(comparison.table(onlyLosses: true, linesMax: 9).count == 3)
    let many = (1...5000).map { Installed("0.\($0)", name: "0.\($0)") }
    #expect(Self.compare(old, old, installed: many).rows.count <= 10_000)
  }
}
