// Reviews that were given on the host, counted in people.
//
// 1. A person's last decisive word counts: approval, objection, or one that was dismissed.
// 2. An approval counts for the very commit that it was given for, and not for an older one.
// 3. It counts from people who may write to the repository and wrote no part of the fix.
// 4. An objection stands for every later commit, until the same person approves or it is dismissed.

internal import Record
internal import ReleaseModel

package struct HostedReviews: Sendable, Hashable {
  /// Who approved the head.
  package let approvals: [String]
  /// Who asked for changes, and where.
  package let objections: [HostedReview]
  /// Who approved an older commit.
  package let stale: [String]

  package init(_ reviews: [HostedReview], head: String, authors: Set<String>) {
    var last: [String: HostedReview] = [:]
    for review in reviews where [.approved, .changesRequested, .dismissed].contains(review.state) {
      last[review.person] = review
    }
    let words = last.values.sorted { $0.person < $1.person }
    let yes = words.filter {
      $0.state == .approved && $0.mayWrite && !authors.contains($0.person)
    }
    approvals = yes.filter { $0.commit == head }.map(\.person)
    stale = yes.filter { $0.commit != head }.map(\.person)
    objections = words.filter { $0.state == .changesRequested && $0.mayWrite }
  }
}

/// The pull request of a run on its host.
struct HostedPull: Sendable {
  let situation: Situation
  let forge: Forge

  /// Nil on a plain host.
  init?(_ situation: Situation) {
    guard let forge = situation.toolbox.forge else { return nil }
    self.situation = situation
    self.forge = forge
  }

  func find() async throws -> PullRequest? {
    try await forge.pulls.find(situation.opened.branch, situation.opened.main)
  }

  /// The open pull request at the fix, or why there is none.
  func request() async throws -> Finding {
    guard let pull = try await find(), pull.state != .closed else {
      return .lacking("there is no pull request of \(situation.opened.branch)")
    }
    if pull.state == .merged, pull.head != situation.refs.fix {
      return .lacking("\(pull.url) was merged before the newest commit")
    }
    guard pull.head == situation.refs.fix else {
      return .waiting(
        Wait(
          .outside,
          whom: "GitHub",
          what: "shows the pull request \(pull.number) at another commit than the branch has",
          commands: ["hotfix next"]
        )
      )
    }
    return .holds(["\(pull.url) asks for review"])
  }

  private func reviews(_ pull: PullRequest) async throws -> HostedReviews {
    let authors = try await forge.pulls.authors(pull.number)
    return HostedReviews(
      try await forge.pulls.reviews(pull.number),
      head: situation.refs.fix ?? "",
      authors: authors.logins.union([pull.author])
    )
  }

  /// Addresses of commits that nobody on the host owns: their author could approve their own work.
  ///
  /// Whoever asked for the review by this tool is known by both names.
  private func strangers(_ pull: PullRequest) async throws -> [String] {
    let asked = situation.progress.effects.filter { $0.data.step == "request" }.map(\.actor)
    let unknown = try await forge.pulls.authors(pull.number).unknown
    return unknown.subtracting(asked.map { $0.lowercased() }).sorted()
  }

  /// Whether enough people approved it there; nil when it is not asked for there.
  func approval() async throws -> Finding? {
    guard let pull = try await find(), pull.state != .closed else { return nil }
    let reviews = try await reviews(pull)
    let needed = situation.progress.policy?.approvals ?? 1
    if reviews.approvals.isEmpty, needed == 0 { return .holds([]) }
    let strangers = try await strangers(pull)
    if reviews.approvals.count >= needed, !strangers.isEmpty {
      return .waiting(
        .person(
          "a reviewer",
          "approves in the record: \(strangers.joined(separator: ", ")) wrote a part of it and is "
            + "nobody on \(forge.name), so an approval there may be their own"
        )
      )
    }
    if reviews.approvals.count >= needed {
      return .holds(reviews.approvals.map { "\($0) approved in \(pull.url)" })
    }
    var words = "approves in \(pull.url)"
    if !reviews.approvals.isEmpty {
      words += "; so far \(reviews.approvals.joined(separator: ", "))"
    }
    if !reviews.stale.isEmpty {
      words += "; \(reviews.stale.joined(separator: ", ")) approved an older commit"
    }
    let people = needed == 1 ? "a reviewer" : "\(needed) reviewers"
    return .waiting(
      .person(
        "\(people) other than \(pull.author)",
        words,
        "# approve \(pull.url) in the browser: that counts for code, tests and docs",
        "# or in the record, by a reviewer:"
      )
    )
  }

  /// Objections and threads that nobody settled; nil when there are none.
  func objections() async throws -> Finding? {
    guard let pull = try await find(), pull.state == .open else { return nil }
    if let no = try await reviews(pull).objections.first {
      return .waiting(
        .person(no.person, "asked for changes in \(no.url)", "gh pr view \(pull.number) --comments")
      )
    }
    guard let thread = try await forge.pulls.openThreads(pull.number).first else { return nil }
    return .waiting(
      .person(thread.person, "began a thread that is not resolved: \(thread.url)")
    )
  }

  /// Whether the host's required checks passed for exactly this commit.
  func checks() async throws -> Finding {
    guard let fix = situation.refs.fix else { return .lacking("there is no fix") }
    let checks = try await forge.pulls.checks(fix, situation.opened.main)
    let required = checks.filter(\.isRequired)
    func named(_ state: HostedCheck.State) -> [HostedCheck] {
      required.filter { $0.state == state }
    }
    if let failed = named(.failed).first {
      return .waiting(
        .person(
          "the author",
          "mends the required check \(failed.name), which failed: \(failed.url)",
          "hotfix next     once it passes, or there is a new commit"
        )
      )
    }
    let open = named(.running) + named(.missing)
    guard open.isEmpty else {
      return .waiting(
        Wait(
          .outside,
          whom: "GitHub",
          what: "runs the required checks \(open.map(\.name).joined(separator: ", "))",
          commands: ["hotfix next --watch"]
        )
      )
    }
    let others = checks.filter { !$0.isRequired && $0.state == .failed }.map(\.name)
    let also = others.isEmpty ? [] : ["not required, and failed: \(others.joined(separator: ", "))"]
    return .holds(
      (required.isEmpty
        ? ["\(situation.opened.main) requires no checks"]
        : ["required checks passed: \(required.map(\.name).joined(separator: ", "))"]) + also
    )
  }
}
