/// A channel file of electron-updater (`latest.yml`, `latest-mac.yml`, …): it names one version.
///
/// Format: electron-updater 6.8 `UpdateInfo`, read by js-yaml.
package struct ElectronFeed: Sendable {
  package struct File: Sendable, Hashable {
    package let url: String
    /// Base64 of 64 bytes, or 128 hexadecimal digits; nil where there is none.
    package let sha512: String?
    package let size: Int?
    package let blockMapSize: Int?
    package let place: FeedPlace
  }

  package let bytes: [UInt8]
  /// As the file has it; nil when it is no text, so that no client can read it.
  package let version: String?
  package let versionPlace: FeedPlace
  /// A number, a date or nothing stands where the version should, or it is not there at all.
  package let versionKind: String
  package let files: [File]
  /// `files` names nothing usable, and the client falls back to `path`.
  package let usesLegacyPath: Bool
  /// An entry of `files` is empty: the client stops with a TypeError once it means to update.
  package let hasEmptyFile: Bool
  /// JavaScript's `parseInt` of `stagingPercentage`; nil: no staging.
  package let stagingPercentage: Int?
  package let hasUnreadableStaging: Bool
  package let minimumSystem: String?
  package let releaseDate: String?
  package let isDocumentNull: Bool

  /// Throws `feed.malformed`.
  package init(_ file: [UInt8]) throws {
    bytes = file
    let root = try YAMLText.document(file)
    isDocumentNull = root.isNull
    let node = root["version"]
    version = node?.text
    versionPlace = node?.place ?? root.place
    versionKind =
      switch node?.value {
      case .string: "text"
      case .number(let number): "the number \(number)"
      case .date: "a date"
      case .bool: "a truth value"
      case .list, .map: "a list"
      case .null, nil: "nothing"
      }
    let listed = root["files"]?.items
    let all = (listed ?? []).compactMap { entry in
      entry["url"]?.text.map { url in Self.file(url, entry) }
    }
    hasEmptyFile = listed?.contains(where: \.isNull) ?? false
    usesLegacyPath = (listed ?? []).isEmpty
    if usesLegacyPath, let path = root["path"]?.text {
      files = [Self.file(path, root)]
    } else {
      files = all
    }
    let staging = root["stagingPercentage"].flatMap { $0.isNull ? nil : $0 }
    stagingPercentage = staging?.leadingInteger
    hasUnreadableStaging = staging != nil && stagingPercentage == nil
    minimumSystem = root["minimumSystemVersion"]?.text
    releaseDate = root["releaseDate"]?.text
  }

  private static func file(_ url: String, _ entry: YAMLText) -> File {
    File(
      url: url,
      sha512: entry["sha512"]?.text,
      size: entry["size"]?.integer,
      blockMapSize: entry["blockMapSize"]?.integer,
      place: entry["sha512"]?.place ?? entry.place
    )
  }

  /// The name of the channel file that a client asks for (`getChannelFilename`).
  package static func fileName(channel: String, platform: FeedPlatform) -> String {
    switch platform.system {
    case .windows: return "\(channel).yml"
    case .macos: return "\(channel)-mac.yml"
    case .linux:
      let processors: [FeedPlatform.Processor: String] = [
        .x64: "", .arm64: "-arm64", .arm: "-arm", .x86: "-ia32",
      ]
      return "\(channel)-linux\(processors[platform.processor] ?? "").yml"
    }
  }

  /// The platform that a channel file's name is for.
  package static func platform(ofName name: String) -> FeedPlatform {
    let stem = name.split(separator: ".").first.map(String.init) ?? name
    if stem.hasSuffix("-mac") { return FeedPlatform(.macos) }
    if let linux = stem.firstRange(of: "-linux") {
      let processors = [
        "": FeedPlatform.Processor.x64, "-arm64": .arm64, "-arm": .arm, "-ia32": .x86,
      ]
      return FeedPlatform(.linux, processors[String(stem[linux.upperBound...])] ?? .x64)
    }
    return FeedPlatform(.windows)
  }
}
