internal import ArgumentParser
internal import Feeds
internal import Foundation
internal import ReleaseModel
internal import Runbook

/// Options that say which user is meant.
struct FeedUserOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The updater; default the format's usual one.", valueName: "name"))
  var client: String?

  @Option(help: "The system's version; for electron-updater what os.release() says.")
  var system = "15.0.0"

  @Option(help: "macos, windows or linux, with -x64, -arm64, -x86 or -arm.")
  var platform: FeedPlatform?

  @Option(help: "Channels that the app follows, separated by commas.")
  var channels = ""

  @Option(help: "Sparkle's phased-rollout group, 0 to 6; without it, the user asked.")
  var group: Int?

  @Option(help: "The time in Unix seconds; default now.")
  var now: Int?

  @Option(name: .customLong("staging-id"), help: "The user's staging id, a UUID.")
  var stagingID: String?

  @Option(help: "The version that the user skipped in Sparkle's window.")
  var skipped: String?

  @Option(
    name: .customLong("local-packages"),
    help: "Versions whose package is on disk (Velopack)."
  )
  var localPackages = ""

  @Flag(name: .customLong("allow-prerelease"), help: "The app takes pre-releases.")
  var allowPrerelease = false

  @Flag(name: .customLong("allow-downgrade"), help: "The app goes down too.")
  var allowDowngrade = false

  func validate() throws {
    if let group, !(0...6).contains(group) {
      throw ValidationError("--group is 0 to 6: Sparkle has seven groups.")
    }
    if let client, Updater.named(client)?.offer == nil {
      throw ValidationError("--client is one of \(Updater.offering.joined(separator: ", ")).")
    }
  }

  func user(on version: String) -> FeedUser {
    let now = now.map { Moment(seconds: $0) } ?? .now
    var user = FeedUser(version: version, system: system, now: now)
    user.platform = platform
    user.channels = list(channels)
    user.group = group
    user.stagingID = stagingID
    user.skipped = skipped
    user.localPackages = list(localPackages)
    user.allowsPrerelease = allowPrerelease ? true : nil
    user.allowsDowngrade = allowDowngrade
    return user
  }

  private func list(_ text: String) -> [String] {
    text.split(separator: ",").map { trimmed(String($0)) }
  }

  /// What the updater offers the user; which file it asks for matters once somebody says so.
  func offer(_ source: FeedSource, to user: FeedUser, _ client: String) -> FeedOffer {
    let name = platform != nil || !channels.isEmpty ? source.fileName : nil
    var user = user
    if user.platform == nil, source.kind == .electron {
      user.platform = ElectronFeed.platform(ofName: source.fileName)
    }
    return Updater.named(client)?.offer?(source.bytes, name, user) ?? FeedOffer()
  }
}

extension FeedSource {
  /// Says so when a version is one that users see, where the updater compares another.
  func warnOfShownVersion(_ version: String, _ console: Console) {
    guard kind == .appcast, let entries = try? parsed().entries,
      entries.allSatisfy({ $0.version != version }),
      let shown = entries.first(where: { $0.shortVersion == version })
    else { return }
    console.narrate(
      console.yellow(
        "note: \(version) is what users see; the updater compares sparkle:version, \(shown.version)"
      )
    )
  }
}

extension FeedPlatform: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}

extension Updater {
  /// The names of those that offer something from a feed.
  static var offering: [String] { all.filter { $0.offer != nil }.map(\.name) }
}

struct FeedOfferCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "offer",
    abstract: "Say what a user on a version is offered, and why",
    discussion: """
      $ hotfix feed offer appcast.xml --from 12
      offered: 1.0.1-hotfix1 (15), full download
        15  offered: the newest item that this user may have
        12  older: 12 is not newer than 12
      $ hotfix feed offer latest.yml --from 1.0.0 --platform windows --json
      $ hotfix feed offer appcast.xml --matrix

      With --against, exit status 1 when somebody is offered less than before.

      $ hotfix feed offer new.xml --matrix --against appcast.xml --client sparkle
      who            from           before    after     what is lost
      Sparkle users  a new install  1.2 (12)  1.1 (11)  is offered 1.1 instead of 1.2
      …
      2 users lose something
      """
  )

  @Argument(help: "A file or a URL.")
  var feed: String

  @Option(help: "The installed version as the updater compares it; CFBundleVersion for Sparkle.")
  var from: String?

  @Flag(help: "All versions in use and all updaters that read the format, as a table.")
  var matrix = false

  @Option(
    help: ArgumentHelp(
      "The feed as it was, a file or a URL: with --matrix, compare the two.",
      valueName: "old"
    )
  )
  var against: String?

  @OptionGroup var who: FeedUserOptions
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard matrix || from != nil else { throw ValidationError("Give --from VERSION, or --matrix.") }
    guard against == nil || matrix else {
      throw ValidationError("--against needs --matrix: it compares all users.")
    }
  }

  func run() async throws {
    if let against { return try await compare(against) }
    let source = try await FeedSource.read(feed, in: global.folder, client: who.client)
    if matrix { return try await showMatrix(source) }
    guard let from else { return }
    source.warnOfShownVersion(from, global.console)
    let client = who.client ?? source.kind.clients[0]
    let answer = who.offer(source, to: who.user(on: from), client)
    if let failure = answer.failure, !global.json {
      throw Problem(
        "feed.client-error",
        "\(Updater.named(client)?.title ?? client) ends its check with an error.",
        why: "\(failure.code): \(failure.why)",
        next: ["hotfix feed lint \(OutsideText(feed).word)"]
      )
    }
    try global.console.show(OfferResult(answer), text(answer))
  }

  private func text(_ answer: FeedOffer) -> TerminalText {
    let how = answer.deltas.isEmpty ? "full download" : "delta first"
    let first = answer.offered.map { offered in
      let name =
        offered.shortVersion == offered.version
        ? offered.version : "\(offered.shortVersion) (\(offered.version))"
      let marks = [
        offered.critical ? "critical" : nil, offered.informational ? "informational" : nil,
        offered.majorUpgrade ? "major upgrade" : nil, offered.downgrade ? "downgrade" : nil,
      ].compactMap(\.self)
      return (["offered: \(name)", how] + marks).joined(separator: ", ")
    }
    return
      ([TerminalText(first ?? "nothing is offered")]
      + answer.items.map { "  \($0.version)  \($0.verdict.rawValue): \($0.why)" }).joined()
  }
}

/// The form that scripts rely on: what is absent is written as null.
struct OfferResult: Encodable {
  private let answer: FeedOffer

  init(_ answer: FeedOffer) {
    self.answer = answer
  }

  private enum Name: String, CodingKey {
    case schema, offered, delta, deltas, error, items
  }

  private struct Offered: Encodable {
    let version, shortVersion, url: String
    let critical, informational, majorUpgrade, downgrade: Bool
  }

  private struct Failure: Encodable {
    let code, why: String
  }

  private struct Item: Encodable {
    let version, verdict, why: String
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Name.self)
    try container.encode("hotfix.feed-offer/1", forKey: .schema)
    let offered = answer.offered.map {
      Offered(
        version: $0.version,
        shortVersion: $0.shortVersion,
        url: $0.url,
        critical: $0.critical,
        informational: $0.informational,
        majorUpgrade: $0.majorUpgrade,
        downgrade: $0.downgrade
      )
    }
    try container.encode(offered, forKey: .offered)
    try container.encode(answer.deltas.first, forKey: .delta)
    try container.encode(answer.deltas, forKey: .deltas)
    try container.encode(
      answer.failure.map { Failure(code: $0.code, why: $0.why) },
      forKey: .error
    )
    try container.encode(
      answer.items.map { Item(version: $0.version, verdict: $0.verdict.rawValue, why: $0.why) },
      forKey: .items
    )
  }
}
