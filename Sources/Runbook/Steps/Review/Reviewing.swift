internal import Record
internal import Git

/// Reviews on a plain host: statements in the record.
struct Reviewing: Sendable {
  /// The steps in which the fix is reviewed.
  static let steps = ["code-review", "test-review", "docs-review", "security-review"]

  private let situation: Situation

  init(_ situation: Situation) {
    self.situation = situation
  }

  func finding(_ step: String) async throws -> Finding {
    try await Quorum(situation).finding(step: step, excluded: try await authors())
  }

  /// Everybody who wrote or committed a part of the fix; the tool's own drafts do not count.
  func authors() async throws -> Set<String> {
    guard let fix = situation.refs.fix else { return [] }
    let commits = try await situation.git.commits(["\(situation.opened.base.commit)..\(fix)"])
      .filter { !$0.body.contains(Documenting.marker) }
    return Set(commits.flatMap { [$0.authorEmail, $0.committerEmail] })
  }
}
