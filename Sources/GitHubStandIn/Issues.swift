/// Issues and their comments; a pull request is an issue too.
extension GitHubStandIn {
  static let issueRoutes: [Route] = [
    Route("GET", "/repos/{owner}/{repo}/issues", .issues) { try await $0.listIssues($1) },
    Route("POST", "/repos/{owner}/{repo}/issues", .issues, role: .read) {
      try await $0.createIssue($1)
    },
    Route("GET", "/repos/{owner}/{repo}/issues/comments/{comment}", .issues) {
      try await $0.getComment($1)
    },
    Route("PATCH", "/repos/{owner}/{repo}/issues/comments/{comment}", .issues) {
      try await $0.updateComment($1)
    },
    Route("DELETE", "/repos/{owner}/{repo}/issues/comments/{comment}", .issues) {
      let number = try $1.number("comment")
      let old = try await $0.change($1.repository) { $0.comments.removeValue(forKey: number) }
      guard old != nil else { throw Refusal.notFound }
      return Reply(204)
    },
    Route("GET", "/repos/{owner}/{repo}/issues/{number}", .issues) { try await $0.getIssue($1) },
    Route("PATCH", "/repos/{owner}/{repo}/issues/{number}", .issues) {
      try await $0.updateIssue($1)
    },
    Route("GET", "/repos/{owner}/{repo}/issues/{number}/comments", .issues) {
      try await $0.listComments($1)
    },
    Route("POST", "/repos/{owner}/{repo}/issues/{number}/comments", .issues, role: .read) {
      try await $0.createComment($1)
    },
  ]

  /// Opens an issue, and returns its number.
  @discardableResult
  package func addIssue(
    _ repository: String,
    title: String,
    body: String? = nil,
    by login: String = "somebody"
  ) throws -> Int {
    try addIssue(number(of: repository), title, body, by: user(named: login).login) { _, _ in }
  }

  func addIssue(
    _ id: Int,
    _ title: String,
    _ body: String?,
    by login: String,
    _ more: (inout Repository, Int) -> Void
  ) throws -> Int {
    let own = live.nextNumber()
    return try change(id) { found in
      let number = found.nextIssueNumber()
      found.issues[number] = Issue(
        id: own,
        number: number,
        title: title,
        body: body,
        author: login,
        created: now(),
        updated: now()
      )
      more(&found, number)
      return number
    }
  }

  func listIssues(_ call: Call) throws -> Reply {
    let found = try repository(call.repository)
    let state = call.query["state"] ?? "open"
    var chosen = found.issues.values.filter { state == "all" || $0.state == state }
    if let labels = call.query["labels"] {
      let names = labels.split(separator: ",").map(String.init)
      chosen = chosen.filter { issue in names.allSatisfy(issue.labels.contains) }
    }
    if let milestone = call.query["milestone"] {
      chosen = chosen.filter {
        milestone == "*"
          ? $0.milestone != nil
          : milestone == "none" ? $0.milestone == nil : $0.milestone == Int(milestone)
      }
    }
    if let creator = call.query["creator"] { chosen = chosen.filter { $0.author == creator } }
    if let since = call.query["since"] { chosen = chosen.filter { $0.updated >= since } }
    let isAscending = call.query["direction"] == "asc"
    let page = call.page(
      chosen.sorted { isAscending ? $0.number < $1.number : $0.number > $1.number }
    )
    return Reply(200, .array(page.items.map { issue($0, found, call) }), headers: page.headers)
  }

  private func issue(_ call: Call) throws -> Issue {
    let number = try call.number("number")
    guard let issue = try repository(call.repository).issues[number] else {
      throw Refusal.notFound
    }
    return issue
  }

  func getIssue(_ call: Call) throws -> Reply {
    let found = try issue(call)
    let document = issue(found, try repository(call.repository), call)
    return Reply(200, document.adding(["closed_by": person(found.closedBy, call)]))
  }

  func createIssue(_ call: Call) throws -> Reply {
    let body = call.json
    let title = body["title"].text ?? body["title"].number.map(String.init)
    guard let title, !title.isEmpty else {
      throw Refusal.invalid("Issue", "title", "missing_field")
    }
    let number = try addIssue(call.repository, title, body["body"].text, by: call.login) { _, _ in }
    // Whoever may not push has labels and the like dropped in silence, as GitHub does.
    if role(of: call.viewer, in: try repository(call.repository)) >= .triage {
      try apply(body, to: number, call)
    }
    let found = try repository(call.repository)
    guard let issue = found.issues[number] else { throw Refusal.notFound }
    let document = self.issue(issue, found, call)
    return Reply(201, document, headers: [("Location", document["url"].text ?? "")])
  }

  func updateIssue(_ call: Call) throws -> Reply {
    let number = try issue(call).number
    try apply(call.json, to: number, call)
    return try getIssue(call)
  }

  private func apply(_ body: JSON, to number: Int, _ call: Call) throws {
    let found = try repository(call.repository)
    guard var issue = found.issues[number] else { throw Refusal.notFound }
    if let title = body["title"].text { issue.title = title }
    if body.has("body") { issue.body = body["body"].text }
    if let state = body["state"].text {
      guard ["open", "closed"].contains(state) else {
        throw Refusal.invalid("Issue", "state", "invalid")
      }
      issue.closed = state == "open" ? nil : issue.closed ?? now()
      issue.closedBy = state == "open" ? nil : issue.closedBy ?? call.login
      issue.reason = state == "closed" ? body["state_reason"].text ?? "completed" : nil
      if state == "open", issue.state == "closed" { issue.reason = "reopened" }
      issue.state = state
    }
    if body.has("labels") {
      issue.labels = body["labels"].items.compactMap { $0.text ?? $0["name"].text }
      for label in issue.labels { try addLabel(label, in: call.repository) }
    }
    if body.has("assignees") { issue.assignees = body["assignees"].items.compactMap(\.text) }
    if body.has("milestone") {
      issue.milestone = body["milestone"].number
      if let milestone = issue.milestone, found.milestones[milestone] == nil {
        throw Refusal.invalid("Issue", "milestone", "invalid")
      }
    }
    issue.updated = now()
    let ready = issue
    try change(call.repository) { $0.issues[number] = ready }
  }

  func issue(_ issue: Issue, _ found: Repository, _ call: Call) -> JSON {
    let api = "\(call.addresses.api)/repos/\(found.fullName)"
    let own = "\(api)/issues/\(issue.number)"
    let pull = found.pulls[issue.number]
    let page =
      "\(call.addresses.web)/\(found.fullName)/\(pull == nil ? "issues" : "pull")/\(issue.number)"
    var document: JSON = [
      "id": .int(issue.id), "node_id": "I_\(issue.id)", "url": .string(own),
      "repository_url": .string(api), "labels_url": "\(own)/labels{/name}",
      "comments_url": "\(own)/comments", "events_url": "\(own)/events",
      "html_url": .string(page), "number": .int(issue.number), "state": .string(issue.state),
      "state_reason": JSON(issue.reason), "title": .string(issue.title), "body": JSON(issue.body),
      "user": person(issue.author, call),
      "labels": .array(issue.labels.compactMap { label($0, found, call) }),
      "assignees": .array(issue.assignees.map { person($0, call) }),
      "milestone": milestone(issue.milestone, found, call), "locked": false,
      "active_lock_reason": nil,
      "comments": .int(found.comments.values.count { $0.issue == issue.number }),
      "closed_at": JSON(issue.closed), "created_at": .string(issue.created),
      "updated_at": .string(issue.updated), "timeline_url": "\(own)/timeline",
      "author_association": association(issue.author, found), "performed_via_github_app": nil,
      "reactions": Self.reactions(own),
    ]
    if !call.isNew { document["assignee"] = person(issue.assignees.first, call) }
    if let pull {
      var links: JSON = [
        "url": "\(api)/pulls/\(issue.number)", "html_url": .string(page),
        "diff_url": "\(page).diff", "patch_url": "\(page).patch",
      ]
      if let merged = pull.merged { links["merged_at"] = .string(merged) }
      document["pull_request"] = links
      document["draft"] = .bool(pull.isDraft)
    }
    return document
  }

  /// Nobody reacts to anything here.
  private static func reactions(_ url: String) -> JSON {
    var reactions: JSON = ["url": "\(url)/reactions", "total_count": 0]
    for name in ["+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes"] {
      reactions[name] = 0
    }
    return reactions
  }

  // MARK: - Comments

  func listComments(_ call: Call) throws -> Reply {
    let number = try issue(call).number
    let found = try repository(call.repository)
    var chosen = found.comments.values.filter { $0.issue == number }.sorted { $0.id < $1.id }
    if let since = call.query["since"] { chosen = chosen.filter { $0.updated >= since } }
    let page = call.page(chosen)
    return Reply(200, .array(page.items.map { comment($0, found, call) }), headers: page.headers)
  }

  func createComment(_ call: Call) throws -> Reply {
    let number = try issue(call).number
    guard let body = call.json["body"].text, !body.isEmpty else {
      throw Refusal.invalid("IssueComment", "body", "missing_field", "body can't be blank")
    }
    let comment = IssueComment(
      id: live.nextNumber(),
      issue: number,
      author: call.login,
      body: body,
      created: now(),
      updated: now()
    )
    try change(call.repository) { found in
      found.comments[comment.id] = comment
      found.issues[number]?.updated = now()
    }
    let document = self.comment(comment, try repository(call.repository), call)
    return Reply(201, document, headers: [("Location", document["url"].text ?? "")])
  }

  private func comment(_ call: Call) throws -> IssueComment {
    let number = try call.number("comment")
    guard let comment = try repository(call.repository).comments[number] else {
      throw Refusal.notFound
    }
    return comment
  }

  func getComment(_ call: Call) throws -> Reply {
    Reply(200, comment(try comment(call), try repository(call.repository), call))
  }

  func updateComment(_ call: Call) throws -> Reply {
    var comment = try comment(call)
    guard let body = call.json["body"].text else {
      throw Refusal(422, "Invalid request.\n\n\"body\" wasn't supplied.")
    }
    comment.body = body
    comment.updated = now()
    let ready = comment
    try change(call.repository) { $0.comments[ready.id] = ready }
    return Reply(200, self.comment(comment, try repository(call.repository), call))
  }

  private func comment(_ comment: IssueComment, _ found: Repository, _ call: Call) -> JSON {
    let api = "\(call.addresses.api)/repos/\(found.fullName)/issues"
    let kind = found.pulls[comment.issue] == nil ? "issues" : "pull"
    let page = "\(call.addresses.web)/\(found.fullName)/\(kind)/\(comment.issue)"
    return [
      "id": .int(comment.id), "node_id": "IC_\(comment.id)",
      "url": "\(api)/comments/\(comment.id)", "html_url": "\(page)#issuecomment-\(comment.id)",
      "body": .string(comment.body), "user": person(comment.author, call),
      "created_at": .string(comment.created), "updated_at": .string(comment.updated),
      "issue_url": "\(api)/\(comment.issue)",
      "author_association": association(comment.author, found),
      "performed_via_github_app": nil,
    ]
  }
}
