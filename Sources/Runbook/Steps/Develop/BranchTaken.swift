internal import Git
internal import ReleaseModel

/// Says that a branch was there before its run, and how to go on.
struct BranchTaken: Sendable {
  let git: Git
  let name: String
  let refs: BranchRefs

  private static let commitsMax = 10

  /// Returns the problem; `open` is the title of the run that is about to be opened, nil inside one.
  func problem(base: String, head: String, open title: String?) async throws -> Problem {
    let commits = try await git.commits(["\(base)..\(head)"], limit: Self.commitsMax + 1)
    let places = [
      refs.local == nil ? nil : "in this clone", refs.remote == nil ? nil : "on the remote",
    ]
    let place = places.compactMap(\.self).joined(separator: " and ")
    let old = "before-\(name.split(separator: "/").last ?? "")"
    var next: [String] = []
    if let title {
      next.append(
        "hotfix open \(OutsideText(title).word) … --branch \(name)     takes these commits as the fix"
      )
    }
    if refs.local != nil { next.append("git branch -m \(name) \(old)     renames yours") }
    if refs.remote != nil {
      next.append(
        "git push \(git.remote) refs/remotes/\(git.remote)/\(name):refs/heads/\(old) :\(name)"
          + "     renames the remote's"
      )
    }
    next.append(title == nil ? "hotfix next     begins an empty one" : "then repeat the command")
    return Problem(
      "branch.taken",
      "A branch \(name) is there already, \(place), and is not this run's.",
      why: Self.listed(commits),
      next: next
    )
  }

  /// Returns the commits in lines, newest first.
  static func listed(_ commits: [GitCommit]) -> String {
    if commits.isEmpty { return "It has no commits beyond the base." }
    var lines = commits.prefix(commitsMax).map {
      "\($0.name.prefix(12)) \($0.time.iso) \($0.authorEmail) \($0.subject)"
    }
    if commits.count > commitsMax { lines.append("and more") }
    return lines.joined(separator: "\n")
  }
}
