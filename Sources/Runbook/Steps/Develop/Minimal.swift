internal import Record
internal import Git
internal import ReleaseModel

extension Step {
  static let minimal = Step(
    "minimal",
    .develop,
    runbook: "2.2",
    title: "The change is small",
    why: "What is not in a hotfix cannot break users.",
    looksAt: "files, lines and paths of the difference to the base, merge commits and dependencies",
    mend: [
      "Take out what does not belong to the fix.",
      "hotfix waive minimal --reason \"…\"     when it really has to be this big",
    ],
    after: ["fix"],
    notNeeded: { situation in
      situation.opened.rollback.map { "it restores \($0.good.tag) exactly" }
    },
    observe: { situation in
      guard let head = situation.refs.fix, let policy = situation.progress.policy else {
        return .lacking("there is no fix")
      }
      let base = situation.opened.base.commit
      let all = try await situation.git.changes(from: base, to: head)
      let bumped = try await Bump.files(among: all.map(\.path), from: base, to: head, situation)
      let changes = all.filter { !bumped.contains($0.path) }
      var commits: [GitCommit] = []
      for commit in try await situation.git.commits(["\(base)..\(head)"])
      where !(try await TakingIn.isOne(commit, situation)) {
        commits.append(commit)
      }
      let excess =
        ChangeRules.excess(
          changes,
          commits: commits,
          policy: policy,
          changelog: situation.settings.changelog
        ) + ChangeRules.outside(changes, of: situation.settings)
      guard excess.isEmpty else {
        return .waiting(
          .person(
            "the author",
            "makes the change smaller: \(excess.joined(separator: "; "))",
            "git rebase -i \(situation.opened.base.tag)",
            "hotfix waive minimal --reason \"…\""
          )
        )
      }
      let lines = changes.reduce(0) { $0 + ($1.added ?? 0) + ($1.removed ?? 0) }
      return .holds(
        ["\(changes.count) files, \(lines) lines"]
          + (bumped.isEmpty
            ? [] : ["and the version in \(bumped.sorted().joined(separator: ", "))"])
      )
    }
  )
}
