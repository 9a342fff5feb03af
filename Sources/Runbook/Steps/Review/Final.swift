internal import Record

extension Step {
  static let final = Step(
    "final",
    .review,
    runbook: "3.2",
    title: "What was reviewed is what will be released",
    why: "A commit after the review is a commit without one.",
    looksAt:
      "that tests and reviews are about the tree at the branch's head (invariant 3), and the "
      + "checks that the host requires",
    mend: ["hotfix next     runs and asks again for the new tree"],
    observe: { situation in
      if situation.refs.isDiverged { throw Branching.diverged(situation) }
      let subject = situation.subject(of: .review)
      let steps = ["suite", "proof"] + Reviewing.steps
      let other = steps.filter { step in
        situation.progress.observed[step].map { $0.data.subject != subject } ?? false
      }
      guard other.isEmpty else {
        return .lacking("\(other.joined(separator: ", ")) hold for another tree")
      }
      let recorded = Procedure.steps.filter { steps.contains($0.name) }
        .map { ($0.name, StepStatus.recorded($0, situation)) }
      var evidence = [
        "\(recorded.filter(\.1.isSeen).map(\.0).joined(separator: ", ")) are about \(subject)"
      ]
      if let sentence = situation.unseenSentence { evidence.append(sentence) }
      for case (_, .waived(let waiver)) in recorded { evidence.append(waiver.text) }
      guard let checks = try await HostedPull(situation)?.checks() else { return .holds(evidence) }
      guard case .holds(let more, _) = checks else { return checks }
      return .holds(evidence + more)
    },
    stillHolds: { !$0.refs.isDiverged || $0.refs.remoteTag != nil }
  )
}
