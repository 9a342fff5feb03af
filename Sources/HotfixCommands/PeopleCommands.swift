internal import Git
internal import ArgumentParser
internal import Record
internal import ReleaseModel
internal import Runbook

/// The answer of a command that adds to the record.
struct Recorded: Encodable {
  let schema = "hotfix.recorded/1"
  let run: String
  let what: String
  let steps: [String]
  /// What each statement is about, where some were signed.
  var signed: [Stating.Proposal]?
}

struct ApproveCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "approve",
    abstract: "Approve what waits for you, signed with your key",
    discussion: """
      $ hotfix approve
      ben@example.org approves code-review of tree:9f2c11e…
      ben@example.org approves test-review of tree:9f2c11e…
      next:  hotfix next

      On a terminal it shows the base, the commits, the files and what would be
      signed, and asks once. When the branch moves meanwhile, nothing is signed.

      A run keeps the list of people and the limits that it was opened with. When main's have changed
      since, `hotfix approve policy` by people of the run's list lets the next `hotfix next` take them.
      """
  )

  @Argument(help: "The steps to approve; default all that wait for an approval.")
  var steps: [String] = []

  @Option(help: "What you looked at.")
  var reason: String = ""

  @Option(help: "The run's id or tag.")
  var run: String?

  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let workspace = try await global.workspace(.always)
    let engine = try await workspace.engine(run)
    try await PeopleCommands.state(
      .approve,
      steps: steps,
      reason: reason,
      engine: engine,
      workspace: workspace
    )
  }
}

struct DeclineCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decline",
    abstract: "Object to a step; it stands until you approve",
    discussion: """
      $ hotfix decline code-review --reason "the lock is taken twice"
      ben@example.org declines code-review of tree:9f2c11e…
      """
  )

  @Argument(help: "The steps that you object to; default all that wait for an approval.")
  var steps: [String] = []

  @Option(help: "What has to change.")
  var reason: String

  @Option(help: "The run's id or tag.")
  var run: String?

  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let workspace = try await global.workspace(.always)
    let engine = try await workspace.engine(run)
    try await PeopleCommands.state(
      .decline,
      steps: steps,
      reason: reason,
      engine: engine,
      workspace: workspace
    )
  }
}

enum PeopleCommands {
  static func state(
    _ decision: Statement.Decision,
    steps: [String],
    reason: String,
    engine: Engine,
    workspace: Workspace
  ) async throws {
    if steps == [PolicyChanged.step] {
      return try await statePolicy(decision, reason, engine, workspace)
    }
    var steps = steps
    if steps.isEmpty {
      if case .waiting(let waits) = try await engine.advance(mayAct: false) {
        steps = Stating.awaited(waits)
      }
      guard !steps.isEmpty else {
        throw Problem(
          "approve.nothing",
          "Nothing waits for an approval.",
          next: ["hotfix status     shows what is waited for"]
        )
      }
    }
    let proposals = try await Stating.proposals(
      decision,
      steps: steps,
      try await engine.situation()
    )
    if decision == .approve, Asking(console: workspace.console).isPerson {
      try await ApprovalView(proposals, try await engine.situation()).ask(workspace.console)
      // A person reads for minutes, and meanwhile the branch may move.
      try await engine.refresh()
    }
    try await Stating.state(decision, proposals, reason: reason, engine: engine)
    let situation = try await engine.situation()
    try workspace.console.show(
      Recorded(run: situation.run, what: decision.rawValue, steps: steps, signed: proposals),
      "\(signed(decision, by: situation.signer.person, proposals))\nnext:  hotfix next"
    )
  }

  private static func signed(
    _ decision: Statement.Decision,
    by person: String,
    _ proposals: [Stating.Proposal]
  ) -> TerminalText {
    proposals.map { "\(person) \(decision.rawValue)s \($0.step) of \($0.subject)" }.joined()
  }
}

extension PeopleCommands {
  private static func statePolicy(
    _ decision: Statement.Decision,
    _ reason: String,
    _ engine: Engine,
    _ workspace: Workspace
  ) async throws {
    let situation = try await engine.situation()
    let file = SettingsSource.file
    guard let policy = try await PolicyChange.proposed(situation)?.policy else {
      throw Problem(
        "approve.nothing",
        "The run has main's policy already.",
        why: "A changed policy is in \(file) or \(workspace.settings.reviewersPath) on "
          + "\(workspace.settings.main), reviewed and merged.",
        next: ["hotfix status     shows what is waited for"]
      )
    }
    let console = workspace.console
    if decision == .approve, Asking(console: console).isPerson {
      console.warn(
        """
        main's policy, of hotfix.yml and \(workspace.settings.reviewersPath) on \(workspace.mainRef)
        diff     git log -p \(workspace.mainRef) -- \(file) \(OutsideText(workspace.settings.reviewersPath).word)
        to sign  policy  \(policy.digest)
        """
      )
      try Asking(console: console).confirm("Sign this?")
    }
    let subject = try await PolicyChange.state(decision, policy, reason: reason, engine: engine)
    try workspace.console.show(
      Recorded(run: situation.run, what: decision.rawValue, steps: [PolicyChanged.step]),
      "\(situation.signer.person) \(decision.rawValue)s main's policy, \(subject.prefix(19))…\n"
        + "next:  hotfix next"
        + (situation.needsNoApproval ? "" : "     by another person of the run's list")
    )
  }
}

struct WaiveCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "waive",
    abstract: "Pass over a step for a reason; it shouts in every report",
    discussion: """
      $ hotfix waive minimal --reason "the generated table has 900 lines"
      WAIVED minimal: the generated table has 900 lines
      """
  )

  @Argument(help: "The step.")
  var step: String

  @Option(help: "Why, for those who read the report.")
  var reason: String

  @Option(help: "The run's id or tag.")
  var run: String?

  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard reason.count >= 8 else { throw ValidationError("--reason is too short to be one.") }
  }

  func run() async throws {
    let workspace = try await global.workspace(.always)
    let engine = try await workspace.engine(run)
    let lack = try await Noting.waive(step, reason: reason, engine: engine)
    let also: TerminalText = lack.map { "\n\($0):\n  hotfix waive \(step) --reason \"…\"" } ?? ""
    try workspace.console.show(
      Recorded(run: await engine.progress.run, what: "waived", steps: [step]),
      "\(workspace.console.red("WAIVED \(step): \(reason)"))\(also)"
    )
  }
}

struct NoteCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "note",
    abstract: "Write into the timeline; vouch for what was done by hand",
    discussion: """
      $ hotfix note "support has 12 tickets about it"
      $ hotfix note --done announcement "posted in #releases at 14:05"
      $ hotfix note --again users --target "webhook USERS_HOOK" "it is not in the channel"
      $ hotfix note --late develop "the fault was hard to reproduce"
      """
  )

  @Argument(help: "What happened.")
  var text: String

  @Option(help: ArgumentHelp("This step was done by hand.", valueName: "step"))
  var done: String?

  @Option(help: ArgumentHelp("This step's effect did not happen; try again.", valueName: "step"))
  var again: String?

  @Option(help: "Which effect of the step: a channel's name.")
  var target: String?

  @Option(help: ArgumentHelp("Why this phase is past its deadline.", valueName: "phase"))
  var late: String?

  @Option(help: "The run's id or tag.")
  var run: String?

  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard [done, again, late].compactMap(\.self).count <= 1 else {
      throw ValidationError("Use one of --done, --again and --late.")
    }
    guard again == nil || target != nil else { throw ValidationError("--again needs --target.") }
  }

  func run() async throws {
    let workspace = try await global.workspace(.always)
    let engine = try await workspace.engine(run)
    if let done {
      try await Noting.done(done, target: target, text: text, engine: engine)
    } else if let again {
      try await Noting.again(again, target: target ?? "", text: text, engine: engine)
    } else if let late {
      try await Noting.late(late, reason: text, engine: engine)
    } else {
      try await Noting.note(text, engine: engine)
    }
    try workspace.console.show(
      Recorded(
        run: await engine.progress.run,
        what: "noted",
        steps: [done ?? again].compactMap(\.self)
      ),
      "noted"
    )
  }
}
