internal import Foundation
internal import ReleaseModel
internal import Runbook

/// What a command says: results on stdout, narration on stderr.
struct Console: Sendable {
  let json: Bool
  let isQuiet: Bool
  let usesColour: Bool
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

  static func live(json: Bool, quiet: Bool, colour: Bool) -> Console {
    Console(
      json: json,
      isQuiet: quiet,
      usesColour: colour,
      out: { StandardStream.output.write($0 + "\n") },
      error: { StandardStream.error.write($0 + "\n") }
    )
  }

  /// Prints a result: its JSON, or the text for people.
  func show(_ result: some Encodable, _ text: @autoclosure () -> String) throws {
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
      out(String(decoding: try encoder.encode(result), as: UTF8.self))
    } else {
      let text = Self.harmless(text())
      if !text.isEmpty { out(text) }
    }
  }

  func narrate(_ text: String) {
    if !isQuiet { error(Self.harmless(text)) }
  }

  /// Takes out what could steer a terminal: feeds and servers can hold anything.
  ///
  /// Colours stay.
  static func harmless(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isHarmful) else { return text }
    var rest = Substring(text)
    var result = ""
    while let first = rest.first {
      if first == "\u{1B}", let colour = rest.prefixMatch(of: /\x1B\[[0-9;]*m/) {
        result += colour.0
        rest = rest[colour.range.upperBound...]
        continue
      }
      for scalar in first.unicodeScalars {
        result.unicodeScalars.append(isHarmful(scalar) ? "\u{FFFD}" : scalar)
      }
      rest.removeFirst()
    }
    return result
  }

  private static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0A: false
    case 0..<0x20, 0x7F..<0xA0, 0x202A...0x202E, 0x2066...0x2069: true
    default: false
    }
  }

  func bold(_ text: String) -> String { paint(text, "1") }
  func green(_ text: String) -> String { paint(text, "32") }
  func red(_ text: String) -> String { paint(text, "31;1") }
  func yellow(_ text: String) -> String { paint(text, "33") }
  func dim(_ text: String) -> String { paint(text, "2") }

  private func paint(_ text: String, _ code: String) -> String {
    usesColour ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }

  /// Prints problems as they are meant for people, or as JSON on stdout.
  func complain(_ problems: [Problem]) {
    if json {
      try? show(ProblemList(problems: problems), "")
      return
    }
    for problem in problems {
      let lines = Self.harmless(problem.text).split(
        separator: "\n",
        omittingEmptySubsequences: false
      )
      error(([red(String(lines[0]))] + lines.dropFirst().map(String.init)).joined(separator: "\n"))
    }
  }

  private struct ProblemList: Encodable {
    let schema = "hotfix.problems/1"
    let problems: [Problem]
  }

  /// Shows a step's work as it happens.
  func narrate(_ narration: Narration) {
    listener?(narration)
    switch narration {
    case .commandEnded: break
    case .progress(let what, let done, let total): progress(done, of: total, what)
    case .acting(let step, let says): narrate(dim("  … \(step): \(says)"))
    case .holds(let step, let evidence, let tool, let commands):
      let time = commands > 0 ? "\(tool) ms + \(commands) ms" : "\(tool) ms"
      let indent = String(repeating: " ", count: 20)
      narrate(
        "\(green("  ✓")) \(step.padded(15)) \(evidence.joined(separator: "\n\(indent)")) "
          + dim("(\(time))")
      )
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
