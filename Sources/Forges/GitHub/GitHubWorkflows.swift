internal import Foundation
internal import ReleaseModel
internal import Runbook

/// Runs of workflows, their jobs and logs (docs.github.com, REST API: actions).
struct GitHubWorkflows: Sendable {
  let client: GitHubClient

  private struct Run: Decodable, Sendable {
    let id: Int
    let htmlUrl: String
    let status: String?
    let conclusion: String?
    let event: String?
    let runAttempt: Int?
    let headBranch: String?
    let headSha: String?
    let displayTitle: String?
  }

  private struct Job: Decodable, Sendable {
    struct Step: Decodable, Sendable {
      let name: String
      let status: String
      let conclusion: String?
      let number: Int
    }

    let id: Int
    let name: String
    let status: String
    let conclusion: String?
    let steps: [Step]?
  }

  private func path(_ workflow: String) -> String {
    "/actions/workflows/\(GitHubAddress.escaped(workflow))"
  }

  /// The run that the ref's push began, or one that was dispatched for it and names it.
  func find(_ wanted: Workflows.Wanted) async throws -> WorkflowRun? {
    let workflow = wanted.workflow
    try await requireActive(workflow)
    let known: Run? =
      if let started = wanted.started { try await client.get("/actions/runs/\(started)") } else {
        nil
      }
    // A run that was started by hand is of the main branch; its name tells what it ships.
    let byHand = try await runs(workflow, "event=workflow_dispatch").filter { run in
      let title = (run.displayTitle ?? "").split(separator: " ")
      return wanted.words.allSatisfy { title.contains(Substring($0)) }
    }
    let all = (try await pushed(wanted) + byHand + [known].compactMap(\.self)).filter {
      wanted.takesAny || $0.conclusion != "skipped"
    }
    guard let found = all.max(by: { $0.id < $1.id }) else { return nil }
    var run = WorkflowRun(
      id: found.id,
      url: found.htmlUrl,
      state: Self.state(found.status, found.conclusion),
      attempt: found.runAttempt ?? 1
    )
    guard run.state != .succeeded else { return run }
    let jobs: [Job] = try await client.list("/actions/runs/\(run.id)/jobs", key: "jobs", pages: 3)
    run.jobs = jobs.map(Self.job)
    if run.state == .waiting { run.approvers = try await approvers(run.id) }
    return run
  }

  /// The runs that a push of the wanted commit began.
  private func pushed(_ wanted: Workflows.Wanted) async throws -> [Run] {
    guard let ref = wanted.ref else { return [] }
    return try await runs(wanted.workflow, "branch=\(GitHubAddress.escaped(ref))").filter {
      // A pull request and a dispatch have runs of the same branch and commit.
      $0.headBranch == ref && $0.headSha == wanted.commit
        && (wanted.takesAny || $0.event == "push")
    }
  }

  private func runs(_ workflow: String, _ filter: String) async throws -> [Run] {
    try await client.list(
      "\(path(workflow))/runs?\(filter)&exclude_pull_requests=true",
      key: "workflow_runs",
      pages: 1
    )
  }

  private struct Workflow: Decodable, Sendable {
    let state: String
  }

  func requireActive(_ workflow: String) async throws {
    guard let found: Workflow = try await client.get(path(workflow)) else {
      throw Problem(
        "workflow.missing",
        "GitHub has no workflow \(workflow).",
        why: "It has to be on the default branch, in .github/workflows.",
        next: [
          "hotfix init --workflow     writes it; commit it to the default branch",
          "or remove ship.workflow from hotfix.yml:  hotfix next     then ships from here",
        ]
      )
    }
    guard found.state == "active" else {
      throw Problem(
        "workflow.disabled",
        "The workflow \(workflow) is disabled.",
        why: "GitHub says: \(found.state).",
        next: ["gh workflow enable \(shellQuoted(workflow))", "hotfix next"]
      )
    }
  }

  static func state(_ status: String?, _ conclusion: String?) -> WorkflowRun.State {
    switch (status ?? "", conclusion ?? "") {
    case ("completed", "success"), ("completed", "neutral"), ("completed", "skipped"): .succeeded
    case ("completed", "cancelled"): .cancelled
    case ("completed", _): .failed
    case ("waiting", _): .waiting
    case ("in_progress", _): .running
    default: .queued
    }
  }

  private static func job(_ job: Job) -> WorkflowRun.Job {
    let steps = job.steps ?? []
    let step =
      steps.first { $0.conclusion == "failure" || $0.conclusion == "timed_out" }
      ?? steps.first { $0.status == "in_progress" }
    return WorkflowRun.Job(
      id: job.id,
      name: job.name,
      state: state(job.status, job.conclusion),
      // An action's commit has forty digits that tell nobody anything.
      step: step.map { step in
        "\(step.name.replacing(/@[0-9a-f]{40}/, with: "")) (\(step.number) of \(steps.count))"
      }
    )
  }

  private struct Pending: Decodable, Sendable {
    struct Reviewer: Decodable, Sendable {
      struct Who: Decodable, Sendable {
        let login: String?
        let slug: String?
      }

      let reviewer: Lenient<Who>?
    }

    let reviewers: [Reviewer]?
  }

  private func approvers(_ run: Int) async throws -> [String] {
    let pending: [Pending]? = try await client.get("/actions/runs/\(run)/pending_deployments")
    return (pending ?? []).flatMap { $0.reviewers ?? [] }.compactMap { reviewer in
      reviewer.reviewer?.value?.login ?? reviewer.reviewer?.value?.slug
    }
  }

  // MARK: acting

  private struct Dispatch: Encodable {
    let ref: String
    let inputs: [String: String]
    var returnRunDetails: Bool? = true
  }

  private struct Dispatched: Decodable, Sendable {
    let workflowRunId: Int?
  }

  /// From the main branch: a tag on an old line may carry an old workflow, or none.
  func dispatch(_ workflow: String, _ tag: String, _ main: String, _ id: String) async throws
    -> Int?
  {
    var body = Dispatch(ref: main, inputs: ["tag": tag, "correlation": id])
    let path = "\(path(workflow))/dispatches"
    do {
      return try await (client.write("POST", path, body) as Dispatched).workflowRunId
    } catch let refusal as GitHubRefusal where refusal.message.contains("return_run_details") {
      // An older server, which has no such parameter.
      body.returnRunDetails = nil
      return try await (client.write("POST", path, body) as Dispatched).workflowRunId
    }
  }

  func repeatFailed(_ run: Int) async throws {
    do {
      _ = try await client.send("POST", "/actions/runs/\(run)/rerun-failed-jobs")
    } catch let refusal as GitHubRefusal where refusal.message.contains("already running") {
      return
    }
  }

  /// The end of a job's log: that is where it failed.
  func log(_ job: Int) async throws -> String? {
    do {
      let answer = try await client.send(
        "GET",
        "/actions/jobs/\(job)/logs",
        accept: "*/*",
        bytesMax: 128 << 20
      )
      return String(decoding: answer.body.suffix(64 << 10), as: UTF8.self)
    } catch let refusal as GitHubRefusal where [404, 410].contains(refusal.status) {
      return nil
    }
  }
}
