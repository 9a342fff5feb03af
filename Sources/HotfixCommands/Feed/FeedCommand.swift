internal import ArgumentParser
internal import Feeds
internal import Forges
internal import Foundation
internal import Machine
internal import ReleaseModel
internal import Runbook
internal import Signatures

struct FeedCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "feed",
    abstract: "Read, check and edit Sparkle appcasts",
    subcommands: [FeedLint.self, FeedShow.self, FeedOffer.self, FeedAdd.self, FeedRemove.self]
  )
}

/// A feed as a file or a URL.
enum FeedSource {
  static func read(_ name: String, in folder: FilePath) async throws -> [UInt8] {
    if name.hasPrefix("http://") || name.hasPrefix("https://") {
      do {
        let answer = try await LiveHTTP.http.send(HTTP.Request("GET", name))
        guard answer.status == 200 else {
          throw Problem(
            "feed.status",
            "\(name) is not served.",
            why: "The server answered \(answer.status).",
            next: ["Check the URL."]
          )
        }
        return answer.body
      } catch HTTP.Failure.notSent(let why), HTTP.Failure.unknown(let why) {
        throw Problem(
          "feed.unreachable",
          "\(name) cannot be reached.",
          why: why,
          next: ["Check the URL."]
        )
      }
    }
    let file = folder.pushing(FilePath(name))
    guard let bytes = try LiveFiles.files.read(file, XMLScanner.bytesMax) else {
      throw Problem("feed.missing", "The feed \(name) is not there.", next: ["Check the path."])
    }
    return bytes
  }
}

struct FeedLint: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lint",
    abstract: "Find what would go wrong for users",
    discussion: """
      Exit status 1 when there is an error.

      $ hotfix feed lint appcast.xml
      appcast.xml:12:5: error: 1.0.0: the download has no sparkle:edSignature. [unsigned-enclosure]
        mend: Sign it: hotfix signature sign FILE --key env:KEY
      """
  )

  @Argument(help: "A file or a URL.")
  var feed: String

  @OptionGroup var global: GlobalOptions

  private struct Result: Encodable {
    struct Row: Encodable {
      let rule, severity: String
      let line, column: Int
      let clients: [String]
      let message, mend: String
    }

    let schema = "hotfix.feed-lint/1"
    let findings: [Row]
  }

  func run() async throws {
    let findings = SparkleLint.findings(try await FeedSource.read(feed, in: global.folder))
    let rows = findings.map {
      Result.Row(
        rule: $0.rule,
        severity: $0.severity.rawValue,
        line: $0.place.line,
        column: $0.place.column,
        clients: ["sparkle"],
        message: $0.message,
        mend: $0.mend
      )
    }
    try global.console.show(
      Result(findings: rows),
      rows.isEmpty
        ? "\(feed): nothing to complain of"
        : rows.map {
          "\(feed):\($0.line):\($0.column): \($0.severity): \($0.message) [\($0.rule)]\n"
            + "  mend: \($0.mend)"
        }.joined(separator: "\n")
    )
    if findings.contains(where: { $0.severity == .error }) { throw Waiting.refused }
  }
}

struct FeedShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "List the items of a feed",
    discussion: """
      $ hotfix feed show appcast.xml
      15  1.0.1-hotfix1  critical below 15  18310 bytes  https://…/Lantern-1.0.1-hotfix1.zip
      """
  )

  @Argument(help: "A file or a URL.")
  var feed: String

  @OptionGroup var global: GlobalOptions

  private struct Result: Encodable {
    struct Row: Encodable {
      let version, shortVersion, title: String
      let url, channel, edSignature: String?
      let length: Int?
      let critical: String?
    }

    let schema = "hotfix.feed/1"
    let signed: Bool
    let items: [Row]
  }

  func run() async throws {
    let parsed = try SparkleFeed(try await FeedSource.read(feed, in: global.folder))
    let rows = parsed.items.map { item in
      Result.Row(
        version: item.version,
        shortVersion: item.shortVersion,
        title: item.title,
        url: item.enclosure?.url,
        channel: item.channel,
        edSignature: item.enclosure?.edSignature,
        length: item.enclosure?.length,
        critical: critical(item)
      )
    }
    try global.console.show(
      Result(signed: parsed.signature != nil, items: rows),
      rows.map { row in
        [
          row.version, row.shortVersion, row.channel.map { "channel \($0)" },
          row.critical.map { "critical \($0)" }, row.length.map { "\($0) bytes" }, row.url,
        ].compactMap(\.self).joined(separator: "  ")
      }.joined(separator: "\n")
    )
  }

  private func critical(_ item: SparkleItem) -> String? {
    switch item.critical {
    case .no: nil
    case .everyone: "for everyone"
    case .below(let version): "below \(version)"
    }
  }
}

struct FeedOffer: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "offer",
    abstract: "Say what a user on a version is offered, and why",
    discussion: """
      $ hotfix feed offer appcast.xml --from 12
      offered: 1.0.1-hotfix1 (15), full download
        15  offered: the newest item that this user may have
        12  older: 12 is not newer than 12
      """
  )

  @Argument(help: "A file or a URL.")
  var feed: String

  @Option(help: "The installed app's CFBundleVersion.")
  var from: String

  @Option(help: "The system's version.")
  var system = "15.0.0"

  @Option(help: "Channels that the app follows, separated by commas.")
  var channels = ""

  @Option(help: "The phased-rollout group, 0 to 6; without it, the user asked.")
  var group: Int?

  @Option(help: "The time in Unix seconds; default now.")
  var now: Int?

  @Option(help: "The updater; only sparkle.")
  var client = "sparkle"

  @OptionGroup var global: GlobalOptions

  func validate() throws {
    if let group, !(0...6).contains(group) {
      throw ValidationError("--group is 0 to 6: Sparkle has seven groups.")
    }
    guard client == "sparkle" else { throw ValidationError("The only client here is sparkle.") }
  }

  private struct Result: Encodable {
    struct Offered: Encodable {
      let version, shortVersion, url: String
      let critical, informational, majorUpgrade: Bool
    }

    struct Failure: Encodable {
      let code: String
    }

    struct Row: Encodable {
      let version, verdict, why: String
    }

    let offered: Offered?
    let delta: String?
    let error: Failure?
    let items: [Row]

    private enum Name: String, CodingKey {
      case schema, offered, delta, error, items
    }

    /// Scripts rely on the form: what is absent is written as null.
    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Name.self)
      try container.encode("hotfix.feed-offer/1", forKey: .schema)
      try container.encode(offered, forKey: .offered)
      try container.encode(delta, forKey: .delta)
      try container.encode(error, forKey: .error)
      try container.encode(items, forKey: .items)
    }
  }

  func run() async throws {
    let now =
      self.now.map { Moment(seconds: $0) } ?? Moment(seconds: Int(Date().timeIntervalSince1970))
    let list = channels.split(separator: ",").map(String.init)
    let client = SparkleClient(
      host: from,
      system: system,
      channels: Set(list),
      group: group,
      now: now
    )
    let bytes = try await FeedSource.read(feed, in: global.folder)
    let parsed: SparkleFeed
    do {
      parsed = try SparkleFeed(bytes)
    } catch let problem as Problem where global.json {
      let failure = Result.Failure(code: problem.code)
      return try global.console.show(
        Result(offered: nil, delta: nil, error: failure, items: []),
        ""
      )
    }
    let answer = client.offer(parsed)
    let rows = answer.verdicts.map {
      Result.Row(
        version: $0.item.version,
        verdict: $0.verdict.rawValue,
        why: client.explain($0.verdict, of: $0.item)
      )
    }
    let offered = answer.offered.map { item in
      Result.Offered(
        version: item.version,
        shortVersion: item.shortVersion,
        url: item.enclosure?.url ?? item.link ?? "",
        critical: item.isCritical(for: from),
        informational: item.isInformational(for: from),
        majorUpgrade: item.isMajorUpgrade(for: from)
      )
    }
    let how = answer.delta == nil ? "full download" : "delta first"
    let first = offered.map { "offered: \($0.shortVersion) (\($0.version)), \(how)" }
    try global.console.show(
      Result(offered: offered, delta: answer.delta?.enclosure.url, error: nil, items: rows),
      ([first ?? "nothing is offered"]
        + rows.map { "  \($0.version)  \($0.verdict): \($0.why)" }).joined(separator: "\n")
    )
  }
}
