internal import ArgumentParser
internal import Feeds
internal import Foundation
internal import ReleaseModel

struct FeedDiffCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Say what changes for which users between two feeds",
    discussion: """
      $ hotfix feed diff https://example.org/appcast.xml appcast.xml
      Sparkle users on 12: 1.0.1-hotfix1 (critical) instead of nothing
      """
  )

  @Argument(help: "The feed as it is: a file or a URL.")
  var old: String

  @Argument(help: "The feed as it will be: a file or a URL.")
  var new: String

  @Option(help: "Installed versions to ask for, separated by commas; default those of the feeds.")
  var from: String?

  @Option(help: "The time in Unix seconds; default now.")
  var now: Int?

  @OptionGroup var global: GlobalOptions

  private struct Result: Encodable {
    struct Row: Encodable {
      let client, from, words: String
      let before, after: String?
    }

    let schema = "hotfix.feed-diff/1"
    let changes: [Row]
  }

  func run() async throws {
    let before = try await FeedSource.read(old, in: global.folder)
    let after = try await FeedSource.read(new, in: global.folder)
    guard before.kind == after.kind else {
      throw Problem(
        "feed.kinds",
        "The two feeds are of different formats.",
        why: "\(old) is \(before.kind.title); \(new) is \(after.kind.title).",
        next: ["Compare feeds of one format."]
      )
    }
    _ = try after.parsed()
    let changes = FeedDiff.changes(
      from: before.bytes,
      to: after.bytes,
      before.kind,
      versions: from.map { $0.split(separator: ",").map(String.init) },
      now: now.map { Moment(seconds: $0) } ?? .now
    )
    try global.console.show(
      Result(
        changes: changes.map {
          .init(
            client: $0.client,
            from: $0.from,
            words: $0.words,
            before: $0.before,
            after: $0.after
          )
        }
      ),
      changes.isEmpty
        ? "nothing changes for anybody" : changes.map { TerminalText($0.words) }.joined()
    )
  }
}
