/// What is known of a downloaded file when an updater decides whether to install it.
package struct FeedDownload: Sendable, Hashable {
  package var size: Int
  /// Lower-case hexadecimal digits.
  package var sha1: String
  package var sha256: String
  package var sha512Base64: String
  package var sha512Hex: String
  /// Whether the entry's Ed25519 signature holds by the app's key; nil: the app carries none.
  package var edSignatureHolds: Bool?
  /// Whether the entry's minisign signature holds by the app's key, and its trusted comment.
  package var minisignHolds: Bool?
  package var trustedComment = ""

  package init(size: Int, sha1: String, sha256: String, sha512Base64: String, sha512Hex: String) {
    self.size = size
    self.sha1 = sha1
    self.sha256 = sha256
    self.sha512Base64 = sha512Base64
    self.sha512Hex = sha512Hex
  }
}

/// What updaters check of a download before they install it; each returns why it refuses, or nil.
enum DownloadCheck {
  /// Ed25519 over the whole file, where the app carries a key.
  @Sendable static func edSignature(_ entry: FeedEntry, _ got: FeedDownload) -> String? {
    got.edSignatureHolds == false ? "its signature is not by the key that the app carries" : nil
  }

  @Sendable static func electron(_ entry: FeedEntry, _ got: FeedDownload) -> String? {
    guard let listed = entry.sha512 else { return "ERR_UPDATER_NO_CHECKSUM" }
    let isSame = ElectronClient.accepts(
      sha512: listed,
      base64: got.sha512Base64,
      hex: got.sha512Hex
    )
    return isSame ? nil : "ERR_CHECKSUM_MISMATCH: the sha512 is of other bytes"
  }

  /// As an app with `requireSignedVersion` does.
  @Sendable static func tauri(_ entry: FeedEntry, _ got: FeedDownload) -> String? {
    if got.minisignHolds != true { return "its minisign signature does not hold" }
    return TauriClient.versionRefusal(
      trustedComment: got.trustedComment,
      feedVersion: entry.version,
      requireSignedVersion: true
    )
  }

  /// Size, then SHA256 where there is one, else SHA1: Velopack and Squirrel.Windows.
  @Sendable static func digests(_ entry: FeedEntry, _ got: FeedDownload) -> String? {
    if let size = entry.size, size != got.size { return "the size is \(got.size), not \(size)" }
    if let listed = entry.sha256 { return listed == got.sha256 ? nil : "the SHA256 differs" }
    guard let listed = entry.sha1 else { return "there is no checksum" }
    return listed == got.sha1 ? nil : "the SHA1 differs"
  }

  /// Apple's code signature alone, which is not looked at here.
  @Sendable static func none(_ entry: FeedEntry, _ got: FeedDownload) -> String? { nil }
}
