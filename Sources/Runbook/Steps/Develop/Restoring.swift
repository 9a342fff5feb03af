internal import Git
internal import Record
internal import ReleaseModel

/// The code of a rollback: the bad release's commit, followed by the last good release's tree.
enum Restoring {
  /// Returns the last good release's tree, with the changelog as it went on and the new version in
  /// the files that carry it.
  static func tree(_ rollback: RunOpened.Rollback, _ situation: Situation) async throws -> String {
    let git = situation.git
    guard let good = try await git.tree(of: rollback.good.commit) else {
      throw Problem(
        "rollback.lost",
        "The code of \(rollback.good.tag) is not in this clone.",
        next: ["git fetch \(git.remote) tag \(rollback.good.tag)", "hotfix next"]
      )
    }
    // The changelog goes on: what the bad release said about itself stays history.
    var files = try await Bump(at: rollback.good.commit, situation).files
    if let path = situation.settings.changelog,
      let changelog = try await git.file(path, at: rollback.bad.commit)
    {
      files[path] = changelog
    }
    return files.isEmpty ? good : try await git.tree(of: good, replacing: files)
  }

  static func commit(_ rollback: RunOpened.Rollback, _ situation: Situation) async throws -> String
  {
    try await situation.git.commit(
      tree: try await tree(rollback, situation),
      parents: [rollback.bad.commit],
      message: """
        Restore the code of \(rollback.good.tag)

        \(rollback.bad.tag) is taken back: \(OutsideText(situation.opened.title).message).

        """,
      by: situation.signer,
      at: situation.toolbox.now()
    )
  }
}
