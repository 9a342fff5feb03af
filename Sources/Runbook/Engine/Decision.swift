// The decision, pure: what is known of every step in, the next move out.
//
// 1. Phases are barriers: no step of a later phase is looked at before all of an earlier one hold.
// 2. Inside a phase, a step comes after those that it names; the rest do not wait for each other.
// 3. A step is looked at before it is performed, and again after.

package import ReleaseModel

/// What is known of one step.
package enum StepState: Sendable, Hashable {
  /// It holds: by evidence, a person's word, a waiver, or because it is not needed.
  case satisfied
  /// Nobody has looked yet.
  case unknown
  case found(Finding)
}

/// What the engine does next.
package enum Move: Sendable, Hashable {
  case observe(String)
  case perform(String)
  case wait([StepWait])
  case refuse(String, Problem)
  case done
}

/// A step and what it waits for.
package struct StepWait: Sendable, Hashable, Codable {
  package let step: String
  package let wait: Wait

  package init(step: String, wait: Wait) {
    self.step = step
    self.wait = wait
  }
}

package enum Decision {
  /// One step as the decision sees it.
  package struct Entry: Sendable {
    package let name: String
    package let phase: Phase
    /// Steps of the same phase that have to hold before this one is looked at.
    package let after: [String]
    package let state: StepState

    package init(name: String, phase: Phase, after: [String], state: StepState) {
      self.name = name
      self.phase = phase
      self.after = after
      self.state = state
    }
  }

  /// Returns the next move.
  ///
  /// All waits of a phase are gathered, so that people are asked once.
  package static func next(_ entries: [Entry]) -> Move {
    for phase in Phase.allCases {
      let open = entries.filter { $0.phase == phase && $0.state != .satisfied }
      if open.isEmpty { continue }
      let openNames = Set(open.map(\.name))
      var waits: [StepWait] = []
      for entry in open where openNames.isDisjoint(with: entry.after) {
        switch entry.state {
        case .satisfied: continue
        case .unknown: return .observe(entry.name)
        case .found(.holds): continue
        case .found(.lacking): return .perform(entry.name)
        case .found(.refused(let problem)): return .refuse(entry.name, problem)
        case .found(.waiting(let wait)): waits.append(StepWait(step: entry.name, wait: wait))
        }
      }
      return .wait(waits)
    }
    return .done
  }
}
