package import ReleaseModel

/// A program to run, with every limit said.
package struct ProcessCall: Sendable {
  package var program: String
  package var arguments: [String]
  package var directory: FilePath
  /// Added to the inherited environment; nil removes a variable.
  package var environment: [String: String?]
  package var input: [UInt8]
  package var outputBytesMax: Int
  package var seconds: Int
  /// Called with each line as it comes, for progress; nil collects only.
  package var onLine: (@Sendable (String) -> Void)?

  package init(
    _ program: String,
    _ arguments: [String],
    in directory: FilePath,
    environment: [String: String?] = [:],
    input: [UInt8] = [],
    outputBytesMax: Int = 16 << 20,
    seconds: Int = 120,
    onLine: (@Sendable (String) -> Void)? = nil
  ) {
    self.program = program
    self.arguments = arguments
    self.directory = directory
    self.environment = environment
    self.input = input
    self.outputBytesMax = outputBytesMax
    self.seconds = seconds
    self.onLine = onLine
  }
}

/// How a program ended.
package struct ProcessAnswer: Sendable {
  package enum Ending: Sendable, Hashable {
    case exited(Int)
    case signalled(Int)
    case timedOut(seconds: Int)
    case notFound
  }

  package let ending: Ending
  package let output: [UInt8]
  package let errors: String

  package init(ending: Ending, output: [UInt8], errors: String) {
    self.ending = ending
    self.output = output
    self.errors = errors
  }

  package var succeeded: Bool { ending == .exited(0) }
  package var text: String { String(decoding: output, as: UTF8.self) }

  package var endingInWords: String {
    switch ending {
    case .exited(let status): "exit status \(status)"
    case .signalled(let signal): "signal \(signal)"
    case .timedOut(let seconds): "stopped after its time limit of \(spoken(seconds: seconds))"
    case .notFound: "the program was not found"
    }
  }
}

/// Runs programs: the one door to other processes.
package typealias ProcessRunner = @Sendable (ProcessCall) async throws -> ProcessAnswer
