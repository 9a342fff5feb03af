internal import Documents

extension Step {
  static let teamNotified = Step(
    "team-notified",
    .assess,
    runbook: "1.3",
    title: "The team knows",
    why: "People who do not know of a hotfix merge over it, or do it twice.",
    looksAt: "the answer of every team channel",
    mend: ["hotfix note --done team-notified \"told them in the office\""],
    after: ["criticality", "approval"],
    effect: .blind,
    notNeeded: { $0.settings.team.isEmpty ? "hotfix.yml names no team channel" : nil },
    observe: { try await Messages($0, .team).finding() },
    commands: { Messages($0, .team).commands },
    perform: { try await Messages($0, .team).effects() }
  )
}
