internal import Git
internal import Record
internal import ReleaseModel

// Which branch a new run gets, and which runs it may not repeat.

extension Opening {
  /// Refuses a second run for the same fault on the same release line.
  ///
  /// The same fault on another line is a run of its own: its users get another release.
  func refuseSame(_ request: OpenRequest, base: BaseRelease, _ others: [KnownRun]) throws {
    let line = ReleaseLine(base.version)
    guard
      let same = others.first(where: {
        KnownRun.isSame($0.title, request.title) && ReleaseLine($0.base) == line
      })
    else { return }
    throw Problem(
      "open.same",
      "A run for this fault is open already: \(same.tag), \(same.run).",
      why: "\"\(same.title)\"",
      next: [
        "hotfix status \(same.tag)     shows where it is",
        "hotfix approve --run \(same.tag)     joins it as a reviewer",
        "hotfix open \"another title\" …     when it is another fault",
      ]
    )
  }

  /// Returns the branch of a new run, and the commit that it adopts.
  ///
  /// Throws `branch.taken` when a branch of the run's name is there and nobody said that it is
  /// meant.
  func branch(
    _ request: OpenRequest,
    tag: String,
    base: BaseRelease,
    _ known: [KnownRun]
  ) async throws -> (name: String, adopts: String?) {
    let name = request.branch ?? "hotfix/\(tag)"
    let refs = try await BranchRefs.look(name, store.git)
    guard request.branch != nil else {
      guard let head = refs.remote ?? refs.local else { return (name, nil) }
      throw try await BranchTaken(git: store.git, name: name, refs: refs)
        .problem(base: base.commit, head: head, open: request.title)
    }
    func wrong(_ what: String, _ why: String, _ next: String...) -> Problem {
      Problem("open.branch", what, why: why, next: next)
    }
    if name == settings.main || !isSaneName(name) {
      throw wrong(
        "\(name) cannot be the branch of a hotfix.",
        name == settings.main ? "Releases begin there." : "It is no name.",
        "hotfix open …     without --branch begins an empty one"
      )
    }
    if let other = known.first(where: { $0.isOpen && $0.branch == name }) {
      throw wrong(
        "The branch \(name) belongs to another run, \(other.tag).",
        "\"\(other.title)\", \(other.run)",
        "hotfix status \(other.tag)"
      )
    }
    guard let head = try await refs.newest(store.git) else {
      throw wrong(
        refs.local == nil
          ? "There is no branch \(name)." : "Your \(name) and the remote's have parted.",
        "Local \(refs.local?.prefix(12) ?? "none"), remote \(refs.remote?.prefix(12) ?? "none").",
        "git fetch && git branch -a     lists the branches",
        "hotfix open … --branch NAME"
      )
    }
    guard try await store.git.isAncestor(base.commit, of: head) else {
      throw wrong(
        "The branch \(name) does not contain \(base.tag).",
        "\(head.prefix(12)) does not contain \(base.commit.prefix(12)).",
        "git rebase --onto \(base.tag) START \(name)",
        "hotfix open … --branch \(name)"
      )
    }
    return (name, head)
  }

  /// The adopted branch is on the remote from the beginning, so that any clone can go on.
  func publishing(_ opened: RunOpened) async throws -> [RefUpdate] {
    guard let head = opened.adopts else { return [] }
    let refs = try await BranchRefs.look(opened.branch, store.git)
    if refs.remote == head { return [] }
    return [RefUpdate("refs/heads/\(opened.branch)", old: refs.remote, new: head)]
  }

  /// Returns the commits that the run takes as its fix, oldest first.
  func adopted(_ opened: RunOpened) async throws -> [GitCommit] {
    guard let head = opened.adopts else { return [] }
    return try await store.git.commits(["\(opened.base.commit)..\(head)"], limit: 100).reversed()
  }
}

/// Where a branch is, here and on the remote as last fetched.
struct BranchRefs: Sendable {
  var local: String?
  var remote: String?

  static func look(_ name: String, _ git: Git) async throws -> BranchRefs {
    let names = ["refs/heads/\(name)", "refs/remotes/\(git.remote)/\(name)"]
    let found = try await git.refs(names)
    return BranchRefs(local: found[names[0]], remote: found[names[1]])
  }

  /// Returns the head that has all commits of both; nil when there is none.
  func newest(_ git: Git) async throws -> String? {
    guard let local, let remote else { return local ?? remote }
    if try await git.isAncestor(remote, of: local) { return local }
    return try await git.isAncestor(local, of: remote) ? remote : nil
  }
}
