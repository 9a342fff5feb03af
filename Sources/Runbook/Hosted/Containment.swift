internal import Git
internal import Record
internal import ReleaseModel

/// Whether a line of development has the fix.
///
/// A host that squashes or rebases makes new commits of it. Such a commit is known by its tree: it
/// is what merging the fix into the commit before it gives.
enum Containment {
  private static let commitsMax = 60

  /// Returns the evidence, or nil when the line lacks the fix.
  static func evidence(of fix: String, in line: String, _ situation: Situation) async throws
    -> String?
  {
    let git = situation.git
    if try await git.isAncestor(fix, of: line) { return "contains \(fix.prefix(12))" }
    guard situation.toolbox.forge != nil else { return nil }
    let found = try await situation.memo.answer("\(line) contains \(fix)") {
      guard let base = try await git.mergeBase(fix, line) else { return [] }
      let commits = try await git.commits(
        ["--first-parent", "\(base)..\(line)"],
        limit: commitsMax
      )
      for commit in commits {
        guard let parent = commit.parents.first, commit.parents.count == 1,
          case .clean(let tree) = try await git.merge(parent, fix), tree == commit.tree,
          try await git.tree(of: parent) != tree
        else { continue }
        return [commit.name]
      }
      return []
    }
    return found.first.map { "\($0.prefix(12)) has the tree of \(fix.prefix(12)) merged into it" }
  }
}
