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
    looksAt: "the branch on the remote or here: it has to contain the base release's commit and "
      + "start there",
    mend: ["git branch -f BRANCH TAG     moves a branch that starts elsewhere"],
    effect: .compareAndSwap,
    observe: { situation in
      let opened = situation.opened
      if situation.refs.isDiverged { throw Branching.diverged(situation) }
      guard let head = situation.refs.fix else { return .lacking("there is no \(opened.branch)") }
      let git = situation.git
      guard try await git.isAncestor(opened.base.commit, of: head) else {
        throw Problem(
          "branch.elsewhere",
          "The branch \(opened.branch) does not start at \(opened.base.tag).",
          why: "\(head.prefix(12)) does not contain \(opened.base.commit.prefix(12)).",
          next: ["git branch -m \(opened.branch) \(opened.branch)-old", "hotfix next"]
        )
      }
      if let main = situation.refs.main, situation.refs.remoteTag == nil,
        let start = try await git.mergeBase(head, main), start != opened.base.commit,
        start != head, !(try await git.isAncestor(start, of: opened.base.commit))
      {
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
      return .holds(["\(opened.branch) starts at \(opened.base.tag)"])
    },
    stillHolds: { !$0.refs.isDiverged || $0.refs.remoteTag != nil },
    commands: { situation in
      let opened = situation.opened
      return [
        "git branch \(opened.branch) \(opened.base.commit)",
        "git push \(situation.git.remote) \(opened.branch)",
      ]
    },
    perform: { try await Branching.create($0) }
  )
}

enum Branching {
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
    var head = opened.base.commit
    if let rollback = opened.rollback {
      head = try await Restoring.commit(rollback, situation)
    }
    let git = situation.git
    try await git.updateRefs([RefUpdate(ref, old: nil, new: head)])
    if try await git.isDirty() {
      let path = worktree(situation)
      try await git.output(["worktree", "add", "--quiet", path.string, opened.branch])
      situation.toolbox.say(
        .note("Your checkout has changes, so the branch is checked out in \(path.string).")
      )
    } else {
      try await git.output(["checkout", "--quiet", opened.branch])
    }
    return [
      Effect(
        ref,
        says: "creates \(opened.branch) at \(opened.base.tag)",
        body: .push([RefUpdate(ref, old: nil, new: head)])
      )
    ]
  }

  static func worktree(_ situation: Situation) -> FilePath {
    let directory = situation.git.directory
    let name = directory.lastComponent?.string ?? "project"
    return directory.removingLastComponent()
      .appending("\(name)-\(situation.opened.tag)")
  }
}
