internal import Record
internal import ReleaseModel
internal import Runbook

/// An open run in one line.
struct OpenRun: Encodable, Sendable {
  let run, tag, title: String
  /// What it has in common with the run beside it.
  let shares: String?
  let waitsFor: String?

  /// `name` is what the run is called by: its tag, or its id where tags do not tell runs apart.
  func line(_ name: String) -> String {
    "hotfix next \(name)     \(OutsideText(title).word)\(waitsFor.map { ": \($0)" } ?? "")"
  }
}

/// The runs that are open, and whom each waits for.
struct OpenRuns: Sendable {
  private static let runsMax = 20

  let workspace: Workspace

  /// Returns the runs as a list; `base` is what the run beside them mends.
  func list(_ runs: [KnownRun], beside base: VersionName? = nil, waits: Bool = true) async
    -> [OpenRun]
  {
    var list: [OpenRun] = []
    for known in runs.prefix(Self.runsMax) {
      var shares: String?
      if let base {
        shares =
          ReleaseLine(known.base) == ReleaseLine(base)
          ? "same release line: whichever is released second will contain the first"
          : "shares nothing"
      }
      list.append(
        OpenRun(
          run: known.run,
          tag: known.tag,
          title: known.title,
          shares: shares,
          waitsFor: waits ? await waiting(known.run) : nil
        )
      )
    }
    return list
  }

  /// Returns whom a run waits for; what is wrong with one does not hide the others.
  private func waiting(_ run: String) async -> String {
    do {
      let engine = try await workspace.engine(run, signs: false)
      guard await engine.progress.withdrawn.isEmpty else {
        return "withdrawn; hotfix rollback or hotfix abandon ends it"
      }
      return switch try await engine.advance(mayAct: false) {
      case .waiting(let waits):
        "waits for "
          + waits.map(\.wait.whom).reduce(into: [String]()) { all, whom in
            if !all.contains(whom) { all.append(whom) }
          }.joined(separator: ", ")
      case .refused(let step, let problem): "stopped at \(step): \(problem.what)"
      case .acting(let step, _): "ready for step \(step)"
      case .done: "every step holds"
      }
    } catch let problem as Problem {
      return "cannot be read: \(problem.what)"
    } catch {
      return "cannot be read: \(error)"
    }
  }

  /// The problem of a command that does not say which run it means.
  func several(_ runs: [KnownRun], named name: String?) async -> Problem {
    let isByTag = Set(runs.map(\.tag)).count == runs.count
    let list = await list(runs)
    return Problem(
      "run.several",
      name.map { "Several runs are named \($0)." }
        ?? "\(runs.count) runs are open; name the one that you mean.",
      next: list.map { $0.line(isByTag ? $0.tag : $0.run) }
    )
  }
}

/// What `status` shows while several runs are open and none is named.
struct SeveralView: Encodable, Sendable {
  let schema = "hotfix.several/1"
  let runs: [OpenRun]

  var text: TerminalText {
    (["\(runs.count) runs are open:"] + runs.map { "  \($0.line($0.tag))" }).joined()
  }
}
