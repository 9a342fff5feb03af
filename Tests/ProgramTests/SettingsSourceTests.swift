import Foundation
import HotfixTesting
import ReleaseModel
import Testing

/// Settings and signers are those of the remote's main, wherever one stands.
@Suite struct SettingsSourceTests {
  @Test func carriesARunFromABranchThatNeverHadSettings() async throws {
    let world = try await World()
    // A maintenance line from before hotfix.yml: nothing of it is in the checkout.
    try await world.sh(
      world.ana,
      "git switch --quiet --orphan old && git commit --quiet --allow-empty -m Old"
    )
    try world.expect(await world.hotfix(world.ana, World.openArguments), 0)
    let status = await world.hotfix(world.ana, "status")
    #expect(status.status == 0 && status.out.contains("v1.0.1-hotfix1"), "\(status.all)")
    #expect(try await world.sh(world.ana, "git status --porcelain").isEmpty)
  }

  @Test func worksOnADetachedHeadAndInALinkedWorktree() async throws {
    let world = try await World()
    try await world.sh(world.ana, "git checkout --quiet --detach && rm hotfix.yml allowed_signers")
    try world.expect(await world.hotfix(world.ana, World.openArguments), 0)
    try await world.sh(world.ana, "git worktree add --quiet --detach ../far/away")
    // `../site` starts from the main checkout, not from the worktree.
    let plan = await world.hotfix(world.ana.elsewhere("\(world.path)/far/away"), "doctor")
    #expect(plan.out.contains("1 releases"), "\(plan.all)")
  }

  @Test func ignoresTheCheckoutsOwnSettingsAndSaysSo() async throws {
    let world = try await World()
    try world.write(world.ana, ["hotfix.yml": "app: Another\n", "allowed_signers": "nonsense\n"])
    try world.expect(await world.hotfix(world.ana, World.openArguments), 0)
    let doctor = await world.hotfix(world.ana, "doctor")
    #expect(doctor.out.contains("differs from origin/main's, which counts"), "\(doctor.all)")
  }

  @Test func takesMainsNewSettingsAsSoonAsTheyAreFetched() async throws {
    let world = try await World()
    try world.write(world.ben, ["hotfix.yml": "app: Broken\n"])
    try await world.commit(world.ben, "Break the settings")
    try await world.sh(world.ben, "git push --quiet origin main")
    let offline = await world.hotfix(world.ana, "status", "--offline")
    #expect(offline.err.contains("[run.none]"), "as last fetched: \(offline.all)")
    let fetched = await world.hotfix(world.ana, World.openArguments)
    #expect(fetched.status == 1 && fetched.err.contains("origin/main:hotfix.yml:1:1"))
  }

  @Test func refusesARunWhileMainHasNoSettings() async throws {
    let world = try await World()
    try await world.sh(
      world.ana,
      "git rm --quiet --cached hotfix.yml && git commit --quiet -m 'Without settings' "
        + "&& git push --quiet origin main"
    )
    let open = await world.hotfix(world.ana, World.openArguments)
    #expect(open.status == 1 && open.err.contains("[settings.not-on-main]"), "\(open.all)")
    #expect(open.err.contains("git push origin main"))
    let doctor = await world.hotfix(world.ana, "doctor")
    #expect(doctor.status == 1 && doctor.out.contains("has to be on origin/main"), "\(doctor.all)")
    let record = await world.hotfix(world.ana, "record", "verify")
    #expect(record.status == 0 && record.err.contains("settings from this checkout"))
  }

  @Test func takesAnotherFileForOneCommandAndRecordsIt() async throws {
    let world = try await World()
    let text = try world.read("ana/hotfix.yml")
    try text.write(toFile: "\(world.path)/other.yml", atomically: true, encoding: .utf8)
    let open = await world.hotfix(
      world.ana,
      World.openArguments + ["--settings", "../other.yml"]
    )
    try world.expect(open, 0)
    #expect(open.err.contains("settings from"), "\(open.err)")
    let log = await world.hotfix(world.ana, "log", "v1.0.1-hotfix1")
    #expect(log.out.contains("other.yml, sha256:"), "\(log.all)")
    let next = await world.hotfix(world.ben, "note", "hello", "--settings", "../other.yml")
    try world.expect(next, 0)
    let again = await world.hotfix(world.ben, "log", "v1.0.1-hotfix1")
    #expect(again.out.components(separatedBy: "other.yml, sha256:").count == 3, "\(again.all)")
  }

  @Test func followsTheRemoteAndTheBranchThatTheSettingsName() async throws {
    let world = try await World()
    try await world.sh(world.ana, "git remote rename origin upstream && git remote add origin .")
    try await world.sh(world.ana, "git switch --quiet -c trunk upstream/main")
    let text = try world.read("ana/hotfix.yml")
    try world.write(world.ana, ["hotfix.yml": text + "remote: upstream\nmain: trunk\n"])
    try await world.commit(world.ana, "Release from trunk")
    try await world.sh(
      world.ana,
      "git branch -f main trunk && git push --quiet upstream trunk trunk:main && git fetch --quiet origin"
    )
    let open = await world.hotfix(world.ana, World.openArguments)
    try world.expect(open, 0)
    #expect(try await world.sh(world.ana, "git ls-remote upstream 'refs/hotfix/*'").contains("hf-"))
  }
}
