package import ReleaseModel

/// A worktree for a short time, made of the files that git keeps of one.
///
/// `git worktree add` starts three processes and runs the user's post-checkout hook; this is one
/// process and no hook. Format: git `gitrepository-layout(5)`, `worktrees/<id>`.
package struct ScratchWorktree: Sendable {
  package let folder: FilePath
  /// `worktrees/<id>` in the repository; the folder's name is the id.
  package let administration: FilePath

  init?(_ folder: FilePath, common: FilePath) {
    guard let id = folder.lastComponent else { return nil }
    self.folder = folder
    administration = common.appending("worktrees").appending(id)
  }

  /// Its files at a commit, in the order in which nobody takes it for a broken one.
  package func files(at commit: String) -> [(path: FilePath, text: String)] {
    let link = folder.appending(".git")
    return [
      (link, "gitdir: \(administration)\n"),
      (administration.appending("gitdir"), "\(link)\n"),
      (administration.appending("commondir"), "../..\n"),
      (administration.appending("HEAD"), "\(commit)\n"),
    ]
  }
}

extension Git {
  /// Returns what `folder` needs to become a worktree, or nil where git itself has to make it:
  /// refs that are not files (`reftable`) have a format of their own.
  package func scratchWorktree(
    _ folder: FilePath,
    exists: (FilePath) -> Bool
  ) -> ScratchWorktree? {
    guard let common, !exists(common.appending("reftable")),
      let worktree = ScratchWorktree(folder, common: common),
      !exists(worktree.administration)
    else { return nil }
    return worktree
  }

  /// Fills a worktree with the files of its commit.
  package func fill(_ worktree: ScratchWorktree) async throws {
    try await output(
      ["reset", "--hard", "--quiet", "--no-recurse-submodules"],
      in: worktree.folder
    )
  }
}
