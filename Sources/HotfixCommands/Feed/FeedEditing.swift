internal import ArgumentParser
internal import Feeds
internal import Foundation
internal import Machine
internal import ReleaseModel
internal import Runbook
internal import Signatures

/// Options of the commands that write a feed.
struct FeedEditOptions: ParsableArguments {
  @Option(help: "The update key, env:NAME or file:PATH; signs the feed again where it was signed.")
  var key: String?

  func updateKey(_ global: GlobalOptions) throws -> UpdateKey? {
    try key.map { try KeyOption.read($0, global) }
  }

  /// Edits a feed's file and says what changes for its users.
  ///
  /// Written whole or not at all, signed again when it was signed before.
  func edit(
    _ feed: String,
    _ global: GlobalOptions,
    says: String,
    version: String,
    warns: Bool = false,
    _ change: (any FeedFormat) throws -> [UInt8]
  ) async throws {
    let target = try Self.target(feed, global)
    let source = try await FeedSource.read(feed, in: global.folder)
    let old = try source.parsed()
    let content = try change(old)
    let file = try signed(content, like: old, feed, global)
    let changes = FeedDiff.changes(
      from: source.bytes,
      to: file,
      source.kind,
      now: .now
    )
    try refuseWorse(source, file, feed)
    if warns { warn(of: source, file, feed, global.console) }
    try LiveFiles.files.write(target, file)
    try global.console.show(
      FeedEdited(feed: feed, version: version, changes: changes.map(\.words)),
      ([TerminalText(says)] + changes.map { "  \($0.words)" }).joined()
    )
  }

  /// Warns of users who would be offered less than before, with the table of who loses what.
  private func warn(of source: FeedSource, _ file: [UInt8], _ feed: String, _ console: Console) {
    let linesMax = 12
    let comparison = OfferComparison(
      from: source.bytes,
      to: file,
      source.kind,
      fileName: FilePath(feed).lastComponent?.string,
      updaters: source.kind.clients.compactMap { Updater.named($0) },
      installed: [],
      now: .now
    )
    guard !comparison.losses.isEmpty else { return }
    console.warn(
      (["\(console.yellow("WARNING")): users of \(feed) are offered less than before."]
        + comparison.table(onlyLosses: true, linesMax: linesMax).map { "  \($0)" })
        .joined()
    )
  }

  /// The file itself, where the feed's name is a symbolic link to it; throws `feed.remote`.
  static func target(_ feed: String, _ global: GlobalOptions) throws -> FilePath {
    guard !FeedSource.isURL(feed) else {
      throw Problem(
        "feed.remote",
        "\(feed) is a URL, and only a file can be edited.",
        next: ["Edit the file that the server serves."]
      )
    }
    let path = global.folder.pushing(FilePath(feed))
    let real = URL(fileURLWithPath: path.string).resolvingSymlinksInPath().path
    return FilePath(real)
  }

  /// An edit must not bring an error into the feed that was not there before.
  private func refuseWorse(_ source: FeedSource, _ file: [UInt8], _ feed: String) throws {
    let before = Set(FeedLint.findings(source.bytes, source.kind).map(\.message))
    let worse = FeedLint.findings(file, source.kind).first {
      $0.severity == .error && !before.contains($0.message)
    }
    if let worse { throw Self.wouldBreak(feed, worse) }
  }

  static func wouldBreak(_ feed: String, _ finding: FeedFinding) -> Problem {
    Problem(
      "feed.edit",
      "The edit would break \(feed), so it was not written.",
      why: "\(finding.message) [\(finding.rule)]",
      next: [finding.mend]
    )
  }

  private func signed(
    _ content: [UInt8],
    like old: any FeedFormat,
    _ feed: String,
    _ global: GlobalOptions
  ) throws -> [UInt8] {
    guard old.signature != nil else { return content }
    guard let key = try updateKey(global) else {
      throw Problem(
        "feed.no-key",
        "The feed is signed, and an edit breaks the signature.",
        next: ["Repeat the command with --key env:NAME or --key file:PATH."]
      )
    }
    return try key.signedFeed(content, replacing: old, at: feed)
  }
}

/// One version of one feed's file.
struct FeedVersionOptions: ParsableArguments {
  @Argument(help: "The feed's file.")
  var feed: String

  @Option(help: "The version as the updater compares it.")
  var version: String

  @OptionGroup var editing: FeedEditOptions

  func apply(_ change: FeedChange, _ global: GlobalOptions, says: String) async throws {
    try await editing.edit(feed, global, says: says, version: version) {
      try $0.changing(change, of: version)
    }
  }
}

struct FeedEdited: Encodable {
  let schema = "hotfix.feed-edited/1"
  let feed, version: String
  let changes: [String]
}

struct FeedRemoveCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove",
    abstract: "Take a version out of a feed; all else stays byte for byte",
    discussion: """
      $ hotfix feed remove appcast.xml --version 15
      appcast.xml does not offer 15 any more
        Sparkle users on 12: nothing instead of 1.0.1-hotfix1
      """
  )

  @OptionGroup var which: FeedVersionOptions
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let says = "\(which.feed) does not offer \(which.version) any more"
    try await which.editing.edit(which.feed, global, says: says, version: which.version) {
      try $0.withdrawing(which.version, restoring: nil)
    }
  }
}

struct FeedStageCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stage",
    abstract: "Spread a version slowly, by the format's own means",
    discussion: """
      Sparkle: seven groups, --interval seconds apart, counted from now.
      electron-updater and Squirrel.Windows: --percent of the users.

      $ hotfix feed stage appcast.xml --version 15 --interval 86400
      $ hotfix feed stage latest.yml --version 1.0.1 --percent 10
      """
  )

  @OptionGroup var which: FeedVersionOptions

  @Option(help: "Percent of the users, 1 to 100.")
  var percent: Int?

  @Option(help: "Seconds between Sparkle's groups.")
  var interval: Int?

  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard (percent == nil) != (interval == nil) else {
      throw ValidationError("Give one of --percent and --interval.")
    }
    if let percent, !(1...100).contains(percent) {
      throw ValidationError("--percent is 1 to 100; 0 is: hotfix feed halt.")
    }
    if let interval, !(1...31_536_000).contains(interval) {
      throw ValidationError("--interval is 1 second to a year.")
    }
  }

  func run() async throws {
    let change =
      percent.map { FeedChange.stagePercent($0) }
      ?? .stageInterval(seconds: interval ?? 0, from: .now)
    let how = percent.map { "\($0) % of the users" } ?? "a seventh every \(interval ?? 0) s"
    try await which.apply(change, global, says: "\(which.version) spreads to \(how)")
  }
}

struct FeedHaltCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "halt",
    abstract: "Stop a version's spread; resume puts it back",
    discussion: """
      $ hotfix feed halt latest.yml --version 1.0.1
      1.0.1 is halted: nobody else gets it
      """
  )

  @OptionGroup var which: FeedVersionOptions
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    try await which.apply(.halt, global, says: "\(which.version) is halted: nobody else gets it")
  }
}

struct FeedResumeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume",
    abstract: "Put a halted version back as it was; let a staged one go to everybody",
    discussion: """
      $ hotfix feed resume latest.yml --version 1.0.1
      1.0.1 spreads again
      """
  )

  @OptionGroup var which: FeedVersionOptions
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    try await which.apply(.resume, global, says: "\(which.version) spreads again")
  }
}

struct FeedCriticalCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "critical",
    abstract: "Mark a version critical, where the updater can show it",
    discussion: """
      $ hotfix feed critical appcast.xml --version 16 --below 15
      16 is critical for versions below 15
      """
  )

  @OptionGroup var which: FeedVersionOptions
  @Option(help: "Critical for versions below this one only.")
  var below: String?

  @OptionGroup var global: GlobalOptions

  func run() async throws {
    if let below {
      try await FeedSource.read(which.feed, in: global.folder).warnOfShownVersion(
        below,
        global.console
      )
    }
    let whom = below.map { "versions below \($0)" } ?? "everybody"
    let says = "\(which.version) is critical for \(whom)"
    try await which.apply(.critical(below: below), global, says: says)
  }
}
