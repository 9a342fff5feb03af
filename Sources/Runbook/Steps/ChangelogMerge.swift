internal import Documents
internal import Git
internal import Record
internal import ReleaseModel

/// Two sides that wrote a section of the changelog at the same place: one side's changelog, with the
/// other's section on top.
struct ChangelogMerge: Sendable {
  let situation: Situation
  /// The commit whose section is taken over, and the one whose changelog it goes into.
  let ours: String
  let theirs: String

  /// Returns the merged tree, made out of `marked`, in which the changelog has conflict markers.
  ///
  /// Nil where our side changed anything else in the changelog: a person has to look at it.
  func tree(_ marked: String, section: VersionName, as name: VersionName) async throws -> String? {
    guard let path = situation.settings.changelog, let mine = try await changelog(path, ours),
      let other = try await changelog(path, theirs),
      let resolved = try await other.adding(
        section,
        as: name,
        from: mine,
        over: changelog(path, situation.opened.base.commit)
          ?? Changelog(Changelog.template(path))
      )
    else { return nil }
    return try await situation.git.tree(
      of: marked,
      replacing: [path: resolved.bytes]
    )
  }

  private func changelog(_ path: String, _ commit: String) async throws -> Changelog? {
    try await situation.git.file(path, at: commit).map { Changelog($0) }
  }
}
