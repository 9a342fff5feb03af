internal import ArgumentParser
internal import Foundation
internal import Git
internal import Machine
internal import ReleaseModel
internal import Runbook

struct DiffCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Show the change that is to be approved",
    discussion: """
      From the commit of the base's tag to the head that would be signed, through
      git's pager on a terminal. Invisible characters are shown, as \\u{202E}.

      $ hotfix diff
      $ hotfix diff v1.0.1-hotfix1 > review.diff
      """
  )

  @OptionGroup var which: RunOptions
  @OptionGroup var global: GlobalOptions

  private struct Result: Encodable {
    let schema = "hotfix.diff/1"
    let run, base, head, diff: String
  }

  func run() async throws {
    let workspace = try await global.workspace()
    let situation = try await workspace.engine(which.run, signs: false).situation()
    let range = try await ReviewedRange(situation)
    guard let head = range.head else {
      throw Problem(
        "approve.nothing",
        "There is no fix to look at yet.",
        next: ["hotfix status     shows what is waited for"]
      )
    }
    let diff = try await workspace.git.diff(from: range.base, to: head)
    let console = workspace.console
    let text = Self.painted(diff, console)
    guard !console.json, Surroundings.current.console == nil, isatty(1) == 1,
      let pager = try await workspace.git.pager()
    else {
      return try console.show(
        Result(run: situation.run, base: range.base, head: head, diff: diff),
        text
      )
    }
    try await LiveProcesses.page(
      text.printed,
      through: pager,
      environment: global.environment,
      withheld: workspace.toolbox.secretNames
    )
  }

  /// The lines of a diff in git's colours.
  private static func painted(_ diff: String, _ console: Console) -> TerminalText {
    // A line feed ends git's lines; the file's own carriage returns are shown.
    diff.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
      let line = TerminalText.lines(String(decoding: line, as: UTF8.self))
      return switch line.printed.utf8.first {
      case UInt8(ascii: "+"): console.green(line)
      case UInt8(ascii: "-"): console.red(line)
      case UInt8(ascii: " "): line
      default: console.bold(line)
      }
    }.joined()
  }
}
