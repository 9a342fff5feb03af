internal import Foundation
internal import Machine
internal import ReleaseModel
internal import Runbook

/// The questions of `open`: answered by options, by a file, by an attempt before, or by a person.
struct OpenQuestions {
  private static let texts = [
    (name: "because", asks: "Why can it not wait?"),
    (name: "workaround", asks: "What can users do until then (or none)?"),
  ]

  private var answers: [String: String]
  private let kept: KeptAnswers
  private let asking: Asking

  /// `given` comes before what was kept.
  init(given: [String: String], kept: KeptAnswers, asking: Asking) {
    let before = kept.load().filter { given[$0.key] == nil }
    if !before.isEmpty {
      let list = before.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
      asking.console.narrate(
        "answered before: \(list.joined(separator: "; ")). An option changes an answer."
      )
    }
    answers = before.merging(given) { $1 }
    self.kept = kept
    self.asking = asking
  }

  /// Reads a file of answers.
  ///
  /// Throws `open.answers` for a file that is none.
  static func read(_ file: FilePath?) throws -> [String: String] {
    guard let file else { return [:] }
    let kinds: [Criticality.Kind] = [.security, .bug]
    let known = Set(
      ["kind"] + texts.map(\.name) + kinds.flatMap(Criticality.questions).map(\.name)
    )
    func wrong(_ why: String) -> Problem {
      Problem(
        "open.answers",
        "The answers in \(file.string) cannot be read.",
        why: why,
        next: ["Write one JSON object of texts, of:  \(known.sorted().joined(separator: ", "))"]
      )
    }
    guard let bytes = try LiveFiles.files.read(file, 1 << 20) else {
      throw wrong("There is no such file.")
    }
    guard let answers = try? JSONDecoder().decode([String: String].self, from: Data(bytes)) else {
      throw wrong("It is not a JSON object whose values are texts.")
    }
    let unknown = answers.keys.filter { !known.contains($0) }.sorted()
    guard unknown.isEmpty else {
      throw wrong("No question is called \(unknown.joined(separator: ", ")).")
    }
    return answers
  }

  /// Whether something is to be asked yet.
  ///
  /// Throws for an answer that is none: nothing is asked before that is mended.
  var areOpen: Bool {
    get throws {
      guard let given = answers["kind"] else { return true }
      let questions = Criticality.questions(try Self.kind(given))
      for question in questions where answers[question.name] != nil {
        try question.require(answers[question.name])
      }
      return (questions.map(\.name) + Self.texts.map(\.name)).contains { answers[$0] == nil }
    }
  }

  mutating func answerKind(_ request: inout OpenRequest) throws {
    request.kind = try Self.kind(try choice(Criticality.kindQuestion))
  }

  mutating func answer(_ request: inout OpenRequest) throws {
    try answerKind(&request)
    for question in Criticality.questions(request.kind) {
      request.answers[question.name] = try choice(question)
    }
    for text in Self.texts where answers[text.name] == nil {
      try keep(text.name, try asking.text(text.name, text.asks))
    }
    request.because = answers["because"] ?? ""
    request.workaround = answers["workaround"] ?? ""
  }

  private static func kind(_ text: String) throws -> Criticality.Kind {
    try Criticality.kindQuestion.require(text)
    return Criticality.Kind(rawValue: text) ?? .bug
  }

  private mutating func choice(_ question: Criticality.Question) throws -> String {
    if let answer = answers[question.name] { return answer }
    let answer = try asking.choice(question)
    try keep(question.name, answer)
    return answer
  }

  private mutating func keep(_ name: String, _ answer: String) throws {
    answers[name] = answer
    try kept.add(name, answer)
  }
}

/// What a person answered to an `open` that has not opened its run yet.
struct KeptAnswers {
  private struct Kept: Codable {
    let title: String
    var answers: [String: String]
  }

  private let file: FilePath
  private let title: String

  init(scratch: FilePath, title: String) {
    file = scratch.removingLastComponent().appending("answers.json")
    self.title = title
  }

  /// The answers to an attempt of the same title.
  func load() -> [String: String] {
    guard let bytes = try? LiveFiles.files.read(file, 1 << 20),
      let kept = try? JSONDecoder().decode(Kept.self, from: Data(bytes)), kept.title == title
    else { return [:] }
    return kept.answers
  }

  func add(_ name: String, _ answer: String) throws {
    let answers = load().merging([name: answer]) { $1 }
    let data = try JSONEncoder().encode(Kept(title: title, answers: answers))
    try LiveFiles.files.write(file, [UInt8](data))
  }

  func remove() { try? LiveFiles.files.remove(file) }
}
