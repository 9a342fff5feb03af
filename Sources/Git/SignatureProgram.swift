package import Record
package import ReleaseModel
internal import Signatures

/// Checks the signatures that only another program can: RSA and hardware keys by ssh-keygen,
/// OpenPGP by gpg.
package struct SignatureProgram: Sendable {
  private let git: Git
  private let scratch: FilePath

  package init(git: Git, scratch: FilePath) {
    self.git = git
    self.scratch = scratch
  }

  /// Returns the person who signed `message`.
  ///
  /// Throws `RecordFault`.
  package func signer(
    of message: [UInt8],
    signature: String,
    policy: Policy,
    namespace: String,
    sequence: Int
  ) async throws -> String {
    if signature.hasPrefix("-----BEGIN PGP SIGNATURE-----") {
      return try await openPGP(message, signature, policy, sequence)
    }
    let signers = try AllowedSigners(policy.signers)
    guard let parsed = SSHSignature(armor: signature),
      let person = signers.person(for: parsed.key, namespace: namespace)
    else { throw RecordFault.badSignature(sequence: sequence, reason: "not an SSH signature") }
    // The key's validity dates are left out on purpose: chain position decides (Chain, rule 5).
    let lines = signers.entries.filter { $0.person == person }.map { "\(person) \($0.key.text)" }
    // Process substitution keeps both files off the disk.
    let script = #"""
      exec 3<<EOF_SIGNERS
      $HOTFIX_SIGNERS
      EOF_SIGNERS
      exec 4<<EOF_SIGNATURE
      $HOTFIX_SIGNATURE
      EOF_SIGNATURE
      exec ssh-keygen -Y verify -f /dev/fd/3 -I "$1" -n "$2" -s /dev/fd/4
      """#
    let answer = try await git.run(
      ProcessCall(
        "sh",
        ["-c", script, "sh", person, namespace],
        in: git.directory,
        environment: [
          "HOTFIX_SIGNERS": lines.joined(separator: "\n"), "HOTFIX_SIGNATURE": signature,
        ],
        input: message
      )
    )
    guard answer.succeeded else {
      throw RecordFault.badSignature(
        sequence: sequence,
        reason: answer.errors + answer.text
      )
    }
    return person
  }

  private func openPGP(
    _ message: [UInt8],
    _ signature: String,
    _ policy: Policy,
    _ sequence: Int
  ) async throws -> String {
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
    let valid = answer.text.split(separator: "\n").filter { $0.hasPrefix("[GNUPG:] VALIDSIG ") }
    let words = (valid.first ?? "").split(separator: " ").map { $0.uppercased() }
    let fingerprints = [words.dropFirst(2).first, words.last].compactMap(\.self)
    guard answer.succeeded, valid.count == 1, !fingerprints.isEmpty else {
      throw RecordFault.badSignature(sequence: sequence, reason: answer.errors)
    }
    let match = policy.openPGP.sorted { $0.key < $1.key }.first { _, fingerprint in
      fingerprints.contains(fingerprint.uppercased().filter { !$0.isWhitespace })
    }
    guard let match else {
      throw RecordFault.stranger(sequence: sequence, fingerprint: fingerprints.last ?? "")
    }
    return match.key
  }
}
