package import ReleaseModel

/// Where a run stands: the fold of its events (invariant 1).
///
/// The fold is total and pure: no clock, no I/O, and an event that comes twice changes nothing.
package struct Progress: Sendable, Hashable {
  package let run: String
  /// How the run was opened; base, version and tag as they are since the base moved.
  package private(set) var opened: RunOpened?
  /// Every name that the run has had, oldest first.
  package private(set) var names: [String] = []
  package private(set) var openedAt: Moment?
  package private(set) var openedBy: String?
  package private(set) var policy: Policy?
  package private(set) var assessment: Assessment?
  package private(set) var deadlines: [String: Moment] = [:]
  package private(set) var late: [String: String] = [:]
  package private(set) var test: String?
  package private(set) var picks: [String] = []
  /// The newest observation of each step.
  package private(set) var observed: [String: Observation] = [:]
  /// The newest failure of each step, until the step is observed to hold.
  package private(set) var failures: [String: StepFailed] = [:]
  package private(set) var effects: [Effect] = []
  package private(set) var statements: [GivenStatement] = []
  package private(set) var waivers: [Waiver] = []
  package private(set) var withdrawn: [ReleaseWithdrawn] = []
  package private(set) var ending: Ending?
  package private(set) var endedAt: Moment?
  package private(set) var events: [Event] = []
  private var keys: Set<String> = []

  package struct Observation: Sendable, Hashable {
    package let data: StepObserved
    /// Its place in the chain.
    package let sequence: Int
    package let at: Moment
    package let actor: String
    /// A person vouches for it; the tool did not see it.
    package let byHand: Bool
  }

  package struct Effect: Sendable, Hashable {
    package let key: String
    package let data: EffectIntended
    package let at: Moment
    package let actor: String
    package var conclusion: EffectConcluded?
  }

  package struct GivenStatement: Sendable, Hashable {
    package let data: Statement
    /// Its place in the chain.
    package let sequence: Int
    package let at: Moment
    package let actor: String
  }

  package struct Waiver: Sendable, Hashable {
    package let data: StepWaived
    package let at: Moment
    package let actor: String

    package init(data: StepWaived, at: Moment, actor: String) {
      self.data = data
      self.at = at
      self.actor = actor
    }

    /// The waiver as every list shows it.
    package var text: String { "WAIVED \(data.step) by \(actor): \(data.reason)" }
  }

  package enum Ending: Sendable, Hashable {
    case closed(missing: [String])
    case abandoned(reason: String)
  }

  package init(run: String, events: some Sequence<Event> = []) {
    self.run = run
    for event in events { add(event) }
  }

  /// Whether an event with this key is in the record already.
  package func holds(key: String) -> Bool { keys.contains(key) }

  package mutating func add(_ event: Event) {
    guard keys.insert(event.key).inserted else { return }
    events.append(event)
    if let name = event.fact.name, !names.contains(name) { names.append(name) }
    switch event.fact {
    case .opened(let data):
      opened = data
      openedAt = event.at
      openedBy = event.actor
      policy = data.policy
      test = data.test
      picks = data.picks
    case .moved(let data): opened = opened?.moved(data)
    case .assessed(let data): assessment = data
    case .deadlinesSet(let data): deadlines.merge(data.deadlines) { $1 }
    case .amended(let data): amend(data)
    case .observed(let data): observe(data, event, byHand: false)
    case .failed(let data): failures[data.step] = data
    case .intended(let data):
      effects.append(Effect(key: event.key, data: data, at: event.at, actor: event.actor))
    case .concluded(let data): conclude(data)
    case .stated(let data):
      statements.append(
        GivenStatement(data: data, sequence: event.sequence, at: event.at, actor: event.actor)
      )
    case .policyChanged(let data): policy = data.policy
    case .waived(let data):
      waivers.append(Waiver(data: data, at: event.at, actor: event.actor))
    case .noted(let data): note(data, event)
    case .withdrawn(let data): withdrawn.append(data)
    case .closed(let data): end(.closed(missing: data.missing), event)
    case .abandoned(let data): end(.abandoned(reason: data.reason), event)
    }
  }

  private mutating func amend(_ data: Amended) {
    if let test = data.test { self.test = test }
    if let picks = data.picks { self.picks += picks }
    late.merge(data.late ?? [:]) { $1 }
  }

  private mutating func observe(_ data: StepObserved, _ event: Event, byHand: Bool) {
    observed[data.step] = Observation(
      data: data,
      sequence: event.sequence,
      at: event.at,
      actor: event.actor,
      byHand: byHand
    )
    failures[data.step] = nil
  }

  private mutating func note(_ data: Noted, _ event: Event) {
    guard let step = data.done, let subject = data.subject else { return }
    if let target = data.target {
      conclude(
        EffectConcluded(
          step: step,
          subject: subject,
          target: target,
          result: .done,
          detail: "\(event.actor): \(data.text)"
        )
      )
    } else {
      observe(
        StepObserved(step: step, subject: subject, evidence: ["\(event.actor): \(data.text)"]),
        event,
        byHand: true
      )
    }
  }

  private mutating func conclude(_ data: EffectConcluded) {
    // A step may have several effects, and each may be tried again: the newest one is meant.
    guard
      let index = effects.lastIndex(where: {
        $0.data.step == data.step && $0.data.target == data.target
          && $0.data.subject == data.subject
      })
    else { return }
    effects[index].conclusion = data
  }

  private mutating func end(_ ending: Ending, _ event: Event) {
    self.ending = ending
    endedAt = event.at
  }

  /// The newest attempt at one effect of a step.
  package func effect(_ step: String, target: String, subject: String) -> Effect? {
    effects.last {
      $0.data.step == step && $0.data.target == target && $0.data.subject == subject
    }
  }
}
