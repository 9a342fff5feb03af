import Feeds
import Foundation
import HotfixTesting
import ReleaseModel
import Testing

/// What every format promises: edits keep every other byte, and rubbish is an error with a place.
@Suite struct FeedFormatTests {
  static func release(_ version: String, kind: FeedKind) -> FeedRelease {
    let platform = FeedPlatform(.linux)
    let names: [FeedKind: String] = [
      .velopack: "App-\(version)-full.nupkg", .squirrelWindows: "App-\(version)-full.nupkg",
    ]
    var file = FeedFile(
      name: names[kind] ?? "App-\(version).zip",
      url: "https://e.org/\(names[kind] ?? "App-\(version).zip")",
      size: 42
    )
    file.sha1 = String(repeating: "0a", count: 20)
    file.sha256 = String(repeating: "0b", count: 32)
    file.sha512 = String(repeating: "A", count: 86) + "=="
    file.edSignature = String(repeating: "B", count: 86) + "=="
    file.minisign = Data("untrusted comment: x\ny\ntrusted comment: version:\(version)\nz\n".utf8)
      .base64EncodedString()
    file.platform = platform
    return FeedRelease(
      app: "App",
      version: version,
      name: version,
      date: Moment(seconds: 1_795_382_946),
      files: [file]
    )
  }

  @Test(arguments: FeedKind.allCases)
  func aNewFeedOffersItsReleaseToEveryClient(_ kind: FeedKind) throws {
    let file = try kind.type.new(
      Self.release("1.0.1", kind: kind),
      title: "App",
      link: "https://e.org"
    )
    let feed = try kind.type.init(file)
    let versions = feed.entries.map(\.version)
    let errors = feed.findings.filter { $0.severity == .error }
    #expect(versions == ["1.0.1"])
    #expect(errors == [])
    for client in kind.clients {
      var user = FeedUser(version: "1.0.0", now: Moment(seconds: 1_795_382_947))
      user.platform = client == "tauri" ? FeedPlatform(.linux) : nil
      let offer = try #require(Updater.named(client)?.offer)
      let answer = offer(file, nil, user)
      #expect(answer.offered?.version == "1.0.1", "\(client): \(answer)")
      user.version = "1.0.1"
      let same = offer(file, nil, user)
      #expect(same.offered == nil, "\(client)")
    }
  }

  /// Formats with several versions: taking out what was added gives the old bytes.
  @Test(arguments: FeedKind.allCases.filter { !$0.type.namesOneVersion })
  func withdrawingWhatWasAddedGivesTheOldBytes(_ kind: FeedKind) throws {
    let first = try kind.type.new(
      Self.release("1.0.0", kind: kind),
      title: "App",
      link: "https://e.org"
    )
    for original in [first] + Self.handmade(kind) {
      let added = try kind.type.init(original).adding(Self.release("1.0.1", kind: kind))
      #expect(added != original)
      let back = try kind.type.init(added).withdrawing("1.0.1", restoring: nil)
      #expect(
        String(decoding: back, as: UTF8.self) == String(decoding: original, as: UTF8.self)
      )
    }
  }

  /// Formats with one version: naming the last one again gives the old bytes.
  @Test(arguments: FeedKind.allCases.filter { $0.type.namesOneVersion })
  func restoringTheLastVersionGivesTheOldBytes(_ kind: FeedKind) throws {
    let last = Self.release("1.0.0", kind: kind)
    let original = try kind.type.new(last, title: "App", link: "https://e.org")
    let added = try kind.type.init(original).adding(Self.release("1.0.1", kind: kind))
    let back = try kind.type.init(added).withdrawing("1.0.1", restoring: last)
    #expect(String(decoding: back, as: UTF8.self) == String(decoding: original, as: UTF8.self))
    #expect(throws: Problem.self) {
      try kind.type.init(added).withdrawing("1.0.1", restoring: nil)
    }
  }

  static func handmade(_ kind: FeedKind) -> [[UInt8]] {
    let texts: [String] =
      switch kind {
      case .appcast: [SparkleTests.feed, SparkleTests.feed.replacing("\n", with: "\r\n")]
      case .velopack:
        [
          #"{"Assets":[{"PackageId":"App","Version":"1.0.0","Type":"Full","FileName":"a","SHA1":"","SHA256":"","Size":1}]}"#,
          "{\n\t\"assets\" : [ ]\n}\n",
          "{\n  \"Assets\": [\n    {\"Version\": \"0.9.0\", \"Type\": \"Full\"},\n"
            + "    {\"Version\": \"1.0.0\",\n     \"Type\": \"Full\"}\n  ],\n  \"Mine\": 1\n}",
        ]
      case .squirrelWindows:
        [
          String(repeating: "a", count: 40) + " App-1.0.0-full.nupkg 12",
          "\u{FEFF}" + String(repeating: "a", count: 40)
            + " App-1.0.0-full.nupkg 12 # 10%\r\n# mine\r\n",
        ]
      case .squirrelMac:
        [
          #"{"currentRelease":"1.0.0","releases":[{"version":"1.0.0","updateTo":{"url":"https://e.org/1"}}]}"#
        ]
      case .appstream:
        [
          "<component>\n <id>x</id> <!-- mine -->\n <releases>\n  <release version='1.0.0' "
            + "date='2026-01-01'/>\n </releases>\n</component>\n",
          "<releases></releases>",
        ]
      case .electron, .tauri: []
      }
    return texts.map { Array($0.utf8) }
  }

  @Test func electronEditsKeepCommentsAndUnknownKeys() throws {
    let text = """
      # made by the release job
      version: 1.0.0   # keep in step with package.json
      mandatory: true
      files:
      - url: App-1.0.0.exe
        sha512: \(String(repeating: "C", count: 86))==
        size: 7
      path: App-1.0.0.exe
      sha512: \(String(repeating: "C", count: 86))==
      # signed on the build machine
      releaseDate: '2026-01-01T00:00:00.000Z'
      stagingPercentage: 10

      """
    let file = try ElectronFeed(Array(text.utf8)).adding(Self.release("1.0.1", kind: .electron))
    let edited = String(decoding: file, as: UTF8.self)
    #expect(
      edited == """
        # made by the release job
        version: 1.0.1   # keep in step with package.json
        mandatory: true
        files:
        - url: https://e.org/App-1.0.1.zip
          sha512: \(String(repeating: "A", count: 86))==
          size: 42
        path: https://e.org/App-1.0.1.zip
        sha512: \(String(repeating: "A", count: 86))==
        # signed on the build machine
        releaseDate: '2026-11-22T21:29:06.000Z'

        """
    )
  }

  @Test func stagingHaltingAndResumingGoThereAndBack() throws {
    let electron = try FeedKind.electron.type.new(
      Self.release("1.0.1", kind: .electron),
      title: "",
      link: ""
    )
    let staged = try ElectronFeed(electron).changing(.stagePercent(10), of: "1.0.1")
    #expect(try ElectronFeed(staged).stagingPercentage == 10)
    let halted = try ElectronFeed(staged).changing(.halt, of: "1.0.1")
    #expect(try ElectronFeed(halted).stagingPercentage == 0)
    #expect(try ElectronFeed(halted).changing(.resume, of: "1.0.1") == staged)
    #expect(try ElectronFeed(staged).changing(.resume, of: "1.0.1") == electron)
    let stopped = try ElectronFeed(electron).changing(.halt, of: "1.0.1")
    #expect(try ElectronFeed(stopped).changing(.resume, of: "1.0.1") == electron)

    let squirrel = try FeedKind.squirrelWindows.type.new(
      Self.release("1.0.1", kind: .squirrelWindows),
      title: "",
      link: ""
    )
    let tenth = try SquirrelWindowsFeed(squirrel).changing(.stagePercent(10), of: "1.0.1")
    #expect(try SquirrelWindowsFeed(tenth).lines.map(\.staging) == [10])
    #expect(try SquirrelWindowsFeed(tenth).changing(.resume, of: "1.0.1") == squirrel)
    let none = try SquirrelWindowsFeed(tenth).changing(.halt, of: "1.0.1")
    #expect(try SquirrelWindowsFeed(none).lines.map(\.staging) == [0])
    #expect(try SquirrelWindowsFeed(none).changing(.resume, of: "1.0.1") == tenth)

    let sparkle = try SparkleFeed(Array(SparkleTests.feed.utf8))
    let quiet = try SparkleFeed(sparkle.changing(.halt, of: "10"))
    #expect(quiet.items.isEmpty)
    #expect(try quiet.changing(.resume, of: "10") == Array(SparkleTests.feed.utf8))
    let phased = try SparkleFeed(
      sparkle.changing(.stageInterval(seconds: 3600, from: Moment(seconds: 0)), of: "10")
    )
    #expect(phased.items.first?.phasedSeconds == 3600)
    #expect(try SparkleFeed(phased.changing(.resume, of: "10")).items.first?.phasedSeconds == nil)
    let twins = SparkleTests.feed.replacing(
      "</item>",
      with: "</item><item><title>twin</title>"
        + "<sparkle:version>10</sparkle:version><enclosure url='https://e.org/2.zip'/></item>"
    )
    let both = try SparkleFeed(Array(twins.utf8))
    let hidden = try SparkleFeed(both.changing(.halt, of: "10"))
    #expect(try hidden.changing(.resume, of: "10") == Array(twins.utf8))
  }

  @Test func aSmallFileCannotUnfoldIntoABigOne() {
    let bomb =
      "a: &a [x, x]\n"
      + (0..<12).map { n in
        "a\(n): &a\(n) ["
          + Array(repeating: n == 0 ? "*a" : "*a\(n - 1)", count: 10)
          .joined(separator: ", ") + "]\n"
      }.joined() + "version: 1.0.0\n"
    #expect(throws: Problem.self) { try ElectronFeed(Array(bomb.utf8)) }
  }

  @Test func editsKeepTheLineEndingsOfTheFile() throws {
    let text = "version: 1.0.1\r\npath: a.exe\r\nsha512: \(String(repeating: "A", count: 86))==\r\n"
    let staged = try ElectronFeed(Array(text.utf8)).changing(.stagePercent(5), of: "1.0.1")
    #expect(String(decoding: staged, as: UTF8.self) == text + "stagingPercentage: 5\r\n")
    #expect(try ElectronFeed(staged).changing(.resume, of: "1.0.1") == Array(text.utf8))
  }

  @Test(arguments: FeedKind.allCases)
  func rubbishIsAnErrorAndNeverACrash(_ kind: FeedKind) throws {
    let good = try kind.type.new(
      Self.release("1.0.1", kind: kind),
      title: "App",
      link: "https://e.org"
    )
    for length in 0..<good.count {
      _ = try? kind.type.init(Array(good.prefix(length)))
    }
    var generator = SeededGenerator(seed: 7)
    for _ in 0..<400 {
      var bytes = good
      for _ in 0..<3 {
        bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(
          in: 0...255,
          using: &generator
        )
      }
      guard let feed = try? kind.type.init(bytes) else { continue }
      _ = feed.findings
      _ = try? feed.adding(Self.release("1.0.2", kind: kind))
      _ = try? feed.withdrawing("1.0.1", restoring: nil)
      for client in kind.clients {
        _ = Updater.named(client)?.offer?(
          bytes,
          nil,
          FeedUser(version: "1.0.0", now: .init(seconds: 0))
        )
      }
    }
  }

  @Test func theLastOfTwoEqualPlatformsCountsAndIsTheOneEdited() throws {
    func entry(_ name: String) -> String {
      #""linux-x86_64":{"signature":"a","url":"https://e.org/\#(name)"}"#
    }
    let file = #"{"version":"1.0.0","platforms":{\#(entry("long-old-name")),\#(entry("b"))}}"#
    let feed = try TauriFeed(Array(file.utf8))
    #expect(feed.platformEntries.map(\.url) == ["https://e.org/b"])
    #expect(feed.findings.contains { $0.rule == "duplicate-version" })
    let added = try TauriFeed(try feed.adding(Self.release("1.0.1", kind: .tauri)))
    #expect(added.platformEntries.map(\.platform) == ["linux-x86_64"])
    #expect(added.platformEntries.map(\.url) != ["https://e.org/b"])
    #expect(String(decoding: added.bytes, as: UTF8.self).contains("long-old-name"))
  }

  @Test(arguments: ["{}", "{ }"])
  func aTauriFeedWithoutPlatformsGetsThoseOfTheRelease(_ platforms: String) throws {
    let feed = try TauriFeed(Array(#"{"version":"1.0.0","platforms":\#(platforms)}"#.utf8))
    let added = try TauriFeed(try feed.adding(Self.release("1.0.1", kind: .tauri)))
    #expect(added.platformEntries.map(\.platform) == ["linux-x86_64"])
  }

  @Test func twoEditsOfTheSameBytesAreRefused() throws {
    var edit = ByteEdit(Array("abcd".utf8))
    edit.replace(0..<3, by: "")
    edit.insert("x", at: 3)
    #expect(String(decoding: try edit.result(), as: UTF8.self) == "xd")
    edit.replace(2..<4, by: "")
    #expect(throws: Problem.self) { try edit.result() }
  }

  @Test func aFileThatIsNoFeedSaysWhatWasLookedFor() {
    let problem = #expect(throws: Problem.self) {
      try FeedKind.of(Array("<html>not found</html>".utf8), name: "feed")
    }
    #expect(problem?.code == "feed.unknown-format")
    #expect(problem?.why.contains("RELEASES") == true)
  }

  @Test func saysInWordsWhatChangesForWhom() throws {
    let old = Array(SparkleTests.feed.utf8)
    let new = try SparkleFeed(old).adding(Self.release("11", kind: .appcast))
    let changes = FeedDiff.changes(
      from: old,
      to: new,
      .appcast,
      clients: ["sparkle"],
      now: Moment(seconds: 1_795_382_946)
    )
    #expect(
      changes.map(\.words) == [
        "Sparkle users on any older version: 11 instead of 10",
        "Sparkle users on 10: 11 instead of nothing",
      ]
    )
  }

  @Test func aStagedReleaseChangesNothingForThoseDrawnLast() throws {
    let sha1 = String(repeating: "a", count: 40)
    let line = "\(sha1) Lantern-1.0.0-full.nupkg 9\n"
    let next = "\(sha1) Lantern-1.0.1-full.nupkg 9"
    func words(_ staging: String) -> [String] {
      FeedDiff.changes(
        from: Array(line.utf8),
        to: Array("\(line)\(next)\(staging)\n".utf8),
        .squirrelWindows,
        versions: ["1.0.0"],
        now: Moment(seconds: 0)
      ).map(\.words)
    }
    #expect(words("") == ["Squirrel.Windows users on 1.0.0: 1.0.1 instead of nothing"])
    #expect(
      words(" # 10%") == ["Squirrel.Windows users on 1.0.0 drawn first: 1.0.1 instead of nothing"]
    )
    #expect(
      words(" # 100%") == ["Squirrel.Windows users on 1.0.0: 1.0.1 instead of nothing"]
    )
  }

  @Test func lintsOfEveryFormatFindWhatTheReportsName() throws {
    func rules(_ text: String, _ kind: FeedKind) -> Set<String> {
      Set(FeedLint.findings(Array(text.utf8), kind).map(\.rule))
    }
    #expect(
      rules("version: 1.10\nfiles: []\n", .electron).isSuperset(of: ["version-kind", "no-files"])
    )
    #expect(
      rules("version: 1.0.1-hotfix1\npath: a\n", .electron).isSuperset(of: [
        "prerelease-name", "no-checksum",
      ])
    )
    #expect(rules("<html></html>\n", .electron).contains("version-kind"))
    #expect(
      rules(
        #"{"version":"1.0.1","platforms":{"linux-x86_64":{"url":"http://e.org/a","signature":"x"}}}"#,
        .tauri
      ) == ["plain-http", "signature-form"]
    )
    #expect(rules("{}", .tauri) == ["feed.malformed"])
    let velopack =
      #"{"Assets":[{"Version":"1.0.0.1","Type":"Full","FileName":"a","SHA256":"\#(String(repeating: "a", count: 64))","Size":1}]}"#
    #expect(rules(velopack, .velopack) == ["version-form", "lower-case-checksum"])
    #expect(rules("\u{FEFF}{\"Assets\":[]}", .velopack) == ["feed.malformed"])
    #expect(
      rules(
        String(repeating: "a", count: 40) + " App-1.0.1-hotfix.1-full.nupkg 9\n",
        .squirrelWindows
      ).contains("version-form")
    )
    #expect(
      rules(
        #"{"currentRelease":"1.0.2","releases":[{"version":"1.0.1-hotfix1","updateTo":{"url":"https://e.org/1"}}]}"#,
        .squirrelMac
      ) == ["current-missing", "version-form"]
    )
    #expect(
      rules(
        "<component><releases><release version='1'/><release date='x' version='1' urgency='u'/></releases></component>",
        .appstream
      ) == ["no-date", "urgency", "date-form", "duplicate-version"]
    )
    let namespace = SparkleTests.feed.replacing("www.andymatuschak.org", with: "example.org")
    #expect(rules(namespace, .appcast).contains("wrong-namespace"))
    let dash = SparkleTests.feed.replacing(
      "</item>",
      with:
        "</item><item><sparkle:version>10-1</sparkle:version><enclosure url='https://e.org/x.zip' length='5' sparkle:edSignature='x'/></item>"
    )
    #expect(
      rules(dash, .appcast).isSuperset(of: ["same-version", "version-dash", "signature-form"])
    )
  }

  @Test func mendsWhatNeedsNoDecision() throws {
    let text = #"{"Assets":[{"Version":"1.0.1","Type":"Full","SHA256":"ab","SHA1":"cd"}]}"#
    let mended = try #require(try FeedLint.mended(Array(text.utf8), .velopack))
    #expect(
      String(decoding: mended, as: UTF8.self)
        == text.replacing("ab\"", with: "AB\"").replacing("cd\"", with: "CD\"")
    )
    #expect(try FeedLint.mended(mended, .velopack) == nil)
  }
}

/// SplitMix64: the same numbers everywhere, by seed.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
