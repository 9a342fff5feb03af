internal import Record
internal import Git
internal import ReleaseModel

extension Step {
  static let checklist = Step(
    "checklist",
    .close,
    runbook: "Verification",
    title: "Every box of the runbook has its evidence",
    why: "The run is over when the runbook's own list says so, not when people are tired.",
    looksAt: "the eight boxes of the runbook's verification list, and the host once more",
    mend: ["hotfix status     shows the open box"],
    observe: { situation in
      let procedure = Procedure.steps
      var evidence: [String] = []
      for (box, names) in boxes {
        let steps = procedure.filter { names.contains($0.name) }
        let line = line(box, steps.map { ($0.name, StepStatus.recorded($0, situation)) })
        guard let line else {
          let open = steps.first { !StepStatus.recorded($0, situation).isSatisfied }
          return .waiting(
            .person("you", "the box \"\(box)\" lacks \(open?.name ?? "a step")", "hotfix status")
          )
        }
        evidence.append(line)
      }
      let late = lateness(situation)
      guard late.isEmpty else {
        return .waiting(
          .person(
            "you",
            "says why \(late.joined(separator: ", ")) took longer than planned",
            "hotfix note --late \(late[0]) \"why\""
          )
        )
      }
      // The host is looked at again: what was verified has to be what is there now.
      let release = try await situation.toolbox.host.release(situation.opened.tag)
      let recorded = situation.recordedArtifacts
      if let release,
        release.artifacts.count != recorded.count
          || !zip(release.artifacts, recorded).allSatisfy({ $0.agrees(with: $1) })
      {
        throw Problem(
          "release.differs",
          "The release on the host changed after it was verified.",
          next: ["hotfix verify \(situation.opened.tag)"]
        )
      }
      return .holds(evidence, facts: try await downloads(situation))
    }
  )

  /// Returns one box with what ticks it, or nil while a step is open.
  ///
  /// A waived step is no evidence: its box says so, and is not ticked.
  static func line(_ box: String, _ steps: [(name: String, status: StepStatus)]) -> String? {
    var done: [String] = []
    var waived: [String] = []
    var without: [String] = []
    for (name, status) in steps {
      switch status {
      case .done(let seen) where seen.data.evidence == [Quorum.unseen]:
        done.append("\(name) (\(Quorum.unseen))")
      case .done, .byHand: done.append(name)
      case .waived(let waiver): waived.append(waiver.text)
      case .notNeeded: without.append(name)
      case .open: return nil
      }
    }
    let rest = without.isEmpty ? "" : "not needed: \(without.joined(separator: ", "))"
    let words = [done.joined(separator: ", "), waived.joined(separator: "; "), rest]
    let mark = !waived.isEmpty ? "☐" : done.isEmpty ? "–" : "☑"
    return "\(mark) \(box): \(words.filter { !$0.isEmpty }.joined(separator: "; "))"
  }

  /// How often users downloaded what the hotfix replaces, where the host counts.
  private static func downloads(_ situation: Situation) async throws -> [String: String] {
    guard let forge = situation.toolbox.forge else { return [:] }
    let counts = try await forge.publicity.downloads()[situation.opened.base.tag] ?? [:]
    return ["downloads": "\(Reach.downloads(counts, situation.settings))"]
  }

  /// The runbook's verification list, and the steps that tick each box.
  static let boxes: [(box: String, steps: [String])] = [
    ("Hotfix is developed and tested", ["fix", "suite", "proof", "regression"]),
    ("Code review is complete", ["code-review", "test-review", "docs-review", "final"]),
    ("Release is created", ["tag", "push", "publish", "release"]),
    ("Artifacts are available", ["artifacts", "install"]),
    ("Update feeds are working", ["feeds", "feeds-live", "update"]),
    ("Release announcement is posted", ["announcement"]),
    ("Users are notified (if applicable)", ["users"]),
    ("Documentation is updated", ["release-notes", "changelog", "process-doc"]),
  ]

  /// Phases that ended after their deadline and whose reason nobody gave.
  static func lateness(_ situation: Situation) -> [String] {
    Phase.allCases.filter { phase in
      guard phase != .close, let deadline = situation.progress.deadlines[phase.rawValue],
        situation.progress.late[phase.rawValue] == nil
      else { return false }
      let ended = Procedure.steps.filter { $0.phase == phase }
        .compactMap { situation.progress.observed[$0.name]?.at }.max()
      return ended.map { $0 > deadline } ?? false
    }.map(\.rawValue)
  }
}
