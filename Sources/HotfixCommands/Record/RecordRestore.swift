internal import Git
internal import Record
internal import ReleaseModel
internal import Runbook

/// Puts the last good state of a record back on the remote: `record verify --restore`.
struct RecordRestoring: Sendable {
  private static let attemptsMax = 8

  let workspace: Workspace
  let run: String
  /// Which of two histories stays, by the first digits of its tip.
  let tip: String?

  private struct Result: Encodable {
    let schema = "hotfix.restored/1"
    let run: String
    let events: Int
    let tip: String?
    /// The refs that keep what was taken off the record.
    let evidence: [String]
  }

  /// Throws `record.choose`, `record.tip`, `run.none`, `git.locked`, `record.busy`, `push.…`, and what is
  /// wrong with a record of which nothing holds.
  func restore() async throws {
    var lostWords = ""
    for _ in 0..<Self.attemptsMax {
      let state = try await state()
      guard let (good, why) = try choice(state) else { return try showGood(state) }
      let evidence = workspace.store.evidence(of: state, besides: good)
      let note = PendingFact(
        key: workspace.toolbox.makeKey(),
        fact: .noted(Noted(text: text(good, why, evidence))),
        at: workspace.toolbox.now()
      )
      try await workspace.toolbox.boundary("before restore")
      let (chain, outcome) = try await workspace.store.put(
        good,
        over: state,
        note: note,
        signer: try await workspace.signer()
      )
      try await workspace.toolbox.boundary("after restore")
      switch outcome {
      case .done: return try show(chain, good, evidence)
      case .lost(let words):
        // Somebody else repaired it, or wrote to it: look again.
        lostWords = words
        try await workspace.fetch()
      case .refused(let words): throw PushProblem.problem(words)
      case .unknown(let words): throw PushProblem.unreachable(words)
      }
    }
    throw GitObstacle(lostWords)?.problem(remote: workspace.git.remote)
      ?? Problem(
        "record.busy",
        "The record kept moving while it was to be put back.",
        why: lostWords,
        next: ["hotfix record verify \(run)"]
      )
  }

  private func state() async throws -> RecordState {
    do {
      return try await workspace.store.state(run)
    } catch let fault as RecordFault {
      throw fault.problem(run: run)
    }
  }

  /// Returns the history that stays and why it is put back; nil when all is well.
  private func choice(_ state: RecordState) throws -> (Chain, String)? {
    let remote = state.remote.map { "The remote was at \($0): " } ?? ""
    let fault = state.fault?.problem(run: run).why
    switch state.remedy {
    case .none:
      let now = workspace.toolbox.now()
      return EventTimes(state.theirs.events).ahead(of: now).map { event in
        (state.theirs, "\(event.aheadText(of: now)).")
      }
    case .put(let good):
      try require(tip, [good])
      return (good, remote + (fault ?? "an older state of this record."))
    case .choose(let theirs, let ours, let after):
      guard let tip else { throw several(theirs, ours, after) }
      try require(tip, [theirs, ours])
      let good = theirs.tip?.hasPrefix(tip) == true ? theirs : ours
      return (good, remote + "two histories held after event \(after). \(fault ?? "")")
    case .nothing:
      throw state.fault?.problem(run: run)
        ?? Problem("run.none", "There is no run \(run).", next: ["hotfix log     lists all runs"])
    }
  }

  private func require(_ tip: String?, _ histories: [Chain]) throws {
    guard let tip, !histories.contains(where: { $0.tip?.hasPrefix(tip) == true }) else { return }
    throw Problem(
      "record.tip",
      "No history of \(run) that holds ends at \(tip).",
      why: histories.map(line).joined(separator: "\n"),
      next: ["hotfix record verify \(run) --restore"]
    )
  }

  private func several(_ theirs: Chain, _ ours: Chain, _ after: Int) -> Problem {
    func command(_ chain: Chain, _ whose: String) -> String {
      "hotfix record verify \(run) --restore --tip \((chain.tip ?? "").prefix(12))     keeps \(whose)"
    }
    return Problem(
      "record.choose",
      "Two histories of \(run) hold, and a listed person signed each.",
      why: "They part after event \(after).\non the remote:  \(line(theirs))\n"
        + "in this clone:  \(line(ours))",
      next: [
        "Ask those who signed which one is right; the other is kept as evidence.",
        command(theirs, "the remote's"), command(ours, "this clone's"),
      ]
    )
  }

  private func line(_ chain: Chain) -> String {
    let last = chain.events.last.map { ", by \($0.actor) at \($0.at.iso): \($0.fact.headline)" }
    return "\((chain.tip ?? "").prefix(12)), \(chain.events.count) events\(last ?? "")"
  }

  private func text(_ good: Chain, _ why: String, _ evidence: [String]) -> String {
    let kept = evidence.map { "kept at \(RecordStore.evidenceRef(run, $0))" }
    let place = "event \(good.events.count), \(good.tip ?? "")"
    return (["The record goes on from \(place). \(why)"] + kept).joined(separator: "; ")
  }

  private func showGood(_ state: RecordState) throws {
    let chain = state.theirs
    try workspace.console.show(
      Result(run: run, events: chain.events.count, tip: chain.tip, evidence: []),
      "\(run) holds as it is: \(chain.events.count) events, tip \((chain.tip ?? "").prefix(12))"
    )
  }

  private func show(_ chain: Chain, _ good: Chain, _ evidence: [String]) throws {
    let refs = evidence.map { RecordStore.evidenceRef(run, $0) }
    try workspace.console.show(
      Result(run: run, events: chain.events.count, tip: chain.tip, evidence: refs),
      (["\(run) goes on from event \(good.events.count); a signed note says why"]
        + refs.map { "kept:  \($0)" }).joined(separator: "\n")
    )
  }
}
