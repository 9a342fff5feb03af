package import Record
internal import ReleaseModel

/// Where one step stands, by the record alone.
package enum StepStatus: Sendable, Hashable {
  case done(Progress.Observation)
  case byHand(Progress.Observation)
  case waived(Progress.Waiver)
  case notNeeded(String)
  case open

  package var isSatisfied: Bool { self != .open }

  /// Whether the tool or a person saw it to hold.
  package var isSeen: Bool {
    switch self {
    case .done, .byHand: true
    case .waived, .notNeeded, .open: false
    }
  }

  package static func recorded(_ step: Step, _ situation: Situation) -> StepStatus {
    if let reason = step.notNeeded(situation) { return .notNeeded(reason) }
    let subject = situation.subject(of: step.phase)
    if let observation = situation.progress.observed[step.name],
      observation.data.subject == subject
    {
      return observation.byHand ? .byHand(observation) : .done(observation)
    }
    return WaiverRule(situation).waiver(step.name, of: waivable(step, situation)).map {
      .waived($0)
    }
      ?? .open
  }

  /// What waivers of a step lack, in words; nil where there is none, or enough people gave one.
  package static func lackOfWaivers(_ step: Step, _ situation: Situation) -> String? {
    WaiverRule(situation).lack(step.name, of: waivable(step, situation))
  }

  /// The subjects that a waiver may be about.
  private static func waivable(_ step: Step, _ situation: Situation) -> [String] {
    let subject = situation.subject(of: step.phase)
    // The tool's own changelog commit changes the tree, and nothing that a waiver is about.
    let below = situation.progress.observed["documented"].flatMap {
      $0.data.subject == subject ? $0.data.facts["over"] : nil
    }
    return [subject] + [below].compactMap(\.self)
  }
}
