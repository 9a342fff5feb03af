internal import Foundation
package import Git
internal import ReleaseModel
package import Runbook
internal import Subprocess

/// A program of this machine that stays and answers; it ends with this value.
package final class LiveDialogue: Dialogue {
  private let questions: AsyncStream<Question>.Continuation
  private let carrier: Task<Void, Never>
  private let seconds: Int

  private struct Question: Sendable {
    let bytes: [UInt8]
    let isWhole: @Sendable ([UInt8]) -> Bool
    let answered: CheckedContinuation<[UInt8], any Error>
  }

  package static func opener(
    inherited: [String: String],
    withheld: SecretNames = []
  ) -> DialogueOpener {
    let inherited = LiveProcesses.Inherited(inherited, withheld)
    return { LiveDialogue($0, inherited) }
  }

  private init(_ call: ProcessCall, _ inherited: LiveProcesses.Inherited) {
    // A question to a program that has ended is an error, not the end of this one.
    signal(SIGPIPE, SIG_IGN)
    let (stream, questions) = AsyncStream.makeStream(of: Question.self)
    self.questions = questions
    seconds = call.seconds
    carrier = Task {
      await Self.carry(stream, LiveProcesses.configuration(call, inherited), call.outputBytesMax)
      // The program has ended; whoever asks now hears so.
      for await question in stream { question.answered.resume(throwing: DialogueEnded()) }
    }
  }

  deinit { questions.finish() }

  package func ask(
    _ question: [UInt8],
    until isWhole: @escaping @Sendable ([UInt8]) -> Bool
  ) async throws -> [UInt8] {
    let watch = Task {
      try await Task.sleep(for: .seconds(seconds))
      carrier.cancel()
    }
    defer { watch.cancel() }
    return try await withCheckedThrowingContinuation { answered in
      let question = Question(bytes: question, isWhole: isWhole, answered: answered)
      if case .enqueued = questions.yield(question) { return }
      answered.resume(throwing: DialogueEnded())
    }
  }

  private static func carry(
    _ stream: AsyncStream<Question>,
    _ configuration: Configuration,
    _ bytesMax: Int
  ) async {
    _ = try? await run(configuration, input: .inputWriter, output: .sequence, error: .discarded) {
      program in
      var output = program.standardOutput.makeAsyncIterator()
      for await question in stream {
        do {
          // At the same time: neither pipe may be full while both sides write.
          async let written = program.standardInputWriter.write(question.bytes)
          var said: [UInt8] = []
          while !question.isWhole(said) {
            guard let more = try await output.next(), said.count + more.count <= bytesMax else {
              try program.send(signal: .kill)
              throw DialogueEnded()
            }
            more.withUnsafeBytes { said.append(contentsOf: $0) }
          }
          _ = try await written
          question.answered.resume(returning: said)
        } catch {
          question.answered.resume(throwing: DialogueEnded())
          throw error
        }
      }
      try await program.standardInputWriter.finish()
    }
  }
}
