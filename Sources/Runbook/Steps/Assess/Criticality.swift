internal import Record

extension Step {
  static let criticality = Step(
    "criticality",
    .assess,
    runbook: "1.1",
    title: "The fault is critical",
    why: "A hotfix skips the usual care, so it is for faults that cannot wait.",
    looksAt: "the assessment in the record, judged by the SSVC supplier table for security and by "
      + "impact × reach × workaround otherwise",
    mend: ["hotfix waive criticality --reason \"…\"     overrides the table, loudly"],
    observe: { situation in
      guard let assessment = situation.progress.assessment else {
        return .waiting(.person("you", "say how bad the fault is", "hotfix open \"…\" --kind …"))
      }
      guard assessment.warranted else {
        return .waiting(
          .person(
            "you",
            "the table says \"\(assessment.verdict)\", not a hotfix",
            "hotfix abandon --reason \"goes into the next release\"",
            "hotfix waive criticality --reason \"…\""
          )
        )
      }
      return .holds(["\(assessment.kind): \(assessment.verdict)"] + assessment.reasons)
    }
  )
}
