package import ReleaseModel
internal import Signatures

/// Signs as the user's git would: with their SSH or OpenPGP key.
package struct Signer: Sendable {
  /// Who signs, as the list of allowed signers calls them.
  package let person: String
  /// `Name <email>`, for the commit.
  package let identity: String
  private let format: Format
  private let run: ProcessRunner
  private let directory: FilePath

  package enum Format: Sendable {
    /// The key file's path, and its content when it is an unlocked Ed25519 key.
    case ssh(path: String, key: Secret?)
    case openPGP(key: String)
    /// Signs nothing: a build machine.
    case none
  }

  package init(
    person: String,
    identity: String,
    format: Format,
    directory: FilePath,
    run: @escaping ProcessRunner
  ) {
    self.person = person
    self.identity = identity
    self.format = format
    self.directory = directory
    self.run = run
  }

  /// Returns the armoured signature of `message` in `namespace`.
  package func sign(_ message: [UInt8], namespace: String) async throws -> String {
    switch format {
    case .ssh(let path, let key):
      if let key, let armor = SSHSignature.sign(message, namespace: namespace, privateKeyFile: key)
      {
        return armor
      }
      return try await program(
        "ssh-keygen",
        ["-Y", "sign", "-q", "-n", namespace, "-f", path],
        message
      )
    case .openPGP(let key):
      return try await program("gpg", ["--batch", "--armor", "--detach-sign", "-u", key], message)
    case .none:
      throw Problem(
        "identity.none",
        "Nobody signs here.",
        next: ["Run the command as a person with a key:  hotfix doctor"]
      )
    }
  }

  private func program(
    _ name: String,
    _ arguments: [String],
    _ message: [UInt8]
  ) async throws -> String {
    let answer = try await run(ProcessCall(name, arguments, in: directory, input: message))
    guard answer.succeeded else {
      throw Problem(
        "signing.failed",
        "Your signature could not be made.",
        why: "\(name): \(answer.errors.isEmpty ? answer.endingInWords : answer.errors)",
        next: ["Unlock the key (ssh-add, or gpg --sign once), then repeat the command."]
      )
    }
    return answer.text
  }
}
