internal import ReleaseModel
internal import Synchronization

/// A program that stays and answers, one question at a time.
package protocol Dialogue: Sendable {
  /// Writes `question` and returns what the program prints until `isWhole` says that it answered.
  ///
  /// Throws `DialogueEnded` when the program ended, said too much or took too long.
  func ask(
    _ question: [UInt8],
    until isWhole: @escaping @Sendable ([UInt8]) -> Bool
  ) async throws -> [UInt8]
}

/// The program is not there to answer any more.
package struct DialogueEnded: Error {
  package init() {}
}

/// Starts a program that stays: the other door to processes.
package typealias DialogueOpener = @Sendable (ProcessCall) -> any Dialogue

/// The git processes that stay, each started at its first question.
///
/// Most of what a command asks is small; starting a process for it costs more than the answer.
final class StandingProcesses: Sendable {
  private let open: DialogueOpener
  private let running = Mutex<[[String]: any Dialogue]>([:])

  init(open: @escaping DialogueOpener) {
    self.open = open
  }

  func dialogue(_ call: ProcessCall) -> any Dialogue {
    running.withLock { running in
      if let known = running[call.arguments] { return known }
      let new = open(call)
      running[call.arguments] = new
      return new
    }
  }

  func forget(_ call: ProcessCall) {
    running.withLock { $0[call.arguments] = nil }
  }
}
