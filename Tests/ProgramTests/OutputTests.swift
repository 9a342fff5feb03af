import Foundation
import Git
import HotfixTesting
import Machine
import ReleaseModel
import Testing

/// What the built program does with stdout, whoever reads it.
@Suite struct OutputTests {
  private let scratch = ScratchFolder()

  /// Runs a line of shell in which `hotfix` is the built program.
  private func shell(_ line: String) async throws -> ProcessAnswer {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let run = LiveProcesses.runner(inherited: ["PATH": "\(World.tools.string):\(path)"])
    return try await run(ProcessCall("bash", ["-c", line], in: scratch.path))
  }

  @Test(arguments: ["--help", "log --help", "help steps", "--version", "help proof"])
  func aReaderWhoLeavesEndsTheOutputAlone(_ command: String) async throws {
    // The reader is gone before the program writes.
    let answer = try await shell(
      "exec 3> >(true); wait $!; hotfix \(command) >&3; echo \"status $?\""
    )
    #expect(answer.text == "status 0\n" && answer.errors.isEmpty)
  }

  @Test(
    .enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "no /dev/full here"),
    arguments: ["--help", "log --help", "help steps"]
  )
  func aFullDiskIsTold(_ command: String) async throws {
    let answer = try await shell("hotfix \(command) > /dev/full")
    #expect(answer.ending == .exited(1) && answer.errors.contains("[output.lost]"))
  }

  @Test func theFrontPageNamesEveryCommand() async throws {
    let page = try await shell("hotfix").text
    #expect(page == (try await shell("hotfix --help").text))
    #expect(page == (try await shell("hotfix help").text))
    // The parser's own list, from the completions.
    let completions = try await shell("hotfix completions fish").text
    let known = completions.matches(of: /\n {8}case '([a-z]+)'\n/).map { String($0.1) }
    let shown = page.matches(of: /\n  ([a-z]+) +[A-Z]/).map { String($0.1) }
    #expect(known.count > 20 && Set(shown) == Set(known).subtracting(["help"]))
  }
}
