package import Git
package import Record
internal import ReleaseModel

extension RefView {
  /// Looks at the refs of a run, with two processes at the most in the usual case.
  ///
  /// `updates` are taken as pushed.
  package static func look(
    _ opened: RunOpened,
    after updates: [RefUpdate],
    run: String,
    git: Git
  ) async throws -> RefView {
    var names = [
      "refs/remotes/\(git.remote)/\(opened.main)", "refs/heads/\(opened.branch)",
      "refs/remotes/\(git.remote)/\(opened.branch)", "refs/tags/\(opened.tag)",
      Git.remoteTagRef(git.remote, opened.tag), preparedRef(run),
    ]
    for update in updates.compactMap({ $0.tracking(git.remote) }) {
      guard let new = update.new, let index = names.firstIndex(of: update.ref) else { continue }
      names[index] = new
    }
    let found = try await git.detailedRefs(names)
    var view = RefView()
    view.main = found[names[0]]?.commit
    view.localBranch = found[names[1]]?.commit
    view.remoteBranch = found[names[2]]?.commit
    view.localTag = found[names[3]].map(GitTagView.init)
    view.remoteTag = found[names[4]].map(GitTagView.init)
    view.preparedMain = found[names[5]]?.commit
    if let local = view.localBranch, let remote = view.remoteBranch, local != remote {
      if try await git.isAncestor(remote, of: local) {
        view.set(found[names[1]])
      } else if try await git.isAncestor(local, of: remote) {
        view.set(found[names[2]])
      } else {
        view.isDiverged = true
        view.set(found[names[2]])
      }
    } else {
      view.set(found[names[1]] ?? found[names[2]])
    }
    try await view.preferReleased(found[names[4]], git: git)
    return view
  }

  /// Once released, the tag is the truth: later commits on the branch are not part of this run.
  ///
  /// A tag that names something else than the branch is left to step *tag*, which refuses it.
  private mutating func preferReleased(_ tag: Git.DetailedRef?, git: Git) async throws {
    guard let tag, tag.commit != fix else { return }
    if let fix, !(try await git.isAncestor(tag.commit, of: fix)) { return }
    set(tag)
  }

  /// Hosts remove a branch when its pull request is merged: then the record says what the fix is.
  mutating func recall(_ progress: Progress, git: Git) async throws {
    guard fix == nil, let commit = progress.observed["request"]?.data.facts["commit"] else {
      return
    }
    if try await git.tree(of: commit) == nil {
      // It is in no branch after a squash, and a host still has it.
      try await git.fetch(commit: commit)
    }
    guard let tree = try await git.tree(of: commit) else { return }
    fix = commit
    fixTree = tree
    isBranchGone = true
  }

  private mutating func set(_ ref: Git.DetailedRef?) {
    fix = ref?.commit
    fixTree = ref?.tree
  }

  package static func preparedRef(_ run: String) -> String { "refs/hotfix-work/\(run)" }
}

extension RefView.GitTagView {
  init(_ ref: Git.DetailedRef) {
    self.init(object: ref.object, commit: ref.commit, isAnnotated: ref.isTagObject)
  }

  package init(_ tag: GitTag) {
    self.init(object: tag.object, commit: tag.commit, isAnnotated: tag.isAnnotated)
  }
}
