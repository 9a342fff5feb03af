internal import Signatures
internal import Record
internal import Git

/// Reviews: statements in the record, or approvals on the host of the pull request.
struct Reviewing: Sendable {
  /// The steps in which the fix is reviewed.
  static let steps = ["code-review", "test-review", "docs-review", "security-review"]

  private let situation: Situation

  init(_ situation: Situation) {
    self.situation = situation
  }

  func finding(_ step: String) async throws -> Finding {
    let recorded = try await Quorum(situation).finding(step: step, excluded: try await authors())
    // A refusal in the record is not overruled on the host.
    guard case .waiting(let wait) = recorded, !wait.what.hasPrefix("has declined"),
      let hosted = try await HostedPull(situation)?.approval()
    else { return recorded }
    guard case .waiting(let there) = hosted else { return hosted }
    return .waiting(
      Wait(.person, whom: there.whom, what: there.what, commands: there.commands + wait.commands)
    )
  }

  /// Everybody who wrote or committed a part of the fix; the tool's own drafts do not count.
  func authors() async throws -> Set<String> {
    guard let fix = situation.refs.fix else { return [] }
    return try await situation.memo.answer("authors of \(fix)") { try await authors(of: fix) }
  }

  private func authors(of fix: String) async throws -> Set<String> {
    var authors: Set<String> = []
    for commit in try await situation.git.commits(["\(situation.opened.base.commit)..\(fix)"]) {
      if try await Documenting.isDraft(commit, situation) { continue }
      if try await TakingIn.isMechanical(commit, situation) { continue }
      authors.formUnion([commit.authorEmail, commit.committerEmail].map { $0.lowercased() })
    }
    // As the list of signers spells them, whatever case git's settings have.
    let people = try AllowedSigners(situation.progress.policy?.signers ?? "").people
    return authors.union(people.filter { authors.contains($0.lowercased()) })
  }
}
