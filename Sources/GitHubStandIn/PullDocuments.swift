/// Pull requests as JSON, and whether they can be merged.
extension GitHubStandIn {
  func simplePull(_ number: Int, _ call: Call) throws -> JSON {
    let found = try repository(call.repository)
    guard let pull = found.pulls[number], let issue = found.issues[number] else {
      throw Refusal.notFound
    }
    let api = "\(call.addresses.api)/repos/\(found.fullName)"
    let own = "\(api)/pulls/\(number)"
    let web = "\(call.addresses.web)/\(found.fullName)/pull/\(number)"
    let links: [String: String] = [
      "self": own, "html": web, "issue": "\(api)/issues/\(number)",
      "comments": "\(api)/issues/\(number)/comments", "review_comments": "\(own)/comments",
      "review_comment": "\(api)/pulls/comments{/number}", "commits": "\(own)/commits",
      "statuses": "\(api)/statuses/\(pull.headSHA)",
    ]
    let document: JSON = [
      "url": .string(own), "id": .int(pull.id), "node_id": "PR_\(pull.id)",
      "html_url": .string(web), "diff_url": "\(web).diff", "patch_url": "\(web).patch",
      "issue_url": "\(api)/issues/\(number)", "commits_url": "\(own)/commits",
      "review_comments_url": "\(own)/comments",
      "review_comment_url": "\(api)/pulls/comments{/number}",
      "comments_url": "\(api)/issues/\(number)/comments",
      "statuses_url": "\(api)/statuses/\(pull.headSHA)", "number": .int(number),
      "state": .string(issue.state), "locked": false, "title": .string(issue.title),
      "user": person(issue.author, call), "body": JSON(issue.body),
      "labels": .array(issue.labels.compactMap { label($0, found, call) }),
      "milestone": milestone(issue.milestone, found, call), "active_lock_reason": nil,
      "created_at": .string(issue.created), "updated_at": .string(issue.updated),
      "closed_at": JSON(issue.closed), "merged_at": JSON(pull.merged),
      "assignees": .array(issue.assignees.map { person($0, call) }),
      "requested_reviewers": .array(pull.requestedReviewers.map { person($0, call) }),
      "requested_teams": [], "head": side(pull.head, pull.headSHA, found, call),
      "base": side(pull.base, pull.baseSHA, found, call),
      "_links": .object(links.mapValues { ["href": .string($0)] }),
      "author_association": association(issue.author, found), "auto_merge": nil,
      "draft": .bool(pull.isDraft),
    ]
    guard !call.isNew else { return document }
    return document.adding([
      "merge_commit_sha": JSON(pull.mergeCommit),
      "assignee": person(issue.assignees.first, call),
    ])
  }

  private func side(_ branch: String, _ sha: String, _ found: Repository, _ call: Call) -> JSON {
    [
      "label": "\(found.owner):\(branch)", "ref": .string(branch), "sha": .string(sha),
      "user": person(found.owner, call), "repo": fullRepository(found, call),
    ]
  }

  func association(_ login: String, _ found: Repository) -> JSON {
    if login.lowercased() == found.owner.lowercased() { return "OWNER" }
    return found.role(of: login) >= .triage ? "COLLABORATOR" : "NONE"
  }

  func fullPull(_ number: Int, _ call: Call, asks: Bool = true) async throws -> JSON {
    let found = try repository(call.repository)
    guard let pull = found.pulls[number] else { throw Refusal.notFound }
    let files = try await pullFiles(pull, found, call)
    let commits = try await pullCommits(pull, found).count
    let mergeable = try await mergeability(number, in: call.repository, asks: asks)
    let comments = found.comments.values.count { $0.issue == number }
    return try simplePull(number, call).adding([
      "merged": .bool(pull.isMerged), "mergeable": mergeable.isMergeable.map { .bool($0) } ?? nil,
      "rebaseable": mergeable.isMergeable.map { .bool($0) } ?? nil,
      "mergeable_state": .string(mergeable.state), "merged_by": person(pull.mergedBy, call),
      "comments": .int(comments),
      "review_comments": .int(pull.threads.reduce(0) { $0 + $1.comments.count }),
      "maintainer_can_modify": .bool(pull.maintainerCanModify), "commits": .int(commits),
      "additions": .int(files.reduce(0) { $0 + ($1["additions"].number ?? 0) }),
      "deletions": .int(files.reduce(0) { $0 + ($1["deletions"].number ?? 0) }),
      "changed_files": .int(files.count),
    ])
  }

  struct Mergeability {
    let isMergeable: Bool?
    /// clean, dirty, blocked, behind, unstable, draft or unknown.
    let state: String
  }

  /// Works mergeability out for where the branches were last seen; who asks first for a pair of commits is told that it is not known yet.
  func mergeability(_ number: Int, in id: Int, asks: Bool) async throws -> Mergeability {
    let found = try repository(id)
    guard let pull = found.pulls[number], found.issues[number]?.state == "open" else {
      return Mergeability(isMergeable: nil, state: "unknown")
    }
    let pair = "\(pull.headSHA) \(pull.baseSHA)"
    if pull.computedFor != pair {
      if asks { try change(id) { $0.pulls[number]?.computedFor = pair } }
      return Mergeability(isMergeable: nil, state: "unknown")
    }
    let git = bare(found)
    guard try await git.mergedTree(pull.baseSHA, pull.headSHA) != nil else {
      return Mergeability(isMergeable: false, state: "dirty")
    }
    if pull.isDraft { return Mergeability(isMergeable: true, state: "draft") }
    let reasons = try unmet(pull, number, found)
    if !reasons.isEmpty { return Mergeability(isMergeable: true, state: "blocked") }
    if isStrict(pull.base, found), try await !git.isAncestor(pull.baseSHA, of: pull.headSHA) {
      return Mergeability(isMergeable: true, state: "behind")
    }
    let isGreen = checksOf(pull.headSHA, found).allSatisfy { $0.outcome == .passed }
    return Mergeability(isMergeable: true, state: isGreen ? "clean" : "unstable")
  }
}
