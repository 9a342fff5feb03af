internal import ArgumentParser
internal import Documents
internal import Record
internal import ReleaseModel
internal import Runbook

struct LogCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "log",
    abstract: "Show the timeline of a run, or list all runs",
    discussion: """
      Fetches first when the last fetch is older than a minute.

      $ hotfix log
      hf-20261122-k3v7q2ma  closed  v1.0.1-hotfix1  Notes are lost on save
      $ hotfix log v1.0.1-hotfix1
      2026-11-22T21:09:06Z  ana@example.org  run.opened "Notes are lost on save" …
      """
  )

  @OptionGroup var which: RunOptions
  @OptionGroup var look: LookOptions
  @OptionGroup var global: GlobalOptions

  private struct Listing: Encodable {
    struct Row: Encodable {
      let run, tag, title, state: String
    }

    let schema = "hotfix.runs/1"
    let runs: [Row]
  }

  private struct Timeline: Encodable {
    let schema = "hotfix.log/1"
    let run: String
    let events: [Event]
  }

  func run() async throws {
    let workspace = try await global.workspace(look.fetching)
    guard let name = which.run else { return try await list(workspace) }
    let engine = try await workspace.engine(name, signs: false)
    let progress = await engine.progress
    let console = workspace.console
    try console.show(
      Timeline(run: progress.run, events: progress.events),
      Reporting.timeline(progress).map { entry in
        let line: TerminalText = "\(entry.at.iso)  \(entry.who)  \(entry.text)"
        return entry.isLoud ? console.red(line) : line
      }.joined()
    )
  }

  private func list(_ workspace: Workspace) async throws {
    let entries = try await RunIndex(workspace: workspace).entries()
    let takenBack = RunIndex.takenBack(entries)
    let rows = entries.map { entry in
      let isBack = entry.state != "open" && takenBack.contains(entry.tag)
      return Listing.Row(
        run: entry.run,
        tag: entry.tag,
        title: entry.title,
        state: isBack ? "rolled back" : entry.state
      )
    }
    try workspace.console.show(
      Listing(runs: rows),
      rows.isEmpty
        ? "no runs yet; hotfix open \"what is broken\" opens one"
        : rows.map { "\($0.run)  \($0.state.padded(11))  \($0.tag)  \($0.title)" as TerminalText }
          .joined()
    )
  }
}

struct ReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Print the report: Markdown, self-contained HTML, or JSON",
    discussion: """
      $ hotfix report v1.0.1-hotfix1 --html > report.html
      $ hotfix report --json
      """
  )

  @OptionGroup var which: RunOptions

  @Flag(help: "Markdown (the default).")
  var markdown = false

  @Flag(help: "One self-contained HTML page.")
  var html = false

  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard !(markdown && html) else { throw ValidationError("Use --markdown or --html, not both.") }
  }

  func run() async throws {
    let workspace = try await global.workspace()
    let engine = try await workspace.engine(which.run, signs: false)
    let situation = try await engine.situation()
    let report = Reporting.report(
      situation,
      withdrawn: await withdrawn(situation)
    )
    let text = html ? report.html : report.markdown
    try workspace.console.show(report, String(text.dropLast()))
  }

  /// Why the release of an ended run was taken back; the report is there also without the host.
  private func withdrawn(_ situation: Situation) async -> String? {
    guard situation.progress.ending != nil, situation.progress.observed["publish"] != nil else {
      return nil
    }
    let release = try? await situation.toolbox.host.release(situation.opened.tag)
    return release?.withdrawn
  }
}
