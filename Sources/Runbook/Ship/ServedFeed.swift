internal import Feeds
internal import ReleaseModel

/// A feed of `hotfix.yml` as the release host has it now.
struct ServedFeed: Sendable {
  let telling: FeedTelling
  /// Nil where there is no such file.
  let bytes: [UInt8]?
  let parsed: (any FeedFormat)?

  var feed: Settings.Feed { telling.feed }

  /// Reads every feed.
  ///
  /// Throws `feed.unreadable`, with the line, where one is no feed that its updaters can read.
  static func all(_ situation: Situation) async throws -> [ServedFeed] {
    var all: [ServedFeed] = []
    for feed in situation.settings.feeds {
      let bytes = try await situation.toolbox.host.readFile(feed.path)
      do {
        all.append(
          ServedFeed(
            telling: FeedTelling(feed: feed, host: situation.toolbox.host),
            bytes: bytes,
            parsed: try bytes.map { try feed.kind.type.init($0) }
          )
        )
      } catch let problem as Problem {
        throw Problem(
          "feed.unreadable",
          "The feed \(feed.path) as served cannot be read.",
          why: "\(problem.what) \(problem.why)",
          next: [
            "hotfix feed lint \(situation.toolbox.host.url(feed.path))",
            "Mend or restore \(feed.path), then:  hotfix next",
          ]
        )
      }
    }
    return all
  }
}
