internal import Foundation
internal import Machine
internal import ReleaseModel

extension HotfixProgram {
  /// Keeps the secrets in this process's environment from what it starts, and looks at the system's
  /// limits; returns the exit status where they are too low.
  package static func protect(_ arguments: [String]) -> Int32? {
    prepare()
    ProcessLimits.refuseInspection()
    guard let problem = ProcessLimits.problem() else { return nil }
    Console.live(
      json: arguments.contains("--json"),
      quiet: false,
      colour: isatty(2) == 1,
      environment: ProcessInfo.processInfo.environment
    ).complain([problem])
    return Status.refused
  }

  /// Ends the program at Ctrl-C or a `kill`, with one message; exit status 128 and the signal.
  package static func watchSignals(_ arguments: [String]) {
    let isJSON = arguments.contains("--json")
    let colour = isatty(2) == 1
    Interruption.watch { signal, step in
      let console = Console(
        json: isJSON,
        isQuiet: false,
        usesColour: colour,
        out: { write($0 + "\n", to: 1) },
        error: { write($0 + "\n", to: 2) }
      )
      console.complain([stopped(by: signal, step: step, arguments)])
    }
  }

  /// Neither a full pipe nor a stopped terminal may hold up the end.
  private static func write(_ text: String, to descriptor: Int32) {
    var asked = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    guard poll(&asked, 1, 0) == 1 else { return }
    let bytes = Array(text.utf8)
    _ = Foundation.write(descriptor, bytes, min(bytes.count, 4096))
  }

  /// Commands that record nothing.
  private static let plain: Set = [
    "feed", "delta", "signature", "version", "completions", "help", "init", "drill", "doctor",
  ]

  static func stopped(by signal: Int32, step: String?, _ arguments: [String]) -> Problem {
    let cause = signal == SIGINT ? "Ctrl-C" : signal == SIGTERM ? "SIGTERM" : "SIGHUP"
    if let step {
      return Problem(
        "command.stopped",
        "Stopped by \(cause) while the step \(step) acted.",
        why: "What it began may be done or not, and is not recorded as done.",
        next: ["hotfix next     looks at what is there and goes on"]
      )
    }
    let isPlain = arguments.first { !$0.hasPrefix("-") }.map(plain.contains) ?? true
    return Problem(
      "command.stopped",
      "Stopped by \(cause).",
      why: isPlain ? "Nothing is recorded." : "No step acted; the record is whole.",
      next: isPlain
        ? ["Repeat the command."]
        : ["hotfix status     shows what is recorded", "hotfix next       goes on"]
    )
  }
}
