internal import ArgumentParser
internal import Foundation
internal import Git
internal import Record
internal import ReleaseModel
internal import Runbook

struct RecordCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "record",
    abstract: "Show, verify and export the record",
    subcommands: [RecordShow.self, RecordVerify.self, RecordExport.self]
  )
}

struct RecordShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show the events of a run as this clone verified them",
    discussion: """
      $ hotfix record show hf-20261122-k3v7q2ma
      1   2026-11-22T21:09:06Z  ana@example.org  run.opened "Notes are lost on save" …
      """
  )

  @Argument(help: "The run's id.")
  var run: String

  @OptionGroup var global: GlobalOptions

  private struct Result: Encodable {
    let schema = "hotfix.record/1"
    let run: String
    let tip: String?
    let events: [Event]
  }

  func run() async throws {
    let workspace = try await global.workspace(allowsCheckout: true)
    let chain = try await RecordReading.witnessed(run, workspace)
    try workspace.console.show(
      Result(run: run, tip: chain.tip, events: chain.events),
      chain.events.map {
        "\("\($0.sequence)".padded(3)) \($0.at.iso)  \($0.actor)  \($0.fact.headline)"
          as TerminalText
      }.joined()
    )
  }
}

enum RecordReading {
  /// The chain that this clone verified last, whatever the remote says now.
  static func witnessed(_ run: String, _ workspace: Workspace) async throws -> Chain {
    guard let tip = try await workspace.git.resolve(RecordStore.ref(run)) else {
      let chain = try await workspace.read(run)
      guard !chain.events.isEmpty else {
        throw Problem(
          "run.none",
          "There is no run \(run).",
          next: ["hotfix log     lists all runs"]
        )
      }
      return chain
    }
    do {
      return try await workspace.store.verify(run, tip: tip, trustedTip: nil)
    } catch let fault as RecordFault {
      throw fault.problem(run: run)
    }
  }
}

struct RecordVerify: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check every signature and link of the record",
    discussion: """
      Finds events that were edited, dropped, reordered or signed by others, records
      that were forked, set back or deleted on the remote, and places where time goes
      back by more than clocks may differ (10 min). The policy has to be main's, and
      the base what its tag names.

      --restore puts the last good state back where somebody wrote over the record,
      deleted it or added what does not hold. What was there is kept under
      refs/hotfix-evidence, and a signed note says so. An event dated ahead of this
      machine's clock is noted too, and the record goes on from now.

      $ hotfix record verify
      hf-20261122-k3v7q2ma: 61 events, every link and signature holds, tip 9f2c11e41b07
      """
  )

  @Argument(help: "The run's id; default all runs.")
  var run: String?

  @Flag(help: "Put the last good state of the record back on the remote.")
  var restore = false

  @Option(help: ArgumentHelp("With --restore, which of two histories stays.", valueName: "commit"))
  var tip: String?

  @OptionGroup var global: GlobalOptions

  private struct Result: Encodable {
    struct Row: Encodable {
      let run: String
      let events: Int
      let tip: String?
      let problem: Problem?
      /// Every place where time goes back, and an event that is ahead of this machine's clock.
      let findings: [String]
    }

    let schema = "hotfix.record-verdict/1"
    let runs: [Row]
  }

  func validate() throws {
    guard !restore || run != nil else { throw ValidationError("--restore needs the run's id.") }
    guard let tip else { return }
    guard restore else { throw ValidationError("--tip needs --restore.") }
    guard tip.count >= 7, tip.allSatisfy(\.isHexDigit) else {
      throw ValidationError("--tip takes 7 digits of a commit or more.")
    }
  }

  func run() async throws {
    let workspace = try await global.workspace(.always, allowsCheckout: true)
    if restore, let run {
      return try await RecordRestoring(workspace: workspace, run: run, tip: tip).restore()
    }
    let all = try await workspace.store.knownRuns()
    let names = run.map { [$0] } ?? all
    var rows: [Result.Row] = []
    for name in names {
      do {
        let chain = try await workspace.store.read(name, cached: false)
        guard !chain.events.isEmpty else {
          throw Problem("run.none", "There is no run \(name).", next: ["hotfix log"])
        }
        rows.append(row(chain, now: workspace.toolbox.now()))
      } catch let fault as RecordFault {
        rows.append(
          Result.Row(
            run: name,
            events: 0,
            tip: nil,
            problem: fault.problem(run: name),
            findings: []
          )
        )
      }
    }
    try workspace.console.show(Result(runs: rows), rows.map(text).joined())
    if rows.contains(where: { $0.problem != nil || !$0.findings.isEmpty }) { throw Waiting.refused }
  }

  private func row(_ chain: Chain, now: Moment) -> Result.Row {
    let times = EventTimes(chain.events)
    let ahead = times.ahead(of: now)?.aheadText(of: now)
    return Result.Row(
      run: chain.run,
      events: chain.events.count,
      tip: chain.tip,
      problem: nil,
      findings: times.setbacks.map(\.text) + (ahead.map { [$0] } ?? [])
    )
  }

  private func text(_ row: Result.Row) -> TerminalText {
    if let problem = row.problem { return Console.text(problem) }
    let verdict: TerminalText =
      "\(row.run): \(row.events) events, every link and signature holds, "
      + "tip \((row.tip ?? "").prefix(12))"
    return ([verdict] + row.findings.map { "  \($0)" }).joined()
  }
}

struct RecordExport: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Print the events as JSON Lines, as they were signed",
    discussion: """
      $ hotfix record export hf-20261122-k3v7q2ma > record.jsonl
      """
  )

  @Argument(help: "The run's id.")
  var run: String

  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let workspace = try await global.workspace(allowsCheckout: true)
    let chain = try await RecordReading.witnessed(run, workspace)
    let lines = chain.payloads.joined(separator: "\n")
    // To a file go the bytes that were signed; a terminal would obey some of them.
    workspace.console.out(isatty(STDOUT_FILENO) == 1 ? OutsideText.json(lines) : lines)
  }
}
