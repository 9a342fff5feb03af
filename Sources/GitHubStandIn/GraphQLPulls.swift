internal import ReleaseModel

/// Pull requests in the graph, and mutations.
extension GitHubStandIn {
  func addPulls(to node: inout GraphNode, _ found: Repository, _ call: Call) {
    node.fields["pullRequest"] = { [self] arguments in
      let number = arguments["number"].number ?? 0
      guard found.pulls[number] != nil else {
        throw GraphError(
          type: "NOT_FOUND",
          message: "Could not resolve to a PullRequest with the number of \(number)."
        )
      }
      _ = try await refreshed(number, in: found.id)
      return .node(await pullNode(number, found.id, call))
    }
    node.fields["pullRequests"] = { [self] arguments in
      let states = Set(arguments["states"].items.compactMap(\.text))
      var nodes: [GraphNode] = []
      for (number, pull) in found.pulls.sorted(by: { $0.key > $1.key }) {
        let state = pull.isMerged ? "MERGED" : (found.issues[number]?.state ?? "").uppercased()
        if let head = arguments["headRefName"].text, head != pull.head { continue }
        if let base = arguments["baseRefName"].text, base != pull.base { continue }
        if !states.isEmpty, !states.contains(state) { continue }
        _ = try await refreshed(number, in: found.id)
        if let node = await pullNode(number, found.id, call) { nodes.append(node) }
      }
      if arguments["orderBy"]["direction"].text == "ASC" { nodes.reverse() }
      return try Self.connection("pullRequests", nodes, arguments)
    }
  }

  func pullNode(_ number: Int, _ id: Int, _ call: Call) -> GraphNode? {
    let about = call.about(id)
    guard let found = state.repositories[id], let pull = found.pulls[number],
      let issue = found.issues[number], let document = try? simplePull(number, about)
    else { return nil }
    var node = GraphNode(
      "PullRequest",
      [
        "id": document["node_id"], "databaseId": .int(pull.id), "number": .int(number),
        "title": .string(issue.title), "body": .string(issue.body ?? ""),
        "url": document["html_url"], "isDraft": .bool(pull.isDraft),
        "state": .string(pull.isMerged ? "MERGED" : issue.state.uppercased()),
        "closed": .bool(issue.state == "closed"), "merged": .bool(pull.isMerged),
        "mergedAt": JSON(pull.merged), "closedAt": JSON(issue.closed),
        "createdAt": .string(issue.created), "updatedAt": .string(issue.updated),
        "headRefName": .string(pull.head), "headRefOid": .string(pull.headSHA),
        "baseRefName": .string(pull.base), "baseRefOid": .string(pull.baseSHA),
        "isCrossRepository": false, "maintainerCanModify": .bool(pull.maintainerCanModify),
        "isInMergeQueue": .bool(pull.isInMergeQueue),
        "isMergeQueueEnabled": .bool(queue(of: pull.base, found) != nil),
        "reviewDecision": decision(pull, found), "autoMergeRequest": nil, "milestone": nil,
      ],
      interfaces: ["Comment", "UniformResourceLocatable"]
    )
    let people = (actor(issue.author, call), pull.mergedBy.map { actor($0, call) })
    node.fields["author"] = { _ in .node(people.0) }
    node.fields["mergedBy"] = { _ in .node(people.1) }
    let commit = pull.mergeCommit.map { GraphNode("Commit", ["oid": .string($0)]) }
    node.fields["mergeCommit"] = { _ in .node(commit) }
    let entry = GraphNode(
      "MergeQueueEntry",
      ["id": "MQE_\(pull.id)", "position": 1, "state": "QUEUED"]
    )
    node.fields["mergeQueueEntry"] = { _ in .node(pull.isInMergeQueue ? entry : nil) }
    let owner = actor(found.owner, call)
    node.fields["headRepositoryOwner"] = { _ in .node(owner) }
    for name in ["repository", "headRepository", "baseRepository"] {
      node.fields[name] = { [self] _ in .node(await repositoryNode(id, call)) }
    }
    node.fields["mergeable"] = { [self] _ in
      let answer = try await mergeability(number, in: id, asks: true).isMergeable
      return .value(answer.map { $0 ? "MERGEABLE" : "CONFLICTING" } ?? "UNKNOWN")
    }
    node.fields["mergeStateStatus"] = { [self] _ in
      let state = try await mergeability(number, in: id, asks: true).state
      return .value(.string(state.uppercased()))
    }
    addReviews(to: &node, pull, found, about)
    addCommits(to: &node, number, pull, found, about)
    return node
  }

  private func decision(_ pull: PullRequest, _ found: Repository) -> JSON {
    let decisions = decisions(pull, found).values.map(\.state)
    let rules = rule("pull_request", pull.base, found)
    let needed = max(
      protection(pull.base, found)?.approvals ?? 0,
      rules.compactMap { $0["required_approving_review_count"].number }.max() ?? 0
    )
    if decisions.contains("CHANGES_REQUESTED") { return "CHANGES_REQUESTED" }
    let approvals = decisions.count { $0 == "APPROVED" }
    if needed > 0 { return approvals >= needed ? "APPROVED" : "REVIEW_REQUIRED" }
    return approvals > 0 ? "APPROVED" : nil
  }

  private func addReviews(
    to node: inout GraphNode,
    _ pull: PullRequest,
    _ found: Repository,
    _ call: Call
  ) {
    let reviews = pull.reviews.filter { $0.state != "PENDING" }
    let nodes = reviews.map { reviewNode($0, found, call) }
    node.fields["reviews"] = { arguments in
      let states = Set(arguments["states"].items.compactMap(\.text))
      let chosen = zip(reviews, nodes).filter { states.isEmpty || states.contains($0.0.state) }
      return try Self.connection("reviews", chosen.map(\.1), arguments)
    }
    var latest: [String: GraphNode] = [:]
    for (review, node) in zip(reviews, nodes) { latest[review.author] = node }
    let newest = latest.sorted { $0.key < $1.key }.map(\.value)
    for name in ["latestReviews", "latestOpinionatedReviews"] {
      node.fields[name] = { try Self.connection(name, newest, $0) }
    }
    let requests = pull.requestedReviewers.map { login -> GraphNode in
      var request = GraphNode("ReviewRequest")
      let reviewer = actor(login, call)
      request.fields["requestedReviewer"] = { _ in .node(reviewer) }
      return request
    }
    node.fields["reviewRequests"] = { try Self.connection("reviewRequests", requests, $0) }
    let threads = pull.threads.map { threadNode($0, call) }
    node.fields["reviewThreads"] = { try Self.connection("reviewThreads", threads, $0) }
    node.fields["comments"] = { try Self.connection("comments", [], $0) }
    for name in ["labels", "assignees", "projectCards"] {
      node.fields[name] = { try Self.connection(name, [], $0) }
    }
  }

  private func reviewNode(_ review: Review, _ found: Repository, _ call: Call) -> GraphNode {
    var node = GraphNode(
      "PullRequestReview",
      [
        "id": "PRR_\(review.id)", "databaseId": .int(review.id), "body": .string(review.body),
        "state": .string(review.state), "submittedAt": JSON(review.submitted),
        "createdAt": JSON(review.submitted), "includesCreatedEdit": false,
        "authorAssociation": association(review.author, found), "url": "",
        "authorCanPushToRepository": .bool(found.role(of: review.author) >= .write),
      ]
    )
    let author = actor(review.author, call)
    node.fields["author"] = { _ in .node(author) }
    let commit = GraphNode("Commit", ["oid": .string(review.commit)])
    node.fields["commit"] = { _ in .node(commit) }
    node.fields["reactionGroups"] = { _ in .list([]) }
    return node
  }

  private func threadNode(_ thread: ReviewThread, _ call: Call) -> GraphNode {
    var node = GraphNode(
      "PullRequestReviewThread",
      [
        "id": "PRRT_\(thread.id)", "path": .string(thread.path), "line": JSON(thread.line),
        "isResolved": .bool(thread.isResolved), "isOutdated": .bool(thread.isOutdated),
        "isCollapsed": .bool(thread.isResolved),
        "subjectType": thread.line == nil ? "FILE" : "LINE", "diffSide": "RIGHT",
      ]
    )
    let comments = thread.comments.map { comment -> GraphNode in
      var node = GraphNode(
        "PullRequestReviewComment",
        [
          "id": "PRRC_\(comment.id)", "databaseId": .int(comment.id),
          "body": .string(comment.body), "createdAt": .string(comment.created),
          "path": .string(thread.path),
          "url": "\(call.addresses.web)/discussion_r\(comment.id)",
        ]
      )
      let author = actor(comment.author, call)
      node.fields["author"] = { _ in .node(author) }
      return node
    }
    node.fields["comments"] = { try Self.connection("comments", comments, $0) }
    return node
  }

  private func addCommits(
    to node: inout GraphNode,
    _ number: Int,
    _ pull: PullRequest,
    _ found: Repository,
    _ call: Call
  ) {
    let rollup = rollupNode(pull, number, found, call)
    node.fields["statusCheckRollup"] = { _ in .node(rollup) }
    node.fields["commits"] = { [self] arguments in
      let commits = try await pullCommits(pull, found)
      let nodes = commits.map { object -> GraphNode in
        var commit = GraphNode(
          "Commit",
          [
            "oid": .string(object.sha), "id": "C_\(object.sha)",
            "message": .string(object.message),
            "messageHeadline":
              .string(object.message.lines().first.map(String.init) ?? ""),
            "committedDate": JSON(object.committer.date), "authoredDate": JSON(object.author.date),
          ]
        )
        commit.fields["statusCheckRollup"] = { _ in
          .node(object.sha == pull.headSHA ? rollup : nil)
        }
        var node = GraphNode("PullRequestCommit")
        let ready = commit
        node.fields["commit"] = { _ in .node(ready) }
        return node
      }
      return try Self.connection("commits", nodes, arguments)
    }
  }

  private func rollupNode(
    _ pull: PullRequest,
    _ number: Int,
    _ found: Repository,
    _ call: Call
  ) -> GraphNode? {
    let all = checksOf(pull.headSHA, found)
    guard !all.isEmpty else { return nil }
    let outcomes = Set(all.map(\.outcome))
    let state =
      outcomes.contains(.failed) ? "FAILURE" : outcomes.contains(.pending) ? "PENDING" : "SUCCESS"
    let required = requiredChecks(pull.base, found)
    var contexts: [GraphNode] = []
    for check in found.checks.values.sorted(by: { $0.id < $1.id }) where check.sha == pull.headSHA {
      var node = GraphNode(
        "CheckRun",
        [
          "id": "CR_\(check.id)", "name": .string(check.name),
          "status": .string(check.status.uppercased()),
          "conclusion": JSON(check.conclusion?.uppercased()),
          "startedAt": .string(check.started), "completedAt": JSON(check.completed),
          "detailsUrl": self.check(check, found, call)["details_url"],
          "isRequired": .bool(required.contains(check.name)),
        ]
      )
      var suite = GraphNode("CheckSuite")
      suite.fields["workflowRun"] = { _ in .node(nil) }
      let ready = suite
      node.fields["checkSuite"] = { _ in .node(ready) }
      contexts.append(node)
    }
    for status in found.statuses where status.sha == pull.headSHA {
      contexts.append(
        GraphNode(
          "StatusContext",
          [
            "id": "SC_\(status.id)", "context": .string(status.context),
            "state": .string(status.state.uppercased()), "targetUrl": JSON(status.target),
            "createdAt": .string(status.created), "description": JSON(status.description),
            "isRequired": .bool(required.contains(status.context)),
          ]
        )
      )
    }
    var node = GraphNode(
      "StatusCheckRollup",
      ["id": "SCR_\(pull.headSHA)", "state": .string(state)]
    )
    let ready = contexts
    node.fields["contexts"] = { try Self.connection("contexts", ready, $0) }
    return node
  }
}
