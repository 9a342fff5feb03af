import Foundation
import HotfixTesting
import Record
import ReleaseModel
import Testing

/// The base of a run is what its tag says, at every read.
@Suite struct BaseTagTests {
  private func opened(_ world: World) async throws -> (String, RunOpened) {
    try world.expect(await world.hotfix(world.ana, World.openArguments), 0)
    let run = try await Forging(world: world).run()
    guard case .opened(let opened)? = try await Forging(world: world).events(run).first?.fact else {
      throw Problem("test.events", "No run was opened.", next: ["-"])
    }
    return (run, opened)
  }

  @Test func aFirstEventOverAnotherCommitIsFoundByEveryCommand() async throws {
    let world = try await World()
    let (_, opened) = try await opened(world)
    let main = try await world.sh(world.ana, "git rev-parse origin/main")
    let forging = Forging(world: world)
    func base(_ tag: String, _ commit: String, _ version: String) -> RunOpened {
      opened.forged(
        settings: opened.settings,
        base: BaseRelease(tag: tag, commit: commit, version: VersionName(version))
      )
    }
    let good = opened.base
    let forged = [
      ("hf-20261130-aaaaaaaa", base(good.tag, main, good.version.text), "on origin it is"),
      ("hf-20261130-bbbbbbbb", base(good.tag, good.commit, "0.9.0"), "is not the tag of 0.9.0"),
      ("hf-20261130-cccccccc", base("v0.9.0", good.commit, "0.9.0"), "neither on origin nor in"),
      (
        "hf-20261130-dddddddd",
        opened.forged(settings: opened.settings, version: VersionName("9.9.9")),
        "is not the tag of 9.9.9"
      ),
      (
        "hf-20261130-eeeeeeee",
        opened.forged(
          settings: opened.settings,
          rollback: .init(
            bad: good,
            good: BaseRelease(tag: good.tag, commit: main, version: good.version)
          )
        ), "on origin it is"
      ),
    ]
    for (run, opened, _) in forged { try await forging.open(run, by: world.ana, opened) }
    for (run, _, words) in forged {
      for command in [["record", "verify", run], ["status", run], ["approve", "--run", run]] {
        let outcome = await world.hotfix(world.ben, command)
        #expect(outcome.status == 1 && outcome.all.contains("[record.base]"), "\(outcome.all)")
        #expect(outcome.all.contains(words), "\(outcome.all)")
      }
    }
    let run = forged[0].0
    for command in [
      ["next", run], ["plan", run], ["log", run], ["report", run], ["note", "x", "--run", run],
      ["abandon", run, "--reason", "forged"], ["record", "show", run],
    ] {
      let outcome = await world.hotfix(world.ben, command)
      #expect(outcome.status == 1 && outcome.all.contains("[record.base]"), "\(command)")
    }
  }

  @Test func aBaseThatMovesToAnotherCommitThanItsTagsIsFound() async throws {
    let world = try await World()
    let (run, opened) = try await opened(world)
    let main = try await world.sh(world.ana, "git rev-parse origin/main")
    let move = BaseMoved(
      base: BaseRelease(tag: opened.base.tag, commit: main, version: opened.base.version),
      version: opened.version,
      tag: opened.tag,
      reason: "forged"
    )
    try await Forging(world: world).append(.moved(move), to: run, by: world.ana)
    for command in [["record", "verify", run], ["next", run], ["status", run]] {
      let outcome = await world.hotfix(world.ben, command)
      #expect(outcome.status == 1 && outcome.all.contains("[record.base]"), "\(outcome.all)")
    }
  }

  @Test func aTagThatWasMovedIsToldApartFromAForgedRecordWherePossible() async throws {
    let world = try await World()
    let (run, _) = try await opened(world)
    try await world.sh(world.ana, "git push -q -f origin main:refs/tags/v1.0.0")
    let seen = await world.hotfix(world.ben, "record", "verify", run)
    #expect(seen.status == 1 && seen.out.contains("[record.base]"), "\(seen.all)")
    #expect(seen.out.contains("the tag was moved on origin"), "ben has the old one: \(seen.all)")
    try await world.sh(world.ana2, "git tag -d v1.0.0 >/dev/null")
    let unseen = await world.hotfix(world.ana2, "record", "verify", run)
    #expect(unseen.out.contains("Either the tag was moved"), "\(unseen.all)")
    let command = try #require(
      seen.out.firstMatch(of: /git push --force-with-lease=\S+ origin \S+/)
    )
    try await world.sh(world.ben, String(command.0))
    #expect(await world.hotfix(world.ben, "record", "verify", run).status == 0)
  }

  @Test func readingWithoutTheRemoteGoesByTheRefsAtHand() async throws {
    let world = try await World()
    let (run, _) = try await opened(world)
    try world.expect(await world.hotfix(world.ben, "approve"), 0)
    try await world.sh(world.ana, "mv ../remote.git ../gone.git")
    #expect(await world.hotfix(world.ben, "status", run).status == 0)
    try await world.sh(world.ben, "git update-ref -d refs/remotes-tags/origin/v1.0.0")
    let local = await world.hotfix(world.ben, "status", run)
    #expect(local.status == 0, "the clone's own tag says the same: \(local.all)")
  }
}
