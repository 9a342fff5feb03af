/// Reviews, requests for them, and threads of comments.
extension GitHubStandIn {
  static let reviewRoutes: [Route] = [
    Route("GET", "/repos/{owner}/{repo}/pulls/{number}/reviews", .pulls) {
      try await $0.listReviews($1)
    },
    Route("POST", "/repos/{owner}/{repo}/pulls/{number}/reviews", .pulls, role: .read) {
      try await $0.createReview($1)
    },
    Route("GET", "/repos/{owner}/{repo}/pulls/{number}/reviews/{id}", .pulls) {
      try await $0.getReview($1)
    },
    Route("POST", "/repos/{owner}/{repo}/pulls/{number}/reviews/{id}/events", .pulls, role: .read) {
      try await $0.submitReview($1)
    },
    Route("PUT", "/repos/{owner}/{repo}/pulls/{number}/reviews/{id}/dismissals", .pulls) {
      try await $0.dismissReview($1)
    },
    Route("GET", "/repos/{owner}/{repo}/pulls/{number}/comments", .pulls) {
      try await $0.listReviewComments($1)
    },
    Route("GET", "/repos/{owner}/{repo}/pulls/{number}/requested_reviewers", .pulls) {
      try await $0.getRequestedReviewers($1)
    },
    Route("POST", "/repos/{owner}/{repo}/pulls/{number}/requested_reviewers", .pulls) {
      try await $0.requestReviewers($1)
    },
    Route("DELETE", "/repos/{owner}/{repo}/pulls/{number}/requested_reviewers", .pulls) {
      try await $0.removeReviewers($1)
    },
  ]

  // MARK: - What a person does in the web page

  package enum ReviewState: String, Sendable {
    case approved = "APPROVED"
    case changesRequested = "CHANGES_REQUESTED"
    case commented = "COMMENTED"
  }

  /// Reviews the request's present head.
  package func review(
    _ repository: String,
    _ number: Int,
    by login: String,
    _ state: ReviewState,
    body: String = ""
  ) async throws {
    let id = try self.number(of: repository)
    let pull = try await refreshed(number, in: id)
    try add(
      Review(
        id: live.nextNumber(),
        author: user(named: login).login,
        body: body,
        state: state.rawValue,
        commit: pull.headSHA,
        submitted: now()
      ),
      to: number,
      in: id
    )
  }

  /// Opens a thread of comments at a file, and returns its number.
  @discardableResult
  package func addThread(
    _ repository: String,
    _ number: Int,
    by login: String,
    path: String,
    line: Int? = nil,
    body: String
  ) async throws -> Int {
    let id = try self.number(of: repository)
    let pull = try await refreshed(number, in: id)
    let comment = ReviewComment(
      id: live.nextNumber(),
      review: nil,
      author: user(named: login).login,
      body: body,
      created: now()
    )
    let thread = ReviewThread(
      id: live.nextNumber(),
      path: path,
      line: line,
      commit: pull.headSHA,
      comments: [comment]
    )
    try change(id) { $0.pulls[number]?.threads.append(thread) }
    return thread.id
  }

  package func resolveThread(
    _ repository: String,
    _ number: Int,
    _ thread: Int,
    _ isResolved: Bool = true
  ) throws {
    try change(self.number(of: repository)) { found in
      let index = found.pulls[number]?.threads.firstIndex { $0.id == thread }
      guard let index else { throw Refusal.notFound }
      found.pulls[number]?.threads[index].isResolved = isResolved
    }
  }

  private func add(_ review: Review, to number: Int, in id: Int) throws {
    try change(id) { found in
      found.pulls[number]?.reviews.append(review)
      if review.state != "PENDING" {
        found.pulls[number]?.requestedReviewers.removeAll { $0 == review.author }
      }
      found.issues[number]?.updated = now()
    }
  }

  // MARK: - Over the API

  private func pull(_ call: Call) throws -> (Int, PullRequest, Repository) {
    let number = try call.number("number")
    let found = try repository(call.repository)
    guard let pull = found.pulls[number] else { throw Refusal.notFound }
    return (number, pull, found)
  }

  func listReviews(_ call: Call) throws -> Reply {
    let (number, pull, found) = try pull(call)
    let visible = pull.reviews.filter { $0.state != "PENDING" || $0.author == call.login }
    let page = call.page(visible)
    let documents = page.items.map { review($0, number, found, call) }
    return Reply(200, .array(documents), headers: page.headers)
  }

  func getReview(_ call: Call) throws -> Reply {
    let (number, pull, found) = try pull(call)
    let id = try call.number("id")
    guard let review = pull.reviews.first(where: { $0.id == id }) else { throw Refusal.notFound }
    return Reply(200, self.review(review, number, found, call))
  }

  private static let states = [
    "APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED",
  ]

  func createReview(_ call: Call) async throws -> Reply {
    let (number, _, _) = try pull(call)
    let head = try await refreshed(number, in: call.repository).headSHA
    let body = call.json
    let event = body["event"].text
    let state = try state(event, by: call, of: number, body: body["body"].text)
    let review = Review(
      id: live.nextNumber(),
      author: call.login,
      body: body["body"].text ?? "",
      state: state,
      commit: body["commit_id"].text ?? head,
      submitted: event == nil ? nil : now()
    )
    try add(review, to: number, in: call.repository)
    for comment in body["comments"].items {
      let thread = ReviewThread(
        id: live.nextNumber(),
        path: comment["path"].text ?? "",
        line: comment["line"].number ?? comment["position"].number,
        commit: review.commit,
        comments: [
          ReviewComment(
            id: live.nextNumber(),
            review: review.id,
            author: call.login,
            body: comment["body"].text ?? "",
            created: now()
          )
        ]
      )
      try change(call.repository) { $0.pulls[number]?.threads.append(thread) }
    }
    return Reply(200, self.review(review, number, try repository(call.repository), call))
  }

  private func state(
    _ event: String?,
    by call: Call,
    of number: Int,
    body: String?
  ) throws -> String {
    guard let event else { return "PENDING" }
    guard let state = Self.states[event] else {
      throw Refusal.invalid("PullRequestReview", "event", "invalid")
    }
    let author = try repository(call.repository).issues[number]?.author
    if event != "COMMENT", author == call.login {
      var refusal = Refusal(422, "Unprocessable Entity")
      let words = event == "APPROVE" ? "approve" : "request changes on"
      refusal.errors = [.string("Can not \(words) your own pull request")]
      throw refusal
    }
    if event != "APPROVE", (body ?? "").isEmpty {
      var refusal = Refusal(422, "Unprocessable Entity")
      refusal.errors = ["Body can't be blank"]
      throw refusal
    }
    return state
  }

  func submitReview(_ call: Call) throws -> Reply {
    let (number, pull, found) = try pull(call)
    let id = try call.number("id")
    let at = pull.reviews.firstIndex { $0.id == id && $0.state == "PENDING" }
    guard let at, pull.reviews[at].author == call.login else { throw Refusal.notFound }
    var review = pull.reviews[at]
    let body = call.json["body"].text ?? review.body
    review.state = try state(call.json["event"].text ?? "COMMENT", by: call, of: number, body: body)
    review.body = body
    review.submitted = now()
    let ready = review
    try change(call.repository) { $0.pulls[number]?.reviews[at] = ready }
    return Reply(200, self.review(review, number, found, call))
  }

  func dismissReview(_ call: Call) throws -> Reply {
    let (number, pull, found) = try pull(call)
    let id = try call.number("id")
    guard call.json["message"].text != nil else {
      throw Refusal(422, "Invalid request.\n\n\"message\" wasn't supplied.")
    }
    guard let at = pull.reviews.firstIndex(where: { $0.id == id }) else { throw Refusal.notFound }
    guard ["APPROVED", "CHANGES_REQUESTED"].contains(pull.reviews[at].state) else {
      throw Refusal(422, "Can not dismiss a review that does not approve or request changes")
    }
    var review = pull.reviews[at]
    review.state = "DISMISSED"
    let ready = review
    try change(call.repository) { $0.pulls[number]?.reviews[at] = ready }
    return Reply(200, self.review(review, number, found, call))
  }

  func review(_ review: Review, _ number: Int, _ found: Repository, _ call: Call) -> JSON {
    let web = "\(call.addresses.web)/\(found.fullName)/pull/\(number)"
    let page = "\(web)#pullrequestreview-\(review.id)"
    let own = "\(call.addresses.api)/repos/\(found.fullName)/pulls/\(number)"
    let document: JSON = [
      "id": .int(review.id), "node_id": "PRR_\(review.id)", "user": person(review.author, call),
      "body": .string(review.body), "state": .string(review.state), "html_url": .string(page),
      "pull_request_url": .string(own),
      "_links": ["html": ["href": .string(page)], "pull_request": ["href": .string(own)]],
      "commit_id": .string(review.commit),
      "author_association": association(review.author, found),
    ]
    return document.adding(review.submitted.map { ["submitted_at": .string($0)] } ?? [:])
  }

  func listReviewComments(_ call: Call) throws -> Reply {
    let (number, pull, found) = try pull(call)
    let all = pull.threads.flatMap { thread in thread.comments.map { (thread, $0) } }
    let page = call.page(all)
    let documents = page.items.map { comment($0.1, in: $0.0, number, found, call) }
    return Reply(200, .array(documents), headers: page.headers)
  }

  private func comment(
    _ comment: ReviewComment,
    in thread: ReviewThread,
    _ number: Int,
    _ found: Repository,
    _ call: Call
  ) -> JSON {
    let api = "\(call.addresses.api)/repos/\(found.fullName)/pulls"
    let page = "\(call.addresses.web)/\(found.fullName)/pull/\(number)#discussion_r\(comment.id)"
    let own = "\(api)/comments/\(comment.id)"
    var document: JSON = [
      "url": .string(own), "pull_request_review_id": JSON(comment.review),
      "id": .int(comment.id), "node_id": "PRRC_\(comment.id)", "diff_hunk": "",
      "path": .string(thread.path), "commit_id": .string(thread.commit),
      "original_commit_id": .string(thread.commit), "user": person(comment.author, call),
      "body": .string(comment.body), "created_at": .string(comment.created),
      "updated_at": .string(comment.created), "html_url": .string(page),
      "pull_request_url": "\(api)/\(number)",
      "author_association": association(comment.author, found),
      "_links": [
        "self": ["href": .string(own)], "html": ["href": .string(page)],
        "pull_request": ["href": "\(api)/\(number)"],
      ],
      "subject_type": thread.line == nil ? "file" : "line",
    ]
    if let line = thread.line { document["line"] = .int(line) }
    return document
  }

  // MARK: - Requests

  func getRequestedReviewers(_ call: Call) throws -> Reply {
    let (_, pull, _) = try pull(call)
    let users = pull.requestedReviewers.map { person($0, call) }
    return Reply(200, ["users": .array(users), "teams": []])
  }

  func requestReviewers(_ call: Call) throws -> Reply {
    let (number, pull, found) = try pull(call)
    for login in call.json["reviewers"].items.compactMap(\.text) {
      guard found.role(of: login) >= .read, state.users[login.lowercased()] != nil else {
        throw Refusal(
          422,
          "Reviews may only be requested from collaborators. One or more of the users or teams "
            + "you specified is not a collaborator of the \(found.fullName) repository."
        )
      }
      if login.lowercased() == found.issues[number]?.author.lowercased() {
        throw Refusal(422, "Review cannot be requested from pull request author.")
      }
      if pull.requestedReviewers.contains(login) { continue }
      try change(call.repository) { $0.pulls[number]?.requestedReviewers.append(login) }
    }
    return Reply(201, try simplePull(number, call))
  }

  func removeReviewers(_ call: Call) throws -> Reply {
    let (number, _, _) = try pull(call)
    let names = call.json["reviewers"].items.compactMap(\.text)
    try change(call.repository) { found in
      found.pulls[number]?.requestedReviewers.removeAll { names.contains($0) }
    }
    return Reply(200, try simplePull(number, call))
  }
}
