extension Step {
  static let issues = Step(
    "issues",
    .tell,
    runbook: "6.3",
    title: "Linked issues are updated",
    why: "People who reported the fault want to know that it is gone.",
    looksAt: "the issues that the fix's commits name, where the release host has a tracker",
    mend: ["hotfix note --done issues \"commented by hand\""],
    after: [],
    notNeeded: { _ in "a directory host has no issue tracker" },
    observe: { _ in .holds([]) }
  )
}
