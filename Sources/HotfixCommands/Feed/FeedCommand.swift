internal import ArgumentParser
internal import Feeds
internal import Forges
internal import Foundation
internal import Machine
internal import ReleaseModel
internal import Runbook

struct FeedCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "feed",
    abstract: "Read, check and edit update feeds",
    discussion: """
      Appcasts (Sparkle, WinSparkle, NetSparkle), latest*.yml (electron-updater), latest.json
      (Tauri), releases.*.json (Velopack), RELEASES and JSON (Squirrel), AppStream.
      """,
    subcommands: [
      FeedLintCommand.self, FeedShowCommand.self, FeedOfferCommand.self, FeedDiffCommand.self,
      FeedAddCommand.self, FeedRemoveCommand.self, FeedStageCommand.self, FeedHaltCommand.self,
      FeedResumeCommand.self, FeedCriticalCommand.self, FeedBlockMapCommand.self,
      FeedManifestCommand.self,
    ]
  )
}

/// A feed as a file or a URL, read and recognised.
struct FeedSource: Sendable {
  let name: String
  let bytes: [UInt8]
  let kind: FeedKind

  static func isURL(_ name: String) -> Bool {
    name.hasPrefix("http://") || name.hasPrefix("https://")
  }

  /// The last component of a path or URL.
  var fileName: String {
    let path = name.prefix { $0 != "?" && $0 != "#" }
    return path.split(separator: "/").last.map(String.init) ?? name
  }

  /// Throws `feed.…`, `file.too-big`, `http.…`.
  static func read(
    _ name: String,
    in folder: FilePath,
    client: String? = nil
  ) async throws -> FeedSource {
    if let scheme = name.firstRange(of: "://"), !isURL(name) {
      throw Problem(
        "feed.scheme",
        "\(name) cannot be read.",
        why: "\(name[..<scheme.lowerBound]) is neither http nor https.",
        next: ["Give a URL that begins with https://, or a path."]
      )
    }
    let bytes = isURL(name) ? try await fetched(name) : try file(name, in: folder)
    guard let client, let kind = FeedKind(client: client) else {
      return FeedSource(name: name, bytes: bytes, kind: try FeedKind.of(bytes, name: name))
    }
    // Rubbish is for the client to refuse; another updater's feed is a slip of the pen.
    let xml: Set<FeedKind> = [.appcast, .appstream]
    if let found = try? FeedKind.of(bytes, name: name), found != kind,
      xml.contains(found) || xml.contains(kind)
    {
      throw Problem(
        "feed.client",
        "\(Updater.named(client)?.title ?? client) does not read this feed.",
        why: "\(name) is \(found.title).",
        next: ["Use one of its own:  --client \(found.clients.joined(separator: " or "))"]
      )
    }
    return FeedSource(name: name, bytes: bytes, kind: kind)
  }

  private static func file(_ name: String, in folder: FilePath) throws -> [UInt8] {
    guard let bytes = try LiveFiles.files.read(folder.pushing(FilePath(name)), XMLScanner.bytesMax)
    else {
      throw Problem("feed.missing", "The feed \(name) is not there.", next: ["Check the path."])
    }
    return bytes
  }

  private static func fetched(_ name: String) async throws -> [UInt8] {
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
    } catch let failure as HTTP.Failure {
      throw Problem(
        "feed.unreachable",
        "\(name) cannot be reached.",
        why: failure.why,
        next: ["Check the URL."]
      )
    }
  }

  func parsed() throws -> any FeedFormat { try kind.type.init(bytes) }
}

struct FeedShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "List what a feed offers",
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
      let url, channel, critical, platform, edSignature, sha512: String?
      let length: Int?
      let isDelta: Bool
    }

    let schema = "hotfix.feed/1"
    let format: String
    let signed: Bool
    let items: [Row]
  }

  func run() async throws {
    let source = try await FeedSource.read(feed, in: global.folder)
    let parsed = try source.parsed()
    let rows = parsed.entries.map { entry in
      Result.Row(
        version: entry.version,
        shortVersion: entry.shortVersion,
        title: entry.title,
        url: entry.url,
        channel: entry.channel,
        critical: entry.critical,
        platform: entry.platform,
        edSignature: entry.edSignature,
        sha512: entry.sha512,
        length: entry.size,
        isDelta: entry.isDelta
      )
    }
    try global.console.show(
      Result(
        format: source.kind.rawValue,
        signed: parsed.signature != nil,
        items: rows
      ),
      rows.isEmpty
        ? "\(feed) offers nothing"
        : rows.map { row in
          [
            row.version, row.shortVersion == row.version ? nil : row.shortVersion, row.platform,
            row.isDelta ? "delta" : nil, row.channel.map { "channel \($0)" },
            row.critical.map { "critical \($0)" }, row.length.map { "\($0) bytes" }, row.url,
          ].compactMap(\.self).map { TerminalText($0) }.joined(separator: "  ")
        }.joined()
    )
  }
}
