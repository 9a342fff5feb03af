internal import Record
internal import Git
internal import ReleaseModel

extension Step {
  static let fix = Step(
    "fix",
    .develop,
    runbook: "2.2",
    title: "The fix is committed",
    why: "Only what is committed is tested, reviewed and released.",
    looksAt: "commits on the branch beyond the base; cherry-picks have to say where they are from",
    mend: [
      "git commit     on the hotfix branch", "hotfix next --pick COMMIT     takes it from main",
    ],
    after: ["branch"],
    effect: .local,
    observe: { situation in
      let opened = situation.opened
      guard let head = situation.refs.fix else { return .lacking("there is no branch") }
      let commits = try await situation.git.commits(["\(opened.base.commit)..\(head)"])
      for pick in situation.progress.picks
      where !commits.contains(where: { $0.body.contains("cherry picked from commit \(pick)") }) {
        return .lacking("\(pick.prefix(12)) is not picked yet")
      }
      var real: [GitCommit] = []
      for commit in commits {
        if try await situation.isDraft(commit) { continue }
        if try await TakingIn.isOne(commit, situation) { continue }
        real.append(commit)
      }
      guard !real.isEmpty else {
        return .waiting(
          .person(
            "the author",
            "commits the fix on \(opened.branch)",
            "git switch \(opened.branch)",
            "git commit -m \"Fix …\"",
            "hotfix next"
          )
        )
      }
      return .holds(real.reversed().map { "\($0.name.prefix(12)) \($0.subject)" })
    },
    commands: { situation in
      let picks = situation.progress.picks.map { "git cherry-pick -x \($0)" }
      return ["git switch \(situation.opened.branch)"]
        + (picks.isEmpty ? ["git commit -m 'Fix …'"] : picks)
    },
    perform: { situation in
      [
        Effect(
          "pick",
          says: "picks \(situation.progress.picks.count) commits from main",
          body: .local { try await Picking.run(situation) }
        )
      ]
    }
  )
}

enum Picking {
  /// Cherry-picks with `-x` in a worktree of its own, then moves the branch.
  static func run(_ situation: Situation) async throws {
    let git = situation.git
    let branch = situation.opened.branch
    guard let head = situation.refs.fix else { return }
    let commits = try await git.commits(["\(situation.opened.base.commit)..\(head)"])
    let path = situation.toolbox.scratch.appending("pick-\(situation.toolbox.makeKey())")
    try await git.addWorktree(path, at: head)
    for pick in situation.progress.picks
    where !commits.contains(where: { $0.body.contains("cherry picked from commit \(pick)") }) {
      guard try await git.resolve(pick + "^{commit}") == pick else {
        try await git.removeWorktree(path)
        throw Problem(
          "pick.missing",
          "\(pick.prefix(12)), which is to be picked, is no commit of this clone.",
          next: ["git fetch", "hotfix next"]
        )
      }
      let answer = try await git.answer(
        // The line that -x adds begins with what may be the user's comment character.
        ["cherry-pick", "-x", "--cleanup=verbatim", "--strategy=ort", pick],
        in: path,
        asUser: true
      )
      guard answer.succeeded else {
        try await git.removeWorktree(path)
        throw Problem(
          "fix.conflict",
          "The commit \(pick.prefix(12)) does not apply to the release.",
          why: answer.errors,
          next: ["git switch \(branch) && git cherry-pick -x \(pick)", "hotfix next"]
        )
      }
    }
    let new = try await git.text(["rev-parse", "HEAD"], in: path)
    try await git.removeWorktree(path)
    try await Branching.move(situation, to: new)
  }
}

extension Branching {
  /// Moves the local branch forward; where it is checked out, the files follow.
  static func move(_ situation: Situation, to new: String) async throws {
    let git = situation.git
    let ref = "refs/heads/\(situation.opened.branch)"
    if let path = try await git.worktree(of: ref) {
      let answer = try await git.forward(path, to: new)
      guard answer.succeeded else { throw git.failure(["merge", new], answer) }
    } else {
      try await git.updateRefs([RefUpdate(ref, old: situation.refs.localBranch, new: new)])
    }
  }
}
