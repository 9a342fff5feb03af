internal import Record
internal import Git
internal import ReleaseModel

extension Step {
  static let request = Step(
    "request",
    .review,
    runbook: "3.1",
    title: "A review is asked for",
    why: "Reviewers can only review what they can fetch.",
    looksAt:
      "the branch on the remote: it has to be at the commit that is to be reviewed; on GitHub, "
      + "its pull request",
    mend: ["git push origin BRANCH"],
    effect: .compareAndSwap,
    observe: { situation in
      guard let fix = situation.refs.fix else { return .lacking("there is no fix") }
      guard
        situation.refs.remoteBranch == fix || situation.refs.remoteTag?.commit == fix
          || situation.refs.isBranchGone
      else {
        return .lacking("the remote does not have \(fix.prefix(12)) yet")
      }
      let evidence = ["\(situation.opened.branch) is at \(fix.prefix(12)) on the remote"]
      guard situation.refs.remoteTag == nil, let pull = HostedPull(situation) else {
        return .holds(evidence, facts: ["commit": fix])
      }
      guard case .holds(let more, _) = try await pull.request() else {
        return try await pull.request()
      }
      return .holds(evidence + more, facts: ["commit": fix])
    },
    commands: { situation in
      let push = "git push \(situation.git.remote) \(situation.opened.branch)"
      guard situation.toolbox.forge != nil else { return [push] }
      let title = OutsideText("Hotfix \(situation.version): \(situation.opened.title)").word
      return [
        push,
        "gh pr create --head \(situation.opened.branch) --base \(situation.opened.main) "
          + "--title \(title) --label hotfix --label expedited --fill",
      ]
    },
    perform: { situation in
      let ref = "refs/heads/\(situation.opened.branch)"
      var effects: [Effect] = []
      if situation.refs.remoteBranch != situation.refs.fix {
        effects.append(
          Effect(
            ref,
            says: "pushes \(situation.opened.branch) for review",
            body: .push([
              RefUpdate(ref, old: situation.refs.remoteBranch, new: situation.refs.fix)
            ])
          )
        )
      }
      if let pull = HostedPull(situation) { effects.append(try await pull.asking()) }
      return effects
    }
  )
}
