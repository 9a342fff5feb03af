/// Runs and jobs as the API tells them.
extension GitHubStandIn {
  static let runRoutes: [Route] = [
    Route("GET", "/repos/{owner}/{repo}/actions/runs", .actions) { try await $0.listRuns($1) },
    Route("GET", "/repos/{owner}/{repo}/actions/runs/{run}", .actions) {
      try await $0.getRun($1)
    },
    Route("GET", "/repos/{owner}/{repo}/actions/runs/{run}/attempts/{attempt}", .actions) {
      try await $0.getRun($1)
    },
    Route("GET", "/repos/{owner}/{repo}/actions/runs/{run}/jobs", .actions) {
      try await $0.listJobs($1)
    },
    Route("GET", "/repos/{owner}/{repo}/actions/runs/{run}/attempts/{attempt}/jobs", .actions) {
      try await $0.listJobs($1)
    },
    Route("GET", "/repos/{owner}/{repo}/actions/jobs/{job}", .actions) { try await $0.getJob($1) },
    Route("POST", "/repos/{owner}/{repo}/actions/runs/{run}/cancel", .actions) {
      try await $0.cancelRun($1)
    },
    Route("POST", "/repos/{owner}/{repo}/actions/runs/{run}/rerun", .actions) {
      try await $0.rerun($1, failedOnly: false)
    },
    Route("POST", "/repos/{owner}/{repo}/actions/runs/{run}/rerun-failed-jobs", .actions) {
      try await $0.rerun($1, failedOnly: true)
    },
    Route("POST", "/repos/{owner}/{repo}/actions/jobs/{job}/rerun", .actions) {
      try await $0.rerunJob($1)
    },
    Route("GET", "/repos/{owner}/{repo}/actions/runs/{run}/logs", .actions) {
      try await $0.getRunLogs($1)
    },
    Route("GET", "/repos/{owner}/{repo}/actions/runs/{run}/attempts/{attempt}/logs", .actions) {
      try await $0.getRunLogs($1)
    },
    Route("GET", "/repos/{owner}/{repo}/actions/jobs/{job}/logs", .actions) {
      try await $0.getJobLogs($1)
    },
    Route("GET", "/repos/{owner}/{repo}/actions/runs/{run}/artifacts", .actions) {
      try await $0.listArtifacts($1)
    },
    Route("GET", "/repos/{owner}/{repo}/actions/artifacts", .actions) {
      try await $0.listArtifacts($1)
    },
    Route("GET", "/repos/{owner}/{repo}/actions/artifacts/{artifact}/zip", .actions) {
      try await $0.downloadArtifact($1)
    },
    Route("GET", "/repos/{owner}/{repo}/actions/runs/{run}/pending_deployments", .actions) {
      try await $0.listPendingDeployments($1)
    },
    Route("POST", "/repos/{owner}/{repo}/actions/runs/{run}/pending_deployments", .deployments) {
      try await $0.reviewPendingDeployments($1)
    },
    Route("GET", "/repos/{owner}/{repo}/actions/runs/{run}/approvals", .actions) {
      let run = try await $0.run($1)
      return Reply(200, .array(run.approvals))
    },
  ]

  func run(_ call: Call) throws -> WorkflowRun {
    guard let run = try repository(call.repository).runs[try call.number("run")] else {
      throw Refusal.notFound
    }
    return run
  }

  func listRuns(_ call: Call) async throws -> Reply {
    var wanted: Int?
    if call.parameters["workflow"] != nil { wanted = try await workflow(call).id }
    let found = try repository(call.repository)
    var chosen = found.runs.values.filter { wanted == nil || $0.workflow == wanted }
    if let branch = call.query["branch"] { chosen = chosen.filter { $0.branch == branch } }
    if let event = call.query["event"] { chosen = chosen.filter { $0.event == event } }
    if let sha = call.query["head_sha"] { chosen = chosen.filter { $0.sha == sha } }
    if let actor = call.query["actor"] { chosen = chosen.filter { $0.actor == actor } }
    if let status = call.query["status"] {
      chosen = chosen.filter { $0.status == status || $0.conclusion == status }
    }
    if let created = call.query["created"] {
      chosen = chosen.filter { Self.isIn(created, $0.created) }
    }
    // A filtered list ends after a thousand, as GitHub's does.
    let page = call.page(Array(chosen.sorted { $0.id > $1.id }.prefix(1000)))
    var documents: [JSON] = []
    for run in page.items { documents.append(try await self.run(run, found, call)) }
    return Reply(
      200,
      ["total_count": .int(page.total), "workflow_runs": .array(documents)],
      headers: page.headers
    )
  }

  /// Tells whether a time is in a range such as `>=2026-01-01` or `2026-01-01..2026-02-01`.
  private static func isIn(_ range: String, _ time: String) -> Bool {
    if let middle = range.firstRange(of: "..") {
      let (start, end) = (range[..<middle.lowerBound], range[middle.upperBound...])
      return (start == "*" || time >= start) && (end == "*" || time <= end + "~")
    }
    for (mark, holds) in [
      (">=", { (one: String, other: String) in one >= other }),
      ("<=", { $0 <= $1 + "~" }), (">", { $0 > $1 }), ("<", { $0 < $1 }),
    ] where range.hasPrefix(mark) {
      return holds(time, String(range.dropFirst(mark.count)))
    }
    return time.hasPrefix(range)
  }

  func getRun(_ call: Call) async throws -> Reply {
    let run = try run(call)
    if let attempt = Int(call.parameters["attempt"] ?? ""), !(1...run.attempt).contains(attempt) {
      throw Refusal.notFound
    }
    return Reply(200, try await self.run(run, try repository(call.repository), call))
  }

  func run(_ run: WorkflowRun, _ found: Repository, _ call: Call) async throws -> JSON {
    let api = "\(call.addresses.api)/repos/\(found.fullName)"
    let own = "\(api)/actions/runs/\(run.id)"
    let object = try await bare(found).commitObject(run.sha)
    let workflow = found.workflows[run.workflow]
    let repository = minimalRepository(found, call)
    return [
      "id": .int(run.id), "name": JSON(workflow?.name), "node_id": "WFR_\(run.id)",
      "head_branch": JSON(run.branch), "head_sha": .string(run.sha),
      "path": .string(run.file.path), "display_title": .string(run.title),
      "run_number": .int(run.number), "run_attempt": .int(run.attempt),
      "event": .string(run.event), "status": .string(run.status),
      "conclusion": JSON(run.conclusion), "workflow_id": .int(run.workflow),
      "check_suite_id": .int(run.id + 500_000), "check_suite_node_id": "CS_\(run.id)",
      "url": .string(own),
      "html_url": "\(call.addresses.web)/\(found.fullName)/actions/runs/\(run.id)",
      "pull_requests": .array(pulls(of: run, found, call)), "created_at": .string(run.created),
      "updated_at": .string(run.updated), "run_started_at": .string(run.started),
      "actor": person(run.actor, call), "triggering_actor": person(run.triggering, call),
      "referenced_workflows": [], "jobs_url": "\(own)/jobs", "logs_url": "\(own)/logs",
      "check_suite_url": "\(api)/check-suites/\(run.id + 500_000)",
      "artifacts_url": "\(own)/artifacts", "cancel_url": "\(own)/cancel",
      "rerun_url": "\(own)/rerun",
      "previous_attempt_url":
        run.attempt > 1 ? "\(own)/attempts/\(run.attempt - 1)" : nil,
      "workflow_url": "\(api)/actions/workflows/\(run.workflow)",
      "head_commit": object.map { simpleCommit($0) } ?? nil, "repository": repository,
      "head_repository": repository,
    ]
  }

  private func simpleCommit(_ object: CommitObject) -> JSON {
    [
      "id": .string(object.sha), "tree_id": .string(object.tree),
      "message": .string(object.message), "timestamp": JSON(object.committer.date),
      "author": ["name": .string(object.author.name), "email": .string(object.author.email)],
      "committer": [
        "name": .string(object.committer.name), "email": .string(object.committer.email),
      ],
    ]
  }

  private func pulls(of run: WorkflowRun, _ found: Repository, _ call: Call) -> [JSON] {
    if call.query["exclude_pull_requests"] == "true" { return [] }
    let repository: JSON = [
      "id": .int(found.id), "url": "\(call.addresses.api)/repos/\(found.fullName)",
      "name": .string(found.name),
    ]
    return found.pulls.filter { $0.value.headSHA == run.sha && run.event == "pull_request" }
      .map { number, pull in
        [
          "id": .int(pull.id), "number": .int(number),
          "url": "\(call.addresses.api)/repos/\(found.fullName)/pulls/\(number)",
          "head": ["ref": .string(pull.head), "sha": .string(pull.headSHA), "repo": repository],
          "base": ["ref": .string(pull.base), "sha": .string(pull.baseSHA), "repo": repository],
        ]
      }
  }

  func jobs(of run: Int, attempt: Int?, _ found: Repository) -> [WorkflowJob] {
    found.jobs.values.filter { $0.run == run && (attempt == nil || $0.attempt == attempt) }
      .sorted { $0.id < $1.id }
  }

  func listJobs(_ call: Call) throws -> Reply {
    let run = try run(call)
    let found = try repository(call.repository)
    var attempt: Int? = call.query["filter"] == "all" ? nil : run.attempt
    if let asked = call.parameters["attempt"] { attempt = Int(asked) ?? 0 }
    let page = call.page(jobs(of: run.id, attempt: attempt, found))
    return Reply(
      200,
      [
        "total_count": .int(page.total),
        "jobs": .array(page.items.map { job($0, run, found, call) }),
      ],
      headers: page.headers
    )
  }

  func getJob(_ call: Call) throws -> Reply {
    let found = try repository(call.repository)
    guard let job = found.jobs[try call.number("job")], let run = found.runs[job.run] else {
      throw Refusal.notFound
    }
    return Reply(200, self.job(job, run, found, call))
  }

  private func job(_ job: WorkflowJob, _ run: WorkflowRun, _ found: Repository, _ call: Call)
    -> JSON
  {
    let api = "\(call.addresses.api)/repos/\(found.fullName)"
    let web = "\(call.addresses.web)/\(found.fullName)/actions/runs/\(run.id)/job/\(job.id)"
    let isTaken = job.started != nil
    return [
      "id": .int(job.id), "run_id": .int(run.id), "run_url": "\(api)/actions/runs/\(run.id)",
      "run_attempt": .int(job.attempt), "node_id": "CR_\(job.id)", "head_sha": .string(run.sha),
      "url": "\(api)/actions/jobs/\(job.id)", "html_url": .string(web),
      "status": .string(job.status), "conclusion": JSON(job.conclusion),
      "created_at": .string(job.created), "started_at": .string(job.started ?? job.created),
      "completed_at": JSON(job.completed), "name": .string(job.name),
      "steps": .array(
        job.steps.map { step in
          [
            "name": .string(step.name), "number": .int(step.number),
            "status": .string(step.status), "conclusion": JSON(step.conclusion),
            "started_at": JSON(step.started), "completed_at": JSON(step.completed),
          ]
        }
      ),
      "check_run_url": "\(api)/check-runs/\(job.id)",
      "labels": .array(job.labels.map { .string($0) }), "runner_id": isTaken ? 1 : nil,
      "runner_name": isTaken ? "GitHub Actions 1" : nil, "runner_group_id": isTaken ? 1 : nil,
      "runner_group_name": isTaken ? "GitHub Actions" : nil,
      "workflow_name": JSON(found.workflows[run.workflow]?.name),
      "head_branch": JSON(run.branch),
    ]
  }
}
