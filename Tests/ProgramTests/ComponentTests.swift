import HotfixTesting
import ReleaseModel
import Testing

/// Two applications in one repository, each with a hotfix at the same time.
@Suite struct ComponentTests {
  /// Wick stands at the top of the repository; Taper is a folder of it, with tags of its own.
  private static let components = """
    policy: { approvals: 0 }
    components:
      wick:
        paths: [ wick.sh, tests ]
      taper:
        paths: [ taper ]
        app: Taper
        version: { tag: "taper-v{version}", scheme: patch }
        test: { suite: sh taper/test.sh, proof: sh taper/test.sh }
        ship:
          build: mkdir -p dist && tar -czf dist/Taper-{version}.tar.gz taper
          artifacts: [ { path: "dist/Taper-{version}.tar.gz" } ]
        feeds: []
        verify: { from: 1, fix: "sh {installed}/taper/test.sh" }
        changelog: none

    """

  @Test func eachHasItsOwnTagsPathsAndReleases() async throws {
    let world = try await World(settings: { $0 + Self.components })
    try world.write(world.ana, ["taper/taper.sh": "echo lit\n", "taper/test.sh": "exit 0\n"])
    try await world.commit(world.ana, "Add Taper")
    try await world.sh(
      world.ana,
      "git tag -s -m 'Taper 2.0.0' taper-v2.0.0 && git push -q origin main taper-v2.0.0"
    )
    try world.expect(await world.hotfix(world.ana, "ship", "taper-v2.0.0"), 0)

    let both = await world.hotfix(world.ana, World.openArguments)
    #expect(both.status == 1 && both.err.contains("[component.which]"), "\(both.all)")
    #expect(both.err.contains("--component taper"), "\(both.all)")
    let wick = await world.hotfix(world.ana, World.openArguments + ["--component", "wick"])
    #expect(wick.status == 0 && wick.out.contains("v1.0.1-hotfix1 over v1.0.0"), "\(wick.all)")
    // The folder that the command runs in says which component is meant.
    let folder = world.ana.elsewhere(world.ana.clone.appending("taper").string)
    let open: [String] = ["open", "Taper never goes out"] + World.openArguments.dropFirst(2)
    let taper = await world.hotfix(folder, open)
    let name = "taper-v2.0.1 over taper-v2.0.0"
    #expect(taper.status == 0 && taper.out.contains(name), "\(taper.all)")

    let several = await world.hotfix(world.ana, "next")
    #expect(several.err.contains("[run.several]"), "\(several.all)")
    try world.expect(await world.hotfix(world.ana, "next", "--component", "taper"), 3)
    try await world.sh(world.ana, "git switch -q hotfix/taper-v2.0.1")
    try world.write(
      world.ana,
      [
        "taper/taper.sh": "echo out\n", "Info.plist": "<plist></plist>\n",
        "taper/test.sh": "test $(sh $(dirname $0)/taper.sh) = out\n",
      ]
    )
    try await world.commit(world.ana, "Put Taper out")
    let outside = await world.hotfix(world.ana, "next", "taper-v2.0.1")
    #expect(outside.status == 3, "\(outside.all)")
    #expect(outside.all.contains("Info.plist is outside of component taper"), "\(outside.all)")
    try await world.sh(
      world.ana,
      "git checkout -q taper-v2.0.0 -- Info.plist && git commit -q --amend -m 'Put Taper out'"
    )
    let done = await world.hotfix(world.ana, "next", "taper-v2.0.1")
    #expect(done.status == 0, "\(done.all)")
    try world.expect(await world.hotfix(world.ana, "close", "taper-v2.0.1"), 0)
    try world.expect(await world.hotfix(world.ana, "verify", "taper-v2.0.1"), 0)
    let left = await world.hotfix(world.ana, "status")
    #expect(left.status == 0 && left.out.contains("v1.0.1-hotfix1"), "\(left.all)")
    let record = await world.hotfix(world.ana, "record", "verify")
    #expect(record.status == 0, "\(record.all)")
    #expect(try world.read("site/appcast.xml").contains("1.0.0"))
    #expect(try !world.read("site/appcast.xml").contains("2.0.1"))
  }
}
