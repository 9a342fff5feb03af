import Feeds
import Foundation
import HotfixTesting
import ReleaseModel
import Signatures
import Testing

/// Answers of electron-updater 6.8.9 (Tests/Fixtures/updaters/README.md).
@Suite struct ElectronTests {
  struct GenericRow: Decodable, Sendable, CustomStringConvertible {
    let current, file, fileName, platform, arch, osRelease, topic: String
    let requestedFile, channel, configChannel, stagingUserId, offeredVersion, error: String?
    let allowDowngrade: Bool?
    let offered: Bool
    var description: String { "\(topic): \(current), \(file.prefix(60))" }
  }

  @Test(arguments: try Vectors.rows("updaters/electron-generic", GenericRow.self))
  func offersWhatTheGenericProviderOffers(_ row: GenericRow) throws {
    var user = FeedUser(version: row.current, system: row.osRelease, now: Moment(seconds: 0))
    user.platform = FeedPlatform("\(row.platform)-\(row.arch)")
    user.channels = [row.channel ?? row.configChannel].compactMap(\.self)
    user.stagingID = row.stagingUserId
    user.allowsDowngrade = row.allowDowngrade ?? false
    let answer = ElectronClient.offer(Array(row.file.utf8), name: row.fileName, to: user)
    #expect(answer.failure?.code == row.error)
    #expect(answer.offered?.version == row.offeredVersion)
    if let asked = row.requestedFile, let platform = user.platform {
      #expect(
        ElectronFeed.fileName(channel: user.channels.first ?? "latest", platform: platform) == asked
      )
    }
  }

  struct GitHubRow: Decodable, Sendable, CustomStringConvertible {
    struct Release: Decodable, Sendable {
      let tag: String
      let prerelease, draft, latest: Bool
      let files: [String: String]
    }

    let current, platform, topic: String
    let releases: [Release]
    let channel, configChannel, offeredVersion, chosenTag, error: String?
    let allowPrerelease, allowDowngrade: Bool
    let requests: [String]
    var description: String { "\(topic): \(current)" }
  }

  @Test(arguments: try Vectors.rows("updaters/electron-github", GitHubRow.self))
  func offersWhatTheGitHubProviderOffers(_ row: GitHubRow) throws {
    let releases = row.releases.map { given in
      var release = GitHubRelease(tag: given.tag, assets: Set(given.files.keys))
      release.isDraft = given.draft
      // A release that is not "latest" although it could be was passed over by choice.
      release.isPrerelease = given.prerelease || !row.releases.contains(where: \.latest)
      return release
    }
    let model = GitHubReleases(releases, latest: row.releases.first(where: \.latest)?.tag)
    let client = ElectronGitHub(model) { tag, file in
      row.releases.first { $0.tag == tag }?.files[file].map { Array("version: \($0)\n".utf8) }
    }
    var user = FeedUser(version: row.current, now: Moment(seconds: 0))
    user.platform = FeedPlatform(row.platform)
    user.allowsPrerelease = row.allowPrerelease
    user.allowsDowngrade = row.allowDowngrade
    let answer = client.check(user, channel: row.channel ?? row.configChannel)
    #expect(answer.offer.failure?.code == row.error)
    #expect(answer.offer.offered?.version == row.offeredVersion)
    #expect(answer.requests == row.requests)
    if row.error == nil { #expect(answer.tag == row.chosenTag) }
  }

  struct DownloadRow: Decodable, Sendable, CustomStringConvertible {
    let platform, file, outcome, topic: String
    let served: [String: String]
    let fetched: String?
    var description: String { "\(topic): \(platform)" }
  }

  @Test(arguments: try Vectors.rows("updaters/electron-download", DownloadRow.self))
  func checksWhatTheClientChecks(_ row: DownloadRow) throws {
    let feed = try ElectronFeed(Array(row.file.utf8))
    let platform = try #require(FeedPlatform(row.platform))
    var fetched: String?
    var outcome = "ok"
    do {
      let file = try ElectronClient.file(of: feed, for: platform.system, platform.processor)
      fetched = file.url
      if let served = row.served[file.url] {
        let digest = SHA512Text(Array(served.utf8))
        if !ElectronClient.accepts(
          sha512: file.sha512 ?? "",
          base64: digest.base64,
          hex: digest.hex
        ) {
          outcome = "ERR_CHECKSUM_MISMATCH"
        }
      } else {
        outcome = "http-404"
      }
    } catch let failure as FeedOffer.Failure { outcome = failure.code }
    #expect(outcome == row.outcome)
    #expect(fetched == row.fetched)
  }
}

/// Rows of a vector file.
enum Vectors {
  static func rows<T: Decodable>(_ name: String, _ type: T.Type) throws -> [T] {
    try Fixtures.text("\(name).jsonl").split(separator: "\n").map {
      try JSONDecoder().decode(T.self, from: Data($0.utf8))
    }
  }
}
