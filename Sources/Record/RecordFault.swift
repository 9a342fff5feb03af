package import ReleaseModel

/// What is wrong with a record; each kind of tampering has its own name.
package enum RecordFault: Error, Sendable, Hashable {
  case newer(version: Int, type: String)
  case notAnEvent(sequence: Int, reason: String)
  case merged(sequence: Int)
  case wrongRun(sequence: Int, found: String)
  case dropped(expected: Int, found: Int)
  case edited(sequence: Int)
  case unsigned(sequence: Int)
  case badSignature(sequence: Int, reason: String)
  case stranger(sequence: Int, fingerprint: String)
  case impersonated(sequence: Int, actor: String, signer: String)
  case policyMismatch(sequence: Int)
  case policyNotAgreed(sequence: Int, reason: String)
  /// The policy is not what main's commit makes it.
  case policyNotMains(sequence: Int, reason: String)
  /// A release is not what its tag says.
  case baseNotTagged(sequence: Int, reason: String, next: [String])
  case tooLong(count: Int)
  case forked(remote: String, seen: String, common: String)
  case rolledBack(remote: String, seen: String)
  case deleted(seen: String)

  /// The fault as it is told to a person.
  package func problem(run: String) -> Problem {
    let keep = "hotfix record show \(run)     shows the last state that this clone verified"
    let ask = "Ask the team in person who changed the record; do not release on it."
    switch self {
    case .newer(let version, let type):
      return Problem(
        "record.newer",
        "The record was written by a newer hotfix; this one only reads it.",
        why: "It holds an event of version \(version), type \(type).",
        next: ["Install the newer hotfix, then repeat the command."]
      )
    case .forked(let remote, let seen, let common):
      return Problem(
        "record.forked",
        "The record of \(run) was rewritten on the remote.",
        why: "The remote is at \(remote.prefix(12)); this clone has verified \(seen.prefix(12)), "
          + (common.isEmpty
            ? "and they have nothing in common." : "and they part after \(common.prefix(12))."),
        next: [keep] + mend(run) + [ask]
      )
    case .rolledBack(let remote, let seen):
      return Problem(
        "record.rolled-back",
        "The record of \(run) was set back on the remote.",
        why: "The remote is at \(remote.prefix(12)), which is older than \(seen.prefix(12)).",
        next: [keep, "hotfix record verify \(run) --restore     puts the newer record back", ask]
      )
    case .deleted(let seen):
      return Problem(
        "record.deleted",
        "The record of \(run) was deleted from the remote.",
        why: "This clone has verified it up to \(seen.prefix(12)).",
        next: [keep, "hotfix record verify \(run) --restore     puts the record back", ask]
      )
    case .baseNotTagged(let sequence, let reason, let next):
      return Problem(
        "record.base",
        "The record of \(run) does not agree with the tags.",
        why: "Event \(sequence): \(reason)",
        next: next + [keep] + mend(run) + [ask]
      )
    default:
      let (code, why) = detail
      return Problem(
        "record.\(code)",
        "The record of \(run) does not hold.",
        why: why,
        next: [keep] + mend(run) + [ask]
      )
    }
  }

  private func mend(_ run: String) -> [String] {
    let restore = "hotfix record verify \(run) --restore     "
    // Where the first event does not hold, there is nothing to go back to but what others have.
    return sequence == 1
      ? [
        restore + "in a clone that has verified it",
        "git push origin :refs/hotfix/\(run)     removes it, where nobody on the team opened it",
      ] : [restore + "puts the last good state back and keeps this one as evidence"]
  }

  /// The place in the chain that does not hold, where it is one.
  private var sequence: Int? {
    switch self {
    case .notAnEvent(let sequence, _), .merged(let sequence), .wrongRun(let sequence, _),
      .dropped(let sequence, _), .edited(let sequence), .unsigned(let sequence),
      .badSignature(let sequence, _), .stranger(let sequence, _), .impersonated(let sequence, _, _),
      .policyMismatch(let sequence), .policyNotAgreed(let sequence, _),
      .policyNotMains(let sequence, _), .baseNotTagged(let sequence, _, _), .tooLong(let sequence):
      sequence
    case .newer, .forked, .rolledBack, .deleted: nil
    }
  }

  private var detail: (code: String, why: String) {
    switch self {
    case .notAnEvent(let sequence, let reason):
      ("not-an-event", "Commit \(sequence) of the chain is not an event: \(reason).")
    case .merged(let sequence):
      ("merged", "Commit \(sequence) has more than one parent; a record is one line.")
    case .wrongRun(let sequence, let found):
      ("wrong-run", "Event \(sequence) belongs to \(found).")
    case .dropped(let expected, let found):
      ("dropped", "Event \(expected) is missing; the chain goes on with \(found).")
    case .edited(let sequence):
      ("edited", "Event \(sequence) does not carry the digest of the event before it.")
    case .unsigned(let sequence):
      ("unsigned", "Event \(sequence) is not signed.")
    case .badSignature(let sequence, let reason):
      ("bad-signature", "The signature of event \(sequence) does not hold: \(reason).")
    case .stranger(let sequence, let fingerprint):
      (
        "stranger",
        "Event \(sequence) is signed by a key that nobody in the policy owns: \(fingerprint)."
      )
    case .impersonated(let sequence, let actor, let signer):
      ("impersonated", "Event \(sequence) says \(actor), and \(signer) signed it.")
    case .policyMismatch(let sequence):
      ("policy", "Event \(sequence) was made under another policy than the one in force.")
    case .policyNotAgreed(let sequence, let reason):
      ("policy-not-agreed", "Event \(sequence) changes the policy, and may not: \(reason).")
    case .policyNotMains(let sequence, let reason):
      ("policy", "The policy of event \(sequence) is not main's: \(reason)")
    case .tooLong(let count):
      ("too-long", "The chain has \(count) events or more; the limit is \(Event.chainLengthMax).")
    case .newer, .forked, .rolledBack, .deleted, .baseNotTagged: ("unknown", "")
    }
  }
}
