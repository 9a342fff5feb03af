internal import Foundation
internal import ReleaseModel
internal import Runbook

/// Pull requests, reviews and merges (docs.github.com, REST API: pulls).
struct GitHubPulls: Sendable {
  let client: GitHubClient

  struct User: Decodable, Sendable {
    let login: String
  }

  struct Pull: Decodable, Sendable {
    struct Side: Decodable, Sendable {
      let sha: String
    }

    let number: Int
    let htmlUrl: String
    let state: String
    let mergedAt: String?
    let mergeable: Bool?
    let head: Side
    let user: User?
    let labels: [Label]?

    struct Label: Decodable, Sendable {
      let name: String
    }

    var pullRequest: PullRequest {
      PullRequest(
        number: number,
        url: htmlUrl,
        state: mergedAt != nil ? .merged : state == "open" ? .open : .closed,
        head: head.sha,
        author: user?.login ?? "ghost",
        isMergeable: mergeable
      )
    }
  }

  // MARK: finding and opening

  /// The open one, else the merged one, else the newest that was closed.
  func find(_ branch: String, _ base: String) async throws -> PullRequest? {
    let head = GitHubAddress.escaped("\(client.address.owner):\(branch)")
    let path = "/pulls?state=all&head=\(head)&base=\(GitHubAddress.escaped(base))"
    let all = try await (client.list(path, pages: 1) as [Pull]).map(\.pullRequest)
      .sorted { $0.number > $1.number }
    guard
      let pull = all.first(where: { $0.state == .open })
        ?? all.first(where: { $0.state == .merged }) ?? all.first
    else { return nil }
    guard pull.state == .open else { return pull }
    // The list does not say whether it can be merged, and GitHub works it out when it is asked.
    for seconds in [1, 2, 4] {
      let one: Pull? = try await client.get("/pulls/\(pull.number)")
      guard let one, one.state == "open", one.mergeable == nil else {
        return one?.pullRequest ?? pull
      }
      try await client.pause(seconds)
    }
    return pull
  }

  private struct NewPull: Encodable {
    let title, body, head, base: String
  }

  func open(_ text: PullRequestText) async throws -> PullRequest {
    let body = NewPull(title: text.title, body: text.body, head: text.branch, base: text.base)
    let pull = try await client.once {
      try await openOne(text)
    } _: {
      do {
        return try await (client.write("POST", "/pulls", body) as Pull).pullRequest
      } catch let refusal as GitHubRefusal where refusal.message.contains("already exists") {
        // Somebody was faster.
        guard let there = try await find(text.branch, text.base) else { throw refusal }
        return there
      }
    }
    // Whoever opened it may have been cut off before the rest.
    if try await !isDecorated(pull, text) { try await decorate(pull, text) }
    return pull
  }

  private func openOne(_ text: PullRequestText) async throws -> PullRequest? {
    try await find(text.branch, text.base).flatMap { $0.state == .open ? $0 : nil }
  }

  private func isDecorated(_ pull: PullRequest, _ text: PullRequestText) async throws -> Bool {
    let there: Pull? = try await client.get("/pulls/\(pull.number)")
    return Set(text.labels).isSubset(of: there?.labels?.map(\.name) ?? [])
  }

  /// Labels and reviewers help people; a release does not fail for want of them.
  private func decorate(_ pull: PullRequest, _ text: PullRequestText) async throws {
    try await client.attempt {
      let _: [Ignored] = try await client.write(
        "POST",
        "/issues/\(pull.number)/labels",
        ["labels": text.labels]
      )
    }
    let asked = text.reviewers.map { $0.hasPrefix("@") ? String($0.dropFirst()) : $0 }
    let people = asked.filter { !$0.contains("/") && $0 != pull.author }
    let teams = asked.filter { $0.contains("/") }.compactMap { $0.split(separator: "/").last }
      .map(String.init)
    guard !people.isEmpty || !teams.isEmpty else { return }
    try await client.attempt {
      let _: Ignored = try await client.write(
        "POST",
        "/pulls/\(pull.number)/requested_reviewers",
        ["reviewers": people, "team_reviewers": teams]
      )
    }
  }

  // MARK: reviews

  private struct Review: Decodable, Sendable {
    let user: User?
    let id: Int
    let state: String
    let commitId: String?
    let htmlUrl: String
  }

  private struct Reviewers: Decodable, Sendable {
    struct Review: Decodable, Sendable {
      let authorCanPushToRepository: Bool
      let author: User?
    }

    let isInMergeQueue: Bool?
    let reviews: GitHubNodes<Review>
  }

  private func reviewers(_ number: Int) async throws -> Reviewers? {
    try await ask(GitHubDocuments.reviewers, number)
  }

  private struct Place<Value: Decodable & Sendable>: Decodable, Sendable {
    let pullRequest: Value?
  }

  /// Asks GraphQL about one pull request.
  private func ask<Value: Decodable & Sendable>(
    _ document: String,
    _ number: Int,
    after cursor: String? = nil
  ) async throws -> Value? {
    var variables = await client.place
    variables["number"] = .number(number)
    if let cursor { variables["after"] = .text(cursor) }
    let answer: GitHubRepository<Place<Value>> = try await client.ask(document, variables)
    return answer.repository?.pullRequest
  }

  func isQueued(_ number: Int) async throws -> Bool {
    try await reviewers(number)?.isInMergeQueue ?? false
  }

  /// Who of the reviewers may write; what REST calls their association is no permission.
  private func writers(_ number: Int, _ reviews: [Review]) async throws -> Set<String> {
    let words = ["APPROVED", "CHANGES_REQUESTED"]
    guard reviews.contains(where: { words.contains($0.state.uppercased()) }) else { return [] }
    let key = "\(number) \(reviews.map { "\($0.id)" }.joined(separator: ","))"
    return try await client.remembered(key) {
      let all = try await reviewers(number)?.reviews.nodes ?? []
      return Set(all.filter(\.authorCanPushToRepository).compactMap { $0.author?.login })
    }
  }

  func reviews(_ number: Int) async throws -> [HostedReview] {
    let all: [Review] = try await client.list("/pulls/\(number)/reviews", secondsOld: 3)
    let writers = try await writers(number, all)
    return all.map { review in
      let state: HostedReview.State =
        switch review.state.uppercased() {
        case "APPROVED": .approved
        case "CHANGES_REQUESTED": .changesRequested
        case "DISMISSED": .dismissed
        case "PENDING": .pending
        default: .commented
        }
      return HostedReview(
        person: review.user?.login ?? "ghost",
        state: state,
        commit: review.commitId ?? "",
        mayWrite: writers.contains(review.user?.login ?? "ghost"),
        url: review.htmlUrl
      )
    }
  }

  private struct Commit: Decodable, Sendable {
    struct Inner: Decodable, Sendable {
      struct Person: Decodable, Sendable {
        let email: String?
      }

      let author: Person?
      let committer: Person?
    }

    let commit: Inner
    let author: Lenient<User>?
    let committer: Lenient<User>?
  }

  func authors(_ number: Int) async throws -> HostedAuthors {
    let commits: [Commit] = try await client.list("/pulls/\(number)/commits", secondsOld: 3)
    var authors = HostedAuthors(logins: [], unknown: [])
    for commit in commits {
      for (user, person) in [
        (commit.author?.value, commit.commit.author),
        (commit.committer?.value, commit.commit.committer),
      ] {
        if let user { authors.logins.insert(user.login) }
        if user == nil, let email = person?.email { authors.unknown.insert(email.lowercased()) }
      }
    }
    // What is committed in the web page has GitHub's own committer.
    authors.logins.remove("web-flow")
    authors.unknown.remove("noreply@github.com")
    return authors
  }

  private struct Threads: Decodable, Sendable {
    struct Thread: Decodable, Sendable {
      let isResolved: Bool
      let comments: GitHubNodes<Comment>
    }

    struct Comment: Decodable, Sendable {
      let url: String
      let author: User?
    }

    let reviewThreads: GitHubNodes<Thread>
  }

  func openThreads(_ number: Int) async throws -> [(person: String, url: String)] {
    var open: [(person: String, url: String)] = []
    var cursor: String?
    for _ in 0..<GitHubClient.pagesMax {
      let answer: Threads? = try await ask(GitHubDocuments.threads, number, after: cursor)
      guard let page = answer?.reviewThreads else { return open }
      open += page.nodes.filter { !$0.isResolved }.map { thread in
        let first = thread.comments.nodes.first
        return (first?.author?.login ?? "ghost", first?.url ?? "")
      }
      guard page.pageInfo?.hasNextPage == true, let next = page.pageInfo?.endCursor else {
        return open
      }
      cursor = next
    }
    return open
  }

  // MARK: merging

  private struct Merge: Encodable {
    let sha, mergeMethod, commitTitle: String
  }

  private struct Merged: Decodable, Sendable {
    let sha: String?
  }

  func merge(
    _ pull: PullRequest,
    _ method: String,
    _ title: String,
    attempts: Int = 4
  ) async throws -> Pulls.MergeAnswer {
    let body = Merge(sha: pull.head, mergeMethod: method, commitTitle: title)
    do {
      let merged: Merged = try await client.write("PUT", "/pulls/\(pull.number)/merge", body)
      return .merged(merged.sha ?? "")
    } catch HTTP.Failure.unknown(let why) {
      let now: Pull? = try await client.get("/pulls/\(pull.number)")
      guard now?.mergedAt != nil else { throw HTTP.Failure.unknown(why) }
      return .merged("")
    } catch let refusal as GitHubRefusal {
      if refusal.status == 409 { throw moved(pull, refusal) }
      guard [405, 403, 422].contains(refusal.status) else { throw refusal }
      let now: Pull? = try await client.get("/pulls/\(pull.number)")
      if now?.mergedAt != nil { return .merged("") }
      // Main moved in this very moment; the head did not.
      if refusal.message.contains("Base branch was modified"), attempts > 1 {
        try await client.pause(2)
        return try await merge(pull, method, title, attempts: attempts - 1)
      }
      if refusal.message.contains("queue"), try await isQueued(pull.number) { return .queued }
      return .notYet(refusal.message)
    }
  }

  private func moved(_ pull: PullRequest, _ refusal: GitHubRefusal) -> Problem {
    Problem(
      "merge.head-moved",
      "The pull request \(pull.number) is not at the reviewed commit any more.",
      why: refusal.message,
      next: ["hotfix next     tests and asks again for what is there now"]
    )
  }
}
