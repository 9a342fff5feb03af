// What electron-updater 6.8.9 does with a channel file (`AppUpdater.isUpdateAvailable`):
//
// 1. The installed version has to be semver, else the updater does not even start.
// 2. Equal: no. `minimumSystemVersion` above the system: no; unreadable: ignored.
// 3. Staging: the user's id, bytes 12…15 as a big-endian number over 2³²−1, below the percentage.
// 4. Newer: yes. Older: only with `allowDowngrade`, which setting `channel` in the app turns on.

internal import ReleaseModel

/// One user's electron-updater.
package enum ElectronClient {
  /// Works out what the generic provider offers; `name` is the file as it is published, when it
  /// matters which file the client asks for.
  package static func offer(_ file: [UInt8], name: String?, to user: FeedUser) -> FeedOffer {
    if let failure = startFailure(user) { return FeedOffer(failure: failure) }
    // A file of any other name stands for whichever one the client asks for.
    if let name, let platform = user.platform, channelFile.matches(name) {
      let asked = ElectronFeed.fileName(
        channel: user.channels.first ?? "latest",
        platform: platform
      )
      guard name == asked else {
        return FeedOffer(
          failure: .init("ERR_UPDATER_CHANNEL_FILE_NOT_FOUND", "it asks for \(asked), not \(name)")
        )
      }
    }
    return offer(Result { try ElectronFeed(file) }, to: user)
  }

  private static func startFailure(_ user: FeedUser) -> FeedOffer.Failure? {
    guard (try? ElectronVersionOrder.parsed(user.version)) == nil else { return nil }
    return .init("ERR_UPDATER_INVALID_VERSION", "the installed \(user.version) is not semver")
  }

  private static let channelFile = Pattern(
    /(latest|beta|alpha)(-mac|-linux(-arm64|-arm|-ia32)?)?\.yml/
  )

  static func offer(_ read: Result<ElectronFeed, any Error>, to user: FeedUser) -> FeedOffer {
    if let failure = startFailure(user) { return FeedOffer(failure: failure) }
    guard let feed = try? read.get(), feed.bytes.contains(where: { !$0.isASCIISpace }) else {
      return FeedOffer(
        failure: .init("ERR_UPDATER_INVALID_UPDATE_INFO", "the file is empty or no valid YAML")
      )
    }
    if feed.isDocumentNull {
      return FeedOffer(failure: .init("TypeError", "the document holds nothing"))
    }
    guard let version = feed.version, (try? ElectronVersionOrder.parsed(version)) != nil else {
      return FeedOffer(
        failure: .init(
          "ERR_UPDATER_INVALID_VERSION",
          feed.version.map { "\"\($0)\" is not semver" }
            ?? "the version is \(feed.versionKind), not a text"
        )
      )
    }
    let (verdict, why) = verdict(feed, version, user)
    let item = FeedOffer.Item(version, verdict, why)
    guard verdict == .offered else { return FeedOffer(items: [item]) }
    if feed.hasEmptyFile {
      return FeedOffer(failure: .init("TypeError", "an entry of `files` is empty"))
    }
    let platform = user.platform?.system ?? .windows
    let url = (try? Self.file(of: feed, for: platform, user.platform?.processor))?.url
    var offered = FeedOffer.Offered(version: version, url: url ?? feed.files.first?.url ?? "")
    offered.downgrade = order(version, user) < 0
    return FeedOffer(offered: offered, items: [item])
  }

  private static func order(_ version: String, _ user: FeedUser) -> Int {
    (try? ElectronVersionOrder.compare(version, user.version)) ?? 0
  }

  private static func verdict(
    _ feed: ElectronFeed,
    _ version: String,
    _ user: FeedUser
  ) -> (FeedOffer.Verdict, String) {
    let order = order(version, user)
    if order == 0 { return (.older, "\(version) is the same as \(user.version) to semver") }
    if let minimum = feed.minimumSystem,
      let below = try? ElectronVersionOrder.compare(user.system, minimum), below < 0
    {
      return (.system, "it needs system \(minimum); this one says \(user.system)")
    }
    if let percentage = feed.stagingPercentage, !isStaged(user.stagingID, percentage) {
      return (.phased, "staged to \(percentage) %, and this user is not among them")
    }
    if order > 0 { return (.offered, "\(version) is newer than \(user.version)") }
    return user.allowsDowngrade
      ? (.offered, "older than \(user.version), and the app allows downgrades")
      : (.older, "\(version) is older than \(user.version)")
  }

  /// Returns why users of a pre-release `version` would see no other release, or nil.
  ///
  /// A pre-release's users follow a channel of its own: electron-builder writes it into the app, and
  /// the GitHub provider takes it from the version (electron-updater 6.8.9 `GitHubProvider.ts`,
  /// electron-builder issue #8863).
  @Sendable static func stranding(_ version: String) -> String? {
    guard let channel = (try? ElectronVersionOrder.parsed(version))?.prerelease.first else {
      return nil
    }
    return
      "an app built as \(version) follows the channel \"\(channel)\" and does not see latest.yml "
      + "any more"
  }

  /// Whether a user is within the percentage; an id that is not known is taken as the first.
  package static func isStaged(_ id: String?, _ percentage: Int) -> Bool {
    let bucket = id.flatMap { UUIDBytes($0) }.map { Double($0.bigEndianTail) / 4_294_967_295 } ?? 0
    return bucket < Double(percentage) / 100
  }

  /// The file that this platform's updater downloads (`findFile`).
  ///
  /// Throws a `FeedOffer.Failure` with the client's code.
  package static func file(
    of feed: ElectronFeed,
    for system: FeedPlatform.System,
    _ processor: FeedPlatform.Processor?
  ) throws -> ElectronFeed.File {
    guard !feed.files.isEmpty else {
      throw FeedOffer.Failure("ERR_UPDATER_NO_FILES_PROVIDED", "it names no files")
    }
    guard feed.files.allSatisfy({ $0.sha512 != nil }) else {
      throw FeedOffer.Failure("ERR_UPDATER_NO_CHECKSUM", "a file has no sha512")
    }
    let (wanted, others): (String, [String]) =
      switch system {
      case .windows: (".exe", [])
      case .macos: (".zip", [".pkg", ".dmg"])
      case .linux: (".appimage", [".rpm", ".deb", ".pacman"])
      }
    let fitting = feed.files.filter { path($0.url).hasSuffix(wanted) }
    let mark = processor.map { $0 == .x86 ? "ia32" : $0.rawValue } ?? "x64"
    if let file = fitting.first(where: { $0.url.contains(mark) }) ?? fitting.first { return file }
    let rest =
      others.isEmpty
      ? feed.files.first
      : feed.files.first { file in !others.contains { path(file.url).hasSuffix($0) } }
    guard let rest else {
      throw FeedOffer.Failure("ERR_UPDATER_NO_FILES_PROVIDED", "no file is for this system")
    }
    return rest
  }

  private static func path(_ url: String) -> String {
    String(url.lowercased().prefix { $0 != "?" && $0 != "#" })
  }

  /// Whether bytes with this digest are accepted: base64, or exactly 128 hexadecimal digits.
  package static func accepts(sha512 listed: String, base64: String, hex: String) -> Bool {
    listed.count == 128 && listed.allSatisfy(\.isHexDigit)
      ? listed.lowercased() == hex : listed == base64
  }
}

extension UInt8 {
  var isASCIISpace: Bool { self == 0x20 || (0x09...0x0D).contains(self) }
}

/// The 16 bytes of a UUID in its usual spelling.
struct UUIDBytes: Sendable, Hashable {
  let bytes: [UInt8]

  init?(_ text: String) {
    let digits = text.filter { $0 != "-" }
    guard digits.utf8.count == 32, digits.allSatisfy(\.isHexDigit) else { return nil }
    bytes = stride(from: 0, to: 32, by: 2).compactMap { at in
      UInt8(digits.dropFirst(at).prefix(2), radix: 16)
    }
  }

  /// Bytes 12…15 as electron-updater reads them.
  var bigEndianTail: UInt32 { bytes[12...].reduce(0) { $0 << 8 | UInt32($1) } }
  /// Bytes 12…15 as Squirrel.Windows reads them.
  var littleEndianTail: UInt32 { bytes[12...].reversed().reduce(0) { $0 << 8 | UInt32($1) } }
}
