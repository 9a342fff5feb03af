/// A SHA-256 digest as 64 lower-case hexadecimal digits.
package struct ContentDigest: Sendable, Hashable, Codable, CustomStringConvertible {
  package let hex: String

  package init?(hex: String) {
    guard hex.utf8.count == 64,
      hex.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
    else { return nil }
    self.hex = hex
  }

  package init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard text.hasPrefix("sha256:"), let digest = ContentDigest(hex: String(text.dropFirst(7)))
    else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "not a digest: \(text)")
      )
    }
    self = digest
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  package var description: String { "sha256:\(hex)" }

  /// The first twelve digits, for people.
  package var short: String { String(hex.prefix(12)) }
}

/// Where an artifact runs.
package enum Platform: String, Sendable, Hashable, Codable, CaseIterable {
  case macos, linux, windows, any
}

/// One file of a release, as built.
package struct Artifact: Sendable, Hashable, Codable {
  /// The file's name, which is also its name on the release host.
  package let name: String
  package let size: Int
  /// Nil where the release host tells none: of what was built it is always known.
  package let digest: ContentDigest?
  package let platform: Platform
  /// Ed25519 over the whole file in Sparkle's form: base64 of 64 bytes.
  package var edSignature: String?
  /// `CFBundleVersion` of the bundle inside, when there is one.
  package var bundleVersion: String?
  /// The oldest macOS that the bundle inside starts on, when it says one.
  package var minimumSystem: String?
  /// Lower-case hexadecimal digits, for Velopack and Squirrel; nil where no feed wants it.
  package var sha1: String?
  /// Base64 of 64 bytes, for electron-updater; nil where no feed wants it.
  package var sha512: String?
  /// Base64 of a whole minisign file, for Tauri.
  package var minisign: String?
  /// Of a binary delta: the release that it starts from; nil for a full download.
  package var delta: Delta?

  /// What a binary delta leads from and to.
  package struct Delta: Sendable, Hashable, Codable {
    /// The old release's version name.
    package let from: VersionName
    /// `CFBundleVersion` of the old bundle, by which Sparkle finds the delta.
    package let bundleVersion: String
    /// The name of the full download that it stands for.
    package let fullName: String

    package init(from: VersionName, bundleVersion: String, fullName: String) {
      self.from = from
      self.bundleVersion = bundleVersion
      self.fullName = fullName
    }
  }

  package init(
    name: String,
    size: Int,
    digest: ContentDigest?,
    platform: Platform,
    edSignature: String? = nil,
    bundleVersion: String? = nil
  ) {
    self.name = name
    self.size = size
    self.digest = digest
    self.platform = platform
    self.edSignature = edSignature
    self.bundleVersion = bundleVersion
  }
}

extension Artifact {
  /// Whether nothing that is known tells the two apart.
  ///
  /// A digest decides where both have one; else the name and the size do.
  package func agrees(with other: Artifact) -> Bool {
    guard let digest, let known = other.digest else {
      return name == other.name && size == other.size
    }
    return digest == known
  }

  /// The start of the digest, or that it is not known, for people.
  package var digestInWords: String { digest.map { "\($0.short)…" } ?? "no digest known" }
}

extension ContentDigest {
  /// A digest of nothing in particular, for a place that is not checked.
  package static let zero = ContentDigest(zeros: ())

  private init(zeros: Void) {
    hex = String(repeating: "0", count: 64)
  }
}
