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
    // A refusal in the record is not overruled on the host.
    if case .holds = recorded { return recorded }
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

  private func recorded(_ step: String, _ authorship: Authorship) async throws -> Finding {
    let quorum = Quorum(situation)
    if let declined = try await quorum.declined(step: step) { return declined }
    if let problem = authorship.problem(situation, step: step) { return .refused(problem) }
    return try await quorum.finding(
      step: step,
      excluded: authorship.people,
      note: authorship.disputed.joined(separator: "; ")
    )
  }
}
