internal import Git
internal import Record
internal import ReleaseModel

/// Whether a branch, and what is in it, belongs to its run.
struct BranchOwner: Sendable {
  /// How far people's clocks may be apart, in seconds.
  private static let clockSeconds = 300

  private let situation: Situation

  init(_ situation: Situation) {
    self.situation = situation
  }

  /// Whether the record says that the branch is this run's: it was pushed with an event, seen to
  /// hold, or adopted by the one who opened the run.
  var isOurs: Bool {
    let progress = situation.progress
    return situation.opened.adopts != nil || progress.observed["branch"] != nil
      || progress.effects.contains { $0.data.step == "branch" && $0.conclusion?.result == .done }
  }

  /// Refuses a branch that was there before the run made its own.
  ///
  /// Throws `branch.taken`. A branch without commits of its own is as good as a new one: a crash
  /// before the push leaves it so, and a person who creates it by the plan's commands.
  func requireEmpty(_ head: String) async throws {
    let opened = situation.opened
    let heads = Set([situation.refs.localBranch, situation.refs.remoteBranch, head])
    for head in heads.compactMap(\.self) {
      if try await isEmpty(head) { continue }
      throw try await BranchTaken(
        git: situation.git,
        name: opened.branch,
        refs: BranchRefs(
          local: situation.refs.localBranch,
          remote: situation.refs.remoteBranch
        )
      ).problem(base: opened.base.commit, head: head, open: nil)
    }
  }

  private func isEmpty(_ head: String) async throws -> Bool {
    let opened = situation.opened
    if head == opened.base.commit { return true }
    // It may have been created where the base was about to move to.
    if try await LaterReleases(situation).newest().release?.commit == head { return true }
    guard let rollback = opened.rollback,
      let commit = try await situation.git.commits(["-1", head]).first
    else { return false }
    let tree = try await Restoring.tree(rollback, situation)
    return commit.parents == [rollback.bad.commit] && commit.tree == tree
  }

  /// Refuses commits that were there before the run.
  ///
  /// Throws `branch.foreign`. Commits of releases and adopted ones may be there.
  func requireOwn(_ head: String) async throws {
    guard let openedAt = situation.progress.openedAt else { return }
    let (git, opened) = (situation.git, situation.opened)
    let range = ["\(opened.base.commit)..\(head)"] + (opened.adopts.map { ["^\($0)"] } ?? [])
    let limit = openedAt + -Self.clockSeconds
    guard try await git.commits(range).contains(where: { $0.time < limit }) else { return }
    let released = try await git.tags().filter {
      $0.name != opened.tag && situation.settings.version(ofTag: $0.name) != nil
    }
    let old = try await git.commits(range + released.map { "^\($0.commit)" })
      .filter { $0.time < limit }
    guard let first = old.last else { return }
    throw Problem(
      "branch.foreign",
      "The branch \(opened.branch) has \(old.count) commits that were there before the run.",
      why: BranchTaken.listed(old),
      next: [
        "git rebase --onto \(opened.base.tag) \(first.name.prefix(12)) \(opened.branch)"
          + "     leaves out what is not the fix",
        "git cherry-pick -x COMMIT     takes one that is meant, as a new commit",
        "hotfix abandon --reason \"…\"     then:  hotfix open … --branch NAME     takes them all",
        "hotfix next",
      ]
    )
  }
}
