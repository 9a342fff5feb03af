internal import Git
internal import Machine
internal import ReleaseModel
internal import Runbook
internal import Signatures

extension InitCommand {
  /// Has git sign with SSH in this repository, and lists the key.
  func setUpSigning(_ root: FilePath, _ run: @escaping ProcessRunner) async throws {
    let git = Git(directory: root, run: run)
    let config = try await git.config("user\\.(email|signingkey)|gpg\\.format")
    let email = try email(config["user.email"])
    let keys = SigningKeys(root: root, run: run, environment: global.environment)
    var said: [String] = []
    let key: SigningKeys.Key
    if let found = await keys.find(config) {
      key = found
    } else {
      let asking = Asking(console: global.console)
      let path = keys.newPath
      if asking.isPerson, !asking.isYes("There is no SSH key. Make one at \(path)?") {
        throw Waiting.refused
      }
      key = try await keys.make(email)
      said.append(
        "made \(path), which has no passphrase:  ssh-keygen -p -f \(OutsideText(path.string).word)     gives it one"
      )
    }
    for (name, value) in [
      ("gpg.format", "ssh"), ("user.signingkey", key.setting), ("commit.gpgsign", "true"),
      ("tag.gpgsign", "true"),
    ] {
      _ = try await git.text(["config", "--local", "--replace-all", name, value])
    }
    said.append("git signs here with \(key.setting)")
    let list = await listPath()
    let file = root.pushing(FilePath(list))
    let text =
      try LiveFiles.files.read(file, 1 << 20).map { String(decoding: $0, as: UTF8.self) } ?? ""
    let line = "\(email) \(key.key.text)"
    if try AllowedSigners(text).entries.contains(where: { $0.key == key.key }) {
      said.append("\(list) has the key already")
    } else {
      let start = text.isEmpty || text.utf8.last == 0x0A ? text : text + "\n"
      try LiveFiles.files.write(file, Array((start + line + "\n").utf8))
      said.append("added to \(list):  \(line)")
    }
    let hasSettings = LiveFiles.files.exists(root.appending(SettingsSource.file))
    let files = (hasSettings ? "\(SettingsSource.file) " : "") + OutsideText(list).word
    let next = [
      "git add \(files) && git commit -m \"Set up hotfix\" && git push",
      "hotfix doctor",
    ]
    try global.console.show(
      Result(file: list, found: said, next: next, content: line),
      (said + ["next:  \(next[0])", "       \(next[1])"]).joined(separator: "\n")
    )
  }

  /// The list that the settings name, where there are some.
  private func listPath() async -> String {
    (try? await global.workspace(allowsCheckout: true).settings.reviewersPath) ?? "allowed_signers"
  }

  private func email(_ text: String?) throws -> String {
    guard let text, !text.isEmpty else {
      throw Problem(
        "identity.none",
        "git does not know who you are.",
        next: [
          "git config user.name \"Your Name\"", "git config user.email you@example.org",
          "hotfix init --sign",
        ]
      )
    }
    // In a list of signers these are patterns, and would let in more than one person.
    let isPlain = text.contains("@") && !text.contains { $0.isWhitespace || "\"*?!,#".contains($0) }
    guard isPlain else {
      throw Problem(
        "init.email",
        "\(text) of git's user.email cannot stand in a list of signers.",
        next: ["git config user.email you@example.org", "hotfix init --sign"]
      )
    }
    return text
  }
}

/// Finds or makes the SSH key of the person at this machine; reads public keys only.
struct SigningKeys {
  struct Key {
    /// What `user.signingkey` is set to.
    let setting: String
    let key: SSHPublicKey
  }

  let root: FilePath
  let run: ProcessRunner
  let environment: [String: String]

  private var folder: FilePath { FilePath(environment["HOME"] ?? "").appending(".ssh") }
  var newPath: FilePath { folder.appending("id_ed25519") }

  /// The configured key, else the usual files, else the agent's first.
  func find(_ config: [String: String]) async -> Key? {
    if (config["gpg.format"] ?? "") == "ssh", let configured = config["user.signingkey"] {
      let literal = configured.hasPrefix("key::") ? String(configured.dropFirst(5)) : configured
      if let key = SSHPublicKey(line: literal) { return Key(setting: configured, key: key) }
      let home = environment["HOME"] ?? ""
      let path = configured.hasPrefix("~/") ? home + configured.dropFirst(1) : configured
      let file = root.pushing(FilePath(path.hasSuffix(".pub") ? path : path + ".pub"))
      if let key = key(inFile: file) { return Key(setting: configured, key: key) }
    }
    for name in ["id_ed25519", "id_ecdsa", "id_rsa"] {
      let file = folder.appending(name + ".pub")
      if let key = key(inFile: file) { return Key(setting: file.string, key: key) }
    }
    let agent = try? await run(ProcessCall("ssh-add", ["-L"], in: root, seconds: 10))
    guard let agent, agent.succeeded else { return nil }
    return agent.text.lines().lazy.compactMap { SSHPublicKey(line: String($0)) }.first.map {
      Key(setting: "key::\($0.text)", key: $0)
    }
  }

  func make(_ email: String) async throws -> Key {
    try LiveFiles.files.makeFolder(folder)
    let answer = try await run(
      ProcessCall(
        "ssh-keygen",
        ["-q", "-t", "ed25519", "-N", "", "-C", email, "-f", newPath.string],
        in: root,
        seconds: 60
      )
    )
    let file = folder.appending("id_ed25519.pub")
    guard answer.succeeded, let key = key(inFile: file) else {
      throw Problem(
        "init.key",
        "ssh-keygen made no key.",
        why: answer.errors,
        next: ["ssh-keygen -t ed25519", "hotfix init --sign"]
      )
    }
    return Key(setting: file.string, key: key)
  }

  private func key(inFile file: FilePath) -> SSHPublicKey? {
    guard let bytes = try? LiveFiles.files.read(file, 65_536) else { return nil }
    return SSHPublicKey(line: String(decoding: bytes, as: UTF8.self))
  }
}
