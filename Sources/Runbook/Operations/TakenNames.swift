package import Git
internal import ReleaseModel

/// The versions that no new run may get: a name once given is never given again, also after
/// `abandon`, because stale clones may hold branches and tags of that name.
package struct TakenNames: Sendable {
  private let git: Git
  private let settings: Settings

  package init(git: Git, settings: Settings) {
    self.git = git
    self.settings = settings
  }

  /// Returns every version that is tagged or reserved on the remote, as last fetched.
  package func versions() async throws -> Set<String> {
    let names = try await git.tags().map(\.name) + git.takenNames()
    return Set(names.compactMap { settings.version(ofTag: $0)?.text })
  }
}
