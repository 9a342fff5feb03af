extension Step {
  static let codeReview = Step(
    "code-review",
    .review,
    runbook: "3.1",
    title: "The code is reviewed",
    why: "A second pair of eyes finds what a hurried author cannot see.",
    looksAt: "signed statements about exactly this tree, by people who did not write it",
    mend: ["hotfix approve code-review", "hotfix decline code-review --reason \"…\""],
    after: ["request"],
    observe: { try await Reviewing($0).finding("code-review") },
    stillHolds: { try await Quorum.stillHolds($0, Reviewing($0).finding("code-review")) }
  )
}
