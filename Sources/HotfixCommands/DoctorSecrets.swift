internal import Git
internal import ReleaseModel
internal import Runbook
internal import Signatures

extension Doctor {
  /// Whether a secret is where the settings say; `secrets` tells of the others.
  func isThere(_ source: Settings.SecretSource) -> Bool { (try? toolbox.secret(source)) != nil }

  /// The secrets that are missing, each said once with everything that needs it.
  func secrets() async -> [Checkup] {
    var keys: [Settings.SecretSource: [String]] = [:]
    var sources: [Settings.SecretSource] = []
    for (key, source) in settings.secretSources {
      if keys[source] == nil { sources.append(source) }
      if keys[source]?.contains(key) != true { keys[source, default: []].append(key) }
    }
    guard !sources.isEmpty else { return [] }
    var missing: [Checkup] = []
    for source in sources {
      do {
        _ = try toolbox.secret(source)
      } catch {
        let names = keys[source] ?? []
        // With a release workflow, the runner signs with secrets of its own.
        let isElsewhere = settings.workflow != nil && names.allSatisfy { $0.hasPrefix("ship.") }
        let why = await check("secrets") { throw error }
        missing.append(
          Checkup(
            "secrets",
            isElsewhere ? .warning : .bad,
            "\(why.says) It is for \(names.joined(separator: ", ")).",
            next: why.next
          )
        )
      }
    }
    guard missing.isEmpty else { return missing }
    return [Checkup("secrets", .good, sources.map(\.name).joined(separator: ", "))]
  }

  /// Minisign's key: that it opens, and is the one that the settings name.
  func minisignKey() async throws -> Checkup {
    let sources = [settings.minisignKey, settings.minisignPassword].compactMap(\.self)
    guard sources.allSatisfy(isThere), let key = try toolbox.minisignKey(settings) else {
      return Checkup("minisign-key", .skipped, "not looked at: a secret is missing")
    }
    guard let text = settings.minisignPublic, let named = MinisignPublicKey(text),
      named != key.publicKey
    else {
      return Checkup("minisign-key", .good, "the key can be read")
    }
    return Checkup(
      "minisign-key",
      .bad,
      "ship.sign.minisign.public is another key than ship.sign.minisign.key belongs to",
      next: ["Set, in hotfix.yml:  public: \(key.publicKey.base64File)"]
    )
  }

  /// Whether the keys that the project's sources name are those that sign.
  func keysOfSources() async -> [Checkup] {
    do { return try await otherKeys() } catch {
      return [await check("update-key") { throw error }]
    }
  }

  private func otherKeys() async throws -> [Checkup] {
    let main = workspace.mainRef
    guard try await workspace.git.resolve(main) != nil else { return [] }
    let update = settings.updateKey.flatMap { try? UpdateKey(toolbox.secret($0)).publicKey }
    let minisign =
      settings.minisignPublic.flatMap { MinisignPublicKey($0) }
      ?? (try? toolbox.minisignKey(settings))?.publicKey
    guard update != nil || minisign != nil else { return [] }
    var checks: [Checkup] = []
    let paths = try await workspace.git.text(["ls-tree", "-r", "-z", "--name-only", main])
      .split(separator: "\0").map(String.init).filter(ProjectKey.mayName)
    for path in paths.prefix(Self.keyFilesMax) {
      guard let bytes = try await workspace.git.file(path, at: main),
        let key = ProjectKey(path, bytes),
        let signs = key.isMinisign ? minisign?.base64File : update,
        !key.isSame(as: signs)
      else { continue }
      checks.append(
        Checkup(
          key.isMinisign ? "minisign-key" : "update-key",
          .bad,
          "\(path) gives the app the key \(key.text), and what signs here is \(signs), so users would "
            + "refuse the update",
          next: ["Put the private key that belongs to \(path) in place, or change \(path)."]
        )
      )
    }
    return checks
  }

  private static let keyFilesMax = 50

  func channels() async throws -> Checkup {
    let all = settings.team + settings.announcement + settings.users
    guard !all.isEmpty else {
      return Checkup(
        "channels",
        .warning,
        "nobody is told anything",
        next: ["Add to hotfix.yml:  tell: { team: [ { mail: team@example.org } ] }"]
      )
    }
    for channel in all {
      guard case .mail(_, _, let smtp) = channel.kind, let login = smtp?.login, isThere(login)
      else {
        continue
      }
      _ = try toolbox.mailLogin(login)
    }
    return Checkup("channels", .good, all.map(\.name).joined(separator: ", "))
  }
}
