// Who agreed: statements counted in people.
//
// 1. A statement counts only for the subject that it names, and only until it expires.
// 2. A person counts once, whatever number of keys they have.
// 3. Nobody approves their own work: the excluded people do not count.
// 4. A refusal stands until the same person approves.
// 5. Where the policy needs no approval, a step holds unless somebody refuses, and says whether
//    anybody else has looked.

internal import Git
internal import Record
internal import ReleaseModel
internal import Signatures

/// Counts the approvals of one step.
package struct Quorum: Sendable {
  /// The namespace of approvals, so that no commit's signature passes for one.
  package static let namespace = "hotfix-approval"

  /// The evidence of a step that needs no approval and has none.
  package static let unseen = "nobody else has looked"

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

  /// The objection that stands against a step; nil where there is none.
  func declined(step: String) async throws -> Finding? {
    guard let no = try await voices(step: step).first(where: { $0.decision == .decline }) else {
      return nil
    }
    return .waiting(
      .person(
        no.person,
        "has declined: \(no.reason)",
        "hotfix approve \(step)     by \(no.person), once it is settled"
      )
    )
  }

  /// Whether enough people other than `excluded` approved; `note` is said of a lack.
  package func finding(
    step: String,
    excluded: Set<String>,
    note: String = ""
  ) async throws -> Finding {
    if let declined = try await declined(step: step) { return declined }
    let voices = try await voices(step: step)
    let needed = situation.progress.policy?.approvals ?? 1
    let yes = voices.filter { !excluded.contains($0.person) }
    guard needed > 0 else {
      return .holds(yes.isEmpty ? [Self.unseen] : Self.evidence(yes))
    }
    guard yes.count >= needed else {
      let who = excluded.isEmpty ? "" : " other than \(excluded.sorted().joined(separator: ", "))"
      let people = needed == 1 ? "a reviewer\(who)" : "\(needed) reviewers\(who)"
      let expired = try await expiredVoices(step: step)
      let waived =
        Procedure.step(step).flatMap { StepStatus.lackOfWaivers($0, situation) }
        .map { "; \($0)" } ?? ""
      let also = note.isEmpty ? "" : "; \(note)"
      let so = yes.isEmpty ? "" : "; so far \(yes.map(\.person).joined(separator: ", "))"
      return .waiting(
        .person(
          people,
          "approves \(step)\(so)\(expired)\(also)\(waived)",
          "hotfix approve \(step)     by another listed person"
        )
      )
    }
    return .holds(Self.evidence(yes))
  }

  private static func evidence(_ yes: [Voice]) -> [String] {
    yes.map { "\($0.person) approved at \($0.at.iso)" }
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
      let person = try await signer(of: given)
    else { return nil }
    let phase = Procedure.phase(of: statement.step) ?? .review
    let isSubject = statement.subject == situation.subject(of: phase)
    let longest = given.at + (situation.progress.policy?.approvalSeconds ?? 86_400)
    let now = situation.toolbox.now()
    // Its own clock would let it count for longer than the policy allows.
    let isAhead = given.at - now > Event.clockSkewSecondsMax
    let isFresh =
      !isAhead && now < min(statement.expires, longest) || isHeld(given, statement.subject)
    let isPolicy = statement.policy == situation.progress.policy?.digest
    let reason =
      !isPolicy
      ? "was given under another policy"
      : !isSubject
        ? "is about another state"
        : isAhead
          ? "is dated \(given.at.iso), ahead of this machine's clock"
          : "expired at \(statement.expires.iso)"
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

  /// Whose signature the statement carries; nil where it does not count.
  private func signer(of given: Progress.GivenStatement) async throws -> String? {
    guard let policy = situation.progress.policy else { return nil }
    let people = try situation.toolbox.people(of: policy)
    return try? await SignatureVerifier(git: situation.git, people: people).signer(
      of: Array(given.data.statement.utf8),
      signature: given.data.signature,
      namespace: Self.namespace,
      at: given.at
    )
  }
}

extension Situation {
  /// Whether a step holds without anybody else's approval.
  package var needsNoApproval: Bool { progress.policy?.approvals == 0 }

  /// The steps that hold although nobody else has looked.
  package var unseenSteps: [String] {
    Stating.approvable.filter { name in
      guard let step = Procedure.step(name), case .done(let seen) = StepStatus.recorded(step, self)
      else { return false }
      return seen.data.evidence == [Quorum.unseen]
    }
  }

  /// A sentence for whoever reads of the release; nil where others looked at all of it.
  package var unseenSentence: String? {
    let steps = unseenSteps
    guard !steps.isEmpty else { return nil }
    return "Nobody else has looked: \(steps.joined(separator: ", "))."
  }
}
