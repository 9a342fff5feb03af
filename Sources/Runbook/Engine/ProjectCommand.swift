package import Git
package import ReleaseModel

extension Situation {
  /// Runs one of the project's own commands, shows its output, and counts its time.
  package func command(
    _ line: String,
    in directory: FilePath,
    seconds: Int,
    environment: [String: String] = [:],
    log: FilePath? = nil
  ) async throws -> ProcessAnswer {
    try await ProjectCommand(toolbox: toolbox, meter: meter)
      .run(line, in: directory, seconds: seconds, environment: environment, log: log)
  }
}

/// A command line of `hotfix.yml`.
package struct ProjectCommand: Sendable {
  package let toolbox: Toolbox
  package let meter: Meter

  package init(toolbox: Toolbox, meter: Meter) {
    self.toolbox = toolbox
    self.meter = meter
  }

  /// Runs a command; `log` gets every line of its output as it comes, without secrets.
  package func run(
    _ line: String,
    in directory: FilePath,
    seconds: Int,
    environment: [String: String] = [:],
    log: FilePath? = nil
  ) async throws -> ProcessAnswer {
    let start = toolbox.milliseconds()
    let toolbox = toolbox
    var own = environment.mapValues { String?.some($0) }
    // The settings of what is checked out there may name others than main's.
    if let text = try? toolbox.files.read(directory.appending("hotfix.yml"), 1 << 20) {
      toolbox.secretNames.insert(mentionedIn: String(decoding: text, as: UTF8.self))
    }
    for name in toolbox.secretNames.all { own[name] = .some(nil) }
    let raw = try await timed(
      ProcessCall(
        "sh",
        ["-c", line],
        in: directory,
        environment: own,
        seconds: seconds,
        onLine: { line in
          let line = toolbox.redacted(line)
          toolbox.say(.output(line))
          // A full disk stops the build itself soon enough.
          if let log { try? toolbox.files.append(log, Array(oneLine(line).utf8)) }
        }
      )
    )
    let answer = ProcessAnswer(
      ending: raw.ending,
      output: Array(toolbox.redacted(raw.text).utf8),
      errors: toolbox.redacted(raw.errors)
    )
    let length = toolbox.milliseconds() - start
    await meter.add(length)
    toolbox.say(.commandEnded(milliseconds: length))
    return answer
  }

  private static let tickSeconds = 30

  /// Runs a program and says how long it has been running, twice a minute.
  private func timed(_ call: ProcessCall) async throws -> ProcessAnswer {
    let toolbox = toolbox
    return try await withThrowingTaskGroup(of: ProcessAnswer?.self) { group in
      group.addTask { try await toolbox.run(call) }
      group.addTask {
        let start = toolbox.milliseconds()
        var said = 0
        while !Task.isCancelled {
          do { try await toolbox.pause(Self.tickSeconds) } catch { break }
          let seconds = (toolbox.milliseconds() - start) / 1000
          guard seconds - said >= Self.tickSeconds else { continue }
          toolbox.say(.running(seconds: seconds))
          said = seconds
        }
        return nil
      }
      defer { group.cancelAll() }
      while let answer = try await group.next() {
        if let answer { return answer }
      }
      throw CancellationError()
    }
  }

  /// Runs a command that has to succeed.
  package func mustSucceed(
    _ line: String,
    in directory: FilePath,
    seconds: Int,
    code: String,
    what: String,
    environment: [String: String] = [:],
    next: [String]
  ) async throws {
    let answer = try await run(line, in: directory, seconds: seconds, environment: environment)
    guard answer.succeeded else {
      throw Problem(code, what, why: Self.why(line, answer), next: next)
    }
  }

  /// The command, how it ended, and the end of what it said.
  package static func why(_ line: String, _ answer: ProcessAnswer) -> String {
    let said = (answer.text + answer.errors).lines().suffix(12)
    return (["`\(line)` ended with \(answer.endingInWords)."] + said).joined(separator: "\n")
  }
}

/// A line as a log has it, whether or not its end came with it.
private func oneLine(_ text: String) -> String { text.utf8.last == 0x0A ? text : text + "\n" }
