internal import Git
internal import Record
internal import ReleaseModel

/// The merge of the pull request, where the host does it.
struct HostedMerge: Sendable {
  private let situation: Situation
  private let pull: HostedPull

  init?(_ situation: Situation) {
    guard let pull = HostedPull(situation) else { return nil }
    self.situation = situation
    self.pull = pull
  }

  private var method: String { situation.settings.github?.mergeMethod ?? "merge" }

  /// Nil when the host cannot merge it, and it has to be merged here.
  func finding() async throws -> Finding? {
    guard let found = try await pull.find() else { return nil }
    switch found.state {
    case .merged where found.head == situation.refs.fix: return try await merged(found)
    case .merged, .closed: return nil
    case .open: break
    }
    if let wait = try await waiting(found) { return wait }
    guard found.isMergeable == false else { return .lacking("\(found.url) is not merged") }
    guard try await isProtected() else { return nil }
    let merge = try await pull.forge.pulls.find(conflictBranch, situation.opened.main)
    guard let merge, merge.state == .open else {
      return .lacking("\(found.url) conflicts with \(situation.opened.main)")
    }
    return .waiting(
      .person("a maintainer", "merges \(merge.url)", "gh pr merge \(merge.number)", "hotfix next")
    )
  }

  /// It was merged since this clone last fetched; or main got something else than was reviewed.
  private func merged(_ found: PullRequest) async throws -> Finding {
    let git = situation.git
    try await git.fetch()
    guard let fix = situation.refs.fix,
      let main = try await git.resolve("refs/remotes/\(git.remote)/\(situation.opened.main)"),
      try await Containment.evidence(of: fix, in: main, situation) != nil
    else { throw otherTree(found) }
    return .waiting(
      Wait(
        .clock,
        whom: "this clone",
        what: "had not seen yet that \(found.url) is merged",
        commands: ["hotfix next"]
      )
    )
  }

  private func isProtected() async throws -> Bool {
    try await pull.forge.pulls.isProtected(situation.opened.main)
  }

  private var conflictBranch: String { "hotfix-merge/\(situation.opened.tag)" }

  /// Conflicts are resolved here, and the merge goes into a protected branch as a request of its own:
  /// the reviewed tree stays what it is.
  private func conflictEffect(_ found: PullRequest) -> Effect {
    let text = PullRequestText(
      branch: conflictBranch,
      base: situation.opened.main,
      title: "Merge hotfix \(situation.opened.tag), conflicts resolved",
      body: "\(found.url) as it was reviewed, merged into \(situation.opened.main).",
      labels: ["hotfix", "expedited"],
      reviewers: situation.settings.asked
    )
    return Effect(
      "pull request of \(text.branch)",
      says: "merges here, and asks for \(situation.opened.main) to take it",
      body: .outward {
        try await Merging.prepare(situation)
        let git = situation.git
        let new = try await git.resolve(RefView.preparedRef(situation.run))
        let old = try await git.resolve("refs/remotes/\(git.remote)/\(text.branch)")
        let ref = "refs/heads/\(text.branch)"
        if case .refused(let words) = try await git.push([RefUpdate(ref, old: old, new: new)]) {
          throw PushProblem.problem(words)
        }
        let outcome = try await pull.forge.pulls.take(text, by: "merge")
        try await git.fetch()
        return .done(outcome)
      }
    )
  }

  private func target(_ found: PullRequest) -> String { "pull request \(found.number)" }

  /// What the host said a moment ago; after that it is asked again.
  private func waiting(_ found: PullRequest) async throws -> Finding? {
    let last = situation.progress.effect(
      "merge",
      target: target(found),
      subject: situation.subject(of: .release)
    )
    guard let last, let detail = last.conclusion?.detail else { return nil }
    if detail == Self.queued {
      guard try await pull.forge.pulls.isQueued(found.number) else { return nil }
      return .waiting(
        Wait(
          .outside,
          whom: "GitHub's merge queue",
          what: "merges \(found.url)",
          commands: ["hotfix next --watch"]
        )
      )
    }
    guard detail.hasPrefix(Self.notYet), situation.toolbox.now() - last.at < 20 else { return nil }
    return .waiting(notYet(found, String(detail.dropFirst(Self.notYet.count))))
  }

  private static let queued = "queued"
  private static let notYet = "not yet: "

  private func otherTree(_ found: PullRequest) -> Problem {
    Problem(
      "merge.other-tree",
      "\(found.url) is merged, and \(situation.opened.main) does not have the fix as it was reviewed.",
      why: "No commit of \(situation.opened.main) has the tree that merging "
        + "\((situation.refs.fix ?? "").prefix(12)) gives.",
      next: [
        "git log --oneline \(situation.git.remote)/\(situation.opened.main)     shows what came of it",
        "hotfix note --done merge \"…\"     when it is right all the same",
      ]
    )
  }

  func effects() async throws -> [Effect]? {
    guard let found = try await pull.find(), found.state == .open else { return nil }
    if found.isMergeable == false {
      return try await isProtected() ? [conflictEffect(found)] : nil
    }
    guard found.head == situation.refs.fix else {
      throw Problem(
        "merge.head-moved",
        "The pull request \(found.number) is not at the reviewed commit any more.",
        why: "It is at \(found.head.prefix(12)); reviewed was "
          + "\((situation.refs.fix ?? "nothing").prefix(12)).",
        next: ["hotfix next     tests and asks again for what is there now"]
      )
    }
    let title = "Merge hotfix \(situation.opened.tag) (#\(found.number))"
    return [
      Effect(
        target(found),
        says: "merges \(found.url) by \(method)",
        materials: ["head": found.head, "method": method],
        body: .outward {
          switch try await pull.forge.pulls.merge(found, method, title) {
          case .merged(let commit):
            try await situation.git.fetch()
            return .done("merged as \(commit.isEmpty ? "before" : String(commit.prefix(12)))")
          case .queued: return .done(Self.queued)
          case .notYet(let why):
            if let problem = method(why) { throw problem }
            return .done(Self.notYet + why)
          }
        }
      )
    ]
  }

  private func notYet(_ found: PullRequest, _ why: String) -> Wait {
    if why.contains("queue") {
      return .person(
        "you",
        "puts \(found.url) into the merge queue",
        "gh pr merge \(found.number)",
        "hotfix next --watch"
      )
    }
    return Wait(
      .outside,
      whom: "GitHub",
      what: "does not merge \(found.url) now: \(why)",
      commands: ["gh pr checks \(found.number)     shows what is missing", "hotfix next --watch"]
    )
  }

  private func method(_ why: String) -> Problem? {
    guard why.contains("not allowed on this repository") else { return nil }
    return Problem(
      "merge.method",
      "The repository does not allow merging by \(method).",
      why: why,
      next: ["Set, in hotfix.yml:  host: { merge: squash }     or rebase, as is allowed"]
    )
  }
}
