internal import ArgumentParser
internal import Feeds
internal import Foundation
internal import Machine
internal import ReleaseModel
internal import Runbook
internal import Signatures

/// Options of the commands that write a feed.
struct FeedKey: ParsableArguments {
  @Option(help: "The update key, env:NAME or file:PATH; signs the feed again where it was signed.")
  var key: String?

  func updateKey(_ global: GlobalOptions) throws -> UpdateKey? {
    try key.map { try KeyOption.read($0, global) }
  }

  /// Writes the file whole or not at all, signed again when it was signed before.
  func write(
    _ content: [UInt8],
    like old: SparkleFeed,
    to path: FilePath,
    _ global: GlobalOptions
  ) throws {
    var signature: String?
    if old.signature != nil {
      guard let key = try updateKey(global) else {
        throw Problem(
          "feed.no-key",
          "The feed is signed, and an edit breaks the signature.",
          next: ["Repeat the command with --key env:NAME or --key file:PATH."]
        )
      }
      signature = try key.sign(content)
    }
    try LiveFiles.files.write(path, SparkleFeed.file(content: content, signature: signature))
  }
}

struct FeedAdd: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add",
    abstract: "Add an item for an artifact, signed",
    discussion: """
      $ hotfix feed add appcast.xml dist/Lantern-1.0.1.zip --url https://example.org/Lantern-1.0.1.zip \\
          --version 15 --short-version 1.0.1 --key env:UPDATE_KEY
      appcast.xml offers 1.0.1 (15)
      """
  )

  @Argument(help: "The feed's file.")
  var feed: String

  @Argument(help: "The artifact's file.")
  var artifact: String

  @Option(help: "Where users download the artifact.")
  var url: String

  @Option(help: "The CFBundleVersion.")
  var version: String

  @Option(name: .customLong("short-version"), help: "The version that users see.")
  var shortVersion: String?

  @Option(help: "The release notes' URL.")
  var notes: String?

  @Option(name: .customLong("critical-below"), help: "Critical for versions below this one.")
  var criticalBelow: String?

  @Option(name: .customLong("minimum-system"), help: "sparkle:minimumSystemVersion.")
  var minimumSystem: String?

  @OptionGroup var key: FeedKey
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard key.key != nil else { throw ValidationError("--key is needed to sign the artifact.") }
    guard url.hasPrefix("https://") || url.hasPrefix("http://") else {
      throw ValidationError("--url has to be http or https; Sparkle refuses the feed otherwise.")
    }
  }

  func run() async throws {
    guard let key = try self.key.updateKey(global) else { return }
    let file = global.folder.pushing(FilePath(artifact))
    guard let bytes = try LiveFiles.files.read(file, 4 << 30) else {
      throw Problem(
        "artifact.missing",
        "The artifact \(artifact) is not there.",
        next: ["Check the path."]
      )
    }
    let old = try SparkleFeed(try await FeedSource.read(feed, in: global.folder))
    guard !old.items.contains(where: { $0.version == version }) else {
      throw Problem(
        "feed.duplicate",
        "The feed has an item of version \(version) already.",
        next: ["hotfix feed remove \(feed) --version \(version)"]
      )
    }
    let short = shortVersion ?? version
    let item = SparkleFeed.NewItem(
      title: short,
      version: version,
      shortVersion: short,
      pubDate: Moment(seconds: Int(Date().timeIntervalSince1970)),
      notesURL: notes,
      minimumSystem: minimumSystem,
      criticalBelow: criticalBelow,
      url: url,
      length: bytes.count,
      edSignature: try key.sign(bytes)
    )
    try self.key.write(
      old.adding(item),
      like: old,
      to: global.folder.pushing(FilePath(feed)),
      global
    )
    try global.console.show(
      FeedEdited(feed: feed, version: version),
      "\(feed) offers \(short) (\(version))"
    )
  }
}

struct FeedRemove: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove",
    abstract: "Take a version out of a feed; all else stays byte for byte",
    discussion: """
      $ hotfix feed remove appcast.xml --version 15
      appcast.xml does not offer 15 any more
      """
  )

  @Argument(help: "The feed's file.")
  var feed: String

  @Option(help: "The item's sparkle:version.")
  var version: String

  @OptionGroup var key: FeedKey
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let old = try SparkleFeed(try await FeedSource.read(feed, in: global.folder))
    guard old.items.contains(where: { $0.version == version }) else {
      throw Problem(
        "feed.no-item",
        "The feed has no item of version \(version).",
        why: "It has \(old.items.map(\.version).joined(separator: ", ")).",
        next: ["hotfix feed show \(feed)"]
      )
    }
    try key.write(
      old.removing(version: version),
      like: old,
      to: global.folder.pushing(FilePath(feed)),
      global
    )
    try global.console.show(
      FeedEdited(feed: feed, version: version),
      "\(feed) does not offer \(version) any more"
    )
  }
}

private struct FeedEdited: Encodable {
  let schema = "hotfix.feed-edited/1"
  let feed, version: String
}
