internal import Record
internal import Git
internal import ReleaseModel

extension Step {
  static let branch = Step(
    "branch",
    .develop,
    runbook: "2.1",
    title: "The hotfix branch starts at the release",
    why: "A hotfix carries the fix and nothing of the unreleased work on main.",
    looksAt: "the branch on the remote or here: whether it is this run's, starts at the base "
      + "release, and contains every release that came out on the line since",
    mend: ["git branch -f BRANCH TAG     moves a branch that starts elsewhere"],
    effect: .compareAndSwap,
    observe: { try await Branching.finding($0) },
    stillHolds: { situation in
      if situation.refs.remoteTag != nil { return true }
      guard !situation.refs.isDiverged else { return false }
      return try await LaterReleases(situation).hasTakenAll()
    },
    commands: { situation in
      let opened = situation.opened
      guard situation.refs.fix == nil else { return [] }
      return [
        "git branch \(opened.branch) \(opened.base.commit)",
        "git push \(situation.git.remote) \(opened.branch)",
      ]
    },
    perform: { situation in
      if BranchOwner(situation).isOurs, situation.refs.fix != nil {
        return try await TakingIn(situation).effects()
      }
      return try await Branching.create(situation)
    }
  )
}

enum Branching {
  static func finding(_ situation: Situation) async throws -> Finding {
    let opened = situation.opened
    let owner = BranchOwner(situation)
    guard let head = situation.refs.fix else { return .lacking("there is no \(opened.branch)") }
    let isReleased = situation.refs.remoteTag != nil
    if !isReleased, !owner.isOurs {
      try await owner.requireEmpty(head)
      guard situation.refs.remoteBranch != nil else {
        return .lacking("\(opened.branch) is not on the remote")
      }
    }
    if situation.refs.isDiverged { throw diverged(situation) }
    guard try await situation.git.isAncestor(opened.base.commit, of: head) else {
      throw Problem(
        "branch.elsewhere",
        "The branch \(opened.branch) does not start at \(opened.base.tag).",
        why: "\(head.prefix(12)) does not contain \(opened.base.commit.prefix(12)).",
        next: ["git branch -m \(opened.branch) \(opened.branch)-old", "hotfix next"]
      )
    }
    let evidence = "\(opened.branch) starts at \(opened.base.tag)"
    if isReleased { return .holds([evidence]) }
    let later = try await LaterReleases(situation).newest()
    if later.release == nil { try await requireReleased(head, situation) }
    try await owner.requireOwn(head)
    if let release = later.release {
      return .lacking("\(release.tag) was released since; the fix has to contain it")
    }
    return .holds([evidence] + later.evidence, facts: later.facts)
  }

  /// Refuses a branch that carries work of main that no release has.
  private static func requireReleased(_ head: String, _ situation: Situation) async throws {
    let (git, opened) = (situation.git, situation.opened)
    guard let main = situation.refs.main, let start = try await git.mergeBase(head, main),
      start != opened.base.commit, start != head,
      !(try await git.isAncestor(start, of: opened.base.commit))
    else { return }
    throw Problem(
      "branch.unreleased",
      "The branch \(opened.branch) carries unreleased work from main.",
      why: "It contains \(start.prefix(12)), which is not in \(opened.base.tag).",
      next: [
        "git rebase --onto \(opened.base.tag) \(start.prefix(12)) \(opened.branch)",
        "hotfix next",
      ]
    )
  }

  static func diverged(_ situation: Situation) -> Problem {
    let branch = situation.opened.branch
    return Problem(
      "branch.diverged",
      "Your \(branch) and the remote's have gone different ways.",
      why: "Local \((situation.refs.localBranch ?? "").prefix(12)), "
        + "remote \((situation.refs.remoteBranch ?? "").prefix(12)).",
      next: [
        "git rebase \(situation.git.remote)/\(branch) \(branch)", "then:  hotfix next",
      ]
    )
  }

  /// Creates the branch on the remote, and checks it out here: in the user's checkout when that is
  /// clean, else in a worktree of its own.
  static func create(_ situation: Situation) async throws -> [Effect] {
    let opened = situation.opened
    let ref = "refs/heads/\(opened.branch)"
    let git = situation.git
    // A crash before the push left it here, as it is to be.
    var head = situation.refs.localBranch ?? opened.base.commit
    if situation.refs.localBranch == nil, let rollback = opened.rollback {
      head = try await Restoring.commit(rollback, situation)
    }
    let taken = try await TakingIn(situation).move()
    if let taken { head = try await TakingIn(situation).merged(head, taken) }
    if situation.refs.localBranch == nil {
      try await git.updateRefs([RefUpdate(ref, old: nil, new: head)])
    } else {
      try await move(situation, to: head)
    }
    try await checkOut(situation)
    return [
      Effect(
        ref,
        says: "creates \(opened.branch) at \((taken?.base ?? opened.base).tag)",
        body: .push(
          [RefUpdate(ref, old: situation.refs.remoteBranch, new: head)],
          with: taken.map { [.moved($0)] } ?? []
        )
      )
    ]
  }

  private static func checkOut(_ situation: Situation) async throws {
    let (git, branch) = (situation.git, situation.opened.branch)
    if try await git.worktree(of: "refs/heads/\(branch)") != nil { return }
    guard try await git.isDirty() else {
      try await git.output(["checkout", "--quiet", branch, "--"], asUser: true)
      return
    }
    let path = worktree(situation)
    try await git.output(["worktree", "add", "--quiet", path.string, branch], asUser: true)
    situation.toolbox.say(
      .note("Your checkout has changes, so the branch is checked out in \(path.string).")
    )
  }

  static func worktree(_ situation: Situation) -> FilePath {
    let directory = situation.git.directory
    let name = directory.lastComponent?.string ?? "project"
    return directory.removingLastComponent()
      .appending("\(name)-\(situation.opened.tag)")
  }
}
