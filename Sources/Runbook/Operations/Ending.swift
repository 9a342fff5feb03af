package import Documents
internal import Record
internal import ReleaseModel

/// Closes, abandons, withdraws and rolls back runs.
package struct Ending: Sendable {
  private let engine: Engine
  private let toolbox: Toolbox

  package init(engine: Engine) {
    self.engine = engine
    toolbox = engine.toolbox
  }

  /// Ends the run, and returns what is still missing and what was waived.
  ///
  /// Throws `tag.moved` and `main.lost` when the refs are not what was released, and `close.missing`
  /// when steps are open and nobody said that this is all right.
  package func close(evenSo: Bool) async throws -> RunConclusion {
    for _ in 0..<Engine.attemptsMax {
      let situation = try await engine.situation()
      try await ReleasedRefs(situation).requireTag()
      try await ReleasedRefs(situation).requireMain()
      let open = Procedure.steps.filter { !StepStatus.recorded($0, situation).isSatisfied }
      guard open.isEmpty || evenSo else { throw Self.missing(open) }
      guard situation.progress.ending == nil else {
        throw Problem("run.ended", "The run has ended already.", next: ["hotfix log"])
      }
      let missing = open.map(\.name)
      // What was missing may be there by the time that the record takes it.
      if try await engine.tryAppend([.closed(RunClosed(missing: missing))], with: []) {
        return RunConclusion(open: missing, waived: Reporting.conclusion(situation).waived)
      }
    }
    throw await engine.raceLost()
  }

  private static func missing(_ open: [Step]) -> Problem {
    Problem(
      "close.missing",
      "\(open.count) steps are open.",
      why: open.map { "\($0.name): \($0.title)" }.joined(separator: "\n"),
      next: ["hotfix next", "hotfix close --incomplete     ends the run with these missing"]
    )
  }

  /// Gives the run up, and returns what became of its branch, in words.
  package func abandon(reason: String) async throws -> [String] {
    try await Abandoning(engine).abandon(reason: reason)
  }

  /// Stops the spread: out of every feed first, then marked on the host, then recorded.
  ///
  /// Works on closed runs too, whose record then stays as it is.
  package func withdraw(reason: String) async throws -> [String] {
    let situation = try await engine.situation()
    let tag = situation.opened.tag
    guard let release = try await toolbox.host.release(tag) else {
      throw Problem(
        "withdraw.nothing",
        "\(tag) is not on the release host, so nobody gets it.",
        next: ["hotfix abandon --reason \"…\""]
      )
    }
    let publisher = FeedPublisher(situation)
    // Where feeds are part of a release, giving "latest" back brings back the feeds of before.
    let before = toolbox.host.feedsTravelWithRelease ? try await publisher.feeds() : [:]
    var said = toolbox.host.feedsTravelWithRelease ? [] : try await publisher.withdraw(release)
    try await toolbox.boundary("withdraw mark")
    try await toolbox.host.markWithdrawn(tag, reason)
    if toolbox.host.feedsTravelWithRelease {
      said += try await publisher.settle(release, since: before)
    }
    said.append("\(tag) is marked as withdrawn on the host")
    try await engine.append { progress in
      // A colleague who was faster has said so already.
      let isSaid = progress.withdrawn.contains { $0.tag == tag }
      return progress.ending != nil || isSaid
        ? [] : [.withdrawn(ReleaseWithdrawn(tag: tag, reason: reason))]
    }
    return said
  }

  /// Returns the request for the run that puts the last good code under a higher version.
  package func rollback(reason: String) async throws -> OpenRequest {
    let situation = try await engine.situation()
    let opened = situation.opened
    guard let commit = situation.refs.remoteTag?.commit else {
      throw Problem(
        "rollback.nothing",
        "\(opened.tag) was never released, so there is nothing to take back.",
        next: ["hotfix abandon --reason \"…\""]
      )
    }
    let bad = BaseRelease(tag: opened.tag, commit: commit, version: opened.version)
    return OpenRequest(
      title: reason,
      kind: .rollback,
      because: "\(opened.tag) harms users now",
      affected: [opened.version.text],
      workaround: "none",
      allowsUnsignedBase: true,
      rollback: RunOpened.Rollback(bad: bad, good: opened.base)
    )
  }
}
