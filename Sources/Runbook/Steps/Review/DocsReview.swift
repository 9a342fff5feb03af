extension Step {
  static let docsReview = Step(
    "docs-review",
    .review,
    runbook: "3.1",
    title: "The documentation is reviewed",
    why: "Users act on what the changelog says.",
    looksAt: "signed statements about exactly this tree, by people who did not write it",
    mend: ["hotfix approve docs-review", "hotfix decline docs-review --reason \"…\""],
    after: ["request"],
    observe: { try await Reviewing($0).finding("docs-review") },
    stillHolds: { try await Quorum.stillHolds($0, Reviewing($0).finding("docs-review")) }
  )
}
