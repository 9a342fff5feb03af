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
    let folder = folder(situation)
    let prepared: String
    if folder.exists {
      prepared = try await resolved(situation, folder, main: main, fix: fix)
    } else if try await git.isAncestor(main, of: fix) {
      prepared = fix
    } else {
      prepared = try await git.commit(
        tree: try await merged(situation, folder, main: main, fix: fix),
        parents: [main, fix],
        message: "Merge hotfix \(situation.opened.tag)\n\n"
          + "Hotfix: \(OutsideText(situation.opened.title).message)\n",
        by: situation.signer,
        at: situation.toolbox.now()
      )
    }
    try await git.updateRefs([
      RefUpdate(
        RefView.preparedRef(situation.run),
        old: situation.refs.preparedMain,
        new: prepared
      )
    ])
  }

  /// The tree of both; sections of the changelog that stand at the same place are no conflict, and
  /// neither are two versions: main's stays.
  private static func merged(
    _ situation: Situation,
    _ folder: ConflictFolder,
    main: String,
    fix: String
  ) async throws -> String {
    switch try await situation.git.merge(main, fix) {
    case .clean(let tree): return tree
    case .conflicts(let files, let marked):
      let tree = try await DraftMerge(situation: situation, ours: fix, theirs: main)
        .tree(marked, files, section: situation.version, as: situation.version)
      if let tree { return tree }
      throw try await folder.begin(at: main, merging: fix, files: files)
    }
  }

  private static func folder(_ situation: Situation) -> ConflictFolder {
    ConflictFolder(
      situation,
      name: "merge-\(situation.opened.tag)",
      message: "Merge hotfix \(situation.opened.tag)",
      conflict: (
        "merge.conflict", "The fix and \(situation.opened.main) change the same lines."
      ),
      unresolved: "merge.unresolved"
    )
  }

  private static func resolved(
    _ situation: Situation,
    _ folder: ConflictFolder,
    main: String,
    fix: String
  ) async throws -> String {
    let git = situation.git
    let head = try await folder.head()
    guard try await git.isAncestor(fix, of: head) else { throw try await folder.notYet() }
    guard try await git.isAncestor(main, of: head) else {
      throw folder.moved(
        "\(situation.opened.main) moved on while the conflicts were resolved.",
        "\(git.remote)/\(situation.opened.main)",
        code: "merge.moved"
      )
    }
    try await folder.close()
    return head
  }
}
