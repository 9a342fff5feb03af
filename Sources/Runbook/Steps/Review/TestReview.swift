extension Step {
  static let testReview = Step(
    "test-review",
    .review,
    runbook: "3.1",
    title: "The tests are reviewed",
    why: "A test that tests the wrong thing gives false calm.",
    looksAt: "signed statements about exactly this tree, by people who did not write it",
    mend: ["hotfix approve test-review", "hotfix decline test-review --reason \"…\""],
    after: ["request"],
    observe: { try await Reviewing($0).finding("test-review") },
    stillHolds: { try await Quorum.stillHolds($0, Reviewing($0).finding("test-review")) }
  )
}
