import HotfixTesting
import ReleaseModel
import Testing

/// What can refuse a run does so before anything is asked, and nothing is asked twice.
@Suite struct OpenQuestionsTests {
  private static let answers = """
    {
      "kind": "data-loss", "impact": "data-loss", "reach": "many",
      "because": "every word may be lost", "workaround": "none"
    }
    """

  /// Runs the built program on a terminal, and types lines.
  private func typed(_ world: World, _ arguments: String, _ lines: [String]) async throws -> String
  {
    let command = "\(World.tools.appending("hotfix").string) \(arguments)"
    let typed = lines.map { shellQuoted($0 + "\\n") }.joined()
    return try await world.sh(
      world.ana,
      "printf \(typed.isEmpty ? "''" : typed) | script -qec \(shellQuoted(command)) /dev/null; "
        + "echo status $?"
    )
  }

  @Test func anUnsignedBaseIsRefusedBeforeTheFirstQuestion() async throws {
    let world = try await World()
    try await world.sh(world.ana, "git tag v1.0.5 && git push --quiet origin v1.0.5")
    let open = await world.hotfix(world.ana, "open", "It breaks", "--base", "v1.0.5")
    #expect(open.status == 1 && open.err.contains("[base.unsigned]"), "\(open.all)")
    let stranger = await world.hotfix(world.eve, "open", "It breaks")
    #expect(stranger.err.contains("[identity.unlisted]"), "\(stranger.all)")
    let wrong = await world.hotfix(
      world.ana,
      "open",
      "It breaks",
      "--kind",
      "crash",
      "--reach",
      "x"
    )
    #expect(wrong.err.contains("[assessment.answer]"), "\(wrong.all)")
  }

  @Test func theSameFaultIsRefusedBeforeTheFirstQuestion() async throws {
    let world = try await World()
    try world.expect(await world.hotfix(world.ana, World.openArguments), 0)
    let same = await world.hotfix(world.ben, "open", "Wick forgets the last word")
    #expect(same.status == 1 && same.err.contains("[open.same]"), "\(same.all)")
  }

  @Test func aFileAnswersAndOptionsComeFirst() async throws {
    let world = try await World()
    try world.write(world.ana, ["../answers.json": Self.answers])
    let arguments = ["open", "It breaks", "--answers", "../answers.json"]
    let below = await world.hotfix(
      world.ana,
      arguments + ["--impact", "degraded", "--reach", "few"]
    )
    #expect(below.err.contains("[assessment.below-bar]"), "\(below.all)")
    let opened = await world.hotfix(world.ana, arguments)
    #expect(opened.status == 0 && opened.out.contains("verdict: now"), "\(opened.all)")
  }

  @Test(arguments: ["[]", "{\"kind\": 1}", "{\"colour\": \"red\"}", "no JSON"])
  func aFileThatIsNoAnswersIsRefused(_ text: String) async throws {
    let world = try await World()
    try world.write(world.ana, ["../answers.json": text])
    let open = await world.hotfix(world.ana, "open", "It breaks", "--answers", "../answers.json")
    #expect(open.status == 1 && open.err.contains("[open.answers]"), "\(open.all)")
  }

  @Test func aWrongAnswerIsAskedAgainAndARightOneIsKept() async throws {
    let world = try await World()
    // The verdict refuses after the last answer.
    let first = try await typed(
      world,
      "open \"It breaks\"",
      ["colour", "bug", "degraded", "few", "it hurts", "none"]
    )
    #expect(first.contains("\"colour\" is none of these."), "\(first)")
    #expect(first.contains("anything else that is wrong"), "the choices are explained: \(first)")
    #expect(first.contains("[assessment.below-bar]") && first.contains("status 1"), "\(first)")
    let again = try await typed(world, "open \"It breaks\" --waive \"a customer waits for it\"", [])
    #expect(again.contains("answered before: because: it hurts; impact: degraded"), "\(again)")
    #expect(!again.contains("What kind of fault is it?") && again.contains("status 0"), "\(again)")
    #expect(try world.read("ana/.git/hotfix/answers.json").isEmpty, "the run is open")
  }

  @Test func openSaysWhatIsOpenAlready() async throws {
    let world = try await World()
    try world.expect(await world.hotfix(world.ana, World.openArguments), 0)
    let unanswered = await world.hotfix(world.ben, "open", "Another fault")
    #expect(unanswered.status == 1 && unanswered.err.contains("[open.missing]"))
    #expect(
      unanswered.err.contains("open already: v1.0.1-hotfix1 \"Wick forgets the last word\""),
      "\(unanswered.all)"
    )
  }
}
