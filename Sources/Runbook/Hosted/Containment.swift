internal import Git
internal import Record
internal import ReleaseModel

/// Whether a line of development has the fix.
///
/// A host that squashes or rebases makes new commits of it. The last of them is known by its tree:
/// it is what merging the fix into the commit before them gives.
enum Containment {
  private static let commitsMax = 100
  private static let seriesMax = 5

  /// Returns the evidence, or nil when the line lacks the fix.
  static func evidence(of fix: String, in line: String, _ situation: Situation) async throws
    -> String?
  {
    let git = situation.git
    if try await git.isAncestor(fix, of: line) { return "contains \(fix.prefix(12))" }
    guard situation.toolbox.forge != nil else { return nil }
    let found = try await situation.memo.answer("\(line) contains \(fix)") { () -> String? in
      guard let base = try await git.mergeBase(fix, line) else { return nil }
      let own = try await git.commits(["\(base)..\(fix)"], limit: seriesMax).count
      let later = try await git.commits(["--first-parent", "\(base)..\(line)"], limit: commitsMax)
      // A squash is one commit on what was there; a rebase as many as the fix has.
      for length in 1...max(1, own) {
        for (index, commit) in later.enumerated().dropLast(length - 1)
        where commit.parents.count == 1 {
          let before = index + length < later.count ? later[index + length].name : base
          guard case .clean(let tree) = try await git.merge(before, fix), tree == commit.tree,
            try await git.tree(of: before) != tree
          else { continue }
          return commit.name
        }
      }
      return nil
    }
    return found.map { "\($0.prefix(12)) has the tree of \(fix.prefix(12)) merged into it" }
  }
}
