package import Git
package import ReleaseModel

extension Situation {
  /// Runs one of the project's own commands, shows its output, and counts its time.
  package func command(
    _ line: String,
    in directory: FilePath,
    seconds: Int,
    environment: [String: String] = [:]
  ) async throws -> ProcessAnswer {
    try await ProjectCommand(toolbox: toolbox, meter: meter)
      .run(line, in: directory, seconds: seconds, environment: environment)
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

  package func run(
    _ line: String,
    in directory: FilePath,
    seconds: Int,
    environment: [String: String] = [:]
  ) async throws -> ProcessAnswer {
    let start = toolbox.milliseconds()
    let toolbox = toolbox
    var own = environment.mapValues { String?.some($0) }
    for name in toolbox.secretNames { own[name] = .some(nil) }
    let raw = try await toolbox.run(
      ProcessCall(
        "sh",
        ["-c", line],
        in: directory,
        environment: own,
        seconds: seconds,
        onLine: { toolbox.say(.output(toolbox.redacted($0))) }
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
    let said = (answer.text + answer.errors).split(separator: "\n").suffix(12)
    return (["`\(line)` ended with \(answer.endingInWords)."] + said).joined(separator: "\n")
  }
}
