internal import ReleaseModel
internal import Record

extension Step {
  static let timeline = Step(
    "timeline",
    .assess,
    runbook: "1.3",
    title: "Every phase has a deadline",
    why: "Without a deadline an incident becomes a project.",
    looksAt: "the deadlines in the record, set by severity when the run was opened",
    mend: ["hotfix note --late PHASE \"why\"     says why a phase is past its deadline"],
    after: [],
    observe: { situation in
      let deadlines = situation.progress.deadlines
      guard let last = deadlines["tell"] else {
        return .waiting(.person("you", "open the run again", "hotfix open \"…\""))
      }
      return .holds(["severity \(situation.severity): users told by \(last.iso)"])
    }
  )
}
