internal import Documents
internal import Git
internal import Record
internal import ReleaseModel

/// Takes a release that came out since into the fix's branch: the run's base moves.
///
/// The merge, the new base and, where the run was overtaken, its new name travel in one push. Tests,
/// proof and reviews are about a tree, so they count anew.
struct TakingIn: Sendable {
  private let situation: Situation
  private var git: Git { situation.git }
  private var opened: RunOpened { situation.opened }

  init(_ situation: Situation) {
    self.situation = situation
  }

  func effects() async throws -> [Effect] {
    guard let head = situation.refs.fix, let move = try await move() else { return [] }
    let merged = try await merged(head, move)
    let ref = "refs/heads/\(opened.branch)"
    let remote = situation.refs.remoteBranch
    let updates = remote == merged ? [] : [RefUpdate(ref, old: remote, new: merged)]
    let renamed = move.tag == opened.tag ? "" : "; the run is \(move.tag) from now on"
    return [
      Effect(
        ref,
        says: "takes \(move.base.tag) into \(opened.branch)\(renamed)",
        body: .push(updates, with: [.moved(move)])
      ),
      // After the push: a lost race leaves nothing behind here.
      Effect(
        "local \(opened.branch)",
        says: "moves the local branch to \(merged.prefix(12))",
        body: .local { try await follow(merged) }
      ),
    ]
  }

  /// Returns where the run goes, or nil when no release is to be taken in.
  ///
  /// A release with a higher version has overtaken it.
  func move() async throws -> BaseMoved? {
    guard let release = try await LaterReleases(situation).newest().release else { return nil }
    let reason = "\(release.tag) was released since"
    if isOlder(release.version, than: opened.version) {
      return BaseMoved(base: release, version: opened.version, tag: opened.tag, reason: reason)
    }
    let settings = situation.settings
    let taken = try await TakenNames(git: git, settings: settings).versions()
    guard let version = release.version.next(settings.scheme, taken: taken) else {
      throw Problem(
        "version.unnamed",
        "No version name over \(release.version) is free.",
        why: "\(release.tag) was released since, and \(opened.version) is not above it.",
        next: ["hotfix abandon --reason \"…\"     then open it again with --base TAG"]
      )
    }
    return BaseMoved(
      base: release,
      version: version,
      tag: settings.tag.filled(["version": version.text]),
      reason: reason
    )
  }

  // MARK: merging

  /// Returns the branch with the release in it.
  func merged(_ head: String, _ move: BaseMoved) async throws -> String {
    let release = move.base
    if try await git.isAncestor(release.commit, of: head) {
      return try await renamingSection(in: head, move)
    }
    if try await git.isAncestor(head, of: release.commit) { return release.commit }
    try await requireSigned(release)
    let ours = try await folder.resolved(head, over: opened.branch) ?? head
    if try await git.isAncestor(release.commit, of: ours) {
      return try await renamingSection(in: ours, move)
    }
    var tree: String
    switch try await git.merge(ours, release.commit) {
    case .clean(let merged): tree = merged
    case .conflicts(let files, let marked):
      guard let resolved = try await resolving(ours, files, marked, move) else {
        throw try await folder.begin(at: ours, merging: release.commit, files: files)
      }
      tree = resolved
    }
    tree = try await renamingSection(inTree: tree, move) ?? tree
    return try await git.commit(
      tree: tree,
      parents: [ours, release.commit],
      message: "Take in \(release.tag)\n\nHotfix: \(OutsideText(opened.title).message)\n",
      by: situation.signer,
      at: situation.toolbox.now()
    )
  }

  /// A merge that changes the base brings commits past the reviewers, so a listed person has
  /// to have signed the release, unless the run was opened over one that nobody signed.
  private func requireSigned(_ release: BaseRelease) async throws {
    guard let policy = situation.progress.policy else { return }
    let signature = TagSignature(git: git, people: try situation.toolbox.people(of: policy))
    let tags = try await git.tags()
    guard let tag = tags.first(where: { $0.name == release.tag }),
      let fault = try await signature.fault(of: tag)
    else { return }
    if let base = tags.first(where: { $0.name == opened.base.tag }),
      try await signature.fault(of: base) != nil
    {
      return
    }
    throw Problem(
      "branch.unsigned",
      "\(release.tag) was released since, and no listed person signed it.",
      why: fault,
      next: [
        tag.lookCommand,
        "git switch \(opened.branch) && git merge \(release.commit)     when you know where it is from",
        "hotfix next",
      ]
    )
  }

  private var folder: ConflictFolder {
    ConflictFolder(
      situation,
      name: "base-\(situation.run)",
      message: "Take in a later release",
      conflict: (
        "branch.conflict", "The fix and a release that came out since change the same lines."
      ),
      unresolved: "branch.unresolved"
    )
  }

  /// Moves what this clone has of the branch; where it is checked out, the files follow.
  private func follow(_ merged: String) async throws {
    try await folder.close()
    try await removeOwnTag()
    let ref = "refs/heads/\(opened.branch)"
    guard let local = situation.refs.localBranch, local != merged else { return }
    guard let path = try await git.worktree(of: ref) else {
      return try await git.updateRefs([RefUpdate(ref, old: local, new: merged)])
    }
    let answer = try await git.forward(path, to: merged)
    if answer.succeeded { return }
    // The remote has it; what is in the person's way is theirs to move.
    situation.toolbox.say(
      .note(
        "Your \(opened.branch) has changes that are not committed; afterwards:  git -C \(path) "
          + "merge --ff-only \(merged.prefix(12))"
      )
    )
  }

  /// A tag that this run made and nobody has names a commit that will not be released.
  private func removeOwnTag() async throws {
    guard let tag = situation.refs.localTag, situation.refs.remoteTag == nil,
      let object = try await git.object(tag.object)?.content,
      String(decoding: object, as: UTF8.self).contains("Hotfix-Record: \(situation.run) ")
    else { return }
    try await git.updateRefs([RefUpdate("refs/tags/\(opened.tag)", old: tag.object, new: nil)])
  }

  // MARK: the changelog

  private func changelog(_ path: String, _ revision: String) async throws -> Changelog? {
    try await git.file(path, at: revision).map { Changelog($0) }
  }

  /// Two runs write their sections at the same place: the release's changelog, with ours on top.
  ///
  /// Returns nil where the branch changed anything else in it, which only a person can put right.
  private func resolving(
    _ ours: String,
    _ files: [String],
    _ marked: String,
    _ move: BaseMoved
  ) async throws -> String? {
    try await DraftMerge(situation: situation, ours: ours, theirs: move.base.commit)
      .tree(marked, files, section: opened.version, as: move.version)
  }

  /// Returns the tree with our section under the run's new name; nil where there is none to rename.
  private func renamingSection(inTree tree: String, _ move: BaseMoved) async throws -> String? {
    guard move.version != opened.version, let path = situation.settings.changelog,
      var changelog = try await changelog(path, tree),
      changelog.section(opened.version) != nil, changelog.section(move.version) == nil,
      try await self.changelog(path, move.base.commit)?.section(opened.version) == nil
    else { return nil }
    changelog.rename(opened.version, to: move.version)
    return try await git.tree(of: tree, replacing: [path: changelog.bytes])
  }

  private func renamingSection(in head: String, _ move: BaseMoved) async throws -> String {
    guard let tree = try await renamingSection(inTree: head + "^{tree}", move) else { return head }
    return try await git.commit(
      tree: tree,
      parents: [head],
      message: "Document \(move.version) in the changelog\n\n\(Documenting.marker)\n",
      by: situation.signer,
      at: situation.toolbox.now()
    )
  }
}

extension TakingIn {
  /// Whether a commit of the branch brings in a release that the base contains.
  static func isOne(_ commit: GitCommit, _ situation: Situation) async throws -> Bool {
    guard commit.parents.count == 2 else { return false }
    return try await situation.git.isAncestor(commit.parents[1], of: situation.opened.base.commit)
  }

  /// Whether nobody wrote anything in such a merge: git makes it again, but for the changelog
  /// and the version.
  static func isMechanical(_ commit: GitCommit, _ situation: Situation) async throws -> Bool {
    guard try await isOne(commit, situation) else { return false }
    let tree =
      switch try await situation.git.merge(commit.parents[0], commit.parents[1]) {
      case .clean(let tree): tree
      case .conflicts(_, let tree): tree
      }
    let changed = try await situation.git.changes(from: tree, to: commit.tree).map(\.path)
      .filter { $0 != situation.settings.changelog }
    // Of two versions the release's stays.
    let versions = Set(situation.settings.versionFiles.flatMap { [$0.path] + $0.lockPaths })
    for path in changed {
      guard versions.contains(path),
        try await situation.git.file(path, at: commit.name)
          == situation.git.file(path, at: commit.parents[1])
      else { return false }
    }
    return true
  }
}
