import Foundation
import Git
import HotfixTesting
import Machine
import ReleaseModel
import Testing

/// What a person sees before they sign, on a real pseudo-terminal, and what is signed then.
@Suite struct ApprovalTests {
  private static let terminal = """
    import os, pty, subprocess, sys
    answer, between, program = sys.argv[1], sys.argv[2], sys.argv[3:]
    child, terminal = pty.fork()
    if child == 0:
      os.execvp(program[0], program)
    said = b""
    answered = answer == ""
    while True:
      try:
        some = os.read(terminal, 65536)
      except OSError:
        break
      if not some: break
      said += some
      if not answered and b"[y/N]" in said:
        answered = True
        if between: subprocess.run(["sh", "-c", between], check=True, stdout=subprocess.DEVNULL)
        os.write(terminal, answer.encode() + b"\\n")
    _, status = os.waitpid(child, 0)
    sys.stdout.buffer.write(said.replace(b"\\r\\n", b"\\n"))
    sys.stdout.flush()
    sys.exit(os.waitstatus_to_exitcode(status))
    """

  /// Runs the built program on a terminal; `answer` goes to its question.
  private func onTerminal(
    _ world: World,
    _ person: World.Person,
    _ arguments: [String],
    answer: String,
    after between: String = ""
  ) async throws -> (status: Int, text: String) {
    let environment = person.environment.merging(["NO_COLOR": "1", "PAGER": "cat"]) { $1 }
    let result = try await LiveProcesses.runner(inherited: environment)(
      ProcessCall(
        "python3",
        ["-c", Self.terminal, answer, between, World.tools.appending("hotfix").string] + arguments,
        in: person.clone
      )
    )
    guard case .exited(let status) = result.ending else {
      Issue.record("\(result.endingInWords) \(result.errors)")
      return (-1, result.text)
    }
    return (status, result.text)
  }

  private static var hasPython: Bool {
    get async { await Judges.has(module: "pty") }
  }

  private func statements(_ world: World) async -> Int {
    let log = await world.hotfix(world.ana, "next")
    let events = await world.hotfix(world.ana, "log", "v1.0.1-hotfix1")
    return log.status == 3 ? events.out.ranges(of: "statement.given").count : -1
  }

  @Test(.enabled("python3 makes the terminal") { await hasPython })
  func aPersonSeesWhatTheySign() async throws {
    let world = try await World()
    try await world.untilReview()
    let before = await statements(world)
    let (ben, ana) = (world.ben, world.ana)
    let tree = try await world.sh(ana, "git rev-parse hotfix/v1.0.1-hotfix1^{tree}")
    let base = try await world.sh(ana, "git rev-parse v1.0.0^{commit}")
    let no = try await onTerminal(world, ben, ["approve"], answer: "n")
    #expect(no.status == 1 && no.text.contains("Nothing was signed."), "\(no.text)")
    for shown in [
      "Wick forgets the last word", "base     v1.0.0, commit \(base)", "Keep the last word",
      "wick.sh  +", "diff     hotfix diff hf-", "code-review      tree:\(tree)",
      "test-review      tree:\(tree)", "docs-review      tree:\(tree)", "Sign these 3? [y/N]",
    ] {
      #expect(no.text.contains(shown), "\(shown) in:\n\(no.text)")
    }
    #expect(await statements(world) == before, "nothing was signed")
    let yes = try await onTerminal(world, ben, ["approve", "code-review"], answer: "y")
    #expect(yes.status == 0 && yes.text.contains("Sign this? [y/N]"), "\(yes.text)")
    #expect(yes.text.contains("approves code-review of tree:\(tree)"), "\(yes.text)")
    #expect(!yes.text.contains("test-review"), "what is not named is not signed")
    #expect(await statements(world) == before + 1)
    // A script has no terminal: it signs what waits, and says what that was.
    let rest = try await world.program(ben, ["approve"])
    try world.expect(rest, 0)
    for step in ["test-review", "docs-review"] {
      #expect(rest.out.contains("approves \(step) of tree:\(tree)"), "\(rest.all)")
    }
  }

  @Test(.enabled("python3 makes the terminal") { await hasPython })
  func whatMovedSinceItWasShownIsNotSigned() async throws {
    let world = try await World()
    try await world.untilReview()
    let before = await statements(world)
    let tree = try await world.sh(world.ana, "git rev-parse hotfix/v1.0.1-hotfix1^{tree}")
    // ana pushes one more commit while ben reads.
    let push =
      "cd \(shellQuoted(world.ana.clone.string)) && echo late > late.txt && git add late.txt"
      + " && git -c user.name=ana -c user.email=ana@example.org"
      + " -c commit.gpgsign=false commit -q -m Late && git push -q origin HEAD"
      + " 2>/dev/null"
    let moved = try await onTerminal(world, world.ben, ["approve"], answer: "y", after: push)
    #expect(moved.status == 1 && moved.text.contains("[approve.moved]"), "\(moved.text)")
    #expect(moved.text.contains("Shown was tree:\(tree)"), "\(moved.text)")
    let events = await world.hotfix(world.ana, "log", "v1.0.1-hotfix1")
    #expect(events.out.ranges(of: "statement.given").count == before)
  }

  @Test(.enabled("python3 makes the terminal") { await hasPython })
  func anAuthorHearsAtOnceThatTheirWordWouldNotCount() async throws {
    let world = try await World()
    try await world.untilReview()
    let own = try await onTerminal(world, world.ana, ["approve", "code-review"], answer: "y")
    #expect(own.status == 1 && own.text.contains("[approve.own-work]"), "\(own.text)")
    #expect(!own.text.contains("[y/N]"))
  }

  @Test func theDiffIsFromTheBasesTagToTheHeadAndHidesNothing() async throws {
    let world = try await World()
    try await world.untilReview()
    try world.write(world.ana, ["trick.txt": "a\u{202E}b\u{1B}[8mc\n"])
    try await world.commit(world.ana, "Play a trick")
    let diff = try await world.program(world.ana, ["diff"])
    try world.expect(diff, 0)
    #expect(diff.out.contains("+a\\u{202E}b\\u{1B}[8mc"), "\(diff.out)")
    #expect(diff.out.contains("diff --git a/wick.sh b/wick.sh"))
    #expect(!diff.out.unicodeScalars.contains("\u{1B}") && !diff.out.contains("\u{202E}"))
    // Git's own settings of a reviewer change nothing.
    try await world.sh(world.ana, "git config diff.external false && git config diff.noprefix true")
    #expect(try await world.program(world.ana, ["diff"]).out == diff.out)
    let json = try await world.program(world.ana, ["diff", "--json"])
    let value = try JSONSerialization.jsonObject(with: Data(json.out.utf8)) as? [String: String]
    let head = try await world.sh(world.ana, "git rev-parse HEAD")
    #expect(value?["head"] == head && value?["schema"] == "hotfix.diff/1")
  }

  @Test(.enabled("python3 makes the terminal") { await hasPython })
  func theDiffGoesThroughGitsPager() async throws {
    let world = try await World()
    try await world.untilReview()
    try await world.sh(world.ana, "git config core.pager 'sed s/^/paged:/'")
    let paged = try await onTerminal(world, world.ana, ["diff"], answer: "")
    #expect(paged.status == 0 && paged.text.contains("paged:diff --git a/"), "\(paged.text)")
    let plain = try await world.program(world.ana, ["diff"])
    #expect(!plain.out.contains("paged:"))
  }

  /// Titles and reasons are shown as one line of text, and in no colours of their own.
  @Test func aTitleFromOutsideSteersNoTerminal() async throws {
    let world = try await World()
    let title = "RCE \u{1B}[31;1mred\u{202E} @ana <!--x-->"
    var arguments = World.openArguments
    arguments[1] = title
    try await world.expect(world.hotfix(world.ana, arguments), 0)
    for command in [["status"], ["log"], ["next"], ["plan"], ["log", "v1.0.1-hotfix1"]] {
      let said = await world.hotfix(world.ana, command)
      #expect(!said.all.unicodeScalars.contains("\u{1B}"), "\(command)")
      #expect(!said.all.unicodeScalars.contains("\u{202E}"), "\(command)")
    }
    let status = await world.hotfix(world.ana, "status")
    #expect(status.out.contains("RCE \\u{1B}[31;1mred\\u{202E} @ana <!--x-->"), "\(status.out)")
    let report = await world.hotfix(world.ana, "report")
    #expect(report.out.contains("@&#8203;ana &lt;!--x-->"), "\(report.out)")
  }
}
