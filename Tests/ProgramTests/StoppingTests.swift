import Foundation
import Git
import HotfixTesting
import Machine
import ReleaseModel
import Runbook
import Testing

/// Ctrl-C and `kill` end the program and what it started, and say what state is left.
@Suite struct StoppingTests {
  /// The suite sends a signal to hotfix, its parent, and would run for ten minutes more.
  private static let stopping =
    "test -z \"$STOP\" || { echo $$ > \"$STOP.pid\"; kill -$STOP_BY $PPID; exec sleep 600; }; "

  private static func world() async throws -> World {
    try await World {
      $0.replacing("suite: for t", with: "suite: '\(stopping)for t")
        .replacing("|| exit 1; done\n", with: "|| exit 1; done'\n")
    }
  }

  /// Runs `next` until the suite stops it, and carries the run on.
  @Test(arguments: [("INT", Int32(130)), ("TERM", 143), ("HUP", 129)])
  func aSignalDuringAChildEndsBoth(_ signal: String, _ status: Int32) async throws {
    let world = try await Self.world()
    try await world.untilReviewedFix()
    let mark = world.path.appending("mark").string
    let cut = try await world.program(
      world.ana,
      ["next"],
      environment: ["STOP": mark, "STOP_BY": signal]
    )
    #expect(cut.status == status, "\(cut.all)")
    #expect(cut.err.contains("[command.stopped]") && cut.err.contains("hotfix next"))
    #expect(!cut.all.contains("✗"), "nothing else is said: \(cut.all)")
    // Ends when the child is gone, or dead and not collected yet.
    let child = try #require(Int32(world.read("mark.pid").dropLast()))
    let isAlive = "kill -0 \(child) 2> /dev/null && ! ps -o stat= -p \(child) | grep -q Z"
    try await world.sh(world.ana, "while \(isAlive); do :; done")
    try world.expect(await world.hotfix(world.ana, "next"), 3)
    try world.expect(await world.hotfix(world.ana, "record", "verify"), 0)
  }

  /// A hook of git sends it to its grandparent, in the midst of a push.
  @Test func aSignalDuringAPushLeavesARecordThatIsWhole() async throws {
    let world = try await World()
    try await world.untilReviewedFix()
    let hooks = world.remote.appending("hooks")
    try LiveFiles.files.write(
      hooks.appending("pre-receive"),
      Array("#!/bin/sh\n[ -z \"$STOP\" ] || { kill -INT $(cat \"$STOP\"); exec sleep 600; }\n".utf8)
    )
    chmod(hooks.appending("pre-receive").string, 0o755)
    let mark = world.path.appending("pid").string
    let built = World.tools.appending("hotfix").string
    let answer = try await LiveProcesses.runner(inherited: world.ana.environment)(
      ProcessCall(
        "sh",
        ["-c", "echo $$ > \"$STOP\"; exec \(shellQuoted(built)) next"],
        in: world.ana.clone,
        environment: ["STOP": mark]
      )
    )
    #expect(answer.ending == .exited(130), "\(answer.errors)")
    #expect(answer.errors.contains("[command.stopped]"))
    try world.expect(await world.hotfix(world.ana, "next"), 3)
    try world.expect(await world.hotfix(world.ana, "record", "verify"), 0)
  }

  /// A server that never answers sends it.
  @Test func aSignalWhileAServerIsAskedEndsTheProgram() async throws {
    let scratch = ScratchFolder("hotfix-stopping")
    let mark = scratch.path.appending("pid").string
    let server = try RawServer { connection in
      connection.read()
      let text = (try? String(contentsOfFile: mark, encoding: .utf8)) ?? ""
      if let program = pid_t(text.dropLast()) { kill(program, SIGINT) }
      while connection.waits() {}
    }
    let built = World.tools.appending("hotfix").string
    let line = "echo $$ > \(mark); exec \(shellQuoted(built)) feed show \"$0\""
    let answer = try await LiveProcesses.runner(
      inherited: ProcessInfo.processInfo.environment
    )(
      ProcessCall(
        "sh",
        ["-c", line, "http://127.0.0.1:\(server.port)/appcast.xml"],
        in: scratch.path
      )
    )
    #expect(answer.ending == .exited(130))
    #expect(answer.errors.contains("Stopped by Ctrl-C.\n  Nothing is recorded."))
  }

  /// The system's limits are told before the libraries stop the program.
  @Test(arguments: [
    ["status"], ["doctor"], ["feed", "show", "http://127.0.0.1:1/a.xml"], ["next"], ["log"],
    ["verify", "v1"], ["ship", "v1"], ["record", "verify"], ["signature", "keygen", "k"], ["drill"],
  ])
  func tooFewFilesAreAnErrorWithACode(_ arguments: [String]) async throws {
    let scratch = ScratchFolder("hotfix-limits")
    let built = World.tools.appending("hotfix").string
    for limit in [8, 12, 16, 20, 24, 32, 48, 64] {
      let answer = try await LiveProcesses.runner(
        inherited: ProcessInfo.processInfo.environment
      )(
        ProcessCall(
          "sh",
          ["-c", "ulimit -n \(limit); exec \"$0\" \"$@\"", built] + arguments,
          in: scratch.path
        )
      )
      #expect(answer.ending == .exited(1), "\(limit)")
      #expect(answer.errors.contains("[system.files]"), "\(limit): \(answer.errors)")
    }
  }
}

extension World {
  /// Everything up to a fix that is committed and not looked at yet.
  func untilReviewedFix() async throws {
    try await expect(hotfix(ana, Self.openArguments), 0)
    try await expect(hotfix(ben, "approve"), 0)
    try await expect(hotfix(ana, "next"), 3)
    try await fix()
  }
}
