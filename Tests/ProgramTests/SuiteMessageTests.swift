import HotfixTesting
import Testing

/// What is said of the project's own tests while they run.
@Suite struct SuiteMessageTests {
  @Test func theLogOfTheSuiteIsNamedAndStays() async throws {
    let world = try await World(settings: { text in
      text.replacing("suite: for t in", with: "suite: echo all of it; for t in")
    })
    try await world.untilReview()
    let events = await world.hotfix(world.ana, "log", "--json")
    #expect(events.status == 0, "\(events.all)")
    let logs = try await world.sh(
      world.ana,
      "cd .git/hotfix/scratch && cat suite-hf-*.log && ls proof-hf-*.log"
    )
    #expect(logs.contains("all of it") && logs.contains("proof-hf-"), "\(logs)")
  }

  @Test func theSuiteWaitsUntilThereIsATestAndAFailureNamesItsLog() async throws {
    let world = try await World(settings: { text in
      text.replacing("suite: for t in", with: "suite: \"echo slow; exit 7\" # for t in")
    })
    try world.expect(await world.hotfix(world.ana, World.openArguments), 0)
    try world.expect(await world.hotfix(world.ben, "approve"), 0)
    try world.expect(await world.hotfix(world.ana, "next"), 3)
    try await world.sh(
      world.ana,
      "git switch --quiet hotfix/v1.0.1-hotfix1 && echo '# mended' >> wick.sh && git commit -qam 'Mend it'"
    )
    let waits = await world.hotfix(world.ana, "next")
    #expect(waits.status == 3 && waits.out.contains("writes a test for the fix"), "\(waits.all)")
    #expect(!waits.err.contains("suite"), "\(waits.all)")
    try await world.fix()
    let failed = await world.hotfix(world.ana, "next")
    #expect(failed.status == 1 && failed.err.contains("running suite; log: "), "\(failed.all)")
    #expect(failed.all.contains("less ") && failed.all.contains("all of its output"))
  }
}
