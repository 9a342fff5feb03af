internal import Record

extension Step {
  static let necessity = Step(
    "necessity",
    .assess,
    runbook: "1.2",
    title: "It cannot wait for the regular release",
    why: "Whoever looks back has to see why the regular release was too late.",
    looksAt: "the reason, the affected versions and the workaround in the record",
    mend: ["hotfix open … --because \"…\" --affected 1.0.0 --workaround none"],
    observe: { situation in
      guard let assessment = situation.progress.assessment else {
        return .waiting(.person("you", "say why it cannot wait", "hotfix open \"…\" --because …"))
      }
      return .holds([
        "cannot wait: \(assessment.cannotWait)",
        "affected: \(assessment.affected.joined(separator: ", "))",
        "workaround: \(assessment.workaround)",
      ])
    }
  )
}
