internal import Documents
internal import Record
internal import ReleaseModel
internal import Runbook

/// Where a run stands, as `status` and `next` show it.
struct StatusView: Encodable {
  struct Row: Encodable {
    let step, phase, title, state: String
    let evidence: [String]

    var isOpen: Bool {
      !["done", "by hand", "waived", "not needed", "seen"].contains(state)
    }
  }

  /// Which steps are open, and which were waived instead of done.
  var conclusion: RunConclusion {
    RunConclusion(open: steps.filter(\.isOpen).map(\.step), waived: waived)
  }

  let schema = "hotfix.status/1"
  let run, app, title, tag, base, state: String
  let component: String?
  let steps: [Row]
  /// Steps that were waived instead of done.
  let waived: [String]
  let waitsFor: [StepWait]
  /// The steps that wait for an approval and that whoever looks can approve.
  let youCanApprove: [String]
  let problem: Problem?
  let deadline: String?
  let secondsLeft: Int?
  let next: [String]

  /// Returns the state of a run as the person whose key signs here sees it.
  static func of(
    _ situation: Situation,
    stop: Engine.Stop,
    _ engine: Engine,
    _ workspace: Workspace
  ) async throws -> StatusView {
    var approvable: [String] = []
    if case .waiting(let waits) = stop {
      approvable = try await Stating.approvable(among: waits, situation)
    }
    let found = await engine.foundToHold
    return StatusView(
      situation,
      stop: stop,
      found: found,
      approvable: approvable,
      state: try await state(situation, workspace)
    )
  }

  /// A release that another run takes back says so, however its own run ended.
  private static func state(_ situation: Situation, _ workspace: Workspace) async throws -> String {
    let progress = situation.progress
    let back = progress.withdrawn.last
    guard progress.ending != nil || back != nil,
      RunIndex.takenBack(try await RunIndex(workspace: workspace).entries())
        .contains(situation.opened.tag)
    else { return Reporting.state(situation) }
    return "rolled back" + (back.map { ": \($0.reason)" } ?? "")
  }

  private init(
    _ situation: Situation,
    stop: Engine.Stop,
    found: Set<String>,
    approvable: [String],
    state: String
  ) {
    youCanApprove = approvable
    run = situation.run
    app = situation.opened.app
    component = situation.opened.component
    title = situation.opened.title
    tag = situation.opened.tag
    base = situation.opened.base.tag
    self.state = state
    var waits: [StepWait] = []
    var refusal: Problem?
    var commands: [String]
    switch stop {
    case .waiting(let all):
      waits = all
      // What others would have to do is no command for whoever can do it.
      let rest = all.filter { !approvable.contains($0.step) }.flatMap(\.wait.commands)
      commands = (approvable.isEmpty ? [] : [Self.approve(approvable)]) + rest
    case .refused(_, let problem):
      refusal = problem
      commands = problem.next
    case .acting: commands = ["hotfix next"]
    case .done: commands = situation.progress.ending == nil ? ["hotfix close"] : ["hotfix report"]
    }
    if situation.progress.ending == nil, !situation.progress.withdrawn.isEmpty {
      waits = []
      commands = RunState.afterWithdrawal
    }
    waitsFor = waits
    problem = refusal
    steps = Procedure.steps.map { Self.row($0, situation, found: found, stop: stop) }
    waived = steps.filter { $0.state == "waived" }.map(\.step)
    let phase = steps.first(where: \.isOpen)?.phase
    let moment = phase.flatMap { situation.progress.deadlines[$0] }
    deadline = moment?.iso
    secondsLeft =
      situation.progress.ending == nil ? moment.map { $0 - situation.toolbox.now() } : nil
    if let secondsLeft, secondsLeft < 0, let phase, situation.progress.late[phase] == nil {
      commands.append("hotfix note --late \(phase) \"why it takes longer\"")
    }
    next = commands.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  private static func approve(_ steps: [String]) -> String {
    "hotfix approve \(steps.joined(separator: " "))"
  }

  /// What whoever looks can do themselves, in a line; nil where it is nothing.
  var yourPart: TerminalText? {
    youCanApprove.isEmpty ? nil : "You can approve:  \(Self.approve(youCanApprove))"
  }

  private static func row(
    _ step: Step,
    _ situation: Situation,
    found: Set<String>,
    stop: Engine.Stop
  ) -> Row {
    func row(_ state: String, _ evidence: [String]) -> Row {
      Row(
        step: step.name,
        phase: step.phase.rawValue,
        title: step.title,
        state: state,
        evidence: evidence
      )
    }
    // What was recorded may not hold any more.
    switch stop {
    case .refused(step.name, let problem): return row("failed", [problem.what])
    case .acting(step.name, let reason): return row("open", [reason])
    default: break
    }
    switch StepStatus.recorded(step, situation) {
    case .done(let seen): return row("done", seen.data.evidence)
    case .byHand(let seen): return row("by hand", seen.data.evidence)
    case .waived(let waiver): return row("waived", [waiver.data.reason])
    case .notNeeded(let reason): return row("not needed", [reason])
    case .open: break
    }
    if found.contains(step.name) { return row("seen", ["it holds; next records it"]) }
    if case .waiting(let waits) = stop,
      let wait = waits.first(where: { $0.step == step.name })?.wait
    {
      return row("waiting", ["\(wait.whom): \(wait.what)"])
    }
    return row("open", [StepStatus.lackOfWaivers(step, situation)].compactMap(\.self))
  }

  func text(_ console: Console) -> TerminalText {
    let heading = console.bold("\(app) \(tag) over \(base): \(title)")
    var lines: [TerminalText] = ["\(heading)   \(run), \(state)"]
    if let secondsLeft, let deadline {
      lines.append(
        secondsLeft >= 0
          ? "this phase is due in \(spoken(seconds: secondsLeft)), by \(deadline)"
          : console.red(
            "THIS PHASE IS LATE by \(spoken(seconds: secondsLeft)); it was due \(deadline)"
          )
      )
    }
    var phase = ""
    for row in steps {
      if row.phase != phase {
        phase = row.phase
        lines.append(console.bold("\(phase)"))
      }
      lines.append(line(row, console))
    }
    if conclusion.open.isEmpty { lines.append("\(conclusion.sentence)") }
    if let problem {
      lines.append(console.red("error: \(problem.what)"))
      lines += Console.why(problem, limit: 12)
    }
    if let yourPart {
      lines.append(yourPart)
    } else if !waitsFor.isEmpty {
      let all = waitsFor.map(\.wait.whom).reduce(into: [String]()) { all, whom in
        if !all.contains(whom) { all.append(whom) }
      }
      lines.append("Waiting for \(all.joined(separator: "; ")).")
    }
    for (index, command) in next.enumerated() {
      lines.append((index == 0 ? "next:  " : "       ") + TerminalText(command))
    }
    return lines.joined()
  }

  private func line(_ row: Row, _ console: Console) -> TerminalText {
    let mark: TerminalText
    switch row.state {
    case "done", "by hand", "seen": mark = console.green("✓")
    case "waived": mark = console.red("!")
    case "not needed": mark = console.dim("–")
    case "failed": mark = console.red("✗")
    case "waiting": mark = console.yellow("…")
    default: mark = console.dim("·")
    }
    let state = ["done", "open"].contains(row.state) ? "" : "\(row.state): "
    let evidence = row.evidence.first.map { "\(state)\($0)" } ?? ""
    let more = row.evidence.count > 1 ? console.dim(" (+\(row.evidence.count - 1))") : ""
    return "  \(mark) \(row.step.padded(16)) \(String(evidence.prefix(96)))\(more)"
  }
}
