extension Step {
  static let securityReview = Step(
    "security-review",
    .review,
    runbook: "3.1",
    title: "The security of the fix is reviewed",
    why: "A hasty security fix often leaves the hole open a little.",
    looksAt: "signed statements about exactly this tree, by people who did not write it",
    mend: ["hotfix approve security-review", "hotfix decline security-review --reason \"…\""],
    after: ["request"],
    notNeeded: { $0.isSecurity ? nil : "it is no security fix" },
    observe: { try await Reviewing($0).finding("security-review") },
    stillHolds: { try await Quorum.stillHolds($0, Reviewing($0).finding("security-review")) }
  )
}
