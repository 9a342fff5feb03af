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

  /// `docs/commands.md` is what the commands say of themselves.
  @Test func thePublishedHelpIsTheProgramsOwn() async throws {
    var pages = ["# Commands\n\nWhat `hotfix COMMAND --help` prints."]
    var rest = try await subcommands("")
    while !rest.isEmpty {
      let command = rest.removeFirst()
      let page = try await shell("hotfix \(command) --help").text
      #expect(page.contains("USAGE: hotfix \(command)"), "\(command)")
      pages.append(
        "## hotfix \(command)\n\n```text\n\(page.trimmingCharacters(in: .newlines))\n```"
      )
      rest = try await subcommands(command) + rest
    }
    let text = pages.joined(separator: "\n\n") + "\n"
    let file = FilePath(#filePath).removingLastComponent().removingLastComponent()
      .removingLastComponent().appending("docs").appending("commands.md").string
    if ProcessInfo.processInfo.environment["UPDATE_SNAPSHOTS"] != nil {
      try text.write(toFile: file, atomically: true, encoding: .utf8)
    }
    let published = try String(contentsOfFile: file, encoding: .utf8)
    #expect(published == text, "UPDATE_SNAPSHOTS=1 make test rewrites it")
  }

  /// The commands below one, in the order of its page.
  private func subcommands(_ command: String) async throws -> [String] {
    let page = try await shell("hotfix \(command) --help").text
    guard !command.isEmpty else {
      return page.matches(of: /\n  ([a-z]+) +[A-Z]/).map { String($0.1) }
    }
    guard let list = page.firstRange(of: "\nSUBCOMMANDS:") else { return [] }
    return page[list.upperBound...].matches(of: #/\n  ([a-z-]+)(?: \(default\))? /#)
      .map { "\(command) \($0.1)" }
  }
}
