/// Commit statuses and check runs: two things that GitHub keeps apart.
extension GitHubStandIn {
  static let checkRoutes: [Route] = [
    Route("GET", "/repos/{owner}/{repo}/commits/{ref+}/status", .statuses) {
      try await $0.getCombinedStatus($1)
    },
    Route("GET", "/repos/{owner}/{repo}/commits/{ref+}/statuses", .statuses) {
      try await $0.listStatuses($1)
    },
    Route("POST", "/repos/{owner}/{repo}/statuses/{sha}", .statuses) {
      try await $0.createStatus($1)
    },
    Route("GET", "/repos/{owner}/{repo}/commits/{ref+}/check-runs", .checks) {
      try await $0.listChecks($1)
    },
    Route("GET", "/repos/{owner}/{repo}/check-runs/{id}", .checks) { try await $0.getCheck($1) },
    Route("GET", "/repos/{owner}/{repo}/check-runs/{id}/annotations", .checks) {
      let check = try await $0.repository($1.repository).checks[try $1.number("id")]
      guard let check else { throw Refusal.notFound }
      return Reply(200, .array(check.annotations))
    },
  ]

  // MARK: - What other services do

  /// Reports a check run; without a conclusion it is still running.
  package func setCheck(
    _ repository: String,
    _ ref: String,
    _ name: String,
    _ conclusion: String?,
    summary: String? = nil
  ) async throws {
    let id = try number(of: repository)
    let sha = try await commit(ref, in: id)
    try change(id) { found in
      let old = found.checks.values.first { $0.sha == sha && $0.name == name && $0.run == nil }
      let number = old?.id ?? live.nextNumber()
      found.checks[number] = CheckRun(
        id: number,
        name: name,
        sha: sha,
        status: conclusion == nil ? "in_progress" : "completed",
        conclusion: conclusion,
        started: now(),
        completed: conclusion == nil ? nil : now(),
        title: summary == nil ? nil : name,
        summary: summary
      )
    }
  }

  package func setStatus(
    _ repository: String,
    _ ref: String,
    _ context: String,
    _ state: String,
    by login: String = "ci"
  ) async throws {
    let id = try number(of: repository)
    let sha = try await commit(ref, in: id)
    let status = CommitStatus(
      id: live.nextNumber(),
      sha: sha,
      context: context,
      state: state,
      description: nil,
      target: nil,
      creator: user(named: login).login,
      created: now()
    )
    try change(id) { $0.statuses.append(status) }
  }

  private func commit(_ ref: String, in id: Int) async throws -> String {
    let found = try repository(id)
    guard let sha = try await bare(found).commit(ref) else {
      throw Refusal(422, "No commit found for SHA: \(ref)")
    }
    return sha
  }

  // MARK: - What merging looks at

  enum Outcome: Sendable { case passed, pending, failed }

  /// The newest report of each name: check runs and statuses of a commit together.
  func checksOf(_ sha: String, _ found: Repository) -> [(name: String, outcome: Outcome)] {
    var latest: [String: Outcome] = [:]
    for check in found.checks.values.sorted(by: { $0.id < $1.id }) where check.sha == sha {
      let passes = ["success", "neutral", "skipped"].contains(check.conclusion)
      latest[check.name] = check.conclusion == nil ? .pending : passes ? .passed : .failed
    }
    for status in found.statuses where status.sha == sha {
      latest[status.context] =
        status.state == "success" ? .passed : status.state == "pending" ? .pending : .failed
    }
    return latest.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  // MARK: - Over the API

  private func latestStatuses(_ sha: String, _ found: Repository) -> [CommitStatus] {
    var latest: [String: CommitStatus] = [:]
    for status in found.statuses where status.sha == sha { latest[status.context] = status }
    return latest.values.sorted { $0.id < $1.id }
  }

  func getCombinedStatus(_ call: Call) async throws -> Reply {
    let sha = try await commit(call.word("ref"), in: call.repository)
    let found = try repository(call.repository)
    let page = call.page(latestStatuses(sha, found))
    let states = Set(latestStatuses(sha, found).map(\.state))
    let state =
      states.contains("failure") || states.contains("error")
      ? "failure" : states == ["success"] ? "success" : "pending"
    let api = "\(call.addresses.api)/repos/\(found.fullName)/commits/\(sha)"
    return Reply(
      200,
      [
        "state": .string(state), "sha": .string(sha), "total_count": .int(page.total),
        "statuses": .array(page.items.map { status($0, found, call).without("creator") }),
        "repository": minimalRepository(found, call), "commit_url": .string(api),
        "url": "\(api)/status",
      ],
      headers: page.headers
    )
  }

  func listStatuses(_ call: Call) async throws -> Reply {
    let sha = try await commit(call.word("ref"), in: call.repository)
    let found = try repository(call.repository)
    let page = call.page(Array(found.statuses.filter { $0.sha == sha }.reversed()))
    return Reply(200, .array(page.items.map { status($0, found, call) }), headers: page.headers)
  }

  func createStatus(_ call: Call) async throws -> Reply {
    let sha = try await commit(call.word("sha"), in: call.repository)
    let body = call.json
    guard let state = body["state"].text,
      ["error", "failure", "pending", "success"].contains(state)
    else { throw Refusal.invalid("Status", "state", "inclusion") }
    let status = CommitStatus(
      id: live.nextNumber(),
      sha: sha,
      context: body["context"].text ?? "default",
      state: state,
      description: body["description"].text,
      target: body["target_url"].text,
      creator: call.login,
      created: now()
    )
    try change(call.repository) { $0.statuses.append(status) }
    let document = self.status(status, try repository(call.repository), call)
    return Reply(201, document, headers: [("Location", document["url"].text ?? "")])
  }

  private func status(_ status: CommitStatus, _ found: Repository, _ call: Call) -> JSON {
    let creator = person(status.creator, call)
    return [
      "url": "\(call.addresses.api)/repos/\(found.fullName)/statuses/\(status.sha)",
      "avatar_url": creator["avatar_url"], "id": .int(status.id), "node_id": "SC_\(status.id)",
      "state": .string(status.state), "description": JSON(status.description),
      "target_url": JSON(status.target), "context": .string(status.context),
      "created_at": .string(status.created), "updated_at": .string(status.created),
      "creator": creator,
    ]
  }

  func listChecks(_ call: Call) async throws -> Reply {
    let sha = try await commit(call.word("ref"), in: call.repository)
    let found = try repository(call.repository)
    var chosen = found.checks.values.filter { $0.sha == sha }.sorted { $0.id > $1.id }
    if let name = call.query["check_name"] { chosen.removeAll { $0.name != name } }
    if let status = call.query["status"] { chosen.removeAll { $0.status != status } }
    if call.query["filter"] != "all" {
      var seen: Set<String> = []
      chosen = chosen.filter { seen.insert($0.name).inserted }
    }
    let page = call.page(chosen)
    return Reply(
      200,
      [
        "total_count": .int(page.total),
        "check_runs": .array(page.items.map { check($0, found, call) }),
      ],
      headers: page.headers
    )
  }

  func getCheck(_ call: Call) throws -> Reply {
    let found = try repository(call.repository)
    guard let check = found.checks[try call.number("id")] else { throw Refusal.notFound }
    return Reply(200, self.check(check, found, call))
  }

  func check(_ check: CheckRun, _ found: Repository, _ call: Call) -> JSON {
    let api = "\(call.addresses.api)/repos/\(found.fullName)/check-runs/\(check.id)"
    let web = "\(call.addresses.web)/\(found.fullName)/runs/\(check.id)"
    return [
      "id": .int(check.id), "head_sha": .string(check.sha), "node_id": "CR_\(check.id)",
      "external_id": "", "url": .string(api), "html_url": .string(web),
      "details_url": .string(web), "status": .string(check.status),
      "conclusion": JSON(check.conclusion), "started_at": .string(check.started),
      "completed_at": JSON(check.completed),
      "output": [
        "title": JSON(check.title), "summary": JSON(check.summary), "text": nil,
        "annotations_count": .int(check.annotations.count),
        "annotations_url": "\(api)/annotations",
      ],
      "name": .string(check.name), "check_suite": ["id": .int((check.run ?? check.id) + 500_000)],
      "app": application(call), "pull_requests": [],
    ]
  }

  /// The application that GitHub's own runner reports as.
  func application(_ call: Call) -> JSON {
    [
      "id": 15368, "slug": "github-actions", "node_id": "A_15368", "owner": person("github", call),
      "name": "GitHub Actions", "description": "Automate your workflow from idea to production",
      "external_url": "https://help.github.com/en/actions",
      "html_url": "\(call.addresses.web)/apps/github-actions",
      "created_at": "2018-07-30T09:30:17Z", "updated_at": "2019-12-10T19:04:12Z",
      "permissions": ["checks": "write", "contents": "write", "metadata": "read"], "events": [],
    ]
  }
}
