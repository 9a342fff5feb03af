// The release workflow, watched from outside: it runs `hotfix ship`, and what counts is the release
// that it leaves on the host.

internal import Git
internal import Record
internal import ReleaseModel

struct WorkflowWatch: Sendable {
  /// What the run is for: the release of a tag, or a candidate of the fix's head.
  enum Purpose: Sendable {
    case release, candidate
  }

  /// How long the host may take to begin a run for a tag, in seconds.
  private static let beginSecondsMax = 60
  private static let attemptsMax = 3

  private let situation: Situation
  private let forge: Forge
  private let workflow: String
  private let purpose: Purpose
  /// Whether a push of the candidate's commit begins a run.
  private var beginsByPush = false

  /// Nil where `next` ships itself.
  init?(_ situation: Situation, _ purpose: Purpose = .release) {
    guard let forge = situation.toolbox.forge, let workflow = situation.settings.workflow,
      !situation.shipsHere
    else { return nil }
    self.situation = situation
    self.forge = forge
    self.workflow = workflow
    self.purpose = purpose
  }

  /// The candidate's; nil where `next` builds it itself: main's workflow has no job for it, or no run
  /// of it can begin.
  static func candidate(_ situation: Situation) async throws -> WorkflowWatch? {
    guard var watch = WorkflowWatch(situation, .candidate),
      let onMain = try await watch.job(at: situation.refs.main)
    else { return nil }
    // GitHub takes the workflow of the commit that is pushed, and for a dispatch main's.
    let own = try await watch.job(at: situation.refs.fix)
    watch.beginsByPush = own?.beginsByPush == true
    if onMain.beginsByDispatch { return watch }
    guard watch.beginsByPush else { return nil }
    if watch.isBeginning { return watch }
    return try await watch.run() == nil ? nil : watch
  }

  private func job(at commit: String?) async throws -> CandidateJob? {
    guard let commit,
      let text = try await situation.git.file(".github/workflows/\(workflow)", at: commit)
    else { return nil }
    return CandidateJob(String(decoding: text, as: UTF8.self))
  }

  /// What is shipped, for people: the tag, or the candidate of it.
  private var tag: String {
    purpose == .release ? situation.opened.tag : "the candidate of \(situation.opened.tag)"
  }
  private var step: String { purpose == .release ? "build" : "candidate" }
  private var target: String { purpose == .release ? "release workflow" : "candidate workflow" }
  private var commit: String { situation.refs.fix ?? "" }
  /// What a run that is started by hand is told, and is named after.
  private var name: String { purpose == .release ? situation.opened.tag : commit }
  private var correlation: String {
    purpose == .release ? situation.run : "candidate-\(situation.run)"
  }

  /// The newest run of exactly this tag, or of exactly this head of the branch.
  private func run() async throws -> WorkflowRun? {
    let opened = situation.opened
    let isRelease = purpose == .release
    return try await forge.workflows.find(
      Workflows.Wanted(
        workflow: workflow,
        ref: isRelease ? opened.tag : beginsByPush ? opened.branch : nil,
        commit: commit,
        words: isRelease ? [name] : [name, correlation],
        started: started,
        takesAny: isRelease
      )
    )
  }

  func finding() async throws -> Finding {
    guard let run = try await run() else {
      return isBeginning
        ? outside("begins the workflow \(workflow) for \(tag)")
        : .lacking("no run of \(workflow) for \(tag)")
    }
    switch run.state {
    case .queued: return outside("has run \(run.id) in its queue: \(run.url)")
    case .running: return outside("runs \(progress(run)): \(run.url)")
    case .waiting:
      let whom = run.approvers.isEmpty ? "a reviewer" : run.approvers.joined(separator: " or ")
      return .waiting(
        .person(whom, "approves the deployment of run \(run.id): \(run.url)", "hotfix next --watch")
      )
    case .cancelled:
      throw Problem(
        "workflow.cancelled",
        "The run \(run.id) of \(workflow) was cancelled.",
        why: run.url,
        next: ["gh run rerun \(run.id)", "hotfix next --watch"]
      )
    case .succeeded where purpose == .candidate:
      return .holds(["run \(run.id) built and rehearsed \(commit.prefix(12)): \(run.url)"])
    case .succeeded:
      throw Problem(
        "workflow.no-release",
        "The run \(run.id) of \(workflow) succeeded, and \(tag) is not on the host.",
        why: run.url,
        next: [
          "Let the workflow run:  hotfix ship \(tag)",
          "hotfix init --workflow --print     shows how",
        ]
      )
    case .failed: return try await failed(run)
    }
  }

  /// What there is to wait for while a run goes on, or why it failed; nil once it is over.
  func unfinished() async throws -> Finding? {
    guard let run = try await run(), run.state != .succeeded, run.state != .cancelled else {
      return nil
    }
    return try await finding()
  }

  /// The tag was pushed, or the run was asked for, a moment ago.
  private var isBeginning: Bool {
    let now = situation.toolbox.now()
    if purpose == .release || beginsByPush,
      let pushed = situation.progress.observed[purpose == .release ? "push" : "request"]?.at,
      now - pushed < Self.beginSecondsMax
    {
      return true
    }
    let asked = situation.progress.effects.last {
      $0.data.step == step && $0.data.target == target && $0.data.subject == subject
    }
    return asked.map { now - $0.at < Self.beginSecondsMax } ?? false
  }

  private func outside(_ what: String) -> Finding {
    .waiting(Wait(.outside, whom: "GitHub", what: what, commands: ["hotfix next --watch"]))
  }

  private func progress(_ run: WorkflowRun) -> String {
    let done = run.jobs.count { $0.state == .succeeded }
    let now = run.jobs.filter { $0.state == .running }.map { job in
      job.name + (job.step.map { ", step \($0)" } ?? "")
    }
    return "job \(now.isEmpty ? "…" : now.joined(separator: " and ")) "
      + "(\(done) of \(run.jobs.count) jobs done)"
  }

  private func failed(_ run: WorkflowRun) async throws -> Finding {
    let jobs = run.jobs.filter { $0.state == .failed }
    var log = ""
    for job in jobs.prefix(3) { log += try await forge.workflows.log(job.id) ?? "" }
    let trouble = WorkflowTrouble(log: log)
    if trouble.isSafeToRepeat, run.attempt < Self.attemptsMax {
      return .lacking("run \(run.id) failed for a reason outside: \(trouble.lines.last ?? "")")
    }
    let places = jobs.map { $0.name + ($0.step.map { ", step \($0)" } ?? "") }
    let said =
      log.isEmpty
      ? "The log is gone." : situation.toolbox.redacted(trouble.lines.joined(separator: "\n"))
    throw Problem(
      "workflow.\(trouble.kind.rawValue)",
      "The run \(run.id) of \(workflow) failed\(Self.words[trouble.kind] ?? "").",
      why: "\(places.joined(separator: "; "))\n\(said)\n\(run.url)",
      next: trouble.remedy(run: run.id, candidate: purpose == .candidate ? situation.opened : nil)
    )
  }

  private var subject: String { situation.subject(of: .release) }

  private var starts: [Progress.Effect] {
    situation.progress.effects.filter {
      $0.data.step == step && $0.data.target == target && $0.data.materials["run"] == nil
        && $0.data.subject == subject && $0.conclusion?.result == .done
        // The same tree may have been another commit's, with another build number.
        && [nil, commit].contains($0.data.materials["commit"])
    }
  }

  /// The run that this tool started, when the host told its number.
  private var started: Int? {
    starts.last?.conclusion?.detail.split(separator: " ").last.flatMap { Int($0) }
  }

  /// A run that was started and cannot be found is not started again and again.
  private func refuseASecondStart() throws {
    guard !starts.isEmpty else { return }
    throw Problem(
      "workflow.unseen",
      "The run of \(workflow) that was started for \(tag) does not appear.",
      why: "It is looked for by \(purpose == .release ? "the tag" : "\(name) \(correlation)") "
        + "in its name.",
      next: [
        "Give the workflow:  run-name: Ship ${{ inputs.tag || github.ref_name }} "
          + "${{ inputs.correlation }}",
        purpose == .release
          ? "hotfix ship \(tag)     ships from here"
          : "hotfix ship --candidate \(situation.opened.tag)     builds and rehearses it here",
      ]
    )
  }

  private static let words: [WorkflowTrouble.Kind: String] = [
    .certificate: ": the signing certificate is not valid",
    .notarization: ": Apple did not notarize it",
    .credentials: ": credentials are missing or wrong",
    .infrastructure: " again and again, outside of the project",
    .artifact: ": the artifacts are not what they have to be",
    .test: ": a test or the build failed",
  ]

  /// Starts the workflow, or runs its failed jobs again.
  func effects() async throws -> [Effect] {
    let workflows = forge.workflows
    let (workflow, name, main, id) = (workflow, name, situation.opened.main, correlation)
    guard let run = try await run() else {
      try refuseASecondStart()
      return [
        Effect(
          target,
          says: "starts \(workflow) for \(tag)",
          materials: purpose == .candidate ? ["commit": commit] : [:],
          body: .outward {
            let run = try await workflows.dispatch(workflow, name, main, id)
            return .done(run.map { "run \($0)" } ?? "asked for")
          }
        )
      ]
    }
    return [
      Effect(
        target,
        says: "runs the failed jobs of \(run.id) again",
        materials: ["run": "\(run.id)", "attempt": "\(run.attempt + 1)"],
        body: .outward {
          try await workflows.repeatFailed(run.id)
          return .done("attempt \(run.attempt + 1)")
        }
      )
    ]
  }
}
