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
    observe: { situation in
      let path = Papers(situation).path("html")
      guard let main = situation.refs.main,
        let bytes = try await situation.git.file(path, at: main),
        String(decoding: bytes, as: UTF8.self).contains(situation.run)
      else { return .lacking("\(path) is not on main") }
      return .holds(["\(path) on \(situation.opened.main)"])
    },
    commands: { situation in
      let path = Papers(situation).path("html")
      return [
        "hotfix report --html > \(path)", "git add \(path)",
        "git commit -m 'Report hotfix \(situation.opened.tag)'",
        "git push \(situation.git.remote) \(situation.opened.main)",
      ]
    },
    perform: { situation in
      let papers = Papers(situation)
      return [
        try await papers.commit(
          ["md", "html"],
          message: "Report hotfix \(situation.opened.tag)",
          says: "writes \(papers.path("html")) on \(situation.opened.main)"
        )
      ]
    }
  )
}
