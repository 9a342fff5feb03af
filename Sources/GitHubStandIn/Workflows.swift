internal import Git

/// Workflows: found in the repository, started by events.
extension GitHubStandIn {
  static let workflowRoutes: [Route] = [
    Route("GET", "/repos/{owner}/{repo}/actions/workflows", .actions) {
      try await $0.listWorkflows($1)
    },
    Route("GET", "/repos/{owner}/{repo}/actions/workflows/{workflow}", .actions) {
      try await $0.getWorkflow($1)
    },
    Route("POST", "/repos/{owner}/{repo}/actions/workflows/{workflow}/dispatches", .actions) {
      try await $0.dispatch($1)
    },
    Route("POST", "/repos/{owner}/{repo}/dispatches", .contents) {
      try await $0.dispatchEvent($1)
    },
    Route("GET", "/repos/{owner}/{repo}/actions/workflows/{workflow}/runs", .actions) {
      try await $0.listRuns($1)
    },
  ]

  private static let folder = ".github/workflows"

  /// Reads the workflow files of a commit; one that cannot be read is given with what is wrong.
  private func files(
    at commit: String,
    in found: Repository
  ) async throws -> [(path: String, file: Result<WorkflowFile, WorkflowFile.Invalid>)] {
    let git = bare(found)
    let names = try await git.run(["ls-tree", "--name-only", "-z", commit, "\(Self.folder)/"])
    guard names.succeeded else { return [] }
    var files: [(String, Result<WorkflowFile, WorkflowFile.Invalid>)] = []
    for path in names.text.split(separator: "\0").map(String.init)
    where path.hasSuffix(".yml") || path.hasSuffix(".yaml") {
      guard let bytes = try await git.file(path, at: commit) else { continue }
      do {
        let text = String(decoding: bytes, as: UTF8.self)
        files.append((path, .success(try WorkflowFile.read(text, path: path))))
      } catch let invalid as WorkflowFile.Invalid {
        files.append((path, .failure(invalid)))
      } catch {
        files.append((path, .failure(WorkflowFile.Invalid(why: "\(error)"))))
      }
    }
    return files
  }

  /// Gives a workflow its number when its path is seen first, and its name anew.
  private func register(_ path: String, name: String, in id: Int) throws -> Int {
    if let known = try repository(id).workflows.values.first(where: { $0.path == path }) {
      try change(id) { $0.workflows[known.id]?.name = name }
      return known.id
    }
    let workflow = Workflow(
      id: live.nextNumber(),
      name: name,
      path: path,
      created: now(),
      updated: now()
    )
    try change(id) { $0.workflows[workflow.id] = workflow }
    return workflow.id
  }

  private func registerAll(in id: Int) async throws {
    let found = try repository(id)
    guard let main = try await bare(found).branch(defaultBranch(found)) else { return }
    for (path, file) in try await files(at: main, in: found) {
      let name = (try? file.get().name) ?? path
      _ = try register(path, name: name, in: id)
    }
  }

  /// Turns a workflow off, as its page's menu does.
  package func disableWorkflow(
    _ repository: String,
    _ file: String,
    _ isDisabled: Bool = true
  ) async throws {
    let id = try number(of: repository)
    try await registerAll(in: id)
    try change(id) { found in
      let key = found.workflows.values.first { $0.path.hasSuffix("/\(file)") }?.id
      guard let key else { throw Refusal.notFound }
      found.workflows[key]?.state = isDisabled ? "disabled_manually" : "active"
    }
  }

  // MARK: - Over the API

  /// Finds a workflow by its number or its file's name.
  func workflow(_ call: Call) async throws -> Workflow {
    try await registerAll(in: call.repository)
    let word = call.word("workflow")
    let found = try repository(call.repository)
    let workflow = found.workflows.values.first { workflow in
      workflow.id == Int(word) || workflow.path == word || workflow.path.hasSuffix("/\(word)")
    }
    guard let workflow else { throw Refusal.notFound }
    return workflow
  }

  func listWorkflows(_ call: Call) async throws -> Reply {
    try await registerAll(in: call.repository)
    let found = try repository(call.repository)
    let page = call.page(found.workflows.values.sorted { $0.id < $1.id })
    return Reply(
      200,
      [
        "total_count": .int(page.total),
        "workflows": .array(page.items.map { workflow($0, found, call) }),
      ],
      headers: page.headers
    )
  }

  func getWorkflow(_ call: Call) async throws -> Reply {
    Reply(200, workflow(try await workflow(call), try repository(call.repository), call))
  }

  private func workflow(_ workflow: Workflow, _ found: Repository, _ call: Call) -> JSON {
    let web = "\(call.addresses.web)/\(found.fullName)"
    return [
      "id": .int(workflow.id), "node_id": "W_\(workflow.id)", "name": .string(workflow.name),
      "path": .string(workflow.path), "state": .string(workflow.state),
      "created_at": .string(workflow.created), "updated_at": .string(workflow.updated),
      "url": "\(call.addresses.api)/repos/\(found.fullName)/actions/workflows/\(workflow.id)",
      "html_url": "\(web)/blob/\(defaultBranch(found))/\(workflow.path)",
      "badge_url": "\(web)/workflows/\(escaped(workflow.name))/badge.svg",
    ]
  }

  func dispatch(_ call: Call) async throws -> Reply {
    let workflow = try await workflow(call)
    let found = try repository(call.repository)
    let git = bare(found)
    guard let name = call.json["ref"].text else {
      throw Refusal(422, "Invalid request.\n\n\"ref\" wasn't supplied.")
    }
    let given = call.json["inputs"].members
    if given.count > 25 { throw Refusal(422, "you may only define up to 25 `inputs`") }
    let short = name.replacing("refs/heads/", with: "").replacing("refs/tags/", with: "")
    let branchTip = try await git.branch(short)
    let isBranch = branchTip != nil && !name.hasPrefix("refs/tags/")
    let ref = (isBranch ? "refs/heads/" : "refs/tags/") + short
    guard let sha = try await git.resolve(ref) else {
      throw Refusal(422, "No ref found for: \(name)")
    }
    if workflow.state != "active" {
      throw Refusal(422, "Cannot trigger a 'workflow_dispatch' on a disabled workflow")
    }
    let entry = try await files(at: sha, in: found).first { $0.path == workflow.path }
    guard let file = try? entry?.file.get(), let declared = file.on["workflow_dispatch"] else {
      throw Refusal(422, "Workflow does not have 'workflow_dispatch' trigger")
    }
    let inputs = try Self.inputs(given, declared["inputs"].members)
    let event = WorkflowEvent(
      name: "workflow_dispatch",
      ref: ref,
      sha: sha,
      checkout: sha,
      branch: short,
      actor: call.login,
      payload: ["inputs": inputs, "ref": .string(ref), "workflow": .string(workflow.path)],
      inputs: inputs
    )
    let run = try await start(file, event, in: call.repository)
    guard call.isNew || call.json["return_run_details"].truth == true else { return Reply(204) }
    let path = "\(found.fullName)/actions/runs/\(run)"
    return Reply(
      200,
      [
        "workflow_run_id": .int(run), "run_url": "\(call.addresses.api)/repos/\(path)",
        "html_url": "\(call.addresses.web)/\(path)",
      ]
    )
  }

  /// Starts the default branch's workflows that want `repository_dispatch`.
  func dispatchEvent(_ call: Call) async throws -> Reply {
    guard let type = call.json["event_type"].text else {
      throw Refusal(422, "Invalid request.\n\n\"event_type\" wasn't supplied.")
    }
    let found = try repository(call.repository)
    let main = defaultBranch(found)
    guard let sha = try await bare(found).branch(main) else { throw Refusal.notFound }
    var event = WorkflowEvent(
      name: "repository_dispatch",
      ref: "refs/heads/\(main)",
      sha: sha,
      checkout: sha,
      branch: main,
      actor: call.login,
      payload: ["action": .string(type), "client_payload": call.json["client_payload"]]
    )
    event.action = type
    try await start(event, in: call.repository)
    return Reply(204)
  }

  /// Checks inputs against what the workflow declares, and puts the defaults in.
  private static func inputs(_ given: [String: JSON], _ declared: [String: JSON]) throws -> JSON {
    let unexpected = given.keys.filter { declared[$0] == nil }.sorted()
    if !unexpected.isEmpty {
      throw Refusal(422, "Unexpected inputs provided: \(unexpected)")
    }
    var inputs: [String: JSON] = [:]
    for (name, declaration) in declared {
      if let value = given[name], !(value.isNull || value == "") {
        let options = declaration["options"].items
        if !options.isEmpty, !options.contains(value) {
          throw Refusal(
            422,
            "Provided value '\(Expressions.text(value))' for input '\(name)' not in the list of "
              + "allowed values"
          )
        }
        let isTruth = declaration["type"] == "boolean"
        inputs[name] = isTruth ? .bool(Expressions.text(value) == "true") : value
      } else if declaration.has("default") {
        inputs[name] = declaration["default"]
      } else if declaration["required"] == true {
        throw Refusal(422, "Required input '\(name)' not provided")
      } else {
        inputs[name] = declaration["type"] == "boolean" ? false : ""
      }
    }
    return .object(inputs)
  }

  // MARK: - Events

  func startWorkflows(for push: Push, in id: Int) async throws {
    let found = try repository(id)
    guard push.ref.hasPrefix("refs/heads/") || push.ref.hasPrefix("refs/tags/"),
      let sha = try await bare(found).resolve(push.new)
    else { return }
    let event = WorkflowEvent(
      name: "push",
      ref: push.ref,
      sha: sha,
      checkout: sha,
      branch: push.ref.split(separator: "/").dropFirst(2).joined(separator: "/"),
      actor: push.login,
      payload: [
        "ref": .string(push.ref), "before": .string(push.old), "after": .string(push.new),
        "pusher": ["name": .string(push.login)],
      ]
    )
    try await start(event, in: id)
  }

  func releasePublished(_ release: Release, _ commit: String, _ call: Call) async throws {
    let found = try repository(call.repository)
    for action in ["published", release.isPrerelease ? "prereleased" : "released"] {
      var event = WorkflowEvent(
        name: "release",
        ref: "refs/tags/\(release.tag)",
        sha: commit,
        checkout: commit,
        branch: release.tag,
        actor: call.login,
        payload: ["action": .string(action), "release": self.release(release, found, call)]
      )
      event.action = action
      try await start(event, in: call.repository)
    }
  }

  func pullChanged(_ number: Int, _ action: String, _ call: Call) async throws {
    try await pullEvent(number, action, call.login, in: call.repository)
  }

  func pullSynchronized(_ number: Int, _ push: Push, in id: Int) async throws {
    try await pullEvent(number, "synchronize", push.login, in: id)
  }

  /// A pull request's workflows see the merge that it would make; without one none starts.
  private func pullEvent(_ number: Int, _ action: String, _ login: String, in id: Int) async throws
  {
    let pull = try await refreshed(number, in: id)
    let found = try repository(id)
    let git = bare(found)
    guard let tree = try await git.mergedTree(pull.baseSHA, pull.headSHA) else { return }
    let merge = try await git.commitTree(
      tree,
      parents: [pull.baseSHA, pull.headSHA],
      message: "Merge \(pull.headSHA) into \(pull.baseSHA)\n",
      author: noReply(login)
    )
    try await git.text(["update-ref", "refs/pull/\(number)/merge", merge])
    var event = WorkflowEvent(
      name: "pull_request",
      ref: "refs/pull/\(number)/merge",
      sha: pull.headSHA,
      checkout: merge,
      branch: pull.head,
      actor: login,
      payload: [
        "action": .string(action), "number": .int(number),
        "pull_request": [
          "number": .int(number),
          "head": ["ref": .string(pull.head), "sha": .string(pull.headSHA)],
          "base": ["ref": .string(pull.base), "sha": .string(pull.baseSHA)],
          "title": JSON(found.issues[number]?.title), "draft": .bool(pull.isDraft),
        ],
      ]
    )
    event.action = action
    event.base = pull.base
    try await start(event, in: id)
  }

  /// Starts every workflow of the event's commit that wants it.
  private func start(_ event: WorkflowEvent, in id: Int) async throws {
    let found = try repository(id)
    for (path, file) in try await files(at: event.checkout, in: found) {
      switch file {
      case .success(let file):
        let key = try register(path, name: file.name, in: id)
        let isActive = try repository(id).workflows[key]?.state == "active"
        guard isActive, file.isStarted(by: event) else { continue }
        _ = try await start(file, event, in: id)
      case .failure(let invalid):
        try refuseToStart(path, invalid, event, in: id)
      }
    }
  }

  /// A file that cannot be read makes a run that failed before it began.
  private func refuseToStart(
    _ path: String,
    _ invalid: WorkflowFile.Invalid,
    _ event: WorkflowEvent,
    in id: Int
  ) throws {
    guard event.name == "push" else { return }
    let file = WorkflowFile(
      path: path,
      name: path,
      runName: nil,
      on: [:],
      environment: .null,
      defaults: .null,
      permissions: nil,
      concurrency: .null,
      jobs: []
    )
    var run = try newRun(file, event, in: id, title: path)
    run.status = "completed"
    run.conclusion = "startup_failure"
    run.trouble = invalid.why
    let ready = run
    try change(id) { $0.runs[ready.id] = ready }
  }

  func newRun(
    _ file: WorkflowFile,
    _ event: WorkflowEvent,
    in id: Int,
    title: String
  ) throws -> WorkflowRun {
    let workflow = try register(file.path, name: file.name, in: id)
    let before = try repository(id).runs.values.count { $0.workflow == workflow }
    return WorkflowRun(
      id: live.nextNumber(),
      workflow: workflow,
      number: before + 1,
      event: event.name,
      branch: event.branch,
      ref: event.ref,
      sha: event.sha,
      checkout: event.checkout,
      title: title,
      actor: event.actor,
      triggering: event.actor,
      created: now(),
      updated: now(),
      started: now(),
      payload: event.payload,
      inputs: event.inputs,
      file: file
    )
  }
}
