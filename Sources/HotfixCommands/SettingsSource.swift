// Where a command's settings come from.
//
// 1. They are those of the remote's main branch, as last fetched: every colleague has the same,
//    whatever is checked out.
// 2. While main has none, commands that prepare or look at files read the checkout's, and say so.
// 3. `--settings FILE` takes their place for one command; what such a command records says so. A
//    run's policy stays main's.

internal import Foundation
internal import Git
internal import Machine
internal import ReleaseModel
internal import Runbook

struct SettingsSource: Sendable {
  /// Settings, and where they were read.
  struct Found: Sendable {
    enum Origin: Sendable, Hashable {
      /// A remote-tracking ref.
      case main(String)
      case checkout
      case file(FilePath)
    }

    let settings: Settings
    let text: String
    let origin: Origin
  }

  /// Which settings a command takes.
  struct Request: Sendable {
    /// Main's are optional: `init`, `doctor`, `drill --here` and the plumbing.
    var allowsCheckout = false
    /// Of `--settings`.
    var file: FilePath?
    /// Of `--component`.
    var component: String?
  }

  static let file = Settings.fileName

  let git: Git
  let root: FilePath
  /// The names of the repository's remotes.
  let remotes: [String]
  let request: Request
  /// Learns the variables that each settings text names, before anything else runs.
  var secrets = SecretNames()

  /// Throws `settings.missing`, `settings.not-on-main`, `settings.main`, `settings.…`, `remote.none`.
  func find() async throws -> Found {
    if let file = request.file { return try read(file, as: .file(file)) }
    guard let first = try await newest() else { return try inCheckout() }
    return try await followed(first)
  }

  /// The remote's default branch, or what is usual where git was never told which it is.
  private func newest() async throws -> Found? {
    for ref in ["HEAD", "main", "master", "trunk", "develop"] {
      if let found = try await read("refs/remotes/\(try remote())/\(ref)") { return found }
    }
    return nil
  }

  /// The settings may name another remote or branch as the one to release from; that one counts.
  private func followed(_ first: Found) async throws -> Found {
    let named = first.settings
    let ref = "refs/remotes/\(named.remote)/\(named.main)"
    if let found = try await read(ref) { return found }
    guard try await git.resolve(ref) != nil else {
      throw Problem(
        "settings.main",
        "The remote \(named.remote) has no branch \(named.main), which is main by \(Self.file).",
        next: [
          "Set `main` in \(Self.file) to the branch that releases come from, and push it.",
          "git fetch \(named.remote)",
        ]
      )
    }
    throw Self.notOnMain(remote: named.remote, main: named.main)
  }

  /// The remote that is asked before its settings are read: the one that was named so far.
  func remoteToFetch() async throws -> String {
    let first = try remote()
    guard let found = try? await find() else { return first }
    return found.settings.remote
  }

  static func noRemote(_ name: String) -> Problem {
    Problem(
      "remote.none",
      "The repository has no remote called \(name).",
      why: "The record travels by push and fetch.",
      next: ["git remote add \(name) URL", "or set `remote` in \(file)"]
    )
  }

  private func remote() throws -> String {
    if remotes.isEmpty { throw Self.noRemote("origin") }
    if remotes.contains("origin") { return "origin" }
    guard remotes.count == 1 else {
      throw Problem(
        "remote.none",
        "The repository has several remotes, and none is called origin.",
        why: remotes.sorted().joined(separator: ", "),
        next: ["git remote rename \(remotes.sorted()[0]) origin"]
      )
    }
    return remotes[0]
  }

  private func read(_ ref: String) async throws -> Found? {
    guard let bytes = try await git.file(Self.file, at: ref) else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    secrets.insert(mentionedIn: text)
    let name = ref.dropFirst("refs/remotes/".count)
    return Found(
      settings: try Settings.read(text, file: "\(name):\(Self.file)"),
      text: text,
      origin: .main(ref)
    )
  }

  private func read(_ file: FilePath, as origin: Found.Origin) throws -> Found {
    guard let bytes = try LiveFiles.files.read(file, 1 << 20) else {
      throw Problem(
        "settings.missing",
        "The settings \(file.string) are not there.",
        next: ["hotfix init     looks at the project and writes \(Self.file)"]
      )
    }
    let text = String(decoding: bytes, as: UTF8.self)
    secrets.insert(mentionedIn: text)
    let name = file.lastComponent?.string ?? file.string
    return Found(settings: try Settings.read(text, file: name), text: text, origin: origin)
  }

  private func inCheckout() throws -> Found {
    let file = root.appending(Self.file)
    guard LiveFiles.files.exists(file) else {
      throw Problem(
        "settings.missing",
        "This repository has no \(Self.file), neither on the remote's main branch nor here.",
        next: ["hotfix init     looks at the project and writes one"]
      )
    }
    let found = try read(file, as: .checkout)
    guard request.allowsCheckout else {
      throw Self.notOnMain(remote: found.settings.remote, main: found.settings.main)
    }
    return found
  }

  static func notOnMain(remote: String, main: String) -> Problem {
    Problem(
      "settings.not-on-main",
      "\(Self.file) is not on \(remote)/\(main).",
      why: "A run's settings are those of the remote's main branch, so that every colleague has "
        + "the same.",
      next: publish(remote: remote, main: main)
    )
  }

  /// The commands that bring the settings to main.
  static func publish(remote: String, main: String, reviewers: String = "allowed_signers")
    -> [String]
  {
    [
      "git switch \(main) && git add \(file) \(reviewers)",
      "git commit -m \"Prepare for hotfixes\" && git push \(remote) \(main)",
    ]
  }
}

extension SettingsSource.Found {
  /// Says where the settings are from, if not from main.
  ///
  /// Throws `remote.none` where they name a remote that the repository does not have.
  func tell(_ console: Console, among remotes: [String]) throws {
    guard remotes.contains(settings.remote) else { throw SettingsSource.noRemote(settings.remote) }
    if let note { console.narrate(console.yellow(TerminalText(note))) }
  }

  /// What a command says of settings that are not main's, or nil.
  private var note: String? {
    let main = "\(settings.remote)/\(settings.main)"
    return switch origin {
    case .main: nil
    case .checkout:
      "settings from this checkout; \(SettingsSource.file) has to be on \(main) before a run"
    case .file(let file): "settings from \(file.string), not from \(main)"
    }
  }
}
