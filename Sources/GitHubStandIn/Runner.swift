internal import Foundation
internal import ReleaseModel

/// The runner: makes jobs of a workflow and executes them as their needs are met.
extension GitHubStandIn {
  package func setSecrets(_ repository: String, _ secrets: [String: String]) throws {
    try change(number(of: repository)) { $0.secrets.merge(secrets) { $1 } }
  }

  /// Lets no job begin while paused, so that a test sees a run that is queued.
  package func pauseRunner(_ isPaused: Bool) {
    isRunnerPaused = isPaused
    wake()
  }

  /// Returns when the run is completed, with its conclusion.
  package func finished(_ repository: String, run: Int) async throws -> String? {
    let id = try number(of: repository)
    while let found = live.repositories[id]?.runs[run], found.status != "completed" {
      if Task.isCancelled { return nil }
      await changed()
    }
    return live.repositories[id]?.runs[run]?.conclusion
  }

  /// Returns when no run of the repository goes on.
  package func idle(_ repository: String) async throws {
    let id = try number(of: repository)
    while let runs = live.repositories[id]?.runs.values,
      runs.contains(where: { $0.status != "completed" }), !Task.isCancelled
    {
      await changed()
    }
  }

  func start(_ file: WorkflowFile, _ event: WorkflowEvent, in id: Int) async throws -> Int {
    let found = try repository(id)
    let object = try await bare(found).commitObject(event.sha)
    let subject = object?.message.lines().first.map(String.init) ?? ""
    let isDispatch = event.name == "workflow_dispatch"
    let run = try newRun(file, event, in: id, title: isDispatch ? file.name : subject)
    let contexts = Expressions(contexts: [
      "github": github(run, found), "inputs": run.inputs, "vars": [:],
    ])
    var titled = run
    if let name = file.runName { titled.title = (try? contexts.fill(name)) ?? name }
    let (group, cancels) = Self.group(file.concurrency, contexts)
    titled.group = group
    let ready = titled
    try change(id) { found in
      found.runs[ready.id] = ready
      for (key, job) in file.jobs {
        for made in Self.jobs(key, job, of: ready, contexts) {
          let own = live.nextNumber()
          found.jobs[own] = made(own)
        }
      }
    }
    makeRoom(for: ready, cancels: cancels, in: id)
    launch(run.id, in: id)
    return run.id
  }

  /// The group of a run, and whether it cancels one of its group that is under way.
  private static func group(_ concurrency: JSON, _ contexts: Expressions) -> (String?, Bool) {
    let name = concurrency.text ?? concurrency["group"].text
    let group = name.flatMap { try? contexts.fill($0) }
    let cancels = (try? contexts.fill(concurrency["cancel-in-progress"])) ?? .null
    return (group?.lowercased(), Expressions.truth(cancels))
  }

  /// Cancels what waits in the run's group, as only one may, and what is under way if it says so.
  private func makeRoom(for run: WorkflowRun, cancels: Bool, in id: Int) {
    let before = live.repositories[id]?.runs.values.filter { precedes($0, run) } ?? []
    let waiting = before.filter { one in before.contains { precedes($0, one) } }
    for other in cancels ? before : waiting { runnerTasks[other.id]?.cancel() }
    wake()
  }

  /// Whether a run of the same group came before, and is not over.
  private func precedes(_ other: WorkflowRun, _ run: WorkflowRun) -> Bool {
    run.group != nil && other.group == run.group && other.id < run.id
      && other.status != "completed"
  }

  /// One job, or one for each combination of its matrix.
  private static func jobs(
    _ key: String,
    _ job: JSON,
    of run: WorkflowRun,
    _ contexts: Expressions
  ) -> [(Int) -> WorkflowJob] {
    let matrix = (try? contexts.fill(job["strategy"]["matrix"])) ?? .null
    return combinations(matrix).map { values in
      var own = contexts
      own.contexts["matrix"] = values
      let filled = job["name"].text.flatMap { try? own.fill($0) }
      let words = values.members.sorted { $0.key < $1.key }.map { Expressions.text($0.value) }
      let suffix = words.isEmpty ? "" : " (\(words.joined(separator: ", ")))"
      let labels = ((try? own.fill(job["runs-on"])) ?? .null)
      let environment = (try? own.fill(job["environment"])) ?? .null
      return { id in
        var made = WorkflowJob(
          id: id,
          run: run.id,
          attempt: run.attempt,
          key: key,
          name: filled ?? key + suffix,
          matrix: values,
          created: now()
        )
        made.labels = labels.text.map { [$0] } ?? labels.items.compactMap(\.text)
        made.environment = environment.text ?? environment["name"].text
        return made
      }
    }
  }

  private static func combinations(_ matrix: JSON) -> [JSON] {
    var all: [JSON] = [[:]]
    for (name, values) in matrix.members.sorted(by: { $0.key < $1.key })
    where name != "include" && name != "exclude" {
      all = all.flatMap { one in values.items.map { one.adding([name: $0]) } }
    }
    all.removeAll { one in
      matrix["exclude"].items.contains { $0.members.allSatisfy { one[$0.key] == $0.value } }
    }
    for extra in matrix["include"].items {
      let fits = all.indices.filter { index in
        extra.members.allSatisfy { !all[index].has($0.key) || all[index][$0.key] == $0.value }
      }
      let isPlain = all == [[:]]
      if fits.isEmpty || isPlain {
        if isPlain { all = [] }
        all.append(extra)
      } else {
        for index in fits { all[index] = all[index].adding(extra.members) }
      }
    }
    return all
  }

  func launch(_ run: Int, in id: Int) {
    runnerTasks[run] = Task { await execute(run, in: id) }
  }

  private func execute(_ run: Int, in id: Int) async {
    await withTaskGroup(of: Void.self) { group in
      while let found = live.repositories[id], let now = found.runs[run] {
        let all = jobs(of: run, attempt: now.attempt, found)
        if Task.isCancelled {
          cancelWaiting(all, in: id)
          break
        }
        if all.allSatisfy({ $0.status == "completed" }) { break }
        let waits = isRunnerPaused || found.runs.values.contains { precedes($0, now) }
        let started = waits ? [] : ready(all, now, found)
        for job in started { begin(job, now, id, &group) }
        if started.isEmpty { await changed() }
      }
      await group.waitForAll()
    }
    conclude(run, in: id)
  }

  private func begin(
    _ job: WorkflowJob,
    _ run: WorkflowRun,
    _ id: Int,
    _ group: inout TaskGroup<Void>
  ) {
    guard let found = live.repositories[id],
      let definition = run.file.jobs.first(where: { $0.key == job.key })?.job
    else { return }
    let contexts = contexts(job, run, found)
    let decision = Result { try contexts.holds(definition["if"]) }
    guard case .success(true) = decision else {
      var trouble: String?
      if case .failure(let error) = decision { trouble = "The condition of \(job.key): \(error)" }
      updateJob(job.id, in: id) { job in
        job.status = "completed"
        job.conclusion = trouble == nil ? "skipped" : "failure"
        job.completed = now()
      }
      if let trouble { annotate(job.id, in: id, Self.annotation(trouble)) }
      return
    }
    if let name = job.environment, let environment = found.environments[name],
      !environment.reviewers.isEmpty, !job.isApproved
    {
      updateJob(job.id, in: id) { $0.status = "waiting" }
      return
    }
    updateJob(job.id, in: id) { job in
      job.status = "in_progress"
      job.started = now()
    }
    let token = jobToken(definition, run, found)
    let runner = JobRunner(
      standIn: self,
      repository: found,
      run: run,
      job: job,
      definition: definition,
      token: token,
      secrets: found.secrets.merging(["GITHUB_TOKEN": token]) { $1 }
    )
    group.addTask { await runner.execute(contexts) }
  }

  /// Jobs that may begin: nothing that they need is still open.
  private func ready(_ all: [WorkflowJob], _ run: WorkflowRun, _ found: Repository) -> [WorkflowJob]
  {
    all.filter { job in
      guard job.status == "queued" || (job.status == "waiting" && job.isApproved) else {
        return false
      }
      let definition = run.file.jobs.first { $0.key == job.key }?.job ?? .null
      let needs = run.file.needs(definition)
      return all.allSatisfy { !needs.contains($0.key) || $0.status == "completed" }
    }
  }

  private func contexts(_ job: WorkflowJob, _ run: WorkflowRun, _ found: Repository) -> Expressions
  {
    let definition = run.file.jobs.first { $0.key == job.key }?.job ?? .null
    var needs: [String: JSON] = [:]
    let all = jobs(of: run.id, attempt: run.attempt, found)
    for key in run.file.needs(definition) {
      let own = all.filter { $0.key == key }
      let results = own.map { $0.conclusion ?? "" }
      let result = ["failure", "cancelled", "success"].first { results.contains($0) } ?? "skipped"
      let outputs = own.reduce(JSON.object([:])) { $0.adding($1.outputs.members) }
      needs[key] = ["result": .string(result), "outputs": outputs]
    }
    var contexts = Expressions(contexts: [
      "github": github(run, found), "inputs": run.inputs, "vars": [:], "env": [:],
      "needs": .object(needs), "matrix": job.matrix, "steps": [:], "strategy": [:], "job": [:],
      "secrets": .object(found.secrets.mapValues { .string($0) }),
      "runner": ["os": "Linux", "arch": "X64", "name": "GitHub Actions 1"],
    ])
    let results = needs.values.map { $0["result"].text ?? "" }
    contexts.hasFailed = results.contains { $0 != "success" && $0 != "cancelled" }
    contexts.isCancelled = results.contains("cancelled")
    return contexts
  }

  func github(_ run: WorkflowRun, _ found: Repository) -> JSON {
    [
      "actor": .string(run.actor), "triggering_actor": .string(run.triggering),
      "repository": .string(found.fullName), "repository_owner": .string(found.owner),
      "repository_id": "\(found.id)", "event_name": .string(run.event), "event": run.payload,
      "ref": .string(run.ref), "sha": .string(run.checkout), "run_id": "\(run.id)",
      "ref_name": .string(Self.shortName(run.ref)),
      "ref_type": run.ref.hasPrefix("refs/tags/") ? "tag" : "branch",
      "run_number": "\(run.number)", "run_attempt": "\(run.attempt)",
      "workflow": .string(run.file.name), "server_url": .string(url), "job": nil,
      "api_url": "\(url)/api/v3", "graphql_url": "\(url)/api/graphql",
      "head_ref": run.event == "pull_request" ? JSON(run.branch) : "",
      "base_ref": run.payload["pull_request"]["base"]["ref"],
      "workflow_ref": "\(found.fullName)/\(run.file.path)@\(run.ref)",
    ]
  }

  static func shortName(_ ref: String) -> String {
    ref.split(separator: "/").dropFirst(2).joined(separator: "/")
  }

  /// Makes the job's own token, with the permissions that the workflow asks for.
  private func jobToken(_ definition: JSON, _ run: WorkflowRun, _ found: Repository) -> String {
    let asked = definition.has("permissions") ? definition["permissions"] : run.file.permissions
    let names = [
      "actions", "attestations", "checks", "contents", "deployments", "issues", "pull_requests",
      "repository_advisories", "statuses",
    ]
    var permissions: [String: String] = [:]
    switch asked {
    case .string(let all)?:
      let level = all == "write-all" ? "write" : "read"
      for name in names { permissions[name] = level }
    case .object(let given)?:
      for (name, level) in given where level != "none" {
        permissions[name.replacing("-", with: "_")] = level.text
      }
    default: permissions = ["contents": "read"]
    }
    let secret = "ghs_\(UUID().uuidString.replacing("-", with: ""))"
    live.tokens[secret] = Token(
      secret: secret,
      login: "github-actions[bot]",
      scopes: nil,
      permissions: permissions,
      onlyRepository: found.id,
      isInstallation: true
    )
    return secret
  }

  /// A job's token is good for as long as the job runs.
  func revoke(_ secret: String) { live.tokens[secret] = nil }

  // MARK: - What changes on the way

  private func cancelWaiting(_ all: [WorkflowJob], in id: Int) {
    for job in all where job.status == "queued" || job.status == "waiting" {
      updateJob(job.id, in: id) { job in
        job.status = "completed"
        job.conclusion = "cancelled"
        job.completed = now()
      }
    }
  }

  /// Changes a job, and with it its check run and its run's status.
  func updateJob(_ job: Int, in id: Int, _ body: (inout WorkflowJob) -> Void) {
    try? change(id) { found in
      guard var changed = found.jobs[job], let run = found.runs[changed.run] else { return }
      body(&changed)
      found.jobs[job] = changed
      let annotations = found.checks[job]?.annotations ?? []
      found.checks[job] = CheckRun(
        id: job,
        name: changed.name,
        sha: run.sha,
        status: changed.status,
        conclusion: changed.conclusion,
        started: changed.started ?? changed.created,
        completed: changed.completed,
        annotations: annotations,
        run: run.id
      )
      let all = jobs(of: run.id, attempt: run.attempt, found)
      let states = Set(all.map(\.status))
      if states.contains("in_progress") {
        found.runs[run.id]?.status = "in_progress"
      } else if states.contains("waiting") {
        found.runs[run.id]?.status = "waiting"
      } else if states != ["completed"] {
        found.runs[run.id]?.status = states.contains("completed") ? "in_progress" : "queued"
      }
      found.runs[run.id]?.updated = now()
    }
  }

  private static func annotation(_ message: String) -> JSON {
    [
      "path": ".github", "start_line": 1, "end_line": 1, "start_column": nil, "end_column": nil,
      "annotation_level": "failure", "title": "", "message": .string(message),
      "raw_details": "", "blob_href": "",
    ]
  }

  func annotate(_ job: Int, in id: Int, _ annotation: JSON) {
    try? change(id) { $0.checks[job]?.annotations.append(annotation) }
  }

  private func conclude(_ run: Int, in id: Int) {
    try? change(id) { found in
      guard let attempt = found.runs[run]?.attempt else { return }
      let ends = Set(jobs(of: run, attempt: attempt, found).map { $0.conclusion ?? "cancelled" })
      let order = ["failure", "cancelled", "success"]
      found.runs[run]?.status = "completed"
      found.runs[run]?.conclusion = order.first { ends.contains($0) } ?? "skipped"
      found.runs[run]?.updated = now()
    }
  }
}
