internal import ArgumentParser
internal import ReleaseModel
internal import Runbook

/// `hotfix help STEP`: every step explains itself.
struct StepHelp: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Explain a step, as hotfix help STEP does",
    discussion: """
      $ hotfix help proof
      proof – The fix's test fails on the base and passes on the fix
      """
  )

  @Argument(help: "The step's name; without it, all steps are listed.")
  var step: String?

  @OptionGroup var global: GlobalOptions

  /// Makes `help STEP` this command, and leaves `help COMMAND` to the parser.
  ///
  /// Options of every command may stand in front of it too, as in `hotfix -C DIR status`.
  static func rewritten(_ arguments: [String]) -> [String] {
    var front: [String] = []
    var rest = arguments[...]
    while let first = rest.first, ["-C", "--json", "--quiet", "--no-color"].contains(first) {
      let count = first == "-C" ? 2 : 1
      front += rest.prefix(count)
      rest = rest.dropFirst(count)
    }
    return rest.isEmpty ? arguments : explained(Array(rest)) + front
  }

  private static func explained(_ arguments: [String]) -> [String] {
    guard arguments.first == "help", arguments.count >= 2 else { return arguments }
    let isStep = Procedure.step(arguments[1]) != nil || arguments[1] == "steps"
    // What is neither a step nor a command is told by the one who knows the steps.
    let isCommand = HotfixCommand.commandNames.contains(arguments[1])
    guard isStep || !isCommand, !arguments[1].hasPrefix("-") else { return arguments }
    // Where a step has a command's name, help speaks of both: the command's own help names it.
    let rest =
      arguments[1] == "steps" ? Array(arguments.dropFirst(2)) : Array(arguments.dropFirst())
    return ["explain"] + rest
  }

  private struct Explanation: Encodable {
    let schema = "hotfix.step/1"
    let name, title, phase, runbook, why, looksAt: String
    let mend: [String]
  }

  func run() async throws {
    guard let step else {
      let explanations = Procedure.steps.map(explanation)
      try global.console.show(
        explanations,
        Procedure.steps.map { "\($0.phase.rawValue.padded(9)) \($0.name.padded(16)) \($0.title)" }
          .joined(separator: "\n")
      )
      return
    }
    guard let found = Procedure.step(step) else { throw unknown(step) }
    try global.console.show(explanation(found), text(found))
  }

  private func unknown(_ name: String) -> Problem {
    let steps = Procedure.steps.map(\.name)
    let near = nearestName(to: name, in: steps + HotfixCommand.commandNames.sorted())
    return Problem(
      "step.unknown",
      "There is no step \(name), and no command.",
      next: near.map { ["hotfix help \($0)"] } ?? ["hotfix help steps", "hotfix --help"]
    )
  }

  private func explanation(_ step: Step) -> Explanation {
    Explanation(
      name: step.name,
      title: step.title,
      phase: step.phase.rawValue,
      runbook: step.runbook,
      why: step.why,
      looksAt: step.looksAt,
      mend: step.mend
    )
  }

  private func text(_ step: Step) -> String {
    """
    \(step.name) – \(step.title)
      phase    \(step.phase.rawValue), runbook \(step.runbook)
      why      \(step.why)
      looks at \(step.looksAt)
      acts     \(step.effect.map { "yes (\($0.rawValue))" } ?? "no: it only looks")
      if it fails
        \(step.mend.joined(separator: "\n    "))
    """
  }
}
