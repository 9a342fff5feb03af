internal import Record

extension Step {
  static let comments = Step(
    "comments",
    .review,
    runbook: "3.2",
    title: "Every objection is settled",
    why: "An objection that is overrun in a hurry tends to be right.",
    looksAt:
      "refusals in the record that their authors have not taken back; on GitHub, reviews that "
      + "ask for changes and threads that nobody resolved",
    mend: ["hotfix approve STEP     by the one who declined, once it is settled"],
    observe: finding,
    stillHolds: { try await Quorum.stillHolds($0, finding($0)) }
  )

  @Sendable private static func finding(_ situation: Situation) async throws -> Finding {
    for step in Reviewing.steps where Procedure.step(step)?.notNeeded(situation) == nil {
      let finding = try await Reviewing(situation).finding(step)
      if case .waiting(let wait) = finding, wait.what.hasPrefix("has declined") { return finding }
    }
    if let hosted = try await HostedPull(situation)?.objections() { return hosted }
    let declined = situation.progress.statements.filter {
      $0.data.decision == .decline && Reviewing.steps.contains($0.data.step)
    }
    let settled = declined.map { "\($0.actor) declined \($0.data.step), and it is settled" }
    return .holds(settled.isEmpty ? ["nobody objected"] : settled)
  }
}
