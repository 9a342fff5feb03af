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
      let ref: String
      let sha: String
    }

    let number: Int
    let htmlUrl: String
    let state: String
    let mergedAt: String?
    let mergeable: Bool?
    let head: Side
    let base: Side
    let user: User?

    var pullRequest: PullRequest {
      PullRequest(
        number: number,
        url: htmlUrl,
        state: mergedAt != nil ? .merged : state == "open" ? .open : .closed,
        head: head.sha,
        base: base.ref,
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
      try await find(text.branch, text.base).flatMap { $0.state == .open ? $0 : nil }
    } _: {
      do {
        return try await (client.write("POST", "/pulls", body) as Pull).pullRequest
      } catch let refusal as GitHubRefusal where refusal.message.contains("already exists") {
        // Somebody was faster.
        guard let there = try await find(text.branch, text.base) else { throw refusal }
        return there
      }
    }
    try await decorate(pull, text)
    return pull
  }

  /// Labels and reviewers help people; a release does not fail for want of them.
  private func decorate(_ pull: PullRequest, _ text: PullRequestText) async throws {
    if !text.labels.isEmpty {
      do {
        let _: [Ignored] = try await client.write(
          "POST",
          "/issues/\(pull.number)/labels",
          ["labels": text.labels]
        )
      } catch is GitHubRefusal {}
    }
    let asked = text.reviewers.map { $0.hasPrefix("@") ? String($0.dropFirst()) : $0 }
    let people = asked.filter { !$0.contains("/") && $0 != pull.author }
    let teams = asked.filter { $0.contains("/") }.compactMap { $0.split(separator: "/").last }
      .map(String.init)
    guard !people.isEmpty || !teams.isEmpty else { return }
    do {
      let _: Ignored = try await client.write(
        "POST",
        "/pulls/\(pull.number)/requested_reviewers",
        ["reviewers": people, "team_reviewers": teams]
      )
    } catch is GitHubRefusal {}
  }

  // MARK: reviews

  private struct Review: Decodable, Sendable {
    let user: User?
    let state: String
    let commitId: String?
    let authorAssociation: String?
    let htmlUrl: String
  }

  func reviews(_ number: Int) async throws -> [HostedReview] {
    let all: [Review] = try await client.list("/pulls/\(number)/reviews", secondsOld: 3)
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
        mayWrite: ["OWNER", "MEMBER", "COLLABORATOR"].contains(review.authorAssociation ?? ""),
        url: review.htmlUrl
      )
    }
  }

  private struct Commit: Decodable, Sendable {
    let author: User?
    let committer: User?
  }

  func authors(_ number: Int) async throws -> Set<String> {
    let commits: [Commit] = try await client.list("/pulls/\(number)/commits", secondsOld: 3)
    // What is committed in the web page has GitHub's own committer.
    return Set(commits.flatMap { [$0.author, $0.committer] }.compactMap { $0?.login })
      .subtracting(["web-flow"])
  }

  private struct Threads: Decodable, Sendable {
    struct Repository: Decodable, Sendable {
      let pullRequest: Pull?
    }

    struct Pull: Decodable, Sendable {
      let isInMergeQueue: Bool?
      let reviewThreads: Page
    }

    struct Page: Decodable, Sendable {
      let nodes: [Thread]
      let pageInfo: Info
    }

    struct Info: Decodable, Sendable {
      let hasNextPage: Bool
      let endCursor: String?
    }

    struct Thread: Decodable, Sendable {
      let isResolved: Bool
      let comments: Comments
    }

    struct Comments: Decodable, Sendable {
      let nodes: [Comment]
    }

    struct Comment: Decodable, Sendable {
      let url: String
      let author: User?
    }

    let repository: Repository?
  }

  func openThreads(_ number: Int) async throws -> [(person: String, url: String)] {
    var open: [(person: String, url: String)] = []
    var variables = await client.place
    variables["number"] = .number(number)
    for _ in 0..<GitHubClient.pagesMax {
      let answer: Threads = try await client.ask(GitHubDocuments.threads, variables)
      guard let page = answer.repository?.pullRequest?.reviewThreads else { return open }
      open += page.nodes.filter { !$0.isResolved }.map { thread in
        let first = thread.comments.nodes.first
        return (first?.author?.login ?? "ghost", first?.url ?? "")
      }
      guard page.pageInfo.hasNextPage, let cursor = page.pageInfo.endCursor else { return open }
      variables["after"] = .text(cursor)
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

  func merge(_ pull: PullRequest, _ method: String, _ title: String) async throws
    -> Pulls.MergeAnswer
  {
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
