internal import ReleaseModel
internal import Record
internal import Git

extension Step {
  static let report = Step(
    "report",
    .close,
    runbook: "6.3",
    title: "The report is in the repository",
    why: "Auditors and the next on-call find it where the code is.",
    looksAt: "the run's HTML report on main",
    mend: ["hotfix report --html > docs/hotfixes/TAG.html     and commit it on main"],
    effect: .compareAndSwap,
    notNeeded: Papers.notNeeded,
    observe: { situation in
      try await Papers(situation).finding("html") { $0.contains(situation.run) }
    },
    commands: { situation in
      let path = Papers(situation).path("html")
      return [
        "hotfix report --html > \(OutsideText(path).word)", "git add \(OutsideText(path).word)",
        "git commit -m 'Report hotfix \(situation.opened.tag)'",
        "git push \(situation.git.remote) \(situation.opened.main)",
      ]
    },
    perform: { situation in
      try await Papers(situation).effects(
        ["md", "html"],
        message: "Report hotfix \(situation.opened.tag)"
      )
    }
  )
}
