internal import Documents
internal import Record
internal import Git
internal import ReleaseModel

extension Step {
  static let processDoc = Step(
    "process-doc",
    .tell,
    runbook: "6.3",
    title: "The hotfix is documented",
    why: "The next incident is handled better by those who can read how this one went.",
    looksAt: "the run's document on main",
    mend: ["hotfix report --markdown > docs/hotfixes/TAG.md     and commit it on main"],
    after: ["announcement", "users", "advisory", "release-notes", "changelog", "issues"],
    effect: .compareAndSwap,
    notNeeded: Papers.notNeeded,
    observe: { situation in
      // Any file of that name would do else, also one of another run.
      try await Papers(situation).finding("md") {
        $0.contains(situation.run) || $0.contains(situation.opened.title)
          || $0.contains(OutsideText(situation.opened.title).markdown)
      }
    },
    commands: { situation in
      let path = Papers(situation).path("md")
      return [
        "git switch \(situation.opened.main) && git pull --ff-only",
        "mkdir -p \(OutsideText(situation.settings.documents ?? "").word)",
        "hotfix report --markdown > \(OutsideText(path).word)", "git add \(OutsideText(path).word)",
        "git commit -m 'Document hotfix \(situation.opened.tag)'",
        "git push \(situation.git.remote) \(situation.opened.main)",
      ]
    },
    perform: { situation in
      try await Papers(situation).effects(
        ["md"],
        message: "Document hotfix \(situation.opened.tag)"
      )
    }
  )
}
