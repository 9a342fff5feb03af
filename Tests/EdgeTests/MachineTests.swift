import Foundation
import Git
import HotfixTesting
import Machine
import ReleaseModel
import Runbook
import Signatures
import Testing

@Suite struct MachineTests {
  private let scratch = ScratchFolder()
  private let run = LiveProcesses.runner(inherited: ProcessInfo.processInfo.environment)

  @Test func aProgramThatHangsIsStoppedWithItsChildren() async throws {
    let answer = try await run(
      ProcessCall("sh", ["-c", "sleep 600 & sleep 600"], in: scratch.path, seconds: 1)
    )
    #expect(answer.ending == .timedOut(seconds: 1))
  }

  @Test func aProgramThatIsMissingOrFailsIsToldApart() async throws {
    let missing = try await run(ProcessCall("no-such-program", [], in: scratch.path))
    #expect(missing.ending == .notFound)
    let failing = try await run(ProcessCall("sh", ["-c", "echo no >&2; exit 3"], in: scratch.path))
    #expect(failing.ending == .exited(3) && failing.errors == "no")
  }

  /// The input of a program that does not read it must not take this process down.
  @Test(arguments: 0..<10) func aProgramMayIgnoreItsInput(_ round: Int) async throws {
    let input = [UInt8](repeating: 65, count: 200_000)
    let answer = try await run(ProcessCall("true", [], in: scratch.path, input: input))
    #expect(answer.succeeded)
    let echoed = try await run(ProcessCall("cat", [], in: scratch.path, input: input))
    #expect(echoed.output == input)
  }

  @Test func showsLinesAsTheyComeAndKeepsThem() async throws {
    let (lines, continuation) = AsyncStream<String>.makeStream()
    let answer = try await run(
      ProcessCall(
        "sh",
        ["-c", "echo one; echo two >&2"],
        in: scratch.path,
        onLine: { continuation.yield($0) }
      )
    )
    continuation.finish()
    var seen: [String] = []
    for await line in lines { seen.append(line.filter { !$0.isNewline }) }
    #expect(seen.sorted() == ["one", "two"] && answer.text.contains("one"))
  }

  @Test func filesAreWrittenWholeOrNotAtAll() throws {
    let files = LiveFiles.files
    let path = scratch.path.appending("deep").appending("file")
    try files.write(path, [1, 2, 3])
    #expect(try files.read(path, 10) == [1, 2, 3])
    #expect(try files.digest(path)?.digest == ContentDigest.of([1, 2, 3]))
    #expect(throws: Problem.self) { try files.read(path, 2) }
    #expect(throws: Problem.self) { try files.write(path.appending("below-a-file"), []) }
    #expect(throws: Problem.self) { try files.rename(path, path.removingLastComponent()) }
    #expect(try files.list(path.removingLastComponent()) == ["file"], "no leftovers")
  }
}
