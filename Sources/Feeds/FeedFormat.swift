package import ReleaseModel

/// A feed file: what it says, what is wrong with it, and edits that keep every other byte.
package protocol FeedFormat: Sendable {
  /// Throws `feed.malformed` or `feed.item` where the updater would refuse the whole file.
  init(_ file: [UInt8]) throws
  /// Whether a file speaks of one version only, so that adding one takes the other's place.
  static var namesOneVersion: Bool { get }
  /// What is edited: the whole file, without a signing block.
  var content: [UInt8] { get }
  /// The signature in the file itself, if the format knows one.
  var signature: String? { get }
  var entries: [FeedEntry] { get }
  /// What can be said from the bytes alone.
  var findings: [FeedFinding] { get }
  /// Returns a file of the format that offers nothing yet, or offers `release` alone.
  static func new(_ release: FeedRelease, title: String, link: String) throws -> [UInt8]
  /// Returns the content that offers `release`.
  func adding(_ release: FeedRelease) throws -> [UInt8]
  /// Returns the content without `version`; a format that names one version offers `last` instead.
  func withdrawing(_ version: String, restoring last: FeedRelease?) throws -> [UInt8]
  /// Changes how `version` spreads. Throws `feed.no-mechanism` where the format has none.
  func changing(_ change: FeedChange, of version: String) throws -> [UInt8]
}

extension FeedFormat {
  package static var namesOneVersion: Bool { false }
  package var signature: String? { nil }

  /// Throws `feed.no-item` unless the feed has the version.
  func require(_ version: String) throws {
    guard entries.contains(where: { $0.version == version }) else {
      throw Problem(
        "feed.no-item",
        "The feed has no item of version \(version).",
        why: "It has \(entries.map(\.version).joined(separator: ", ")).",
        next: ["hotfix feed show FEED"]
      )
    }
  }
}

/// One download in a feed, whatever the format.
package struct FeedEntry: Sendable, Hashable {
  /// As the updater compares it.
  package var version: String
  package var shortVersion: String
  package var title = ""
  package var url: String?
  package var size: Int?
  package var channel: String?
  /// For whom it is critical, in words.
  package var critical: String?
  package var platform: String?
  package var isDelta = false
  package var sha1: String?
  package var sha256: String?
  package var sha512: String?
  package var edSignature: String?
  package var minisign: String?
  package var place: FeedPlace

  package init(version: String, shortVersion: String? = nil, place: FeedPlace) {
    self.version = version
    self.shortVersion = shortVersion ?? version
    self.place = place
  }
}

/// How a release spreads.
package enum FeedChange: Sendable, Hashable {
  /// Critical for the versions below `below`; nil: for everybody.
  case critical(below: String?)
  /// To so many percent of the users, where the format counts in percent.
  case stagePercent(Int)
  /// In seven groups, so many seconds apart, from this moment (Sparkle).
  case stageInterval(seconds: Int, from: Moment)
  /// Nobody else gets it until `resume`.
  case halt
  case resume
}

/// A release to be written into a feed.
package struct FeedRelease: Sendable, Hashable {
  package var app: String
  /// As the updater compares it: the build number for Sparkle, else the name.
  package var version: String
  package var name: String
  package var date: Moment
  package var notesURL: String?
  /// Ed25519 over the served notes, and their length, for signed appcasts.
  package var notesSignature: String?
  package var notesLength: Int?
  package var minimumSystem: String?
  /// The channel of an appcast's item; nil: the default one, which every user follows.
  package var channel: String?
  /// Critical for the versions below this one.
  package var criticalBelow: String?
  package var files: [FeedFile]

  package init(app: String, version: String, name: String, date: Moment, files: [FeedFile]) {
    self.app = app
    self.version = version
    self.name = name
    self.date = date
    self.files = files
  }
}

/// One file of a release, with all that any feed says of it.
package struct FeedFile: Sendable, Hashable {
  package var name: String
  package var url: String
  package var size: Int
  /// Lower-case hexadecimal digits.
  package var sha1 = ""
  package var sha256 = ""
  /// Base64 of 64 bytes.
  package var sha512 = ""
  package var edSignature: String?
  /// Base64 of a whole minisign file.
  package var minisign: String?
  package var platform: FeedPlatform?
  package var isDelta = false
  /// What Sparkle may load in its place.
  package var deltas: [Delta] = []

  /// A binary delta from exactly one version.
  package struct Delta: Sendable, Hashable {
    package let from: String
    package let url: String
    package let size: Int
    package let edSignature: String

    package init(from: String, url: String, size: Int, edSignature: String) {
      self.from = from
      self.url = url
      self.size = size
      self.edSignature = edSignature
    }
  }

  package init(name: String, url: String, size: Int) {
    self.name = name
    self.url = url
    self.size = size
  }
}

/// The kinds of feed files that are known.
package enum FeedKind: String, Sendable, Hashable, CaseIterable {
  case appcast, electron, tauri, velopack
  case squirrelWindows = "squirrel-windows"
  case squirrelMac = "squirrel-mac"
  case appstream

  package var type: any FeedFormat.Type {
    switch self {
    case .appcast: SparkleFeed.self
    case .electron: ElectronFeed.self
    case .tauri: TauriFeed.self
    case .velopack: VelopackFeed.self
    case .squirrelWindows: SquirrelWindowsFeed.self
    case .squirrelMac: SquirrelMacFeed.self
    case .appstream: AppStreamFeed.self
    }
  }

  package var title: String {
    switch self {
    case .appcast: "an appcast (XML with <rss>)"
    case .electron: "a channel file of electron-updater (latest.yml)"
    case .tauri: "Tauri's latest.json"
    case .velopack: "Velopack's releases.*.json"
    case .squirrelWindows: "Squirrel.Windows's RELEASES"
    case .squirrelMac: "Squirrel.Mac's JSON with currentRelease"
    case .appstream: "an AppStream metainfo file"
    }
  }

  /// The updaters that read this kind, the usual one first.
  package var clients: [String] {
    switch self {
    case .appcast: ["sparkle", "winsparkle", "netsparkle"]
    case .electron: ["electron-updater"]
    case .tauri: ["tauri"]
    case .velopack: ["velopack-rust", "velopack-cs"]
    case .squirrelWindows: ["squirrel-windows"]
    case .squirrelMac: ["squirrel-mac"]
    case .appstream: ["appstream"]
    }
  }

  package init?(client: String) {
    guard let kind = Self.allCases.first(where: { $0.clients.contains(client) }) else { return nil }
    self = kind
  }

  /// Recognises a feed by its name and its first bytes; it may still be malformed.
  ///
  /// Throws `feed.unknown-format`, which says what was looked for.
  package static func of(_ file: [UInt8], name: String) throws -> FeedKind {
    let lower = name.lowercased().split(separator: "/").last.map(String.init) ?? ""
    let path = lower.prefix { $0 != "?" && $0 != "#" }
    if file.starts(with: [0xFF, 0xFE]) || file.starts(with: [0xFE, 0xFF]) {
      throw Problem(
        "feed.unknown-format",
        "\(name) is no feed that is known here.",
        why: "It is UTF-16; every updater wants UTF-8.",
        next: ["Save it as UTF-8:  iconv -f UTF-16 -t UTF-8"]
      )
    }
    let head = String(decoding: file.prefix(1 << 16), as: UTF8.self).drop {
      $0.isWhitespace || $0 == "\u{FEFF}"
    }
    if path.hasSuffix(".yml") || path.hasSuffix(".yaml") { return .electron }
    if head.hasPrefix("<") {
      if head.contains("<rss") { return .appcast }
      if head.contains("<component") || head.contains("<releases") { return .appstream }
    }
    if head.hasPrefix("{") {
      if head.lowercased().contains("\"assets\"") { return .velopack }
      if head.contains("\"currentRelease\"") { return .squirrelMac }
      if head.contains("\"platforms\"") || head.contains("\"signature\"") { return .tauri }
    }
    if path == "releases" || head.prefixMatch(of: /[0-9a-fA-F]{40}\s+\S+\s+[0-9]+/) != nil {
      return .squirrelWindows
    }
    if head.contains(/(^|\n)version:/) { return .electron }
    throw Problem(
      "feed.unknown-format",
      "\(name) is no feed that is known here.",
      why: "Looked for " + allCases.map(\.title).joined(separator: "; ") + ".",
      next: ["Check the path or URL; a web page in its place is a common mistake."]
    )
  }

  /// The kind that a new file of this name begins; throws `feed.unknown-format`.
  package static func named(_ name: String) throws -> FeedKind {
    let file = name.lowercased().split(separator: "/").last.map(String.init) ?? ""
    switch file {
    case _ where file.hasSuffix(".metainfo.xml") || file.hasSuffix(".appdata.xml"):
      return .appstream
    case _ where file.hasSuffix(".xml"): return .appcast
    case _ where file.hasPrefix("releases.") && file.hasSuffix(".json"): return .velopack
    case "latest.json": return .tauri
    case _ where file.hasSuffix(".json"): return .squirrelMac
    default: return try of([], name: name)
    }
  }

  /// `feed.no-mechanism` for a format that knows none of the changes.
  static func noMechanism(for change: FeedChange, _ kind: FeedKind, instead: String) -> Problem {
    let what =
      switch change {
      case .critical: "mark an update critical"
      case .stagePercent, .stageInterval: "spread in stages"
      case .halt: "be halted"
      case .resume: "be resumed, as it is never halted"
      }
    return noMechanism(what, kind, instead)
  }

  /// `feed.no-mechanism`, which says what to do instead.
  static func noMechanism(_ what: String, _ kind: FeedKind, _ instead: String) -> Problem {
    Problem(
      "feed.no-mechanism",
      "\(kind.title.prefix(1).uppercased())\(kind.title.dropFirst()) cannot \(what).",
      why: "Its updaters know nothing of the kind.",
      next: [instead]
    )
  }
}
