internal import Foundation
internal import ReleaseModel

/// What can be done with runs: stopping, running again, approving, and looking into logs.
extension GitHubStandIn {
  func cancelRun(_ call: Call) throws -> Reply {
    let run = try run(call)
    guard run.status != "completed" else {
      throw Refusal(409, "Cannot cancel a workflow run that is completed.")
    }
    runnerTasks[run.id]?.cancel()
    return Reply(202, [:])
  }

  /// Runs all jobs again, or those that failed with those that needed them.
  func rerun(_ call: Call, failedOnly: Bool) throws -> Reply {
    let run = try run(call)
    let old = jobs(of: run.id, attempt: run.attempt, try repository(call.repository))
    let failed = old.filter { $0.conclusion != "success" && $0.conclusion != "skipped" }
    if failedOnly, run.status == "completed", failed.isEmpty {
      throw Refusal(403, "This workflow run has no failed jobs")
    }
    return try rerun(run, old, keeping: { failedOnly && $0.conclusion == "success" }, call)
  }

  /// Runs one job again, with those that need it.
  func rerunJob(_ call: Call) throws -> Reply {
    let found = try repository(call.repository)
    guard let job = found.jobs[try call.number("job")], let run = found.runs[job.run] else {
      throw Refusal.notFound
    }
    var again: Set = [job.key]
    for _ in run.file.jobs {
      for (key, definition) in run.file.jobs
      where run.file.needs(definition).contains(where: again.contains) {
        again.insert(key)
      }
    }
    let old = jobs(of: run.id, attempt: run.attempt, found)
    return try rerun(run, old, keeping: { !again.contains($0.key) }, call)
  }

  private func rerun(
    _ run: WorkflowRun,
    _ old: [WorkflowJob],
    keeping keeps: (WorkflowJob) -> Bool,
    _ call: Call
  ) throws -> Reply {
    guard run.status == "completed" else { throw Refusal(403, "This workflow is already running") }
    if run.conclusion == "startup_failure" {
      throw Refusal(403, "This workflow run cannot be retried")
    }
    if run.attempt >= 50 { throw Refusal(403, "This workflow run has been attempted too often") }
    let attempt = run.attempt + 1
    try change(call.repository) { found in
      found.runs[run.id]?.attempt = attempt
      found.runs[run.id]?.status = "queued"
      found.runs[run.id]?.conclusion = nil
      found.runs[run.id]?.triggering = call.login
      found.runs[run.id]?.started = now()
      found.runs[run.id]?.updated = now()
      for job in old {
        let again = job.again(live.nextNumber(), attempt: attempt, isKept: keeps(job))
        found.jobs[again.id] = again
        if keeps(job) { copyLogs(of: job, to: again) }
      }
    }
    launch(run.id, in: call.repository)
    return Reply(201, [:])
  }

  // MARK: - Logs

  nonisolated func logPath(_ job: Int, step: Int) -> FilePath {
    folder.appending("logs").appending("\(job)-\(step).txt")
  }

  private func copyLogs(of old: WorkflowJob, to new: WorkflowJob) {
    for step in old.steps {
      try? FileManager.default.copyItem(
        atPath: logPath(old.id, step: step.number).string,
        toPath: logPath(new.id, step: step.number).string
      )
    }
  }

  /// Everything that steps printed, or why none began, for tests to look at.
  package func log(_ repository: String, run: Int) throws -> String {
    let found = try self.repository(number(of: repository))
    if let trouble = found.runs[run]?.trouble { return trouble }
    let attempt = found.runs[run]?.attempt
    return jobs(of: run, attempt: attempt, found).map(log).joined()
  }

  /// What the jobs of a run wrote for its page.
  package func summary(_ repository: String, run: Int) throws -> String {
    let found = try self.repository(number(of: repository))
    return jobs(of: run, attempt: found.runs[run]?.attempt, found).map(\.summary).joined()
  }

  private func log(_ job: WorkflowJob) -> String {
    job.steps.map { step in
      (try? String(contentsOfFile: logPath(job.id, step: step.number).string, encoding: .utf8))
        ?? ""
    }.joined()
  }

  func getRunLogs(_ call: Call) throws -> Reply {
    let run = try run(call)
    let attempt = Int(call.parameters["attempt"] ?? "") ?? run.attempt
    return .redirect("\(call.addresses.storage)/logs/runs/\(run.id)/\(attempt)/logs.zip")
  }

  func getJobLogs(_ call: Call) throws -> Reply {
    let id = try call.number("job")
    guard let job = try repository(call.repository).jobs[id] else { throw Refusal.notFound }
    guard job.status == "completed" else { throw Refusal.notFound }
    return .redirect("\(call.addresses.storage)/logs/jobs/\(id)/log.txt")
  }

  /// Serves logs and artifacts from the other host, to whoever has the link.
  func logFile(_ call: Call) throws -> Reply {
    guard call.segments.count > 2, let id = Int(call.segments[2]) else { throw Refusal.notFound }
    for found in live.repositories.values {
      switch call.segments[1] {
      case "jobs":
        guard let job = found.jobs[id] else { continue }
        return Reply(200, body: .bytes(Array(log(job).utf8), type: "text/plain; charset=utf-8"))
      case "artifacts":
        let artifact = found.runs.values.flatMap(\.artifacts).first { $0.id == id }
        guard let artifact else { continue }
        return Reply(200, body: .file(Reply.Part(path: artifact.file), type: "application/zip"))
      default:
        guard let run = found.runs[id], call.segments.count > 3 else { continue }
        let all = jobs(of: run.id, attempt: Int(call.segments[3]), found)
        return Reply(200, body: .bytes(archive(all), type: "application/zip"))
      }
    }
    throw Refusal.notFound
  }

  /// Packs logs as GitHub does: one entry for each job, and one for each of its steps.
  private func archive(_ jobs: [WorkflowJob]) -> [UInt8] {
    var zip = ZipWriter()
    for (index, job) in jobs.enumerated() {
      let name = job.name.replacing("/", with: "")
      zip.add("\(index)_\(name).txt", Array(log(job).utf8))
      for step in job.steps {
        let path = logPath(job.id, step: step.number).string
        guard let data = FileManager.default.contents(atPath: path) else { continue }
        zip.add("\(name)/\(step.number)_\(step.name.replacing("/", with: "")).txt", [UInt8](data))
      }
    }
    return zip.finished()
  }

  // MARK: - Artifacts

  func listArtifacts(_ call: Call) throws -> Reply {
    let found = try repository(call.repository)
    let runs = call.parameters["run"] == nil ? Array(found.runs.values) : [try run(call)]
    var all = runs.flatMap { run in run.artifacts.map { (run, $0) } }.sorted { $0.1.id > $1.1.id }
    if let name = call.query["name"] { all = all.filter { $0.1.name == name } }
    let page = call.page(all)
    let documents = page.items.map { run, artifact -> JSON in
      let api = "\(call.addresses.api)/repos/\(found.fullName)/actions/artifacts/\(artifact.id)"
      return [
        "id": .int(artifact.id), "node_id": "AR_\(artifact.id)", "name": .string(artifact.name),
        "size_in_bytes": .int(artifact.size), "url": .string(api),
        "archive_download_url": "\(api)/zip", "expired": .bool(artifact.isExpired),
        "created_at": .string(artifact.created), "updated_at": .string(artifact.created),
        "expires_at": .string(stamp(Date(timeIntervalSinceNow: 90 * 86_400))),
        "digest": .string(artifact.digest),
        "workflow_run": [
          "id": .int(run.id), "repository_id": .int(found.id), "head_repository_id": .int(found.id),
          "head_branch": .string(run.branch ?? ""), "head_sha": .string(run.sha),
        ],
      ]
    }
    return Reply(
      200,
      ["total_count": .int(page.total), "artifacts": .array(documents)],
      headers: page.headers
    )
  }

  func downloadArtifact(_ call: Call) throws -> Reply {
    let id = try call.number("artifact")
    let all = try repository(call.repository).runs.values.flatMap(\.artifacts)
    guard let artifact = all.first(where: { $0.id == id }) else { throw Refusal.notFound }
    if artifact.isExpired { throw Refusal(410, "Artifact has expired") }
    return .redirect("\(call.addresses.storage)/logs/artifacts/\(id)/\(escaped(artifact.name)).zip")
  }

  // MARK: - Environments that people approve

  /// Makes jobs of an environment wait until one of these people approves.
  package func requireApproval(
    _ repository: String,
    environment: String,
    by reviewers: [String]
  ) throws {
    let id = live.nextNumber()
    for reviewer in reviewers { _ = user(named: reviewer) }
    try change(number(of: repository)) { found in
      found.environments[environment] = DeploymentEnvironment(
        id: id,
        name: environment,
        reviewers: reviewers
      )
    }
  }

  /// Approves or rejects what waits, as a person does in the run's page.
  package func approveDeployment(
    _ repository: String,
    run: Int,
    environment: String,
    by login: String,
    isApproved: Bool = true
  ) throws {
    try decide(run, [environment], isApproved, by: login, in: number(of: repository))
  }

  private func decide(
    _ run: Int,
    _ environments: [String],
    _ isApproved: Bool,
    by login: String,
    in id: Int
  ) throws {
    try change(id) { found in
      for (key, job) in found.jobs where job.run == run && job.status == "waiting" {
        guard environments.contains(job.environment ?? "") else { continue }
        if isApproved {
          found.jobs[key]?.isApproved = true
        } else {
          found.jobs[key]?.status = "completed"
          found.jobs[key]?.conclusion = "failure"
          found.jobs[key]?.completed = now()
        }
      }
    }
  }

  private func waiting(_ run: WorkflowRun, _ found: Repository) -> [DeploymentEnvironment] {
    let names = jobs(of: run.id, attempt: run.attempt, found)
      .filter { $0.status == "waiting" && !$0.isApproved }.compactMap(\.environment)
    return Set(names).sorted().compactMap { found.environments[$0] }
  }

  private func environment(
    _ environment: DeploymentEnvironment,
    _ found: Repository,
    _ call: Call
  ) -> JSON {
    let path = "\(found.fullName)/environments/\(escaped(environment.name))"
    return [
      "id": .int(environment.id), "node_id": "EN_\(environment.id)",
      "name": .string(environment.name), "url": "\(call.addresses.api)/repos/\(path)",
      "html_url": "\(call.addresses.web)/\(found.fullName)/deployments/activity_log",
    ]
  }

  func listPendingDeployments(_ call: Call) throws -> Reply {
    let found = try repository(call.repository)
    let documents = waiting(try run(call), found).map { one -> JSON in
      [
        "environment": environment(one, found, call), "wait_timer": 0,
        "wait_timer_started_at": nil,
        "current_user_can_approve": .bool(one.reviewers.contains(call.login)),
        "reviewers": .array(
          one.reviewers.map { ["type": "User", "reviewer": person($0, call)] }
        ),
      ]
    }
    return Reply(200, .array(documents))
  }

  func reviewPendingDeployments(_ call: Call) throws -> Reply {
    let run = try run(call)
    let found = try repository(call.repository)
    let ids = call.json["environment_ids"].items.compactMap(\.number)
    let chosen = waiting(run, found).filter { ids.contains($0.id) }
    let state = call.json["state"].text ?? ""
    guard !chosen.isEmpty, ["approved", "rejected"].contains(state),
      chosen.allSatisfy({ $0.reviewers.contains(call.login) })
    else {
      throw Refusal(422, "No pending deployment requests to approve or reject")
    }
    try decide(run.id, chosen.map(\.name), state == "approved", by: call.login, in: found.id)
    let approval: JSON = [
      "environments": .array(
        chosen.map {
          environment($0, found, call).adding([
            "created_at": .string(found.created), "updated_at": .string(found.created),
          ])
        }
      ),
      "state": .string(state), "user": person(call.login, call),
      "comment": .string(call.json["comment"].text ?? ""),
    ]
    try change(found.id) { $0.runs[run.id]?.approvals.append(approval) }
    return Reply(200, .array(chosen.map { deployment($0, run, found, call) }))
  }

  private func deployment(
    _ environment: DeploymentEnvironment,
    _ run: WorkflowRun,
    _ found: Repository,
    _ call: Call
  ) -> JSON {
    let api = "\(call.addresses.api)/repos/\(found.fullName)"
    let id = run.id + 700_000
    return [
      "url": "\(api)/deployments/\(id)", "id": .int(id), "node_id": "DE_\(id)",
      "sha": .string(run.sha), "ref": .string(run.branch ?? run.ref), "task": "deploy",
      "payload": [:], "original_environment": .string(environment.name),
      "environment": .string(environment.name), "description": nil,
      "creator": person(run.actor, call), "created_at": .string(run.created),
      "updated_at": .string(run.updated), "statuses_url": "\(api)/deployments/\(id)/statuses",
      "repository_url": .string(api),
    ]
  }
}
