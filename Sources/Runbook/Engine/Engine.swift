// The engine: record → decision → one move → record, again and again.
//
// 1. An outward effect runs only after its intent is on the remote (invariant 2).
// 2. A step holds only after it was observed, whoever did it.
// 3. Observations wait in `pending` and travel with the next push; a crash before that loses only
//    what can be observed again.
// 4. When a push loses a race, the record is read again and the decision is made again.

package import Git
package import Record
package import ReleaseModel

/// Carries one run forward.
package actor Engine {
  package let procedure: [Step]
  package let settings: Settings
  package let store: RecordStore
  package let signer: Signer
  let toolbox: Toolbox
  let meter = Meter()
  var chain: Chain
  var pending: [PendingFact] = []
  /// Said once, before anything else that this engine adds.
  var preface: [Fact]
  package internal(set) var progress: Progress
  /// What the refs are, and what was held against them; both are looked at anew after a change.
  var refs: RefView? { didSet { if refs == nil { held = [:] } } }
  var held: [String: Bool] = [:]
  let memo = Memo()
  let served = Served()
  var found: [String: Finding] = [:]
  var lostRaces = 0
  /// What git said of the last lost race.
  var lostWords = ""

  static let attemptsMax = 8

  package init(
    procedure: [Step],
    settings: Settings,
    toolbox: Toolbox,
    store: RecordStore,
    signer: Signer,
    chain: Chain,
    preface: [Fact] = []
  ) {
    self.preface = preface
    self.procedure = procedure
    self.settings = settings
    self.toolbox = toolbox
    self.store = store
    self.signer = signer
    self.chain = chain
    progress = Progress(run: chain.run, events: chain.events)
  }

  /// Where the run stands when the engine stops.
  package enum Stop: Sendable, Hashable {
    case waiting([StepWait])
    case refused(step: String, Problem)
    /// It would act now, and why.
    case acting(step: String, because: String)
    case done
  }

  /// Does everything that can be done now; with `mayAct` false it only looks.
  package func advance(mayAct: Bool, until last: String? = nil) async throws -> Stop {
    if mayAct { try requireClock() }
    for _ in 0..<1000 {
      let situation = try await situation()
      let move = Decision.next(try await entries(situation))
      switch move {
      case .observe(let name):
        try await look(step(name), situation, mayAct: mayAct)
      case .perform(let name):
        guard mayAct else { return .acting(step: name, because: lacking(name)) }
        if let stop = try await act(step(name), situation) { return stop }
      case .wait(let waits):
        if mayAct { try await flush() }
        return .waiting(waits)
      case .refuse(let name, let problem):
        if mayAct {
          try await fail(name, problem, situation)
          try await flush()
        }
        return .refused(step: name, problem)
      case .done:
        if mayAct { try await flush() }
        return .done
      }
      if let last, found[last] != nil || isSatisfied(last) {
        if mayAct { try await flush() }
        return .done
      }
    }
    throw Problem(
      "engine.endless",
      "The run does not come to an end.",
      why: "A thousand moves changed nothing any more.",
      next: ["hotfix status", "Report this."]
    )
  }

  /// Appends facts now, on the newest state; `decide` sees it and may refuse by throwing.
  package func append(
    _ decide: @Sendable (Progress) throws -> [Fact]
  ) async throws {
    for _ in 0..<Self.attemptsMax {
      if try await tryAppend(try decide(progress), with: []) { return }
    }
    throw raceLost()
  }

  /// Appends facts now, in one push with other refs; false when somebody else was faster.
  func tryAppend(_ facts: [Fact], with updates: [RefUpdate]) async throws -> Bool {
    for fact in facts { add(fact) }
    if try await push(updates) { return true }
    pending = []
    progress = Progress(run: chain.run, events: chain.events)
    return false
  }

  package func situation() async throws -> Situation {
    if refs == nil { refs = try await view(after: []) }
    return try await situation(refs ?? RefView())
  }

  /// The situation once a push of these refs has landed.
  func situation(after updates: [RefUpdate]) async throws -> Situation {
    try await situation(try await view(after: updates))
  }

  private func view(after updates: [RefUpdate]) async throws -> RefView {
    var view = try await RefView.look(try opened, after: updates, run: chain.run, git: store.git)
    try await view.recall(progress, git: store.git)
    return view
  }

  private var opened: RunOpened {
    get throws {
      if let opened = progress.opened { return opened }
      throw RecordFault.notAnEvent(sequence: 1, reason: "the run was never opened")
        .problem(run: chain.run)
    }
  }

  private func situation(_ refs: RefView) async throws -> Situation {
    try await Situation(
      progress: progress,
      opened: try opened,
      settings: settings,
      toolbox: toolbox,
      git: store.git,
      refs: refs,
      signer: signer,
      recordDigests: chain.digests,
      meter: meter,
      memo: memo,
      served: served
    ).knowingAuthors()
  }

  /// Steps that hold although the record does not say so yet.
  package var foundToHold: Set<String> {
    Set(found.filter { if case .holds = $0.value { true } else { false } }.keys)
  }

  /// Fetches and reads everything anew.
  package func refresh() async throws {
    try await fetchAndRead()
    await served.forget()
    progress = Progress(run: chain.run, events: chain.events)
    refs = nil
    found = [:]
  }

  // MARK: looking

  private func entries(_ situation: Situation) async throws -> [Decision.Entry] {
    var entries: [Decision.Entry] = []
    var openPhase: Phase?
    for step in procedure {
      // Later phases are not looked at, so their state does not matter yet.
      let state: StepState
      if let openPhase, step.phase > openPhase {
        state = .unknown
      } else {
        state = try await self.state(of: step, situation)
        if state != .satisfied { openPhase = step.phase }
      }
      let earlier = procedure.prefix { $0.name != step.name }.filter { $0.phase == step.phase }
      entries.append(
        Decision.Entry(
          name: step.name,
          phase: step.phase,
          after: step.after ?? earlier.map(\.name),
          state: state
        )
      )
    }
    return entries
  }

  private func state(of step: Step, _ situation: Situation) async throws -> StepState {
    if case .holds = found[step.name] { return .satisfied }
    switch StepStatus.recorded(step, situation) {
    case .waived, .notNeeded: return .satisfied
    case .done, .byHand:
      if held[step.name] == nil { held[step.name] = try await step.stillHolds(situation) }
      if held[step.name] == true { return .satisfied }
    case .open: break
    }
    return found[step.name].map { .found($0) } ?? .unknown
  }

  /// What a step lacks, in words.
  private func lacking(_ name: String) -> String {
    if case .lacking(let reason)? = found[name] { reason } else { "" }
  }

  private func isSatisfied(_ name: String) -> Bool {
    if case .holds = found[name] { return true }
    return false
  }

  func step(_ name: String) -> Step {
    guard let step = procedure.first(where: { $0.name == name }) else {
      preconditionFailure("The decision names steps of the procedure only.")
    }
    return step
  }

  private func look(_ step: Step, _ situation: Situation, mayAct: Bool) async throws {
    let start = toolbox.milliseconds()
    let finding: Finding
    do {
      finding = try await step.observe(situation)
    } catch let problem as Problem {
      finding = .refused(problem)
    }
    found[step.name] = finding
    if case .holds(let evidence, let facts) = finding, mayAct {
      await record(step, situation, evidence, facts, since: start)
    }
  }

  /// Adds what was observed, and tells of it.
  func record(
    _ step: Step,
    _ situation: Situation,
    _ evidence: [String],
    _ facts: [String: String],
    since start: Int
  ) async {
    let observed = await observed(step, situation, evidence, facts, since: start)
    add(.observed(observed))
    tell(observed)
  }

  func observed(
    _ step: Step,
    _ situation: Situation,
    _ evidence: [String],
    _ facts: [String: String],
    since start: Int
  ) async -> StepObserved {
    let commands = await meter.take()
    return StepObserved(
      step: step.name,
      subject: situation.subject(of: step.phase),
      evidence: evidence,
      facts: facts,
      toolMilliseconds: max(0, toolbox.milliseconds() - start - commands),
      commandMilliseconds: commands
    )
  }

  func tell(_ observed: StepObserved) {
    toolbox.say(
      .holds(
        step: observed.step,
        evidence: observed.evidence,
        toolMilliseconds: observed.toolMilliseconds,
        commandMilliseconds: observed.commandMilliseconds
      )
    )
  }
}
