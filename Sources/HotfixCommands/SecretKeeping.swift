// Who gets a secret:
//
// 1. No program that hotfix starts: not git, whose hooks are the project's, nor a build or a test.
// 2. A variable is a secret when main's settings, the checkout's, or those of the run's branch or
//    tag mention it as env:NAME; on GitHub, the variables of its token too.
// 3. git's credential helper may need that token to reach an HTTP remote: such a command gets it,
//    and runs without hooks. A fetch runs without them always, for main's new settings come with it.

internal import Foundation
internal import Git
internal import Forges
internal import Machine
internal import Record
internal import ReleaseModel
internal import Runbook

extension Workspace {
  /// Reads which variables hold secrets from the settings around `folder`, before git is asked.
  static func secretNames(above folder: FilePath) -> SecretNames {
    let secrets = SecretNames(GitHubCredential.names)
    var folder = folder
    for _ in 0..<64 {
      if let text = try? LiveFiles.files.read(folder.appending(SettingsSource.file), 1 << 20) {
        secrets.insert(mentionedIn: String(decoding: text, as: UTF8.self))
      }
      guard folder.removeLastComponent() else { break }
    }
    return secrets
  }

  /// Adds the secrets that the settings of hotfix branches name, before a record is read: to note its
  /// tip moves a ref, which runs a hook.
  static func learnSecrets(ofBranches git: Git, _ secrets: SecretNames) async {
    let places = ["refs/heads/hotfix", "refs/remotes/\(git.remote)/hotfix"]
    let newest = ["for-each-ref", "--format=%(refname)", "--sort=-committerdate", "--count=64"]
    guard let refs = try? await git.text(newest + places) else { return }
    for ref in refs.split(whereSeparator: \.isNewline) {
      if let text = try? await git.file(SettingsSource.file, at: String(ref)) {
        secrets.insert(mentionedIn: String(decoding: text, as: UTF8.self))
      }
    }
  }

  /// Adds the secrets that the settings of a run's branch and tag name.
  func learnSecrets(of run: RunOpened) async {
    let branches = [git.remote + "/" + run.branch].map { "refs/remotes/\($0)" }
    await learnSecrets(at: branches + ["refs/heads/\(run.branch)", "refs/tags/\(run.tag)"])
  }

  func learnSecrets(at places: [String]) async {
    for place in places {
      if let text = try? await git.file(SettingsSource.file, at: place) {
        toolbox.secretNames.insert(mentionedIn: String(decoding: text, as: UTF8.self))
      }
    }
  }
}

extension SecretNames {
  /// Adds what the settings say; the host's tokens are secrets where hotfix uses them.
  func settled(_ settings: Settings, usesGitHub: Bool) -> SecretNames {
    insert(settings.secretNames)
    if !usesGitHub { remove(GitHubCredential.names) }
    return self
  }
}

/// Gives git the host's token where it talks to an HTTP remote.
struct GitNetwork: Sendable {
  private let tokens: [String: String]

  /// `config` is what git says of remotes.
  init(config: [String: String], environment: [String: String]) {
    let isHTTP = config.contains { key, value in
      key.hasSuffix(".url") && (value.hasPrefix("https://") || value.hasPrefix("http://"))
    }
    tokens =
      isHTTP
      ? environment.filter { GitHubCredential.names.contains($0.key) && !$0.value.isEmpty } : [:]
  }

  func around(_ run: @escaping ProcessRunner) -> ProcessRunner {
    { call in try await run(changed(call)) }
  }

  private static let withoutHooks = ["-c", "core.hooksPath=/dev/null"]

  func changed(_ call: ProcessCall) -> ProcessCall {
    guard call.program == "git", let command = Self.command(call.arguments),
      ["fetch", "push", "ls-remote"].contains(command)
    else { return call }
    var call = call
    if command == "fetch" || !tokens.isEmpty {
      call.arguments = Self.withoutHooks + call.arguments
    }
    for (name, value) in tokens { call.environment[name] = value }
    return call
  }

  /// git's command, behind its options.
  private static func command(_ arguments: [String]) -> String? {
    var rest = arguments[...]
    while rest.first == "-c" { rest = rest.dropFirst(2) }
    return rest.first
  }
}
