import HotfixTesting
import ReleaseModel
import Testing

/// Whoever comes second learns of the open run without a fetch of their own, and what they can do.
@Suite struct SecondPersonTests {
  @Test func aFreshCloneKnowsTheOpenRunAndSaysWhoCanApprove() async throws {
    let world = try await World()
    try world.expect(await world.hotfix(world.ana, World.openArguments), 0)
    let log = await world.hotfix(world.ben2, "log")
    #expect(log.out.contains("v1.0.1-hotfix1"), "\(log.all)")
    let ben = await world.hotfix(world.ben, "status")
    #expect(ben.status == 0 && ben.out.contains("next:  hotfix approve approval"), "\(ben.all)")
    #expect(ben.out.contains("You can approve:  hotfix approve approval"), "\(ben.all)")
    let json = await world.hotfix(world.ben, "status", "--json")
    #expect(json.out.contains("\"youCanApprove\" : [\n    \"approval\"\n  ]"), "\(json.all)")
    let ana = await world.hotfix(world.ana, "status")
    #expect(!ana.out.contains("You can approve"), "she opened it: \(ana.all)")
    #expect(ana.out.contains("Waiting for a reviewer other than"), "\(ana.all)")
    let eve = await world.hotfix(world.eve, "status")
    #expect(eve.status == 0 && !eve.out.contains("You can approve"), "\(eve.all)")
    for outcome in [ana, ben, eve] { #expect(!outcome.all.contains("their/clone")) }
  }

  @Test func reviewersAreToldOfAllThatTheyCanApproveAtOnce() async throws {
    let world = try await World()
    try await world.untilReview()
    let steps = "code-review test-review docs-review"
    let ben = await world.hotfix(world.ben, "status", "--fetch")
    #expect(ben.out.contains("You can approve:  hotfix approve \(steps)"), "\(ben.all)")
    let ana = await world.hotfix(world.ana, "next")
    #expect(!ana.all.contains("You can approve"), "she wrote it: \(ana.all)")
    let command = ["approve"] + steps.split(separator: " ").map(String.init)
    try world.expect(await world.hotfix(world.ben, command), 0)
  }

  @Test func offlineShowsWhatTheCloneKnows() async throws {
    let world = try await World()
    try world.expect(await world.hotfix(world.ana, World.openArguments), 0)
    let offline = await world.hotfix(world.ben, "status", "--offline")
    #expect(offline.status == 1 && offline.err.contains("[run.none]"), "\(offline.all)")
    let both = await world.hotfix(world.ben, "status", "--offline", "--fetch")
    #expect(both.status == 2, "\(both.all)")
    #expect(await world.hotfix(world.ben, "status").status == 0)
    try await world.sh(world.ana, "mv ../remote.git ../gone.git")
    let fresh = await world.hotfix(world.ben, "status", "--offline")
    #expect(fresh.status == 0 && !fresh.err.contains("warning"), "\(fresh.all)")
    try await world.sh(world.ben, "rm .git/hotfix/scratch/fetched")
    let local = await world.hotfix(world.ben, "status")
    #expect(local.status == 0, "what was fetched is shown: \(local.all)")
    #expect(local.err.contains("This is what was fetched last."), "\(local.all)")
  }
}
