// Who agreed: statements counted in people.
//
// 1. A statement counts only for the subject that it names, and only until it expires.
// 2. A person counts once, whatever number of keys they have.
// 3. Nobody approves their own work: the excluded people do not count.
// 4. A refusal stands until the same person approves.

internal import Git
internal import Record
internal import ReleaseModel
internal import Signatures

/// Counts the approvals of one step.
package struct Quorum: Sendable {
  /// The namespace of approvals, so that no commit's signature passes for one.
  package static let namespace = "hotfix-approval"

  private let situation: Situation

  package init(_ situation: Situation) {
    self.situation = situation
  }

  /// Whether an approval in the record is still one: an event that says so is not enough, the
  /// statements are counted each time, until the release is out.
  static func stillHolds(_ situation: Situation, _ finding: Finding) -> Bool {
    if situation.refs.remoteTag != nil { return true }
    if case .holds = finding { return true }
    return false
  }

  private struct Voice {
    let person: String
    let decision: Statement.Decision
    let at: Moment
    let reason: String
  }

  package func finding(step: String, excluded: Set<String>) async throws -> Finding {
    let voices = try await voices(step: step)
    let needed = situation.progress.policy?.approvals ?? 1
    if let no = voices.first(where: { $0.decision == .decline }) {
      return .waiting(
        .person(
          no.person,
          "has declined: \(no.reason)",
          "hotfix approve \(step)     by \(no.person), once it is settled"
        )
      )
    }
    let yes = voices.filter { !excluded.contains($0.person) }
    guard yes.count >= needed else {
      let who = excluded.isEmpty ? "" : " other than \(excluded.sorted().joined(separator: ", "))"
      let people = needed == 1 ? "a reviewer\(who)" : "\(needed) reviewers\(who)"
      let expired = try await expiredVoices(step: step)
      let so = yes.isEmpty ? "" : "; so far \(yes.map(\.person).joined(separator: ", "))"
      return .waiting(
        .person(
          people,
          "approves \(step)\(so)\(expired)",
          "hotfix approve \(step) -C their/clone"
        )
      )
    }
    return .holds(yes.map { "\($0.person) approved at \($0.at.iso)" })
  }

  /// The newest valid word of each person about this step and subject.
  private func voices(step: String) async throws -> [Voice] {
    var newest: [String: Voice] = [:]
    var seen: Set<String> = []
    for given in situation.progress.statements where given.data.step == step {
      // A statement counts where it was first made; putting an old one on top changes nothing.
      guard seen.insert(given.data.statement).inserted, let voice = try await voice(given) else {
        continue
      }
      // A refusal stands for every later state too, until the same person approves one.
      guard voice.isCurrent || voice.voice.decision == .decline else { continue }
      newest[voice.voice.person] = voice.voice
    }
    return newest.values.sorted { $0.person < $1.person }
  }

  private func expiredVoices(step: String) async throws -> String {
    for given in situation.progress.statements where given.data.step == step {
      guard let voice = try await voice(given), !voice.isCurrent else { continue }
      return "; \(voice.voice.person)'s approval \(voice.reason)"
    }
    return ""
  }

  private func voice(
    _ given: Progress.GivenStatement
  ) async throws -> (voice: Voice, isCurrent: Bool, reason: String)? {
    guard let statement = ApprovalStatement(line: given.data.statement),
      statement.run == situation.run, statement.step == given.data.step,
      statement.decision == given.data.decision.rawValue,
      let person = try await signer(of: given.data)
    else { return nil }
    let phase = Procedure.phase(of: statement.step) ?? .review
    let isSubject = statement.subject == situation.subject(of: phase)
    let longest = given.at + (situation.progress.policy?.approvalSeconds ?? 86_400)
    let isFresh =
      situation.toolbox.now() < min(statement.expires, longest) || isHeld(given, statement.subject)
    let isPolicy = statement.policy == situation.progress.policy?.digest
    let reason =
      !isPolicy
      ? "was given under another policy"
      : isSubject ? "expired at \(statement.expires.iso)" : "is about another state"
    return (
      Voice(
        person: person,
        decision: given.data.decision,
        at: given.at,
        reason: statement.reason
      ),
      isSubject && isFresh && isPolicy, reason
    )
  }

  /// An approval counts for good once the step was observed while it was fresh.
  ///
  /// The place in the chain decides, not the clocks of two machines.
  private func isHeld(_ given: Progress.GivenStatement, _ subject: String) -> Bool {
    situation.progress.observed[given.data.step].map {
      $0.sequence > given.sequence && $0.data.subject == subject
    } ?? false
  }

  private func signer(of statement: Statement) async throws -> String? {
    guard let policy = situation.progress.policy else { return nil }
    let bytes = Array(statement.statement.utf8)
    if let signature = SSHSignature(armor: statement.signature) {
      let signers = try AllowedSigners(policy.signers)
      guard let person = signers.person(for: signature.key, namespace: Self.namespace) else {
        return nil
      }
      switch signature.verify(bytes, namespace: Self.namespace) {
      case .good: return person
      case .bad: return nil
      case .needsProgram: break
      }
    }
    return try? await SignatureProgram(git: situation.git, scratch: situation.toolbox.scratch)
      .signer(
        of: bytes,
        signature: statement.signature,
        policy: policy,
        namespace: Self.namespace,
        sequence: 0
      )
  }
}
