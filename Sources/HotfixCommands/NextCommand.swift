internal import ArgumentParser
internal import Documents
internal import Git
internal import Record
internal import ReleaseModel
internal import Runbook

struct NextCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "next",
    abstract: "Do everything that can be done now",
    discussion: """
      Goes on, step by step, until it needs a person, a clock or an outside system; then it says
      whom or what it waits for (exit status 3). Stop it anywhere; whoever runs it next, on any
      clone, continues.

      $ hotfix next
        ✓ branch          hotfix/v1.0.1-hotfix1 starts at v1.0.0 (31 ms)
      waiting for the author, who commits the fix on hotfix/v1.0.1-hotfix1
      next:  git switch hotfix/v1.0.1-hotfix1
      """
  )

  @OptionGroup var which: RunOptions

  @Flag(help: "Keep going: look again every few seconds while it waits.")
  var watch = false

  @Flag(name: .customLong("continue"), help: "Go on after a merge conflict was resolved.")
  var goesOn = false

  @Option(help: "The fix's own test, as {test} in test.proof.")
  var test: String?

  @Option(name: .customLong("pick"), help: "A commit of main to cherry-pick; may be repeated.")
  var picks: [String] = []

  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let workspace = try await global.workspace(.always)
    let engine = try await workspace.engine(which.run)
    try await amend(engine, workspace)
    try await RunState.requireRunning(engine)
    if let said = try await PolicyChange.apply(engine) {
      workspace.console.narrate("    \(said)")
    }
    try await RunState.tellOfPolicy(try await engine.situation(), workspace.console)
    while true {
      let stop = try await engine.advance(mayAct: true)
      try await show(stop, engine, workspace)
      switch stop {
      case .done, .acting: return
      case .refused(_, let problem):
        guard watch, Self.passing.contains(problem.code) else { throw Waiting.refused }
      case .waiting:
        guard watch else { throw Waiting.forPeople }
      }
      try await refreshed(engine, workspace)
    }
  }

  /// What goes away by itself, so that watching goes on.
  private static let passing: Set = [
    "github.unreachable", "github.offline", "github.limit", "push.unreachable",
    "served.unreachable",
  ]

  /// Looks again after a while; a remote that cannot be reached for a moment is waited for.
  private func refreshed(_ engine: Engine, _ workspace: Workspace) async throws {
    for _ in 0..<720 {
      try await Task.sleep(for: .seconds(5))
      do {
        try await engine.refresh()
        return await workspace.learnSecrets(of: try await engine.situation().opened)
      } catch let failure as Git.Failure {
        workspace.console.narrate("    the remote does not answer: \(failure.problem.what)")
      }
    }
    try await engine.refresh()
  }

  private func amend(_ engine: Engine, _ workspace: Workspace) async throws {
    guard test != nil || !picks.isEmpty else { return }
    var commits: [String] = []
    for pick in picks {
      guard let commit = try await workspace.git.resolve(pick + "^{commit}") else {
        throw Problem(
          "pick.missing",
          "The commit \(pick) is not in this clone.",
          next: ["git fetch"]
        )
      }
      commits.append(commit)
    }
    let (test, wanted) = (test, commits)
    try await engine.append { progress in
      let picks = wanted.filter { !progress.picks.contains($0) }
      guard !picks.isEmpty || test.map({ $0 != progress.test }) == true else { return [] }
      return [.amended(Amended(test: test, picks: picks.isEmpty ? nil : picks))]
    }
  }

  private func show(_ stop: Engine.Stop, _ engine: Engine, _ workspace: Workspace) async throws {
    let situation = try await engine.situation()
    let view = try await StatusView.of(situation, stop: stop, engine, workspace)
    try workspace.console.show(view, RunState.summary(stop, view, workspace.console))
  }
}

enum RunState {
  /// The end of `next`: what it waits for, or what failed, and the command to paste.
  static func summary(_ stop: Engine.Stop, _ view: StatusView, _ console: Console) -> TerminalText {
    var lines: [TerminalText] = []
    switch stop {
    case .waiting(let waits):
      var told: Set<String> = []
      for line in waits.map({ "waiting for \($0.wait.whom): \($0.wait.what)" })
      where told.insert(line).inserted {
        lines.append(TerminalText(line))
      }
    case .refused(let step, let problem):
      lines.append(console.red("error: \(problem.what)"))
      lines += Console.why(problem)
      lines.append("[\(problem.code)], step \(step)")
    case .done:
      let said = TerminalText(view.conclusion.sentence)
      lines.append(view.waived.isEmpty ? console.green(said) : console.yellow(said))
    case .acting(let step, let reason): lines.append("next is \(step): \(reason)")
    }
    if let line = view.yourPart { lines.append(line) }
    for (index, command) in view.next.enumerated() {
      lines.append((index == 0 ? "next:  " : "       ") + TerminalText(command))
    }
    return lines.joined()
  }

  /// A run keeps its policy: whoever waits for a reviewer who joined since has to know how to get one,
  /// and everybody that somebody who was removed still counts.
  static func tellOfPolicy(_ situation: Situation, _ console: Console) async throws {
    guard situation.progress.ending == nil, let old = situation.progress.policy,
      let new = try await PolicyChange.proposed(situation)?.policy
    else { return }
    let removed = PolicyChange.removed(from: old, to: new)
    let who =
      removed.isEmpty
      ? ""
      : ", which does not list \(removed.joined(separator: ", ")) any more: "
        + "here \(removed.count == 1 ? "that person counts" : "they count") still"
    console.narrate(
      "The run has an old policy. Main has another one\(who).\n"
        + "  hotfix approve policy     takes main's"
    )
  }

  static func requireRunning(_ engine: Engine) async throws {
    let progress = await engine.progress
    switch progress.ending {
    case .closed:
      throw Problem(
        "run.ended",
        "The run \(progress.run) is closed.",
        next: ["hotfix report \(progress.run)", "hotfix open \"…\""]
      )
    case .abandoned(let reason):
      throw Problem(
        "run.ended",
        "The run \(progress.run) was \(progress.withdrawn.isEmpty ? "abandoned" : "taken back").",
        why: reason,
        next: ["hotfix open \"…\""]
      )
    case nil: break
    }
    if let withdrawn = progress.withdrawn.last {
      throw Problem(
        "run.withdrawn",
        "\(withdrawn.tag) was withdrawn.",
        why: withdrawn.reason,
        next: afterWithdrawal
      )
    }
  }

  /// What can follow once a release was withdrawn; its run does not go on.
  static let afterWithdrawal = [
    "hotfix rollback --reason \"…\"     puts the last good code under a higher version",
    "hotfix abandon --reason \"…\"",
  ]
}

struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show where we are, and the next command",
    discussion: """
      Fetches first when the last fetch is older than a minute, and says what you can do. Without the
      remote it shows what this clone knows.

      $ hotfix status
      Lantern v1.0.1-hotfix1 over v1.0.0: Notes are lost on save   hf-20261122-k3v7q2ma, open
      this phase is due in 47 min, by 2026-11-22T22:09:06Z
      assess
        ✓ criticality      data-loss: now (+4)
      """
  )

  @OptionGroup var which: RunOptions

  @Flag(help: "Fetch from the remote first, also when that was done a moment ago.")
  var fetch = false

  @OptionGroup var look: LookOptions
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard !(fetch && look.offline) else {
      throw ValidationError("Use --fetch or --offline, not both.")
    }
  }

  func run() async throws {
    let workspace = try await global.workspace(fetch ? .always : look.fetching)
    let engine: Engine
    do {
      engine = try await workspace.engine(which.run, signs: false)
    } catch let problem as Problem where problem.code == "run.several" && which.run == nil {
      return try await showAll(workspace)
    }
    let stop =
      await engine.progress.ending == nil
      ? try await engine.advance(mayAct: false) : Engine.Stop.done
    let situation = try await engine.situation()
    let view = try await StatusView.of(situation, stop: stop, engine, workspace)
    try workspace.console.show(view, view.text(workspace.console))
    try await RunState.tellOfPolicy(situation, workspace.console)
  }

  private func showAll(_ workspace: Workspace) async throws {
    let open = try await RunIndex(workspace: workspace).entries().map(\.known).filter(\.isOpen)
    let view = SeveralView(runs: await OpenRuns(workspace: workspace).list(open))
    try workspace.console.show(view, view.text)
  }
}

struct PlanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Show what next would do, as exact commands; change nothing",
    discussion: """
      Run by hand, the commands make the same boxes tick.

      $ hotfix plan
      # branch (2.1): The hotfix branch starts at the release
      git branch hotfix/v1.0.1-hotfix1 4f0c2d6…
      """
  )

  @OptionGroup var which: RunOptions
  @OptionGroup var global: GlobalOptions

  private struct Plan: Encodable {
    struct Step: Encodable {
      let step, phase, state: String
      let commands: [String]
    }

    let schema = "hotfix.plan/1"
    let run: String
    let steps: [Step]
  }

  func run() async throws {
    let workspace = try await global.workspace()
    let engine = try await workspace.engine(which.run, signs: false)
    _ = try await engine.advance(mayAct: false)
    let situation = try await engine.situation()
    let holding = await engine.foundToHold
    let open = Procedure.steps.filter {
      !StepStatus.recorded($0, situation).isSatisfied && !holding.contains($0.name)
    }
    let steps = open.map { step in
      let commands = step.commands(situation)
      return Plan.Step(
        step: step.name,
        phase: step.phase.rawValue,
        state: commands.isEmpty ? "looks or waits" : "acts",
        commands: commands
      )
    }
    try workspace.console.show(
      Plan(run: situation.run, steps: steps),
      text(open, situation)
    )
  }

  private func text(_ open: [Step], _ situation: Situation) -> TerminalText {
    var shown: Set<String> = []
    return open.map { step in
      let heading: TerminalText = "# \(step.name) (\(step.runbook)): \(step.title)"
      let commands = step.commands(situation)
      if commands.isEmpty { return "\(heading)\n#   looks at \(step.looksAt)" }
      let isNew = shown.insert(commands.joined()).inserted
      let lines = isNew ? commands.map { TerminalText($0) }.joined() : "#   see above"
      return "\(heading)\n\(lines)"
    }.joined()
  }
}
