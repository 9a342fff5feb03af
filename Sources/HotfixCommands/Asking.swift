internal import Foundation
internal import ReleaseModel
internal import Runbook

/// Asks for what the command line left out, when a person sits there.
struct Asking: Sendable {
  private static let attemptsMax = 10

  let console: Console
  /// The drill's people and the tests' are none, whatever terminal they run in.
  var isPerson: Bool {
    isatty(0) == 1 && isatty(2) == 1 && !console.json && Surroundings.current.console == nil
  }

  init(console: Console) {
    self.console = console
  }

  /// Returns one of a question's answers; a wrong one is asked again.
  func choice(_ question: Criticality.Question) throws -> String {
    let hint = question.answers.joined(separator: "|")
    for _ in 0..<Self.attemptsMax {
      let line = try line(question.name, Self.text(question), hint: hint)
      if let answer = Self.answer(line, to: question) { return answer }
      console.warn("\"\(line)\" is none of these.")
    }
    throw Self.missing(question.name, question.asks, hint: hint)
  }

  /// Returns the answer that a line gives, by its word or its number; nil where it gives none.
  static func answer(_ line: String, to question: Criticality.Question) -> String? {
    let word = line.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
    if question.answers.contains(word) { return word }
    guard let number = Int(word), question.answers.indices.contains(number - 1) else { return nil }
    return question.answers[number - 1]
  }

  /// A question with its answers and what they mean.
  static func text(_ question: Criticality.Question) -> String {
    let meanings = Criticality.meanings[question.name] ?? [:]
    let width = question.answers.map(\.count).max() ?? 0
    let list = question.answers.enumerated().map { index, answer in
      "  \(index + 1) \(answer.padded(width + 2))\(meanings[answer] ?? "")"
    }
    return ([question.asks] + list).joined(separator: "\n")
  }

  func text(_ name: String, _ asks: String) throws -> String {
    try line(name, asks, hint: "\"…\"")
  }

  func isYes(_ asks: String) -> Bool {
    console.warn("\(asks) [y/N]")
    return ["y", "yes"].contains(readLine()?.lowercased() ?? "")
  }

  /// Asks once; throws unless the answer is yes.
  func confirm(_ asks: String) throws {
    guard isYes(asks) else {
      console.warn("Nothing was signed.")
      throw Waiting.refused
    }
  }

  private func line(_ name: String, _ asks: String, hint: String) throws -> String {
    if isPerson {
      for _ in 0..<Self.attemptsMax {
        console.warn(.lines(asks))
        guard let line = readLine() else { break }
        if line.contains(where: { !$0.isWhitespace }) { return line }
      }
    }
    throw Self.missing(name, asks, hint: hint)
  }

  private static func missing(_ name: String, _ asks: String, hint: String) -> Problem {
    Problem(
      "open.missing",
      "The answer to \"\(asks.prefix { !$0.isNewline })\" is missing.",
      next: ["hotfix open … --\(name) \(hint)"]
    )
  }
}
