internal import Git
internal import Record
internal import ReleaseModel
internal import Signatures

/// Reviews: statements in the record, or approvals on the host of the pull request.
struct Reviewing: Sendable {
  /// The steps in which the fix is reviewed.
  static let steps = ["code-review", "test-review", "docs-review", "security-review"]

  private let situation: Situation

  init(_ situation: Situation) {
    self.situation = situation
  }

  func finding(_ step: String) async throws -> Finding {
    let authorship = try await Authorship.of(situation)
    let recorded = try await recorded(step, authorship)
    if case .holds(let evidence, _) = recorded {
      guard evidence == [Quorum.unseen] else { return recorded }
      return try await hostedEvidence(authorship) ?? recorded
    }
    // A refusal in the record is not overruled on the host.
    if case .waiting(let wait) = recorded, wait.what.hasPrefix("has declined") { return recorded }
    // The host knows people by addresses; it does not see whose signature speaks against one.
    guard authorship.disputed.isEmpty, let hosted = try await HostedPull(situation)?.approval()
    else { return recorded }
    if case .holds = hosted { return hosted }
    guard case .waiting(let there) = hosted, case .waiting(let here) = recorded else {
      return recorded
    }
    return .waiting(
      Wait(.person, whom: there.whom, what: there.what, commands: there.commands + here.commands)
    )
  }

  /// Who approved on the host although nobody has to; nil where nobody did, or it may be an author.
  private func hostedEvidence(_ authorship: Authorship) async throws -> Finding? {
    guard authorship.disputed.isEmpty, authorship.unlisted.isEmpty,
      case .holds(let evidence, let facts)? = try await HostedPull(situation)?.approval(),
      !evidence.isEmpty
    else { return nil }
    return .holds(evidence, facts: facts)
  }

  private func recorded(_ step: String, _ authorship: Authorship) async throws -> Finding {
    let quorum = Quorum(situation)
    if let declined = try await quorum.declined(step: step) { return declined }
    if let problem = authorship.problem(situation, step: step) {
      // An unlisted author could be any approver. Where none is needed, none is claimed either.
      return situation.needsNoApproval ? .holds([Quorum.unseen]) : .refused(problem)
    }
    return try await quorum.finding(
      step: step,
      excluded: authorship.people,
      note: authorship.disputed.joined(separator: "; ")
    )
  }
}
