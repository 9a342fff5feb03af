internal import Record
internal import Git
internal import ReleaseModel

/// The fix in one line: the subject of its oldest commit beyond the base.
struct FixSummary: Sendable {
  private let situation: Situation

  init(_ situation: Situation) {
    self.situation = situation
  }

  var line: String {
    get async throws {
      guard let fix = situation.refs.fix else { return situation.opened.title }
      let commits = try await situation.git.commits(
        ["\(situation.opened.base.commit)..\(fix)"],
        limit: 200
      )
      return commits.last?.subject ?? situation.opened.title
    }
  }
}
