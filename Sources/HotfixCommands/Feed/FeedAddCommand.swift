internal import ArgumentParser
internal import Feeds
internal import Foundation
internal import Machine
internal import ReleaseModel
internal import Runbook
internal import Signatures

struct FeedAddCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add",
    abstract: "Offer a file in a feed, hashed and signed",
    discussion: """
      $ hotfix feed add appcast.xml dist/Lantern-1.0.1.zip --url https://example.org/Lantern-1.0.1.zip \\
          --version 15 --short-version 1.0.1 --key env:UPDATE_KEY
      appcast.xml offers 1.0.1 (15)
        Sparkle users on 12: 1.0.1 instead of nothing
      $ hotfix feed add latest.yml dist/Lantern-1.0.1.exe --url Lantern-1.0.1.exe --version 1.0.1 --new
      """
  )

  @Argument(help: "The feed's file.")
  var feed: String

  @Argument(help: "The artifact's file.")
  var artifact: String

  @Option(help: "Where users download the artifact; default its name, beside the feed.")
  var url: String?

  @Option(help: "The version as the updater compares it; CFBundleVersion for Sparkle.")
  var version: String

  @Option(name: .customLong("short-version"), help: "The version that users see.")
  var shortVersion: String?

  @Option(help: "The application's name.")
  var app: String?

  @Option(help: "The release notes' URL.")
  var notes: String?

  @Option(name: .customLong("critical-below"), help: "Critical for versions below this one.")
  var criticalBelow: String?

  @Option(name: .customLong("minimum-system"), help: "sparkle:minimumSystemVersion.")
  var minimumSystem: String?

  @Option(help: "macos, windows or linux, with -x64, -arm64, -x86 or -arm (Tauri).")
  var platform: FeedPlatform?

  @Option(help: "Minisign's secret key for Tauri, env:NAME or file:PATH.")
  var minisign: String?

  @Flag(help: "Begin a new feed file; its name says the format.")
  var new = false

  @OptionGroup var editing: FeedEditOptions
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    if new { try requireOptions(try FeedKind.named(feed)) }
    let release = try release()
    let short = release.name == version ? version : "\(release.name) (\(version))"
    if new { return try begin(release, short) }
    try requireOptions(try await FeedSource.read(feed, in: global.folder).kind)
    try await editing.edit(
      feed,
      global,
      says: "\(feed) offers \(short)",
      version: version,
      warns: true
    ) { old in
      let isThere = old.entries.contains { $0.version == version }
      guard !isThere || type(of: old).namesOneVersion else {
        throw Problem(
          "feed.duplicate",
          "The feed has an item of version \(version) already.",
          next: [
            "hotfix feed remove \(OutsideText(feed).word) --version \(OutsideText(version).word)"
          ]
        )
      }
      return try old.adding(release)
    }
  }

  /// What the format cannot do without, said in this command's own options.
  private func requireOptions(_ kind: FeedKind) throws {
    let missing: (String, String)? =
      switch kind {
      case .appcast where editing.key == nil:
        ("the update key, which signs the file", "--key env:NAME")
      case .tauri where minisign == nil:
        ("minisign's key, which signs the file", "--minisign env:NAME")
      case .squirrelMac where !FeedSource.isURL(url ?? ""),
        .tauri where !FeedSource.isURL(url ?? ""):
        ("the whole address of the file", "--url https://…")
      default: nil
      }
    guard let (what, option) = missing else { return }
    throw Problem(
      "feed.option",
      "This format needs \(what).",
      why: "\(feed) is \(kind.title).",
      next: ["Repeat the command with \(option)"]
    )
  }

  private func begin(_ release: FeedRelease, _ short: String) throws {
    let path = global.folder.pushing(FilePath(feed))
    guard !LiveFiles.files.exists(path) else {
      throw Problem("file.exists", "\(feed) is there already.", next: ["Leave --new out."])
    }
    let kind = try FeedKind.named(feed)
    let bytes = try kind.type.new(release, title: release.app, link: url ?? "")
    if let error = FeedLint.findings(bytes, kind).first(where: { $0.severity == .error }) {
      throw FeedEditOptions.wouldBreak(feed, error)
    }
    try LiveFiles.files.write(path, bytes)
    try global.console.show(
      FeedEdited(feed: feed, version: version, changes: []),
      "\(feed) offers \(short)"
    )
  }

  private func release() throws -> FeedRelease {
    let content = try KeyOption.artifact(artifact, global)
    let name = FilePath(artifact).lastComponent?.string ?? artifact
    var file = FeedFile(name: name, url: url ?? name, size: content.size)
    let digests = try FileDigests(content)
    file.sha1 = digests.sha1
    file.sha256 = digests.sha256
    file.sha512 = digests.sha512.base64
    file.edSignature = try editing.updateKey(global)?.sign(content)
    file.platform = platform
    file.isDelta = name.lowercased().hasSuffix("-delta.nupkg")
    let now = Moment.now
    if let minisign {
      let key = try MinisignKey(try KeyOption.secret(minisign, global))
      file.minisign =
        try key.sign(
          content,
          trustedComment: "timestamp:\(now.seconds)\tfile:\(name)\tversion:\(version)"
        ).base64File
    }
    let stem = name.split(separator: "-").first.map(String.init) ?? name
    var release = FeedRelease(
      app: app ?? stem,
      version: version,
      name: shortVersion ?? version,
      date: now,
      files: [file]
    )
    release.notesURL = notes
    release.minimumSystem = minimumSystem
    release.criticalBelow = criticalBelow
    return release
  }
}
