package import Record
package import ReleaseModel
internal import Signatures

/// Tells who made a signature: Ed25519 and ECDSA here, RSA and hardware keys by ssh-keygen, OpenPGP by
/// gpg.
package struct SignatureVerifier: Sendable {
  /// Why a signature is nobody's.
  package enum Fault: Error, Sendable, Hashable {
    case bad(String)
    case stranger(fingerprint: String)

    package var text: String {
      switch self {
      case .bad(let reason): reason
      case .stranger(let fingerprint): "no listed person owns the key \(fingerprint)"
      }
    }
  }

  private let git: Git
  private let people: People

  package init(git: Git, people: People) {
    self.git = git
    self.people = people
  }

  /// Returns the person whose signature counts in `namespace` at `moment`.
  ///
  /// An OpenPGP signature has no namespace. Throws `Fault`.
  package func signer(
    of message: [UInt8],
    signature armor: String,
    namespace: String,
    at moment: Moment
  ) async throws -> String {
    guard !Self.isOpenPGP(armor) else { return try await openPGP(message, armor) }
    let signature = try parsed(armor)
    switch people.signer(signature.key, namespace: namespace, at: moment) {
    case .stranger: throw Fault.stranger(fingerprint: signature.key.fingerprint)
    case .refused(let person, let why): throw Fault.bad("\(person): \(why)")
    case .person(let person):
      try await require(signature, armor, of: message, namespace: namespace)
      return person
    }
  }

  /// Returns whose key made the signature, although it may not count for anything; nil for a stranger's
  /// and for one that does not hold.
  package func owner(
    of message: [UInt8],
    signature armor: String,
    namespace: String
  ) async throws -> String? {
    do {
      if Self.isOpenPGP(armor) { return try await openPGP(message, armor) }
      let signature = try parsed(armor)
      guard let owner = people.owner(of: signature.key) else { return nil }
      try await require(signature, armor, of: message, namespace: namespace)
      return owner
    } catch is Fault {
      return nil
    }
  }

  private static func isOpenPGP(_ armor: String) -> Bool {
    armor.hasPrefix("-----BEGIN PGP SIGNATURE-----")
  }

  private func parsed(_ armor: String) throws -> SSHSignature {
    guard let signature = SSHSignature(armor: armor) else { throw Fault.bad("not a signature") }
    return signature
  }

  private func require(
    _ signature: SSHSignature,
    _ armor: String,
    of message: [UInt8],
    namespace: String
  ) async throws {
    switch signature.verify(message, namespace: namespace) {
    case .good: return
    case .bad(let reason): throw Fault.bad(reason)
    case .needsProgram: break
    }
    // Here-documents keep both files off the disk. Whose key it is was decided before.
    let script = #"""
      exec 3<<EOF_SIGNERS
      signer $HOTFIX_KEY
      EOF_SIGNERS
      exec 4<<EOF_SIGNATURE
      $HOTFIX_SIGNATURE
      EOF_SIGNATURE
      exec ssh-keygen -Y verify -f /dev/fd/3 -I signer -n "$1" -s /dev/fd/4
      """#
    let answer = try await git.run(
      ProcessCall(
        "sh",
        ["-c", script, "sh", namespace],
        in: git.directory,
        environment: ["HOTFIX_KEY": signature.key.text, "HOTFIX_SIGNATURE": armor],
        input: message
      )
    )
    guard answer.succeeded else { throw Fault.bad(answer.errors + answer.text) }
  }

  private func openPGP(_ message: [UInt8], _ signature: String) async throws -> String {
    let script = #"""
      exec 4<<EOF_SIGNATURE
      $HOTFIX_SIGNATURE
      EOF_SIGNATURE
      exec gpg --batch --status-fd 1 --enable-special-filenames --verify -- '-&4' -
      """#
    let answer = try await git.run(
      ProcessCall(
        "sh",
        ["-c", script],
        in: git.directory,
        environment: ["HOTFIX_SIGNATURE": signature],
        input: message
      )
    )
    // Only lines that begin so are gpg's own; a user ID can hold any text.
    let valid = answer.text.lines().filter { $0.hasPrefix("[GNUPG:] VALIDSIG ") }
    let words = (valid.first ?? "").split(separator: " ").map(String.init)
    let fingerprints = [words.dropFirst(2).first, words.last].compactMap(\.self)
    guard answer.succeeded, valid.count == 1, !fingerprints.isEmpty else {
      throw Fault.bad(answer.errors)
    }
    guard let owner = people.owner(ofFingerprints: fingerprints) else {
      throw Fault.stranger(fingerprint: fingerprints.last ?? "")
    }
    return owner
  }
}
