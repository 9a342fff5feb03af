internal import Git
internal import Machine
internal import ReleaseModel
internal import Runbook
internal import Signatures

extension RevokedKeys {
  /// The keys that this user's git counts as revoked: `gpg.ssh.revocationFile` (git-config(1)).
  ///
  /// Throws `signers.revocation` for a file that is not there or cannot be read: git verifies nothing
  /// then either.
  static func configured(
    _ config: [String: String],
    _ environment: [String: String],
    root: FilePath,
    _ run: ProcessRunner
  ) async throws -> RevokedKeys {
    guard let name = config["gpg.ssh.revocationfile"], !name.isEmpty else { return .none }
    let path = name.hasPrefix("~/") ? (environment["HOME"] ?? "") + name.dropFirst(1) : name
    let file = root.pushing(FilePath(path))
    guard let bytes = try LiveFiles.files.read(file, 1 << 20) else {
      throw Problem(
        "signers.revocation",
        "The list of revoked keys \(file.string) is not there.",
        why: "gpg.ssh.revocationFile of git names it.",
        next: ["git config --show-origin gpg.ssh.revocationFile"]
      )
    }
    guard bytes.starts(with: "SSHKRL".utf8) else {
      return try RevokedKeys(String(decoding: bytes, as: UTF8.self))
    }
    let listing = try await run(
      ProcessCall("ssh-keygen", ["-Q", "-l", "-f", file.string], in: root)
    )
    guard listing.succeeded else {
      throw Problem(
        "signers.revocation",
        "ssh-keygen cannot read the list of revoked keys \(file.string).",
        why: listing.errors,
        next: ["git config --show-origin gpg.ssh.revocationFile"]
      )
    }
    return RevokedKeys(listing: listing.text)
  }
}
