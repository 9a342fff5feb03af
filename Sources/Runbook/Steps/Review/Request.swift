internal import Record
internal import Git

extension Step {
  static let request = Step(
    "request",
    .review,
    runbook: "3.1",
    title: "A review is asked for",
    why: "Reviewers can only review what they can fetch.",
    looksAt: "the branch on the remote: it has to be at the commit that is to be reviewed",
    mend: ["git push origin BRANCH"],
    effect: .compareAndSwap,
    observe: { situation in
      guard let fix = situation.refs.fix else { return .lacking("there is no fix") }
      guard situation.refs.remoteBranch == fix || situation.refs.remoteTag?.commit == fix else {
        return .lacking("the remote does not have \(fix.prefix(12)) yet")
      }
      return .holds(["\(situation.opened.branch) is at \(fix.prefix(12)) on the remote"])
    },
    commands: { ["git push \($0.git.remote) \($0.opened.branch)"] },
    perform: { situation in
      let ref = "refs/heads/\(situation.opened.branch)"
      return [
        Effect(
          ref,
          says: "pushes \(situation.opened.branch) for review",
          body: .push([
            RefUpdate(ref, old: situation.refs.remoteBranch, new: situation.refs.fix)
          ])
        )
      ]
    }
  )
}
