internal import Foundation
internal import Machine
internal import ReleaseModel
internal import Runbook

/// What a command says: results on stdout, narration on stderr.
struct Console: Sendable {
  let json: Bool
  let isQuiet: Bool
  let usesColour: Bool
  /// Whether GitHub's runner reads the output, and would carry out commands that stand in it.
  var isRunner = false
  let out: @Sendable (String) -> Void
  let error: @Sendable (String) -> Void
  /// Sees every narration too; the drill keeps time with it.
  var listener: (@Sendable (Narration) -> Void)?
  private let meter = ProgressMeter()

  init(
    json: Bool,
    isQuiet: Bool,
    usesColour: Bool,
    out: @escaping @Sendable (String) -> Void,
    error: @escaping @Sendable (String) -> Void
  ) {
    self.json = json
    self.isQuiet = isQuiet
    self.usesColour = usesColour
    self.out = out
    self.error = error
  }

  /// Shows how far a long work is, at most once a second.
  func progress(_ done: Int, of total: Int, _ what: String = "") {
    if let line = meter.line(done, of: total, what) { narrate(dim("    \(line)")) }
  }

  static func live(
    json: Bool,
    quiet: Bool,
    colour: Bool,
    environment: [String: String]
  ) -> Console {
    var console = Console(
      json: json,
      isQuiet: quiet,
      usesColour: colour,
      out: { StandardStream.output.write($0 + "\n") },
      error: { StandardStream.error.write($0 + "\n") }
    )
    console.isRunner = environment["GITHUB_ACTIONS"] == "true"
    return console
  }

  /// Prints a result: its JSON, or the text for people.
  func show(_ result: some Encodable, _ text: @autoclosure () -> TerminalText) throws {
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
      let text = OutsideText.json(String(decoding: try encoder.encode(result), as: UTF8.self))
      out(isRunner ? OutsideText.runnerJSON(text) : text)
    } else {
      let text = text()
      if !text.rendered.isEmpty { out(printed(text)) }
    }
  }

  /// Prints a result whose text has several lines of its own.
  @_disfavoredOverload
  func show(_ result: some Encodable, _ text: @autoclosure () -> String) throws {
    try show(result, TerminalText.lines(text()))
  }

  /// Prints a line for people among the results.
  func say(_ text: TerminalText) { out(printed(text)) }

  /// Shows what must be read although only results are wanted.
  func warn(_ text: TerminalText) { error(printed(text)) }

  func narrate(_ text: TerminalText) {
    if !isQuiet { error(printed(text)) }
  }

  private func printed(_ text: TerminalText) -> String {
    isRunner ? OutsideText.runnerOutput(text.rendered) : text.rendered
  }

  func bold(_ text: TerminalText) -> TerminalText { paint(text, "1") }
  func green(_ text: TerminalText) -> TerminalText { paint(text, "32") }
  func red(_ text: TerminalText) -> TerminalText { paint(text, "31;1") }
  func yellow(_ text: TerminalText) -> TerminalText { paint(text, "33") }
  func dim(_ text: TerminalText) -> TerminalText { paint(text, "2") }

  private func paint(_ text: TerminalText, _ code: String) -> TerminalText {
    usesColour ? text.painted(code) : text
  }

  /// Prints problems as they are meant for people, or as JSON on stdout.
  func complain(_ problems: [Problem]) {
    if json {
      try? show(ProblemList(problems: problems), "")
      return
    }
    for problem in problems { error(printed(Self.text(problem, heading: red))) }
  }

  /// A problem as people read it: what happened, why in its own lines, and what to do next.
  static func text(
    _ problem: Problem,
    heading: (TerminalText) -> TerminalText = { $0 }
  ) -> TerminalText {
    let next = problem.next.enumerated().map { index, step in
      (index == 0 ? "next:  " : "       ") + TerminalText(step)
    }
    return ([heading("error: \(problem.what)")] + why(problem) + next + ["[\(problem.code)]"])
      .joined()
  }

  /// Why, in lines of its own; at most `limit`.
  static func why(_ problem: Problem, limit: Int = .max) -> [TerminalText] {
    guard !problem.why.isEmpty else { return [] }
    return problem.why.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .prefix(limit).map { "  \($0)" }
  }

  private struct ProblemList: Encodable {
    let schema = "hotfix.problems/1"
    let problems: [Problem]
  }

  /// Shows a step's work as it happens.
  func narrate(_ narration: Narration) {
    listener?(narration)
    switch narration {
    case .acting(let step, _): Interruption.noteStep(step)
    case .holds, .failed: Interruption.noteStep(nil)
    case .commandEnded, .progress, .output, .running, .note: break
    }
    switch narration {
    case .commandEnded: break
    case .progress(let what, let done, let total): progress(done, of: total, what)
    case .acting(let step, let says): narrate(dim("  … \(step): \(says)"))
    case .holds(let step, let evidence, let tool, let commands):
      let time: TerminalText = commands > 0 ? "\(tool) ms + \(commands) ms" : "\(tool) ms"
      let lines = evidence.map { TerminalText($0) }
        .joined(separator: "\n                    ")
      narrate("\(green("  ✓")) \(step.padded(15)) \(lines) \(dim("(\(time))"))")
    case .failed(let step, let problem): narrate("\(red("  ✗")) \(step.padded(15)) \(problem.what)")
    case .output(let line):
      if usesColour { narrate(dim("    │ \(line)")) }
    case .running(let seconds): narrate(dim("    … running for \(spoken(seconds: seconds))"))
    case .note(let text): narrate("    \(text)")
    }
  }
}

extension String {
  func padded(_ width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
