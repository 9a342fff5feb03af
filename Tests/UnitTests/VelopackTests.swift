import Feeds
import Foundation
import HotfixTesting
import ReleaseModel
import Testing

/// Answers of Velopack 1.2.161, the Rust core (Tests/Fixtures/updaters/README.md).
@Suite struct VelopackTests {
  struct Row: Decodable, Sendable, CustomStringConvertible {
    let current, channel, topic: String
    let explicitChannel, offeredVersion, error: String?
    let allowDowngrade, offered: Bool
    let isDowngrade: Bool?
    let localPackages, deltas: [String]
    let feeds: [String: String]
    var description: String { "\(topic): \(current)" }
  }

  @Test(arguments: try Vectors.rows("updaters/velopack", Row.self))
  func offersWhatTheRustCoreOffers(_ row: Row) throws {
    var user = FeedUser(version: row.current, now: Moment(seconds: 0))
    user.allowsDowngrade = row.allowDowngrade
    user.localPackages = row.localPackages
    let name = "releases.\(row.explicitChannel ?? row.channel).json"
    user.channels = [row.explicitChannel ?? row.channel]
    let published = row.feeds[name] == nil ? row.feeds.keys.first ?? name : name
    let feed = row.feeds[published] ?? ""
    let answer = VelopackClient.offer(Array(feed.utf8), name: published, to: user, .rust)
    #expect(answer.failure?.code == row.error)
    #expect(answer.offered?.version == row.offeredVersion)
    #expect(answer.offered?.downgrade == row.isDowngrade)
    #expect(answer.deltas == row.deltas)
  }

  @Test func findsGapsInTheChainOfDeltas() throws {
    func feed(_ deltas: [String]) throws -> VelopackFeed {
      let full = ["1.0.0", "1.0.1", "1.0.2"].map { #"{"Version":"\#($0)","Type":"Full"}"# }
      let delta = deltas.map { #"{"Version":"\#($0)","Type":"Delta"}"# }
      return try VelopackFeed(
        Array(#"{"Assets":[\#((full + delta).joined(separator: ","))]}"#.utf8)
      )
    }
    #expect(VelopackClient.gaps(try feed(["1.0.1", "1.0.2"])) == [])
    #expect(VelopackClient.gaps(try feed(["1.0.2"])) == ["1.0.1"])
    #expect(VelopackClient.gaps(try feed([])) == [])
  }
}
