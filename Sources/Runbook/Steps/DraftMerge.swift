internal import Documents
internal import Git
internal import Record
internal import ReleaseModel

extension Situation {
  /// Whether a commit is nobody's work: it drafts the changelog or writes the version, and no more.
  func isDraft(_ commit: GitCommit) async throws -> Bool {
    if try await Documenting.isDraft(commit, self) { return true }
    return try await Bump.isOne(commit, self)
  }
}

/// Two sides that wrote a section of the changelog at the same place, or a version each: one side's
/// files, with the other's section on top of the changelog.
struct DraftMerge: Sendable {
  let situation: Situation
  /// The commit whose section is taken over, and the one whose changelog it goes into.
  let ours: String
  let theirs: String

  /// Returns the merged tree, made out of `marked`, in which `files` have conflict markers.
  ///
  /// Nil where our side changed anything but its section and the version: a person has to look at it.
  func tree(
    _ marked: String,
    _ files: [String],
    section: VersionName,
    as name: VersionName
  ) async throws -> String? {
    let path = situation.settings.changelog
    let versions = try await Bump.resolving(
      files.filter { $0 != path },
      ours: ours,
      theirs: theirs,
      over: situation.opened.base.commit,
      situation
    )
    guard var resolved = versions else { return nil }
    if let path, files.contains(path) {
      guard let merged = try await changelog(path, section, as: name) else { return nil }
      resolved[path] = merged
    }
    return try await situation.git.tree(of: marked, replacing: resolved)
  }

  private func changelog(
    _ path: String,
    _ section: VersionName,
    as name: VersionName
  ) async throws -> [UInt8]? {
    guard let mine = try await changelog(path, ours),
      let other = try await changelog(path, theirs),
      let resolved = try await other.adding(
        section,
        as: name,
        from: mine,
        over: changelog(path, situation.opened.base.commit)
          ?? Changelog(Changelog.template(path))
      )
    else { return nil }
    return resolved.bytes
  }

  private func changelog(_ path: String, _ commit: String) async throws -> Changelog? {
    try await situation.git.file(path, at: commit).map { Changelog($0) }
  }
}
