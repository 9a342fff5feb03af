/// Pull requests: made, listed, changed; their commits and files.
extension GitHubStandIn {
  static let pullRoutes: [Route] = [
    Route("GET", "/repos/{owner}/{repo}/pulls", .pulls) { try await $0.listPulls($1) },
    Route("POST", "/repos/{owner}/{repo}/pulls", .pulls, role: .read) {
      try await $0.createPull($1)
    },
    Route("GET", "/repos/{owner}/{repo}/pulls/{number}", .pulls) { try await $0.getPull($1) },
    Route("PATCH", "/repos/{owner}/{repo}/pulls/{number}", .pulls) {
      try await $0.updatePull($1)
    },
    Route("GET", "/repos/{owner}/{repo}/pulls/{number}/commits", .pulls) {
      try await $0.listPullCommits($1)
    },
    Route("GET", "/repos/{owner}/{repo}/pulls/{number}/files", .pulls) {
      try await $0.listPullFiles($1)
    },
    Route("GET", "/repos/{owner}/{repo}/pulls/{number}/merge", .pulls) {
      let number = try $1.number("number")
      let pull = try await $0.repository($1.repository).pulls[number]
      guard pull?.isMerged == true else { throw Refusal.notFound }
      return Reply(204)
    },
    Route("PUT", "/repos/{owner}/{repo}/pulls/{number}/merge", .contents) {
      try await $0.mergePull($1)
    },
    Route("PUT", "/repos/{owner}/{repo}/pulls/{number}/merge-async", .contents) {
      try await $0.mergePullAsync($1)
    },
    Route("GET", "/repos/{owner}/{repo}/pulls/{number}/merge-async/{uuid}", .contents) {
      try await $0.getAsyncMerge($1)
    },
    Route("POST", "/repos/{owner}/{repo}/merges", .contents) { try await $0.mergeBranch($1) },
    Route("PUT", "/repos/{owner}/{repo}/pulls/{number}/update-branch", .pulls) {
      try await $0.updatePullBranch($1)
    },
  ]

  /// Looks where the head and base branches are now; a closed request keeps what it had.
  func refreshed(_ number: Int, in id: Int) async throws -> PullRequest {
    let found = try repository(id)
    guard var pull = found.pulls[number] else { throw Refusal.notFound }
    guard found.issues[number]?.state == "open" else { return pull }
    let git = bare(found)
    let names = ["refs/heads/\(pull.head)", "refs/heads/\(pull.base)"]
    let refs = Dictionary(try await git.refs(names).map { ($0.name, $0.object) }) { $1 }
    if let head = refs[names[0]], head != pull.headSHA {
      pull.headSHA = head
      try await git.text(["update-ref", "refs/pull/\(number)/head", head])
    }
    if let base = refs[names[1]] { pull.baseSHA = base }
    let (head, base) = (pull.headSHA, pull.baseSHA)
    try change(id) { found in
      found.pulls[number]?.headSHA = head
      found.pulls[number]?.baseSHA = base
    }
    return pull
  }

  func listPulls(_ call: Call) async throws -> Reply {
    let found = try repository(call.repository)
    let wanted = call.query["state"] ?? "open"
    let head = call.query["head"].map { $0.split(separator: ":").last.map(String.init) ?? "" }
    let chosen = found.pulls.keys.filter { number in
      guard let pull = found.pulls[number], let issue = found.issues[number] else { return false }
      return (wanted == "all" || issue.state == wanted)
        && (head == nil || head == pull.head)
        && (call.query["base"] == nil || call.query["base"] == pull.base)
    }
    let isAscending = call.query["direction"] == "asc"
    let page = call.page(chosen.sorted { isAscending ? $0 < $1 : $0 > $1 })
    var documents: [JSON] = []
    for number in page.items {
      _ = try await refreshed(number, in: call.repository)
      documents.append(try simplePull(number, call))
    }
    return Reply(200, .array(documents), headers: page.headers)
  }

  func listPullsOfCommit(_ call: Call) async throws -> Reply {
    let found = try repository(call.repository)
    let sha = call.word("ref")
    let git = bare(found)
    var documents: [JSON] = []
    for number in found.pulls.keys.sorted() {
      let pull = try await refreshed(number, in: call.repository)
      var isIn = pull.mergeCommit == sha
      if !isIn, try await git.resolve(sha) != nil {
        let commits = try await git.text(["rev-list", pull.headSHA, "^\(pull.baseSHA)"])
        isIn = pull.headSHA == sha || commits.contains(sha)
      }
      if isIn { documents.append(try simplePull(number, call)) }
    }
    return Reply(200, .array(documents))
  }

  func createPull(_ call: Call) async throws -> Reply {
    let body = call.json
    let found = try repository(call.repository)
    let git = bare(found)
    guard let named = body["head"].text, let base = body["base"].text else {
      throw Refusal.invalid(
        "PullRequest",
        body["head"].text == nil ? "head" : "base",
        "missing_field"
      )
    }
    guard let title = body["title"].text, !title.isEmpty else {
      throw Refusal.invalid("PullRequest", "title", "missing_field")
    }
    let head = named.split(separator: ":").last.map(String.init) ?? named
    guard let baseSHA = try await git.branch(base) else {
      throw Refusal.invalid("PullRequest", "base", "invalid")
    }
    guard let headSHA = try await git.branch(head) else {
      throw Refusal.invalid("PullRequest", "head", "invalid")
    }
    if Int(try await git.text(["rev-list", "--count", "\(baseSHA)..\(headSHA)"])) == 0 {
      throw Refusal.invalid(
        "PullRequest",
        "base",
        "custom",
        "No commits between \(base) and \(head)"
      )
    }
    let pull = PullRequest(
      id: live.nextNumber(),
      head: head,
      base: base,
      headSHA: headSHA,
      baseSHA: baseSHA,
      isDraft: body["draft"].truth ?? false,
      maintainerCanModify: body["maintainer_can_modify"].truth ?? true
    )
    // Looked at last: nothing else comes between this and the request's making.
    let present = try repository(call.repository)
    let isThere = present.pulls.contains {
      $0.value.head == head && $0.value.base == base && present.issues[$0.key]?.state == "open"
    }
    if isThere {
      throw Refusal.invalid([
        [
          "resource": "PullRequest", "code": "custom",
          "message": "A pull request already exists for \(found.owner):\(head).",
        ]
      ])
    }
    let number = try addIssue(call.repository, title, body["body"].text, by: call.login) {
      $0.pulls[$1] = pull
    }
    try await git.text(["update-ref", "refs/pull/\(number)/head", headSHA])
    try await pullChanged(number, "opened", call)
    let document = try await fullPull(number, call, asks: false)
    return Reply(201, document, headers: [("Location", document["url"].text ?? "")])
  }

  func getPull(_ call: Call) async throws -> Reply {
    let number = try call.number("number")
    _ = try await refreshed(number, in: call.repository)
    return Reply(200, try await fullPull(number, call))
  }

  func updatePull(_ call: Call) async throws -> Reply {
    let number = try call.number("number")
    let body = call.json
    let found = try repository(call.repository)
    guard let pull = found.pulls[number] else { throw Refusal.notFound }
    if let base = body["base"].text, try await bare(found).branch(base) == nil {
      throw Refusal.invalid("PullRequest", "base", "invalid")
    }
    if pull.isMerged, body["state"].text == "open" {
      throw Refusal.invalid("PullRequest", "state", "invalid")
    }
    try change(call.repository) { found in
      if let base = body["base"].text { found.pulls[number]?.base = base }
      if let title = body["title"].text { found.issues[number]?.title = title }
      if body.has("body") { found.issues[number]?.body = body["body"].text }
      if let state = body["state"].text {
        found.issues[number]?.state = state
        found.issues[number]?.closed = state == "closed" ? now() : nil
      }
      found.issues[number]?.updated = now()
    }
    _ = try await refreshed(number, in: call.repository)
    return Reply(200, try await fullPull(number, call))
  }

  /// The commits of the request: of the head alone, since the base.
  func pullCommits(_ pull: PullRequest, _ found: Repository) async throws -> [CommitObject] {
    try await bare(found).commits(["--reverse", "\(pull.baseSHA)..\(pull.headSHA)", "--"])
  }

  func listPullCommits(_ call: Call) async throws -> Reply {
    let pull = try await refreshed(try call.number("number"), in: call.repository)
    let found = try repository(call.repository)
    let page = call.page(try await pullCommits(pull, found))
    return Reply(200, .array(page.items.map { commit($0, found, call) }), headers: page.headers)
  }

  func pullFiles(_ pull: PullRequest, _ found: Repository, _ call: Call) async throws -> [JSON] {
    let start = try await bare(found).text(["merge-base", pull.baseSHA, pull.headSHA])
    return try await changedFiles(start, pull.headSHA, found, call)
  }

  func listPullFiles(_ call: Call) async throws -> Reply {
    let pull = try await refreshed(try call.number("number"), in: call.repository)
    let found = try repository(call.repository)
    let page = call.page(try await pullFiles(pull, found, call))
    return Reply(200, .array(page.items), headers: page.headers)
  }

  /// What a moved branch does to requests: heads move, and what the base now holds is merged.
  func branchMoved(_ push: Push, in id: Int) async throws {
    let found = try repository(id)
    let git = bare(found)
    for (number, pull) in found.pulls where found.issues[number]?.state == "open" {
      if "refs/heads/\(pull.head)" == push.ref {
        // Threads of lines that a push replaced are outdated.
        try change(id) { found in
          for index in found.pulls[number]?.threads.indices ?? 0..<0
          where found.pulls[number]?.threads[index].commit != push.new {
            found.pulls[number]?.threads[index].isOutdated = true
          }
          if isDismissing(pull.base, found) {
            found.pulls[number]?.dismissApprovals()
          }
        }
        _ = try await refreshed(number, in: id)
        try await pullSynchronized(number, push, in: id)
      }
      guard "refs/heads/\(pull.base)" == push.ref,
        try await git.isAncestor(pull.headSHA, of: push.new),
        try await !git.isAncestor(pull.headSHA, of: pull.baseSHA)
      else { continue }
      try markMerged(number, in: id, commit: pull.headSHA, by: push.login)
    }
  }

  func markMerged(_ number: Int, in id: Int, commit: String, by login: String) throws {
    try change(id) { found in
      found.pulls[number]?.isMerged = true
      found.pulls[number]?.isInMergeQueue = false
      found.pulls[number]?.merged = now()
      found.pulls[number]?.mergedBy = login
      found.pulls[number]?.mergeCommit = commit
      found.issues[number]?.state = "closed"
      found.issues[number]?.closed = now()
      found.issues[number]?.updated = now()
    }
  }
}

extension PullRequest {
  mutating func dismissApprovals() {
    for index in reviews.indices where reviews[index].state == "APPROVED" {
      reviews[index].state = "DISMISSED"
    }
  }
}
