// Puts the last good state of a record back on the remote.
//
// 1. The good state is the longest part of a history that holds. What this clone has verified is
//    never cut: a judge who refuses it now (main set back, a tag moved) is told and not repaired.
// 2. The push is compare-and-swap on exactly the bad tip: of two people who repair at once the second
//    sees that all is well.
// 3. Nothing is lost: the tip that goes is kept at refs/hotfix-evidence/<run>/<tip>, on the remote
//    where it takes such a ref, and in this clone always. A signed note says who did it and why.
// 4. Where two histories hold, a person says which one stays.

package import Record
internal import ReleaseModel

/// One record as the remote and this clone have it.
package struct RecordState: Sendable {
  package let run: String
  /// The tip on the remote as last fetched; nil when the record is not there.
  package let remote: String?
  /// The longest part of the remote's history that holds.
  package let theirs: Chain
  /// Why it holds no further.
  package let fault: RecordFault?
  /// What this clone has verified.
  package let ours: Chain

  /// What is to be done about it.
  package enum Remedy: Sendable {
    /// The remote's record holds, and contains what this clone has verified.
    case none
    case put(Chain)
    /// Both hold, and neither contains the other.
    case choose(theirs: Chain, ours: Chain, after: Int)
    /// No event of it holds.
    case nothing
  }

  package var remedy: Remedy {
    if theirs.events.isEmpty && ours.events.isEmpty { return .nothing }
    let common = zip(theirs.digests, ours.digests).prefix { $0 == $1 }.count
    if common == ours.digests.count {
      return fault == nil && remote != nil ? .none : .put(theirs)
    }
    if common == theirs.digests.count { return .put(ours) }
    return .choose(theirs: theirs, ours: ours, after: common)
  }
}

extension RecordStore {
  /// The ref that keeps a tip that was taken off a record.
  package static func evidenceRef(_ run: String, _ tip: String) -> String {
    "refs/hotfix-evidence/\(run)/\(tip)"
  }

  /// Reads a record as far as it holds, here and on the remote.
  ///
  /// Throws `RecordFault` where repairing would take away what somebody rightly wrote: events of a
  /// newer program, and what this clone had verified.
  package func state(_ run: String) async throws -> RecordState {
    let refs = try await git.refs([Self.ref(run), trackingRef(run)])
    let (witness, remote) = (refs[Self.ref(run)], refs[trackingRef(run)])
    var ours = Chain(run: run)
    if let witness {
      ours = try await verify(run, tip: witness, trustedTip: nil)
      try await judge(ours)
    }
    guard let remote else {
      let fault = witness.map { RecordFault.deleted(seen: $0) }
      return RecordState(run: run, remote: nil, theirs: Chain(run: run), fault: fault, ours: ours)
    }
    let (theirs, fault) = try await longestPart(run, tip: remote)
    if case .newer? = fault, let fault { throw fault }
    return RecordState(run: run, remote: remote, theirs: theirs, fault: fault, ours: ours)
  }

  private func longestPart(_ run: String, tip: String) async throws -> (Chain, RecordFault?) {
    var chain = Chain(run: run)
    // From the first on: what was piled on top may be longer than any record.
    let list = ["rev-list", "--first-parent", "--reverse", tip, "--"]
    let names = (try await git.optionalText(list) ?? "").split(whereSeparator: \.isNewline)
    do {
      let oldest = names.prefix(Event.chainLengthMax + 1).map(String.init)
      for commit in try await commits(oldest) {
        var next = chain
        try await append(try next.candidate(commit), commit, to: &next)
        if next.events.last?.fact.makesClaims == true { try await judge(next) }
        chain = next
      }
      // A tag on the record leads to commits too.
      guard names.last.map(String.init) == tip else {
        let sequence = chain.events.count + 1
        throw RecordFault.notAnEvent(sequence: sequence, reason: "the ref does not name a commit")
      }
      return (chain, nil)
    } catch let fault as RecordFault {
      return (chain, fault)
    }
  }

  /// Puts a history on the remote, with a signed note on top, in place of what is there now.
  ///
  /// Returns the new chain, and how the push ended. Throws `identity.not-in-run`.
  package func put(
    _ good: Chain,
    over state: RecordState,
    note: PendingFact,
    signer: Signer
  ) async throws -> (chain: Chain, outcome: PushOutcome) {
    let next = try await extended(
      good,
      by: note,
      signer: signer,
      lengthMax: Event.chainLengthMax
    )
    let own = RefUpdate(Self.ref(state.run), old: state.remote, new: next.tip)
    let evidence = evidence(of: state, besides: good).map {
      RefUpdate(Self.evidenceRef(state.run, $0), old: nil, new: $0)
    }
    for update in evidence {
      _ = try await git.answer(["update-ref", update.ref, update.new ?? ""])
    }
    var outcome = try await git.push([own] + evidence)
    // Not every remote takes such refs, and one that was kept before is there already.
    if outcome != .done, !evidence.isEmpty { outcome = try await git.push([own]) }
    guard outcome == .done, let tip = next.tip else { return (good, outcome) }
    try await git.updateRefs(
      [RefUpdate(Self.ref(state.run), old: state.ours.tip, new: tip)],
      tracking: [RefUpdate(trackingRef(state.run), old: nil, new: tip)]
    )
    verified.keep(next)
    return (next, .done)
  }

  /// The tips whose commits would be in no ref any more.
  package func evidence(of state: RecordState, besides good: Chain) -> [String] {
    let kept = Set(good.commits)
    return [state.remote, state.ours.tip].compactMap(\.self).filter { !kept.contains($0) }
  }
}
