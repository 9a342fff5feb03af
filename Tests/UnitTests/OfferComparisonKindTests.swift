import Feeds
import Foundation
import ReleaseModel
import Testing

/// Losses of the updaters that read other formats than appcasts.
@Suite struct OfferComparisonKindTests {
  private typealias Base = OfferComparisonTests

  private static func electron(_ version: String, _ more: String = "") -> [UInt8] {
    let digest = String(repeating: "A", count: 86) + "=="
    return Array(
      """
      version: \(version)
      files:
        - url: App-\(version).exe
          sha512: \(digest)
          size: 7
      releaseDate: '2026-01-01T00:00:00.000Z'
      \(more)

      """.utf8
    )
  }

  private static func tauri(_ version: String, _ platforms: String...) -> [UInt8] {
    let entries = platforms.map {
      "\"\($0)\": { \"signature\": \"c2ln\", \"url\": \"https://e.org/\($0)\" }"
    }
    return Array(
      "{ \"version\": \"\(version)\", \"platforms\": { \(entries.joined(separator: ", ")) } }".utf8
    )
  }

  private static func velopack(_ versions: String...) -> [UInt8] {
    let assets = versions.map {
      #"{"PackageId":"App","Version":"\#($0)","Type":"Full","FileName":"App-\#($0)","SHA1":"","SHA256":"","Size":1}"#
    }
    return Array("{\"Assets\":[\(assets.joined(separator: ","))]}".utf8)
  }

  private static func squirrel(_ lines: String...) -> [UInt8] {
    Array(lines.map { String(repeating: "a", count: 40) + " \($0)\n" }.joined().utf8)
  }

  /// A feed of each kind before and after the newest release was taken out.
  private static let withdrawn: [(FeedKind, old: [UInt8], new: [UInt8])] = [
    (
      .appcast, Base.appcast(Base.item("1.1.0", "1.1.0"), Base.item("1.0.0", "1.0.0")),
      Base.appcast(Base.item("1.0.0", "1.0.0"))
    ), (.electron, electron("1.1.0"), electron("1.0.0")),
    (.tauri, tauri("1.1.0", "linux-x86_64"), tauri("1.0.0", "linux-x86_64")),
    (.velopack, velopack("1.0.0", "1.1.0"), velopack("1.0.0")),
    (
      .squirrelWindows, squirrel("App-1.0.0-full.nupkg 12", "App-1.1.0-full.nupkg 13"),
      squirrel("App-1.0.0-full.nupkg 12")
    ),
    (
      .squirrelMac,
      Array(
        #"{"currentRelease":"1.1.0","releases":[{"version":"1.1.0","updateTo":{"url":"https://e.org/2"}},{"version":"1.0.0","updateTo":{"url":"https://e.org/1"}}]}"#
          .utf8
      ),
      Array(
        #"{"currentRelease":"1.0.0","releases":[{"version":"1.0.0","updateTo":{"url":"https://e.org/1"}}]}"#
          .utf8
      )
    ),
    (
      .appstream,
      Array(
        "<releases><release version='1.1.0' date='2026-02-01'/><release version='1.0.0'/></releases>"
          .utf8
      ), Array("<releases><release version='1.0.0' date='2026-01-01'/></releases>".utf8)
    ),
  ]

  @Test(arguments: withdrawn.indices)
  func everyUpdatersUsersLoseAReleaseThatIsTakenOut(_ index: Int) throws {
    let (kind, old, new) = Self.withdrawn[index]
    let comparison = Base.compare(old, new, kind)
    #expect(Set(comparison.rows.map(\.client)) == Set(kind.clients))
    for client in kind.clients {
      let rows = comparison.losses.filter { $0.client == client }
      #expect(rows.map(\.installed.name) == ["a new install", "1.0.0"], "\(client)")
      #expect(
        rows.map(\.loss) == [
          "is offered 1.0.0 instead of 1.1.0", "is offered nothing instead of 1.1.0",
        ],
        "\(client)"
      )
    }
    #expect(Base.compare(new, old, kind).losses.isEmpty)
    #expect(Base.compare(old, old, kind).rows.allSatisfy { $0.change == .same })
  }

  /// Reading a feed once for all must not change an answer.
  @Test(arguments: withdrawn.indices)
  func answersForManyAreTheAnswersForEach(_ index: Int) throws {
    let (kind, old, new) = Self.withdrawn[index]
    let users = ["0.0.1", "1.0.0", "1.1.0", "2.0.0", "no version", ""].map { version in
      var user = FeedUser(version: version, now: Base.now)
      user.platform = kind == .tauri ? FeedPlatform(.linux) : nil
      return user
    }
    for client in kind.clients {
      let updater = try #require(Updater.named(client))
      let offer = try #require(updater.offer)
      let offers = try #require(updater.offers)
      for feed in [old, new, Array("rubbish".utf8), []] {
        let each = users.map { user in
          var answer = offer(feed, nil, user)
          answer.items = []
          return answer
        }
        #expect(offers(feed, users) == each, "\(client)")
      }
    }
  }

  @Test func usersOfAPlatformThatVanishesEndTheirCheck() throws {
    let old = Self.tauri("1.0.0", "linux-x86_64", "windows-x86_64")
    let comparison = Base.compare(old, Self.tauri("1.0.1", "linux-x86_64"), .tauri)
    let loss = try Base.row(comparison, "1.0.0", "for windows-x86_64").loss
    #expect(loss?.hasPrefix("ends its check with TargetsNotFound: ") == true)
    #expect(try Base.row(comparison, "1.0.0", "for linux-x86_64").change == .more)
    #expect(
      comparison.table(onlyLosses: true, linesMax: 5).dropFirst().allSatisfy {
        $0.hasPrefix("Tauri users for windows-x86_64")
      }
    )
  }

  @Test func usersWhoAreNotDrawnLoseTheReleaseBeforeAStagedOne() throws {
    let comparison = Base.compare(
      Self.electron("1.1.0"),
      Self.electron("1.2.0", "stagingPercentage: 10"),
      .electron,
      fileName: "latest.yml"
    )
    #expect(try Base.row(comparison, "a new install", "drawn first").change == .more)
    #expect(
      try Base.row(comparison, "a new install", "drawn last").loss
        == "is offered nothing instead of 1.1.0"
    )
    #expect(try Base.row(comparison, "1.1.0", "drawn last").change == .same)
  }

  @Test func usersBelowANewMinimumSystemLoseTheOffer() throws {
    let comparison = Base.compare(
      Self.electron("1.1.0"),
      Self.electron("1.2.0", "minimumSystemVersion: 22.0.0"),
      .electron,
      fileName: "beta-mac.yml"
    )
    #expect(try Base.row(comparison, "a new install").change == .more)
    #expect(
      try Base.row(comparison, "a new install", "below system 22.0.0").loss
        == "is offered nothing instead of 1.1.0"
    )
  }

  @Test func aFileWithAVersionThatIsNoTextEndsTheCheck() throws {
    let comparison = Base.compare(Self.electron("1.1.0"), Self.electron("1.2"), .electron)
    let loss = try Base.row(comparison, "1.1.0").loss
    #expect(loss?.hasPrefix("ends its check with ERR_UPDATER_INVALID_VERSION: ") == true)
  }

  @Test func aLineThatSquirrelCannotReadEndsTheCheckOfAll() {
    let old = Self.squirrel("App-1.0.0-full.nupkg 12")
    let new = Self.squirrel("App-1.0.0-full.nupkg 12", "App-full.nupkg 13")
    let comparison = Base.compare(old, new, .squirrelWindows)
    #expect(!comparison.rows.isEmpty)
    #expect(comparison.rows.count == comparison.losses.count)
  }

  @Test func anInstalledVersionThatTheUpdaterRefusesIsLeftOut() {
    let feed = Self.electron("1.1.0")
    let comparison = Base.compare(
      nil,
      feed,
      .electron,
      installed: [OfferComparison.Installed("1.0", name: "1.0")]
    )
    #expect(comparison.rows.map(\.installed.name) == ["a new install", "1.1.0"])
    #expect(comparison.losses.isEmpty)
  }
}
