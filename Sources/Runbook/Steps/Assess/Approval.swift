internal import Record

extension Step {
  static let approval = Step(
    "approval",
    .assess,
    runbook: "1.3",
    title: "The hotfix is approved",
    why: "One tired person alone does not decide to interrupt every user.",
    looksAt: "signed statements about exactly this assessment, by enough people other than the "
      + "one who opened the run",
    mend: [
      "hotfix approve approval     by another listed person, in their own clone",
      "hotfix waive approval --reason \"…\"     when nobody can be reached; it shouts",
    ],
    observe: { try await finding($0) },
    stillHolds: { try await Quorum.stillHolds($0, finding($0)) }
  )

  private static func finding(_ situation: Situation) async throws -> Finding {
    let opener = Set([situation.opener].compactMap(\.self))
    return try await Quorum(situation).finding(step: "approval", excluded: opener)
  }
}
