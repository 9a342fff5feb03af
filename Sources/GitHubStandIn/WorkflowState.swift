internal import ReleaseModel

struct Workflow: Sendable {
  let id: Int
  var name: String
  let path: String
  var state = "active"
  let created: String
  var updated: String
}

struct WorkflowRun: Sendable {
  let id: Int
  let workflow: Int
  let number: Int
  var attempt = 1
  let event: String
  /// The branch's or tag's name; of a pull request its head.
  let branch: String?
  /// The full ref that is checked out.
  let ref: String
  /// The commit that the run is listed under.
  let sha: String
  /// The commit that is checked out; a pull request's is its merge.
  let checkout: String
  var title: String
  /// queued, waiting, in_progress or completed.
  var status = "queued"
  var conclusion: String?
  let actor: String
  var triggering: String
  let created: String
  var updated: String
  var started: String
  let payload: JSON
  let inputs: JSON
  let file: WorkflowFile
  var artifacts: [Artifact] = []
  var approvals: [JSON] = []
  /// Runs of one group take turns.
  var group: String?
  /// What was wrong with the file of a run that could not begin.
  var trouble: String?

  struct Artifact: Sendable {
    let id: Int
    let name: String
    let file: FilePath
    let size: Int
    let digest: String
    let created: String
    var isExpired = false
  }
}

struct WorkflowJob: Sendable {
  let id: Int
  let run: Int
  let attempt: Int
  let key: String
  var name: String
  let matrix: JSON
  var status = "queued"
  var conclusion: String?
  let created: String
  var started: String?
  var completed: String?
  var steps: [WorkflowStep] = []
  var labels: [String] = []
  var environment: String?
  var isApproved = false
  var outputs: JSON = [:]
  var summary = ""

  /// The same job of the next attempt: to be run again, or as it was.
  func again(_ id: Int, attempt: Int, isKept: Bool) -> WorkflowJob {
    var job = WorkflowJob(
      id: id,
      run: run,
      attempt: attempt,
      key: key,
      name: name,
      matrix: matrix,
      created: now()
    )
    job.labels = labels
    job.environment = environment
    guard isKept else { return job }
    job.status = status
    job.conclusion = conclusion
    job.started = started
    job.completed = completed
    job.steps = steps
    job.outputs = outputs
    return job
  }
}

struct WorkflowStep: Sendable {
  let number: Int
  var name: String
  var status = "queued"
  var conclusion: String?
  var started: String?
  var completed: String?
}

/// An environment that jobs deploy to, perhaps behind people's approval.
struct DeploymentEnvironment: Sendable {
  let id: Int
  let name: String
  var reviewers: [String]
}

/// What starts a run.
struct WorkflowEvent: Sendable {
  let name: String
  var action: String?
  let ref: String
  let sha: String
  let checkout: String
  let branch: String?
  /// The branch that a pull request is for.
  var base: String?
  let actor: String
  var payload: JSON = [:]
  var inputs: JSON = [:]
}
