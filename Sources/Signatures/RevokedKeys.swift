internal import ReleaseModel

/// Keys that count for nothing any more: a file of public keys, one a line, as `ssh-keygen -Y verify
/// -r` takes it.
package struct RevokedKeys: Sendable, Hashable {
  private let keys: Set<SSHPublicKey>
  private let fingerprints: Set<String>

  package static let none = RevokedKeys(keys: [], fingerprints: [])

  private init(keys: Set<SSHPublicKey>, fingerprints: Set<String>) {
    self.keys = keys
    self.fingerprints = fingerprints
  }

  /// Reads the file.
  ///
  /// Throws `signers.revocation` for a line that is no key, and for a key revocation list in OpenSSH's
  /// binary form: nobody can review that.
  package init(_ text: String) throws {
    var keys: Set<SSHPublicKey> = []
    func refused(_ line: Int, _ why: String) -> Problem {
      Problem(
        "signers.revocation",
        "Line \(line) of the list of revoked keys cannot be used: \(why).",
        next: ["Write one public key a line:  ssh-ed25519 AAAA… comment"]
      )
    }
    guard text.utf8.count <= 1 << 20 else { throw refused(1, "the list is longer than 1 MiB") }
    guard !text.hasPrefix("SSHKRL") else {
      throw refused(1, "it is a binary key revocation list (KRL)")
    }
    for (index, bytes) in text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false)
      .enumerated()
    {
      let words = bytes.split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }.map(String.init)
      guard let first = words.first.flatMap({ $0 }), !first.hasPrefix("#") else { continue }
      guard words.count > 1, let second = words[1],
        let key = SSHPublicKey(line: "\(first) \(second)"), key.isWhole
      else { throw refused(index + 1, "it is no public key") }
      keys.insert(key)
    }
    self.init(keys: keys, fingerprints: [])
  }

  /// Reads what `ssh-keygen -Q -l -f FILE` prints of a binary list: `hash: SHA256:…` a key.
  package init(listing text: String) {
    let fingerprints = text.split(whereSeparator: \.isNewline).compactMap { line -> String? in
      guard line.hasPrefix("hash: SHA256:") else { return nil }
      return line.dropFirst(6).split(separator: " ").first.map(String.init)
    }
    self.init(keys: [], fingerprints: Set(fingerprints))
  }

  package func union(_ other: RevokedKeys) -> RevokedKeys {
    RevokedKeys(
      keys: keys.union(other.keys),
      fingerprints: fingerprints.union(other.fingerprints)
    )
  }

  package func contains(_ key: SSHPublicKey) -> Bool {
    keys.contains(key) || fingerprints.contains(key.fingerprint)
  }
}
