internal import Git
internal import Record
internal import ReleaseModel
internal import Runbook

/// Builds and rehearses the candidate of an open run, and records nothing: `ship --candidate`.
struct CandidateRun: Sendable {
  let workspace: Workspace
  /// The run's id, tag, version or branch, or the commit at its branch's head.
  let name: String

  private struct Result: Encodable {
    let schema = "hotfix.candidate/1"
    let run, tag, commit: String
    let evidence: [String]
  }

  func run() async throws {
    var situation = try await situation()
    situation.shipsHere = true
    // The branch is pushed before anybody has fixed anything: there is nothing to build yet.
    if situation.refs.fix == situation.opened.base.commit {
      let opened = situation.opened
      workspace.toolbox.say(
        .note("\(opened.branch) has no commit beyond \(opened.base.tag); there is no candidate yet")
      )
      return try show(situation, [])
    }
    let evidence = try await TagRun.hold(.candidate, situation)
    situation.toolbox.say(
      .holds(
        step: "candidate",
        evidence: evidence,
        toolMilliseconds: 0,
        commandMilliseconds: await situation.meter.take()
      )
    )
    try show(situation, evidence)
  }

  private func show(_ situation: Situation, _ evidence: [String]) throws {
    try workspace.console.show(
      Result(
        run: situation.run,
        tag: situation.opened.tag,
        commit: situation.refs.fix ?? "",
        evidence: evidence
      ),
      ""
    )
  }

  private func situation() async throws -> Situation {
    var others: [String] = []
    for entry in try await RunIndex(workspace: workspace).entries() where entry.state == "open" {
      let situation = try await workspace.engine(entry.run, signs: false).situation()
      let opened = situation.opened
      let names = [entry.run, opened.tag, opened.version.text, opened.branch, situation.refs.fix]
      if names.contains(name) { return situation }
      others.append("\(opened.tag) (\(opened.branch))")
    }
    throw Problem(
      "run.none",
      "No open run has \(name) as its tag, its branch, or its branch's head.",
      why: others.isEmpty ? "No run is open." : "Open: \(others.joined(separator: ", ")).",
      next: ["hotfix log     lists all runs"]
    )
  }
}
