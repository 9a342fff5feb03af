internal import Foundation
package import Git
internal import ReleaseModel
package import Runbook
internal import Subprocess
internal import Synchronization

/// Runs programs of this machine, each in a process group of its own, with a time limit.
package enum LiveProcesses {
  /// `withheld` names what no program gets, unless its call says so.
  package static func runner(
    inherited: [String: String],
    withheld: SecretNames = []
  ) -> ProcessRunner {
    let inherited = Inherited(inherited, withheld)
    return { call in
      guard !Interruption.hasCome else { throw CancellationError() }
      do {
        return try await withThrowingTaskGroup(of: ProcessAnswer?.self) { group in
          group.addTask { try await start(call, inherited) }
          group.addTask {
            try await Task.sleep(for: .seconds(call.seconds))
            return nil
          }
          defer { group.cancelAll() }
          if let answer = try await group.next() ?? nil { return answer }
          group.cancelAll()
          while try await group.next() != nil {}
          return ProcessAnswer(
            ending: .timedOut(seconds: call.seconds),
            output: [],
            errors: ""
          )
        }
      } catch let error as SubprocessError where error.code == .executableNotFound {
        return ProcessAnswer(
          ending: .notFound,
          output: [],
          errors: "\(call.program): command not found"
        )
      } catch let error as SubprocessError where error.code == .outputLimitExceeded {
        throw Problem(
          "process.output",
          "\(call.program) printed more than it may.",
          why: "The limit is \(call.outputBytesMax) bytes.",
          next: ["Make it print less."]
        )
      } catch let error as SubprocessError {
        throw failed(call, error)
      } catch let error as Errno {
        throw failed(call, error)
      } catch is CancellationError {
        return ProcessAnswer(
          ending: .timedOut(seconds: call.seconds),
          output: [],
          errors: ""
        )
      }
    }
  }

  private static func failed(_ call: ProcessCall, _ error: any Error) -> Problem {
    Problem(
      "process.failed",
      "\(call.program) could not be run.",
      why: "\(error)",
      next: [
        "Check the limits of processes and open files (ulimit -a), and the free space in "
          + "\(NSTemporaryDirectory()); then repeat the command."
      ]
    )
  }

  /// What every program gets from this one, brought into form once.
  final class Inherited: Sendable {
    private let all: [Environment.Key: String]
    private let withheld: SecretNames
    private let path: String
    private let found = Mutex<[String: FilePath]>([:])

    init(_ environment: [String: String], _ withheld: SecretNames) {
      self.withheld = withheld
      all = Dictionary(
        uniqueKeysWithValues: environment.filter { !GitSettings.ambient.contains($0.key) }
          .map { (Environment.Key(stringLiteral: $0), $1) }
      )
      path = environment["PATH"] ?? ""
    }

    /// What a program gets that starts now.
    var values: [Environment.Key: String] {
      var values = all
      for name in withheld.all { values[Environment.Key(stringLiteral: name)] = nil }
      return values
    }

    /// Finds a program in PATH, once.
    func executable(_ program: String) -> FilePath? {
      if let known = found.withLock({ $0[program] }) { return known }
      let executable = LiveProcesses.executable(program, path: path)
      found.withLock { $0[program] = executable }
      return executable
    }
  }

  static func configuration(_ call: ProcessCall, _ inherited: Inherited) -> Configuration {
    var values = inherited.values
    for (name, value) in call.environment { values[Environment.Key(stringLiteral: name)] = value }
    var options = PlatformOptions()
    options.processGroupID = 0
    options.teardownSequence = [
      .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: .seconds(2)),
      .send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .milliseconds(100)),
    ]
    let executable =
      if let path = call.environment["PATH"] {
        executable(call.program, path: path ?? "")
      } else {
        inherited.executable(call.program)
      }
    return Configuration(
      executable: executable.map { .path($0) } ?? .name(call.program),
      arguments: Arguments(call.arguments),
      environment: .custom(values),
      workingDirectory: call.directory,
      platformOptions: options
    )
  }

  private static func start(
    _ call: ProcessCall,
    _ inherited: Inherited
  ) async throws -> ProcessAnswer {
    let configuration = configuration(call, inherited)
    guard let onLine = call.onLine else {
      let result = try await collected(configuration, call)
      return ProcessAnswer(
        ending: ending(result.terminationStatus),
        output: result.standardOutput,
        errors: trimmedEnd(String(decoding: result.standardError, as: UTF8.self))
      )
    }
    return try await streamed(configuration, call, onLine)
  }

  /// Finds the program in PATH; the library's own search forks for every folder that it tries.
  private static func executable(_ program: String, path: String) -> FilePath? {
    if program.contains("/") { return FilePath(program) }
    for folder in path.split(separator: ":") where folder.hasPrefix("/") {
      let candidate = "\(folder)/\(program)"
      if access(candidate, X_OK) == 0 { return FilePath(candidate) }
    }
    return nil
  }

  private typealias Collected = ExecutionResult<Void, BytesOutput, BytesOutput>

  /// A program that does not read its input must not take this one down with it, so the input is
  /// a file: nothing is written to a pipe that may be closed.
  private static func collected(
    _ configuration: Configuration,
    _ call: ProcessCall
  ) async throws -> Collected {
    let output = BytesOutput.bytes(limit: call.outputBytesMax)
    let errors = BytesOutput.bytes(limit: 1 << 20)
    guard !call.input.isEmpty else {
      return try await run(configuration, input: .none, output: output, error: errors)
    }
    let file = try inputFile(call.input)
    return try await run(
      configuration,
      input: .fileDescriptor(file, closeAfterSpawningProcess: true),
      output: output,
      error: errors
    )
  }

  /// Shows a text through a pager, which has this program's terminal until it ends.
  package static func page(
    _ text: String,
    through pager: String,
    environment: [String: String],
    withheld: SecretNames
  ) async throws {
    var values = environment
    // As git has them: leave when all fits on the screen, and take colours.
    values["LESS"] = values["LESS"] ?? "FRX"
    values["LV"] = values["LV"] ?? "-c"
    let file = try inputFile(Array((text + "\n").utf8))
    // Ctrl-C is the pager's, which stays.
    let interrupt = signal(SIGINT, SIG_IGN)
    defer { signal(SIGINT, interrupt) }
    _ = try await run(
      .path("/bin/sh"),
      arguments: ["-c", pager],
      environment: .custom(Inherited(values, withheld).values),
      input: .fileDescriptor(file, closeAfterSpawningProcess: true),
      output: .fileDescriptor(.standardOutput, closeAfterSpawningProcess: false),
      error: .fileDescriptor(.standardError, closeAfterSpawningProcess: false)
    )
  }

  /// Returns an open file that has no name any more, at its beginning.
  private static func inputFile(_ bytes: [UInt8]) throws -> FileDescriptor {
    let path = FilePath(NSTemporaryDirectory())
      .appending("hotfix-input-\(UInt64.random(in: 0 ..< .max))")
    let file = try FileDescriptor.open(
      path,
      .readWrite,
      options: [.create, .exclusiveCreate, .closeOnExec],
      permissions: [.ownerReadWrite]
    )
    unlink(path.string)
    try file.writeAll(bytes)
    try file.seek(offset: 0, from: .start)
    return file
  }

  /// Collects the end of what the program says, and hands each line on as it comes.
  private static func streamed(
    _ configuration: Configuration,
    _ call: ProcessCall,
    _ onLine: @escaping @Sendable (String) -> Void
  ) async throws -> ProcessAnswer {
    let result = try await run(
      configuration,
      input: .none,
      output: .sequence,
      error: .combinedWithOutput
    ) { execution in
      var kept: [String] = []
      var bytes = 0
      for try await line in execution.standardOutput.strings() {
        onLine(line)
        kept.append(line)
        bytes += line.utf8.count
        while bytes > call.outputBytesMax, !kept.isEmpty { bytes -= kept.removeFirst().utf8.count }
      }
      return kept
    }
    let lines = result.closureResult.map { $0.lines(omittingEmpty: false).first ?? "" }
    return ProcessAnswer(
      ending: ending(result.terminationStatus),
      output: Array(lines.joined(separator: "\n").utf8),
      errors: ""
    )
  }

  private static func ending(_ status: TerminationStatus) -> ProcessAnswer.Ending {
    switch status {
    case .exited(let code): .exited(Int(code))
    case .signaled(let signal): .signalled(Int(signal))
    }
  }
}

private func trimmedEnd(_ text: String) -> String {
  var rest = Substring(text)
  while rest.last?.isWhitespace == true { rest.removeLast() }
  return String(rest)
}
