// The engine's side of the record: what is pending, how it is pushed, and what a lost race means.

internal import Git
internal import Record
internal import ReleaseModel

extension Engine {
  /// Adds what happened just now.
  func add(_ fact: Fact) { add(pending(fact)) }

  /// A fact of this moment, with the key that it keeps through every attempt to append it.
  private func pending(_ fact: Fact) -> PendingFact {
    PendingFact(key: toolbox.makeKey(), fact: fact, at: toolbox.now())
  }

  private func add(_ fact: PendingFact) {
    pending.append(fact)
    progress.add(
      Event(
        run: chain.run,
        sequence: progress.events.count + 1,
        previous: nil,
        key: fact.key,
        actor: signer.person,
        at: fact.at,
        policy: chain.policyInForce ?? ContentDigest.zero,
        fact: fact.fact
      )
    )
  }

  /// Throws `clock.behind` before anything is done that could not be recorded.
  func requireClock() throws {
    try EventTimes(chain.events).require(.noted(Noted(text: "")), at: toolbox.now())
  }

  /// Puts what is pending into the record, however often others are faster.
  func flush() async throws {
    for _ in 0..<Self.attemptsMax where !pending.isEmpty {
      if try await push([]) { try await toolbox.boundary("after flush") }
    }
    guard pending.isEmpty else { throw raceLost() }
  }

  /// Pushes what is pending, with other refs and the facts that hold only together with them.
  ///
  /// Returns false after a lost race: the record was fetched again, and nothing of this push
  /// happened.
  func push(_ updates: [RefUpdate], proving facts: [Fact] = []) async throws -> Bool {
    guard !pending.isEmpty || !updates.isEmpty || !facts.isEmpty else { return true }
    guard progress.policy != nil else { return true }
    if progress.ending != nil, chain.events.contains(where: \.fact.isEnding) {
      throw Problem(
        "run.ended",
        "The run \(chain.run) has ended.",
        next: ["hotfix log \(chain.run)", "hotfix open \"…\"     opens a new one"]
      )
    }
    let sent = preface.map(pending) + pending + facts.map(pending)
    let (next, outcome) = try await store.append(
      sent,
      to: chain,
      with: updates,
      signer: signer
    )
    switch outcome {
    case .done:
      chain = next
      pending = []
      preface = []
      lostRaces = 0
      progress = Progress(run: chain.run, events: chain.events)
      if !updates.isEmpty { refs = nil }
      return true
    case .lost, .unknown:
      return try await afterLostPush(outcome, keys: Set(sent.map(\.key)))
    case .refused(let words):
      // Without the refs the rest may well be taken.
      let rest = updates.isEmpty ? [] : pending
      pending = []
      progress = Progress(run: chain.run, events: chain.events)
      for fact in rest { add(fact) }
      throw PushProblem.problem(words)
    }
  }

  /// After a push without a clear "done": looks whether it landed all the same.
  func afterLostPush(_ outcome: PushOutcome, keys: Set<String>) async throws -> Bool {
    lostRaces += 1
    if case .lost(let words) = outcome { lostWords = words }
    guard lostRaces <= Self.attemptsMax else { throw raceLost() }
    try await fetchAndRead()
    let known = Set(chain.events.map(\.key))
    let landed = !keys.isEmpty && keys.isSubset(of: known)
    progress = Progress(run: chain.run, events: chain.events)
    refs = nil
    found = [:]
    if landed {
      pending = []
      return true
    }
    // What was seen is looked at again; only the outcome of an effect outside must not get lost.
    let again = pending.filter { $0.fact.isOutcome && !known.contains($0.key) }
    pending = []
    for fact in again { add(fact) }
    if case .unknown(let words) = outcome, !words.isEmpty { throw PushProblem.unreachable(words) }
    return false
  }

  func fetchAndRead() async throws {
    try await store.git.fetch()
    do {
      chain = try await store.read(chain.run)
    } catch let fault as RecordFault {
      throw fault.problem(run: chain.run)
    }
  }

  /// Returns why every attempt was in vain; what stays in the way looks like a race each time.
  func raceLost() -> Problem {
    if let obstacle = GitObstacle(lostWords) {
      return obstacle.problem(remote: store.git.remote)
    }
    return Problem(
      "record.busy",
      "The record kept moving while this command tried to add to it.",
      why: "\(Self.attemptsMax) attempts were overtaken by others.",
      next: ["hotfix status     shows what they did", "then repeat the command"]
    )
  }
}

extension Fact {
  fileprivate var isOutcome: Bool {
    if case .concluded = self { true } else { false }
  }

  fileprivate var isEnding: Bool {
    switch self {
    case .closed, .abandoned: true
    default: false
    }
  }
}
