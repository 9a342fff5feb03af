internal import Git
internal import Record
internal import ReleaseModel

/// Gives a run up: its branch leaves the remote in the same push, and its commits stay findable.
struct Abandoning: Sendable {
  private let engine: Engine

  init(_ engine: Engine) {
    self.engine = engine
  }

  private struct Removal: Sendable {
    var updates: [RefUpdate] = []
    var said: [String] = []
  }

  /// Returns what was done with the branch, in words.
  func abandon(reason: String) async throws -> [String] {
    let seen = try await engine.situation().refs.remoteBranch
    for _ in 0..<Engine.attemptsMax {
      guard await engine.progress.ending == nil else {
        throw Problem("run.ended", "The run has ended already.", next: ["hotfix log"])
      }
      let situation = try await engine.situation()
      let remote = situation.refs.remoteBranch
      var removal = Removal()
      if remote == nil || remote == seen {
        removal = try await self.removal(situation)
      } else {
        removal.said = try await pushedSince(seen, situation)
      }
      let fact = Fact.abandoned(RunAbandoned(reason: reason))
      do {
        if try await engine.tryAppend([fact], with: removal.updates) { return removal.said }
      } catch let problem as Problem where isRefusal(problem) && !removal.updates.isEmpty {
        // The remote keeps its branches; the run ends all the same.
        try await engine.flush()
        return ["the remote did not let its branch go: \(problem.what)"]
          + problem.why.lines().map { "  \($0)" }
      }
    }
    throw await engine.raceLost()
  }

  private func isRefusal(_ problem: Problem) -> Bool {
    problem.code.hasPrefix("push.") && problem.code != "push.unreachable"
  }

  /// What leaves the remote, and where its commits go.
  private func removal(_ situation: Situation) async throws -> Removal {
    let (git, opened, refs) = (situation.git, situation.opened, situation.refs)
    guard BranchOwner(situation).isOurs else { return Removal() }
    guard opened.branch.hasPrefix("hotfix/") else {
      return Removal(said: ["\(opened.branch) was there before the run and stays"])
    }
    var removal = Removal()
    let heads = BranchRefs(local: refs.localBranch, remote: refs.remoteBranch)
    // Where they have parted, what is here stays here.
    if let head = try await heads.newest(git) ?? heads.remote,
      try await !isReleased(head, situation)
    {
      let ref = Git.abandonedRef(situation.run)
      let count = try await git.commits(["\(opened.base.commit)..\(head)"]).count
      removal.updates.append(RefUpdate(ref, old: nil, new: head))
      removal.said.append(
        "its \(count) commits are kept:  git fetch \(git.remote) \(ref):refs/heads/recovered"
      )
    }
    if let remote = refs.remoteBranch {
      removal.updates.append(RefUpdate("refs/heads/\(opened.branch)", old: remote, new: nil))
      removal.said.insert("\(opened.branch) is deleted from \(git.remote)", at: 0)
    }
    return removal
  }

  /// Whether a release has the commit already, so that nothing needs to be kept.
  private func isReleased(_ head: String, _ situation: Situation) async throws -> Bool {
    if try await situation.git.isAncestor(head, of: situation.opened.base.commit) { return true }
    guard let tag = situation.refs.remoteTag else { return false }
    return try await situation.git.isAncestor(head, of: tag.commit)
  }

  /// Says who pushed to the branch while the run was given up, so that it was left alone.
  private func pushedSince(_ seen: String?, _ situation: Situation) async throws -> [String] {
    guard let remote = situation.refs.remoteBranch else { return [] }
    let (git, branch) = (situation.git, situation.opened.branch)
    let range = [remote] + (seen.map { ["^\($0)"] } ?? [])
    let commits = try await git.commits(range, limit: 10)
    return ["\(branch) was pushed to meanwhile, so it stays on \(git.remote):"]
      + commits.map { "  \($0.name.prefix(12)) \($0.authorEmail) \($0.subject)" }
      + [
        "git push --force-with-lease=\(branch):\(remote) \(git.remote) :\(branch)     deletes it"
      ]
  }
}
