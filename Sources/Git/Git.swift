package import ReleaseModel

/// git in one repository: typed commands over one runner.
///
/// Every call is neutral to the user's configuration, never asks for a password, and speaks C.
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

    package var problem: Problem {
      if let obstacle = GitObstacle(answer.errors) { return obstacle.problem(remote: "origin") }
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

  static let neutral = [
    "-c", "core.fsmonitor=false", "-c", "submodule.recurse=false", "-c", "log.showSignature=false",
    "-c", "core.quotePath=false", "-c", "advice.detachedHead=false", "-c", "gc.auto=0",
    "-c", "maintenance.auto=false",
  ]

  /// Runs git and returns how it ended, whatever that is.
  package func answer(
    _ arguments: [String],
    input: [UInt8] = [],
    environment: [String: String?] = [:],
    in directory: FilePath? = nil,
    seconds: Int = 120
  ) async throws -> ProcessAnswer {
    guard ObjectMemory.isAboutObjects(arguments) else {
      return try await ask(arguments, input, environment, directory, seconds)
    }
    if let known = memory.answer(arguments) { return known }
    let answer = try await ask(arguments, input, environment, directory, seconds)
    memory.keep(answer, to: arguments)
    return answer
  }

  private func ask(
    _ arguments: [String],
    _ input: [UInt8],
    _ environment: [String: String?],
    _ directory: FilePath?,
    _ seconds: Int
  ) async throws -> ProcessAnswer {
    var call = call(arguments, environment, seconds)
    call.directory = directory ?? self.directory
    call.input = input
    return try await run(call)
  }

  private func call(
    _ arguments: [String],
    _ environment: [String: String?] = [:],
    _ seconds: Int = 120
  ) -> ProcessCall {
    var environment = environment
    environment["LC_ALL"] = "C"
    environment["GIT_TERMINAL_PROMPT"] = "0"
    environment["GIT_OPTIONAL_LOCKS"] = "0"
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] where environment[name] == nil {
      environment[name] = .some(nil)
    }
    return ProcessCall(
      "git",
      Git.neutral + arguments,
      in: directory,
      environment: environment,
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
    seconds: Int = 120
  ) async throws -> [UInt8] {
    let answer = try await answer(
      arguments,
      input: input,
      environment: environment,
      in: directory,
      seconds: seconds
    )
    guard answer.succeeded else { throw Failure(arguments: arguments, answer: answer) }
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
