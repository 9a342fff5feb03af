import Feeds
import Foundation
import ReleaseModel
import Testing

/// What a new item keeps of the one before it, by what Sparkle reads from each.
@Suite struct SparkleCarryingTests {
  private static let signature = String(repeating: "A", count: 86) + "=="

  private static func item(
    _ build: String,
    _ name: String,
    _ more: String = "",
    attributes: String = ""
  ) -> String {
    """
    <item>
          <sparkle:version>\(build)</sparkle:version>
          <sparkle:shortVersionString>\(name)</sparkle:shortVersionString>
          \(more)
          <enclosure url="https://e.org/\(name).zip" length="5" \
    sparkle:edSignature="\(signature)"\(attributes)/>
        </item>
    """
  }

  private static func feed(_ items: String...) throws -> SparkleFeed {
    try SparkleFeed(
      Array(
        """
        <rss version="2.0" xmlns:sparkle="http://www.andymatuschak.org/xml-namespaces/sparkle">
          <channel>
            <!-- by hand -->
            \(items.joined(separator: "\n    "))
          </channel>
        </rss>

        """.utf8
      )
    )
  }

  private static func release(_ build: String, _ name: String) -> FeedRelease {
    var file = FeedFile(name: "\(name).zip", url: "https://e.org/\(name).zip", size: 6)
    file.edSignature = signature
    return FeedRelease(
      app: "Lamp",
      version: build,
      name: name,
      date: Moment(seconds: 1_795_382_946),
      files: [file]
    )
  }

  private static func element(_ name: String, _ text: String) -> String {
    "<sparkle:\(name)>\(text)</sparkle:\(name)>"
  }

  /// The text of the item of a version, from its tag to its end.
  private static func text(of version: String, in file: [UInt8]) throws -> String {
    let feed = try SparkleFeed(file)
    let item = try #require(feed.items.first { $0.version == version })
    return String(decoding: file[item.range], as: UTF8.self)
  }

  private static let line = [
    "<link>https://e.org/?a=1&amp;b=2</link>",
    element("fullReleaseNotesLink", "https://e.org/all"),
    element("minimumSystemVersion", "12.0"), element("maximumSystemVersion", "26.99"),
    element("hardwareRequirements", "arm64"), element("minimumAutoupdateVersion", "200"),
    element("minimumUpdateVersion", "150"),
    element("ignoreSkippedUpgradesBelowVersion", "200"),
  ]

  @Test func aNewItemKeepsWhatSaysForWhomTheLineIs() throws {
    let old = try Self.feed(
      Self.item(
        "200",
        "2.0.0",
        Self.line.joined(),
        attributes: " sparkle:os=\"macos\" sparkle:installationType=\"package\""
      )
    )
    let file = try old.adding(Self.release("201", "2.0.1"))
    let text = try Self.text(of: "201", in: file)
    for element in Self.line { #expect(text.contains(element), "\(element)") }
    let new = try #require(try SparkleFeed(file).items.first)
    #expect(new.version == "201" && new.link == "https://e.org/?a=1&b=2")
    #expect(new.minimumSystem == "12.0" && new.maximumSystem == "26.99" && new.needsARM)
    #expect(new.minimumAutoupdate == "200" && new.minimumUpdate == "150")
    #expect(new.enclosure?.os == "macos" && new.enclosure?.installationType == "package")
    #expect(try SparkleFeed(file).withdrawing("201", restoring: nil) == old.content)
    #expect(!FeedLint.findings(file, .appcast).map(\.rule).contains("lost-keys"))
  }

  @Test func aNewItemDoesNotKeepWhatSaysHowOneReleaseSpreads() throws {
    let old = try Self.feed(
      Self.item(
        "10",
        "1.0.0",
        "<description>Old</description><sparkle:criticalUpdate/>"
          + Self.element("phasedRolloutInterval", "60") + "<sparkle:informationalUpdate/>"
          + Self.element("releaseNotesLink", "https://e.org/1.0.0")
          + "<sparkle:deltas><enclosure url=\"https://e.org/d\" sparkle:deltaFrom=\"9\"/>"
          + "</sparkle:deltas>"
      )
    )
    let text = try Self.text(of: "11", in: try old.adding(Self.release("11", "1.0.1")))
    for word in ["description", "critical", "phased", "informational", "Notes", "delta"] {
      #expect(!text.contains(word), "\(word)")
    }
  }

  @Test func theReleasesOwnMinimumSystemComesFirst() throws {
    let limits =
      Self.element("minimumSystemVersion", "12.0") + Self.element("maximumSystemVersion", "14.99")
    let old = try Self.feed(Self.item("10", "1.0.0", limits))
    var release = Self.release("11", "1.0.1")
    release.minimumSystem = "13.0"
    let kept = try SparkleFeed(try old.adding(release)).items[0]
    #expect(kept.minimumSystem == "13.0" && kept.maximumSystem == "14.99")
    // No Mac is above 15.0 and below 14.99: the bound belongs to another line.
    release.minimumSystem = "15.0"
    let file = try old.adding(release)
    #expect(try SparkleFeed(file).items[0].maximumSystem == nil)
    #expect(try Self.text(of: "11", in: file).ranges(of: "minimumSystemVersion").count == 2)
  }

  @Test func aFixOfAMajorUpgradeStaysOne() throws {
    let old = try Self.feed(
      Self.item("200", "2.0.0", Self.element("minimumAutoupdateVersion", "200")),
      Self.item("110", "1.1.0"),
      Self.item("100", "1.0.0")
    )
    let file = try old.adding(Self.release("201", "2.0.1"))
    var user = FeedUser(version: "100", now: Moment(seconds: 1_795_382_947))
    #expect(SparkleClient.offer(file, to: user).offered?.version == "110")
    user.version = "110"
    let upgrade = SparkleClient.offer(file, to: user).offered
    #expect(upgrade?.version == "201" && upgrade?.majorUpgrade == true)
    user.version = "200"
    let fix = SparkleClient.offer(file, to: user).offered
    #expect(fix?.version == "201" && fix?.majorUpgrade == false)
  }

  @Test func boundsAboveTheItemItselfAreNotKept() throws {
    let old = try Self.feed(
      Self.item(
        "10",
        "1.0.0",
        Self.element("minimumAutoupdateVersion", "11") + Self.element("minimumUpdateVersion", "11")
      )
    )
    let file = try old.adding(Self.release("12", "1.0.1"))
    let user = FeedUser(version: "10", now: Moment(seconds: 1_795_382_947))
    let offered = SparkleClient.offer(file, to: user).offered
    #expect(offered?.version == "12" && offered?.majorUpgrade == false)
  }

  @Test func theItemBeforeIsTheOneOfTheSameChannel() throws {
    let beta = Self.element("channel", "beta") + Self.element("minimumSystemVersion", "14.0")
    let old = try Self.feed(
      Self.item("20", "2.0", beta),
      Self.item("10", "1.0", Self.element("minimumSystemVersion", "11.0"))
    )
    let plain = try SparkleFeed(try old.adding(Self.release("21", "2.1")))
    #expect(plain.items[0].minimumSystem == "11.0" && plain.items[0].channel == nil)
    var release = Self.release("21", "2.1")
    release.channel = "beta"
    let inBeta = try SparkleFeed(try old.adding(release))
    #expect(inBeta.items[0].minimumSystem == "14.0" && inBeta.items[0].channel == "beta")
    release.channel = "late nights"
    let problem = #expect(throws: Problem.self) { try old.adding(release) }
    #expect(problem?.code == "feed.channel")
  }

  @Test func anItemBelowAllOthersKeepsNothing() throws {
    let old = try Self.feed(Self.item("10", "1.0", Self.element("minimumSystemVersion", "11.0")))
    let file = try old.adding(Self.release("9", "0.9"))
    #expect(try SparkleFeed(file).items.first { $0.version == "9" }?.minimumSystem == nil)
  }

  @Test func namesTellLinesApartWhoseBuildNumbersAreMixed() throws {
    let old = try Self.feed(
      Self.item("201", "1.9.1", Self.element("maximumSystemVersion", "11.99")),
      Self.item("200", "2.0.0", Self.element("minimumSystemVersion", "12.0"))
    )
    let newer = try SparkleFeed(try old.adding(Self.release("202", "2.0.1"))).items[0]
    #expect(newer.minimumSystem == "12.0" && newer.maximumSystem == nil)
    let older = try SparkleFeed(try old.adding(Self.release("202", "1.9.2"))).items[0]
    #expect(older.minimumSystem == nil && older.maximumSystem == "11.99")
  }

  @Test func aFileTakesOverFromTheItemOfItsSystem() throws {
    let old = try Self.feed(
      Self.item("10", "1.0", attributes: " sparkle:os=\"windows\""),
      Self.item("10", "1.0", Self.element("minimumSystemVersion", "12.0"))
    )
    var release = Self.release("11", "1.1")
    #expect(try SparkleFeed(try old.adding(release)).items[0].enclosure?.os == nil)
    release.files[0].platform = FeedPlatform(.windows)
    #expect(try SparkleFeed(try old.adding(release)).items[0].enclosure?.os == "windows")
    release.files[0].platform = FeedPlatform(.macos)
    let mac = try SparkleFeed(try old.adding(release)).items[0]
    #expect(mac.enclosure?.os == nil && mac.minimumSystem == "12.0")
  }

  @Test func lintNotesWhichKeysTheNewestItemOfAChannelLost() throws {
    let feed = try Self.feed(
      Self.item("12", "1.2"),
      Self.item(
        "11",
        "1.1",
        "<link>https://e.org</link>" + Self.element("minimumSystemVersion", "12.0")
      ),
      Self.item("9", "0.9-beta", Self.element("channel", "beta")),
      Self.item(
        "8",
        "0.8-beta",
        Self.element("channel", "beta") + Self.element("hardwareRequirements", "arm64")
      )
    )
    let lost = feed.findings.filter { $0.rule == "lost-keys" }
    #expect(lost.allSatisfy { $0.severity == .note && $0.clients == ["sparkle"] })
    #expect(
      lost.map(\.message) == [
        "1.2 has no link, sparkle:minimumSystemVersion, which 1.1 before it has.",
        "0.9-beta has no sparkle:hardwareRequirements, which 0.8-beta before it has.",
      ]
    )
    #expect(lost.first?.mend.contains("1.1") == true)
  }

  @Test func electronKeepsTheMinimumSystem() throws {
    let digest = String(repeating: "C", count: 86) + "=="
    let old = try ElectronFeed(
      Array(
        "version: 1.0.0\nfiles:\n  - url: a.zip\n    sha512: \(digest)\nminimumSystemVersion: 21.0.0\n"
          .utf8
      )
    )
    var release = Self.release("1.0.1", "1.0.1")
    release.files[0].sha512 = digest
    #expect(try ElectronFeed(try old.adding(release)).minimumSystem == "21.0.0")
  }
}
