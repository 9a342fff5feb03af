internal import ArgumentParser
internal import Documents
internal import Record
internal import ReleaseModel
internal import Runbook

struct WithdrawCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "withdraw",
    abstract: "Stop the spread now: out of every feed, marked on the host",
    discussion: """
      $ hotfix withdraw --reason "crashes on opening old notes"
      appcast.xml offers 1.0.1-hotfix1 instead of 1.0.1-hotfix2
      v1.0.1-hotfix2 is marked as withdrawn on the host
      next:  hotfix rollback --reason "…"
      """
  )

  @OptionGroup var which: RunOptions

  @Option(help: "Why, as users will read it.")
  var reason: String

  @OptionGroup var global: GlobalOptions

  private struct Result: Encodable {
    let schema = "hotfix.withdrawn/1"
    let run: String
    let did: [String]
  }

  func run() async throws {
    let workspace = try await global.workspace(.ifReachable)
    let engine = try await Releases.engine(which.run, workspace)
    let did = try await Ending(engine: engine).withdraw(reason: reason)
    try workspace.console.show(
      Result(run: await engine.progress.run, did: did),
      (did.map { TerminalText($0) } + [
        "whoever has it already keeps it: updaters never go down",
        "next:  hotfix rollback --reason \"…\"     brings them the last good code under a higher version",
      ]).joined()
    )
  }
}

enum Releases {
  /// The run meant by `withdraw` and `rollback`: the open one, else the newest that released.
  ///
  /// The feeds can be reached when the remote cannot, and the brake has to work then too. Where a
  /// record does not hold, its release may be the one that is meant, so the run has to be named.
  static func engine(_ name: String?, _ workspace: Workspace) async throws -> Engine {
    if name == nil {
      let survey = try await RunIndex(workspace: workspace).survey()
      guard survey.leftOut.isEmpty else { throw survey.problem(nil) }
    }
    do {
      return try await workspace.engine(name)
    } catch let problem as Problem
      where problem.code == "run.none" && name == nil && workspace.isOnline
    {
      guard let newest = try await workspace.newestReleased() else { throw problem }
      return try await workspace.engine(newest)
    }
  }
}

struct RollbackCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback",
    abstract: "Withdraw, then release the last good code under a higher version",
    discussion: """
      Updaters never go down, so the way back is up: the code of the last good release gets a
      higher version and goes through the same steps.

      $ hotfix rollback --reason "1.0.1-hotfix2 crashes on old notes"
      appcast.xml offers 1.0.1-hotfix1 instead of 1.0.1-hotfix2
      hf-20261122-x7q2k3vm  v1.0.1-hotfix3: the code of v1.0.1-hotfix1 over v1.0.1-hotfix2
      next:  hotfix approve approval     by another listed person
      """
  )

  @OptionGroup var which: RunOptions

  @Option(help: "Why, as users will read it.")
  var reason: String

  @OptionGroup var global: GlobalOptions

  private struct Result: Encodable {
    let schema = "hotfix.rolled-back/1"
    let run, tag, restores, takesBack: String
    let did: [String]
  }

  func run() async throws {
    let workspace = try await global.workspace(.ifReachable)
    let engine = try await Releases.engine(which.run, workspace)
    let ending = Ending(engine: engine)
    var did = try await ending.withdraw(reason: reason)
    let request = try await ending.rollback(reason: reason)
    if await engine.progress.ending == nil {
      did += try await ending.abandon(reason: "rolled back: \(reason)")
    }
    let component = try await engine.situation().opened.component
    let opened = try await workspace.choosing(component).open(request)
    let good = request.rollback?.good.tag ?? ""
    let bad = request.rollback?.bad.tag ?? ""
    try workspace.console.show(
      Result(run: opened.run, tag: opened.opened.tag, restores: good, takesBack: bad, did: did),
      (did.map { TerminalText($0) } + [
        "\(opened.run)  \(opened.opened.tag): the code of \(good) over \(bad)",
        "next:  \(opened.next)",
      ]).joined()
    )
  }
}

struct CloseCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "close",
    abstract: "End the run, with what is still missing",
    discussion: """
      $ hotfix close
      hf-20261122-k3v7q2ma is closed; every step holds
      """
  )

  @OptionGroup var which: RunOptions

  @Flag(help: "Close it although steps are open; the record names them.")
  var incomplete = false

  @OptionGroup var global: GlobalOptions

  private struct Result: Encodable {
    let schema = "hotfix.closed/1"
    let run: String
    let missing, waived: [String]
  }

  func run() async throws {
    let workspace = try await global.workspace(.always)
    let engine = try await workspace.engine(which.run)
    let end = try await Ending(engine: engine)
      .close(evenSo: incomplete)
    let run = await engine.progress.run
    try workspace.console.show(
      Result(run: run, missing: end.open, waived: end.waived),
      "\(run) is closed; \(end.text)"
    )
  }
}

struct AbandonCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "abandon",
    abstract: "Give the run up; nothing that was released is undone",
    discussion: """
      The run's branch is deleted from the remote, unless somebody pushed to it meanwhile, and its
      commits are kept under refs/hotfix-abandoned.

      $ hotfix abandon --reason "it was a configuration mistake, not a fault"
      hf-20261122-k3v7q2ma is abandoned
      hotfix/v1.0.1-hotfix1 is deleted from origin
      its 2 commits are kept:  git fetch origin refs/hotfix-abandoned/hf-…:refs/heads/recovered
      """
  )

  @OptionGroup var which: RunOptions

  @Option(help: "Why.")
  var reason: String

  @OptionGroup var global: GlobalOptions

  private struct Result: Encodable {
    let schema = "hotfix.recorded/1"
    let run: String
    let what = "abandoned"
    let steps: [String] = []
    let did: [String]
  }

  func run() async throws {
    let workspace = try await global.workspace(.always)
    let engine = try await workspace.engine(which.run)
    let did = try await Ending(engine: engine).abandon(reason: reason)
    let run = await engine.progress.run
    try workspace.console.show(
      Result(run: run, did: did),
      (["\(run) is abandoned"] + did.map { TerminalText($0) }).joined()
    )
  }
}
