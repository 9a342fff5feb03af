import Forges
import Foundation
import Git
import HotfixTesting
import Machine
import ReleaseModel
import Runbook
import Synchronization
import Testing

/// What people see of a command that takes long, and what stays of it.
@Suite struct ProjectCommandTests {
  private let scratch = ScratchFolder("hotfix-command")

  private final class Clock: Sendable {
    private let seconds = Mutex(0)
    var milliseconds: Int { seconds.withLock { $0 } * 1000 }
    /// Passes the time at once, a few times; then never.
    func pass(_ length: Int, untilSecond last: Int) async throws {
      let isOver = seconds.withLock { now in
        if now >= last { return true }
        now += length
        return false
      }
      guard isOver else { return }
      for await _ in AsyncStream<Void>.makeStream().stream {}
      throw CancellationError()
    }
  }

  private func toolbox(
    _ clock: Clock,
    _ run: @escaping ProcessRunner,
    say: @escaping @Sendable (Narration) -> Void
  ) -> Toolbox {
    var toolbox = Toolbox(
      now: { Moment(seconds: 0) },
      milliseconds: { clock.milliseconds },
      random: { [UInt8](repeating: 1, count: $0) },
      environment: { ["KEY": "very-secret"][$0] },
      run: run,
      files: LiveFiles.files,
      http: LiveHTTP.http,
      host: DirectoryHost(
        root: scratch.path.appending("site"),
        base: "http://127.0.0.1:1",
        files: LiveFiles.files,
        http: LiveHTTP.http,
        foreign: ForeignReleases(version: { _ in nil }, release: { _, _, _ in nil })
      ).host,
      deliver: { _ in .unknown("") },
      unpack: { _, _ in },
      makeDelta: { _, _, _ in },
      applyDelta: { _, _, _ in },
      home: scratch.path,
      scratch: scratch.path,
      say: say
    )
    toolbox.secretNames = ["KEY"]
    toolbox.pause = { try await clock.pass($0, untilSecond: 90) }
    return toolbox
  }

  @Test func aLongCommandSaysHowLongItHasBeenRunningTwiceAMinute() async throws {
    let clock = Clock()
    let said = Mutex<[Narration]>([])
    let (ticks, tick) = AsyncStream<Int>.makeStream()
    let toolbox = toolbox(
      clock,
      { _ in
        // The command ends when it has been told of for the third time.
        for await seconds in ticks where seconds == 90 { break }
        return ProcessAnswer(ending: .exited(0), output: Array("done".utf8), errors: "")
      },
      say: { narration in
        said.withLock { $0.append(narration) }
        if case .running(let seconds) = narration { tick.yield(seconds) }
      }
    )
    let answer = try await ProjectCommand(toolbox: toolbox, meter: Meter())
      .run("make", in: scratch.path, seconds: 3600)
    #expect(answer.text == "done")
    let expected: [Narration] = [30, 60, 90].map { .running(seconds: $0) }
    #expect(said.withLock(\.self) == expected + [.commandEnded(milliseconds: 90_000)])
  }

  @Test func theLogHasEveryLineWithoutSecretsAlsoWhenTheCommandFails() async throws {
    let log = scratch.path.appending("build.log")
    let environment = ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? ""]
    let toolbox = toolbox(
      Clock(),
      LiveProcesses.runner(inherited: environment),
      say: { _ in }
    )
    let answer = try await ProjectCommand(toolbox: toolbox, meter: Meter()).run(
      "echo one; echo key very-secret >&2; printf three; exit 7",
      in: scratch.path,
      seconds: 60,
      log: log
    )
    #expect(answer.ending == .exited(7))
    let kept = try LiveFiles.files.read(log, 1 << 20) ?? []
    #expect(String(decoding: kept, as: UTF8.self) == "one\nkey •••\nthree\n")
  }
}
