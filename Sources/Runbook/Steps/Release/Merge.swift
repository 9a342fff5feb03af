internal import Record
internal import Git
internal import ReleaseModel

extension Step {
  static let merge = Step(
    "merge",
    .release,
    runbook: "4.1",
    title: "The fix is merged into main",
    why: "A fix that is not in main is lost with the next regular release.",
    looksAt:
      "whether main on the remote contains the fix, or has a commit with the tree that merging "
      + "it gives, or a merge is prepared here that will be pushed with the tag",
    mend: ["hotfix next --continue     after the conflicts are resolved and committed"],
    effect: .compareAndSwap,
    observe: { situation in
      guard let fix = situation.refs.fix, let main = situation.refs.main else {
        return .lacking("there is no \(situation.opened.main) on the remote")
      }
      let git = situation.git
      if let how = try await Containment.evidence(of: fix, in: main, situation) {
        return .holds(["\(situation.opened.main): \(how)"])
      }
      if let hosted = try await HostedMerge(situation)?.finding() { return hosted }
      if let prepared = situation.refs.preparedMain,
        try await git.isAncestor(main, of: prepared), try await git.isAncestor(fix, of: prepared)
      {
        return .holds(["merge \(prepared.prefix(12)) is ready; it is pushed with the tag"])
      }
      return .lacking("\(situation.opened.main) does not contain \(fix.prefix(12))")
    },
    stillHolds: { situation in
      guard let fix = situation.refs.fix, let main = situation.refs.main else { return false }
      if situation.refs.remoteTag != nil { return true }
      if try await Containment.evidence(of: fix, in: main, situation) != nil { return true }
      guard let prepared = situation.refs.preparedMain,
        try await situation.git.isAncestor(fix, of: prepared)
      else { return false }
      return try await situation.git.isAncestor(main, of: prepared)
    },
    commands: { situation in
      [
        "git switch \(situation.opened.main) && git pull --ff-only",
        "git merge --no-ff -m \"Merge hotfix \(situation.opened.tag)\" \(situation.opened.branch)",
      ]
    },
    perform: { situation in
      if let hosted = try await HostedMerge(situation)?.effects() { return hosted }
      return [
        Effect(
          "merge",
          says: "merges \(situation.opened.branch) into \(situation.opened.main)",
          body: .local { try await Merging.prepare(situation) }
        )
      ]
    }
  )
}

/// Prepares the merge without a checkout; what is tagged stays the tree that was tested.
enum Merging {
  static func prepare(_ situation: Situation) async throws {
    guard let fix = situation.refs.fix, let main = situation.refs.main else { return }
    let git = situation.git
    let folder = conflictFolder(situation)
    let prepared: String
    if situation.toolbox.files.exists(folder) {
      prepared = try await resolved(situation, folder, main: main, fix: fix)
    } else if try await git.isAncestor(main, of: fix) {
      prepared = fix
    } else {
      switch try await git.merge(main, fix) {
      case .clean(let tree):
        prepared = try await git.commit(
          tree: tree,
          parents: [main, fix],
          message: "Merge hotfix \(situation.opened.tag)\n\n\(situation.opened.title)\n",
          by: situation.signer,
          at: situation.toolbox.now()
        )
      case .conflicts(let files):
        throw try await conflict(situation, folder, main: main, files: files)
      }
    }
    try await git.updateRefs([
      RefUpdate(
        RefView.preparedRef(situation.run),
        old: situation.refs.preparedMain,
        new: prepared
      )
    ])
  }

  /// Where a person resolves the conflicts.
  private static func conflictFolder(_ situation: Situation) -> FilePath {
    situation.toolbox.scratch.appending("merge-\(situation.opened.tag)")
  }

  private static func conflict(
    _ situation: Situation,
    _ folder: FilePath,
    main: String,
    files: [String]
  ) async throws -> Problem {
    try await situation.git.addWorktree(folder, at: main)
    _ = try await situation.git.answer(
      ["merge", "--no-ff", "-m", "Merge hotfix \(situation.opened.tag)", situation.opened.branch],
      in: folder
    )
    return Problem(
      "merge.conflict",
      "The fix and \(situation.opened.main) change the same lines.",
      why: files.prefix(20).joined(separator: "\n"),
      next: [
        "cd \(folder.string)", "resolve the files, then:  git commit -a --no-edit",
        "hotfix next --continue",
      ]
    )
  }

  private static func resolved(
    _ situation: Situation,
    _ folder: FilePath,
    main: String,
    fix: String
  ) async throws -> String {
    let git = situation.git
    let head = try await git.text(["rev-parse", "HEAD"], in: folder)
    let hasFix = try await git.isAncestor(fix, of: head)
    if hasFix, !(try await git.isAncestor(main, of: head)) {
      throw Problem(
        "merge.moved",
        "\(situation.opened.main) moved on while the conflicts were resolved.",
        next: [
          "cd \(folder.string)", "git merge \(git.remote)/\(situation.opened.main)",
          "hotfix next --continue",
        ]
      )
    }
    guard hasFix else {
      throw Problem(
        "merge.unresolved",
        "The merge is not resolved and committed yet.",
        why: try await git.text(["status", "--short"], in: folder),
        next: [
          "cd \(folder.string)", "git commit -a --no-edit", "hotfix next --continue",
          "git worktree remove --force \(folder.string)     begins the merge again",
        ]
      )
    }
    try await git.removeWorktree(folder)
    return head
  }
}
