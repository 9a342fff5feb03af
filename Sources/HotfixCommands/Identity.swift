internal import Foundation
internal import Git
internal import Record
internal import ReleaseModel
internal import Runbook
internal import Signatures

/// Who runs the command: the key that the user's git signs with, and its owner in the list.
struct Identity: Sendable {
  let workspace: Workspace

  func signer() async throws -> Signer {
    let config = workspace.config
    guard let email = config["user.email"], let name = config["user.name"] else {
      throw Problem(
        "identity.none",
        "git does not know who you are.",
        next: [
          "git config --global user.name \"Your Name\"", "git config --global user.email you@…",
        ]
      )
    }
    guard let key = config["user.signingkey"] else {
      throw Problem(
        "identity.no-key",
        "git does not know which key you sign with.",
        next: [
          "git config gpg.format ssh", "git config user.signingkey ~/.ssh/id_ed25519.pub",
        ]
      )
    }
    let format = config["gpg.format"] ?? "openpgp"
    return format == "ssh"
      ? try await ssh(key, identity: "\(name) <\(email)>")
      : try await openPGP(key, email: email, identity: "\(name) <\(email)>")
  }

  private func ssh(_ key: String, identity: String) async throws -> Signer {
    let home = workspace.environment["HOME"] ?? ""
    let path = key.hasPrefix("~/") ? home + key.dropFirst(1) : key
    let (publicKey, privatePath) = try sshKey(path)
    let person: String
    switch try await workspace.people()
      .signer(publicKey, namespace: Chain.namespace, at: workspace.toolbox.now())
    {
    case .person(let name): person = name
    case .refused(let name, let why):
      throw Problem(
        "identity.refused",
        "Your key does not count, although it is in the list of those who may sign.",
        why: "\(name): \(why).",
        next: ["Have \(workspace.settings.reviewersPath) changed on \(workspace.settings.main)."]
      )
    case .stranger:
      throw Problem(
        "identity.unlisted",
        "Your key is not in the list of those who may sign.",
        why: "\(publicKey.fingerprint) is not in \(workspace.settings.reviewersPath) on "
          + "\(workspace.settings.main).",
        next: [
          "echo \"$(git config user.email) \(publicKey.text)\" >> "
            + workspace.settings.reviewersPath,
          "commit it, have it reviewed, and push it to \(workspace.settings.main)",
        ]
      )
    }
    let content = try workspace.toolbox.files.read(FilePath(privatePath), 65_536)
      .map { Secret(String(decoding: $0, as: UTF8.self)) }
    return Signer(
      person: person,
      identity: identity,
      format: .ssh(path: path, key: content),
      directory: workspace.root,
      run: workspace.toolbox.run
    )
  }

  private func sshKey(_ path: String) throws -> (SSHPublicKey, privatePath: String) {
    if path.hasPrefix("ssh-") || path.hasPrefix("key::") {
      let line = path.hasPrefix("key::") ? String(path.dropFirst(5)) : path
      if let key = SSHPublicKey(line: line) { return (key, "") }
    }
    let publicPath = path.hasSuffix(".pub") ? path : path + ".pub"
    let file = workspace.root.pushing(FilePath(publicPath))
    guard let bytes = try workspace.toolbox.files.read(file, 65_536),
      let key = SSHPublicKey(line: String(decoding: bytes, as: UTF8.self))
    else {
      throw Problem(
        "identity.no-key",
        "The signing key \(publicPath) cannot be read.",
        next: [
          "ssh-keygen -t ed25519 -f \(path.hasSuffix(".pub") ? String(path.dropLast(4)) : path)",
          "git config user.signingkey \(publicPath)",
        ]
      )
    }
    return (key, String(file.string.dropLast(4)))
  }

  private func openPGP(_ key: String, email: String, identity: String) async throws -> Signer {
    let people = try await workspace.people()
    guard let person = people.person(named: email),
      workspace.settings.openPGP.keys.contains(where: { people.person(named: $0) == person })
    else {
      throw Problem(
        "identity.unlisted",
        "Your OpenPGP key is not in the list of those who may sign.",
        why: "policy.gpg in hotfix.yml has no entry for \(email).",
        next: ["Add it:  policy: { gpg: { \(email): FINGERPRINT } }"]
      )
    }
    return Signer(
      person: person,
      identity: identity,
      format: .openPGP(key: key),
      directory: workspace.root,
      run: workspace.toolbox.run
    )
  }
}
