internal import ReleaseModel

/// What an event says: a closed list.
///
/// An unknown type stops an older program from appending; an unknown field is ignored.
package enum Fact: Sendable, Hashable {
  case opened(RunOpened)
  case assessed(Assessment)
  case moved(BaseMoved)
  case deadlinesSet(DeadlinesSet)
  case amended(Amended)
  case observed(StepObserved)
  case failed(StepFailed)
  case intended(EffectIntended)
  case concluded(EffectConcluded)
  case stated(Statement)
  case policyChanged(PolicyChanged)
  case waived(StepWaived)
  case noted(Noted)
  case withdrawn(ReleaseWithdrawn)
  case closed(RunClosed)
  case abandoned(RunAbandoned)

  package enum Kind: String, Sendable, CaseIterable {
    case opened = "run.opened"
    case assessed = "assessment.recorded"
    case moved = "base.moved"
    case deadlinesSet = "deadlines.set"
    case amended = "run.amended"
    case observed = "step.observed"
    case failed = "step.failed"
    case intended = "effect.intended"
    case concluded = "effect.concluded"
    case stated = "statement.given"
    case policyChanged = "policy.changed"
    case waived = "step.waived"
    case noted = "note.added"
    case withdrawn = "release.withdrawn"
    case closed = "run.closed"
    case abandoned = "run.abandoned"
  }

  package var kind: Kind {
    switch self {
    case .opened: .opened
    case .assessed: .assessed
    case .moved: .moved
    case .deadlinesSet: .deadlinesSet
    case .amended: .amended
    case .observed: .observed
    case .failed: .failed
    case .intended: .intended
    case .concluded: .concluded
    case .stated: .stated
    case .policyChanged: .policyChanged
    case .waived: .waived
    case .noted: .noted
    case .withdrawn: .withdrawn
    case .closed: .closed
    case .abandoned: .abandoned
    }
  }

  init(kind: Kind, from decoder: any Decoder) throws {
    self =
      switch kind {
      case .opened: .opened(try RunOpened(from: decoder))
      case .assessed: .assessed(try Assessment(from: decoder))
      case .moved: .moved(try BaseMoved(from: decoder))
      case .deadlinesSet: .deadlinesSet(try DeadlinesSet(from: decoder))
      case .amended: .amended(try Amended(from: decoder))
      case .observed: .observed(try StepObserved(from: decoder))
      case .failed: .failed(try StepFailed(from: decoder))
      case .intended: .intended(try EffectIntended(from: decoder))
      case .concluded: .concluded(try EffectConcluded(from: decoder))
      case .stated: .stated(try Statement(from: decoder))
      case .policyChanged: .policyChanged(try PolicyChanged(from: decoder))
      case .waived: .waived(try StepWaived(from: decoder))
      case .noted: .noted(try Noted(from: decoder))
      case .withdrawn: .withdrawn(try ReleaseWithdrawn(from: decoder))
      case .closed: .closed(try RunClosed(from: decoder))
      case .abandoned: .abandoned(try RunAbandoned(from: decoder))
      }
  }

  func encode(to encoder: any Encoder) throws {
    switch self {
    case .opened(let data): try data.encode(to: encoder)
    case .assessed(let data): try data.encode(to: encoder)
    case .moved(let data): try data.encode(to: encoder)
    case .deadlinesSet(let data): try data.encode(to: encoder)
    case .amended(let data): try data.encode(to: encoder)
    case .observed(let data): try data.encode(to: encoder)
    case .failed(let data): try data.encode(to: encoder)
    case .intended(let data): try data.encode(to: encoder)
    case .concluded(let data): try data.encode(to: encoder)
    case .stated(let data): try data.encode(to: encoder)
    case .policyChanged(let data): try data.encode(to: encoder)
    case .waived(let data): try data.encode(to: encoder)
    case .noted(let data): try data.encode(to: encoder)
    case .withdrawn(let data): try data.encode(to: encoder)
    case .closed(let data): try data.encode(to: encoder)
    case .abandoned(let data): try data.encode(to: encoder)
    }
  }

  /// The tag's name that the run has from here on, where the event gives it one.
  package var name: String? {
    switch self {
    case .opened(let data): data.tag
    case .moved(let data): data.tag
    default: nil
    }
  }

  /// How long the chain may be behind this fact, in events: what ends a run has a place in the end.
  package var chainLengthMax: Int {
    switch self {
    case .concluded, .withdrawn, .closed, .abandoned: Event.chainLengthMax
    default: Event.ordinaryLengthMax
    }
  }

  /// One line for people.
  package var headline: String {
    let what: String
    switch self {
    case .opened(let data): what = "\"\(oneLine(data.title))\" \(data.tag) over \(data.base.tag)"
    case .assessed(let data): what = "\(data.kind) → \(data.verdict)"
    case .moved(let data): what = "\(data.tag) over \(data.base.tag)"
    case .deadlinesSet(let data): what = "\(data.deadlines.count) phases"
    case .amended(let data): what = oneLine(data.summary)
    case .observed(let data): what = "step=\(data.step)"
    case .failed(let data): what = "step=\(data.step) \(data.problem.code)"
    case .intended(let data): what = "step=\(data.step)"
    case .concluded(let data): what = "step=\(data.step) \(data.result.rawValue)"
    case .stated(let data): what = "\(data.decision.rawValue) step=\(data.step)"
    case .policyChanged(let data): what = oneLine(data.reason)
    case .waived(let data): what = "step=\(data.step) \(oneLine(data.reason))"
    case .noted(let data): what = oneLine(data.text)
    case .withdrawn(let data): what = "\(data.tag) \(oneLine(data.reason))"
    case .closed: what = "done"
    case .abandoned(let data): what = oneLine(data.reason)
    }
    return "\(kind.rawValue) \(what)"
  }
}

private func oneLine(_ text: String) -> String {
  let flat = text.split(whereSeparator: \.isNewline).joined(separator: " ")
  return flat.count <= 72 ? flat : flat.prefix(71) + "…"
}
