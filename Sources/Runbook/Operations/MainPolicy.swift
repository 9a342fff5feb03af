package import Git
package import Record
internal import ReleaseModel

/// The policy as main's settings and list of signers make it.
package struct MainPolicy: Sendable {
  /// A policy, and the commit whose files make it.
  package struct Pinned: Sendable, Hashable {
    package let commit: String
    package let policy: Policy
    package let settings: Settings
  }

  private static let commitsMax = 1000

  private let git: Git
  /// Main's remote-tracking ref, or a commit of it.
  package let main: String

  package init(git: Git, main: String) {
    self.git = git
    self.main = main
  }

  /// Returns the policy of main as last fetched; nil while main has no settings or no list.
  package func newest() async throws -> Pinned? {
    guard let tip = try await git.resolve(main + "^{commit}") else { return nil }
    return try await at(tip)
  }

  /// Returns the policy that a commit's files make; nil where they are not there.
  ///
  /// Throws `Problems` for settings that cannot be read.
  package func at(_ commit: String) async throws -> Pinned? {
    guard let text = try await git.file(Settings.fileName, at: commit) else { return nil }
    let settings = try Settings.read(String(decoding: text, as: UTF8.self))
    guard let lists = try await SignerLists.read(settings, at: commit, git) else { return nil }
    return Pinned(commit: commit, policy: settings.policy(lists), settings: settings)
  }

  /// Returns a commit of main's history whose files make this policy, the newest that is found.
  ///
  /// For records that do not name one. Every state that main ever had is that of a commit which
  /// changed one of the files.
  func search(for policy: Policy) async throws -> Pinned? {
    var paths: Set<String> = [Settings.fileName]
    var seen: Set<String> = []
    while true {
      let known = paths
      let arguments = ["log", "--full-history", "--max-count=\(Self.commitsMax)", "--format=%H"]
      let names = try await git.optionalText(arguments + [main, "--"] + known.sorted()) ?? ""
      for name in names.lines().map(String.init)
      where seen.insert(name).inserted {
        // A state that nobody could read made no policy.
        guard let pinned = try? await at(name) else { continue }
        if pinned.policy == policy { return pinned }
        paths.formUnion([pinned.settings.reviewersPath, pinned.settings.revocationPath ?? ""])
        paths.remove("")
      }
      if paths == known { return nil }
    }
  }
}

extension Policy {
  /// Names what differs between two policies, with the values where they are short.
  ///
  /// Goes over the stored fields, so that one that comes later is compared too.
  func differences(from other: Policy) -> [String] {
    zip(Mirror(reflecting: self).children, Mirror(reflecting: other).children)
      .compactMap { own, other in
        let (mine, theirs) = ("\(own.value)", "\(other.value)")
        guard let label = own.label, mine != theirs else { return nil }
        let isShort = own.value is Int || own.value is Bool
        return isShort ? "\(label) \(mine) instead of \(theirs)" : label
      }
  }
}
