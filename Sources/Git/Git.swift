package import ReleaseModel

/// git in one repository: typed commands over one runner.
///
/// Every call sets what it depends on, so that no configuration or environment of the user changes
/// what it does or prints; it never asks for a password, and speaks C.
/// Parsers read machine formats only. git ≥ 2.38 (`merge-tree --write-tree`).
package struct Git: Sendable {
  package let directory: FilePath
  package let run: ProcessRunner
  /// The remote's name, for example `origin`.
  package var remote: String
  private let memory = ObjectMemory()
  private let standing: StandingProcesses?
  let writer: LooseObjectWriter?
  /// Where git keeps what all worktrees share, if it is known.
  let common: FilePath?

  /// Without `open`, each question starts a process; without `writer`, git itself writes objects;
  /// without `common`, git itself makes every worktree.
  package init(
    directory: FilePath,
    remote: String = "origin",
    run: @escaping ProcessRunner,
    open: DialogueOpener? = nil,
    writer: LooseObjectWriter? = nil,
    common: FilePath? = nil
  ) {
    self.directory = directory
    self.remote = remote
    self.run = run
    self.standing = open.map { StandingProcesses(open: $0) }
    self.writer = writer
    self.common = common
  }

  /// What went wrong in a git command that had to succeed.
  package struct Failure: Error, Sendable {
    package let arguments: [String]
    package let answer: ProcessAnswer
    private let remote: String

    fileprivate init(_ arguments: [String], _ answer: ProcessAnswer, remote: String) {
      self.arguments = arguments
      self.answer = answer
      self.remote = remote
    }

    package var problem: Problem {
      if let obstacle = GitObstacle(answer.errors) { return obstacle.problem(remote: remote) }
      return Problem(
        "git.failed",
        "git \(arguments.prefix(2).joined(separator: " ")) failed.",
        why: answer.errors.isEmpty ? answer.endingInWords : answer.errors,
        next: [
          "git \(arguments.map { OutsideText($0).word }.joined(separator: " "))     shows it again"
        ]
      )
    }
  }

  package func failure(_ arguments: [String], _ answer: ProcessAnswer) -> Failure {
    Failure(arguments, answer, remote: remote)
  }

  /// Runs git and returns how it ended, whatever that is.
  ///
  /// `asUser` is for what happens in the user's own checkout: their hooks run, and their settings of
  /// files count.
  package func answer(
    _ arguments: [String],
    input: [UInt8] = [],
    environment: [String: String?] = [:],
    in directory: FilePath? = nil,
    asUser: Bool = false,
    seconds: Int = 120
  ) async throws -> ProcessAnswer {
    let isAboutObjects = ObjectMemory.isAboutObjects(arguments)
    if isAboutObjects, let known = memory.answer(arguments) { return known }
    var call = call(arguments, environment, asUser: asUser, seconds)
    call.directory = directory ?? self.directory
    call.input = input
    let answer = try await run(call)
    if isAboutObjects { memory.keep(answer, to: arguments) }
    return answer
  }

  private func call(
    _ arguments: [String],
    _ environment: [String: String?] = [:],
    asUser: Bool = false,
    _ seconds: Int = 120
  ) -> ProcessCall {
    ProcessCall(
      "git",
      GitSettings.options(remote: remote, asUser: asUser) + arguments,
      in: directory,
      environment: environment.merging(GitSettings.environment(asUser: asUser)) { own, _ in own },
      outputBytesMax: 64 << 20,
      seconds: seconds
    )
  }

  /// Asks a git that reads commands from its input and stays for more.
  ///
  /// When it ends instead of answering, a new process gets the same question and says why, in
  /// `Failure`.
  func ask(
    _ arguments: [String],
    _ question: String,
    until isWhole: @escaping @Sendable ([UInt8]) -> Bool
  ) async throws -> [UInt8] {
    let call = call(arguments)
    let question = Array(question.utf8)
    if let standing {
      do {
        return try await standing.dialogue(call).ask(question, until: isWhole)
      } catch is DialogueEnded {
        standing.forget(call)
      }
    }
    return try await output(arguments, input: question)
  }

  /// Starts a process that stays, so that it is there by the time it is asked.
  package func warmUp(_ arguments: [String] = Git.objectReader) {
    _ = standing?.dialogue(call(arguments))
  }

  /// Runs git and returns its output; throws `Failure` unless it exits with 0.
  @discardableResult
  package func output(
    _ arguments: [String],
    input: [UInt8] = [],
    environment: [String: String?] = [:],
    in directory: FilePath? = nil,
    asUser: Bool = false,
    seconds: Int = 120
  ) async throws -> [UInt8] {
    let answer = try await answer(
      arguments,
      input: input,
      environment: environment,
      in: directory,
      asUser: asUser,
      seconds: seconds
    )
    guard answer.succeeded else { throw failure(arguments, answer) }
    return answer.output
  }

  /// Runs git and returns its output as text without the last line feed.
  package func text(_ arguments: [String], in directory: FilePath? = nil) async throws -> String {
    try await output(arguments, in: directory).textOfLine
  }

  /// As `text`, and nil when git exits with another status than 0.
  package func optionalText(
    _ arguments: [String],
    in directory: FilePath? = nil
  ) async throws -> String? {
    let answer = try await answer(arguments, in: directory)
    return answer.succeeded ? answer.output.textOfLine : nil
  }

  func lines(_ arguments: [String]) async throws -> [String] {
    try await text(arguments).lines().map(String.init)
  }
}
