import HotfixTesting
import ReleaseModel
import Testing

/// The files of `version.files` say the version that is released, and nobody's review is spent on it.
@Suite struct VersionStepTests {
  private static let package = "{\n  \"name\": \"wick\",\n  \"version\": \"1.0.0\"\n}\n"
  private static let files = [
    "package.json": package, "package-lock.json": "{ \"version\": \"1.0.0\", \"packages\": {} }\n",
    "version.h": "#define WICK \"1.0.0\" // shown\n",
  ]

  private func world(write: Bool) async throws -> World {
    try await World(
      files: Self.files,
      settings: {
        $0.replacing(
          "scheme: suffix,",
          with: "scheme: suffix, write: \(write), "
            + "files: [ package.json, 'version.h: WICK \"{version}\"' ],"
        ) + "policy: { approvals: 0, limits: { files: 2 } }\n"
      }
    )
  }

  private func open(_ world: World) async throws {
    try world.expect(await world.hotfix(world.ana, World.openArguments), 0)
    try world.expect(await world.hotfix(world.ana, "next"), 3)
    try await world.fix()
  }

  @Test func hotfixCommitsTheVersionAndMainsIsNeverSetBack() async throws {
    let world = try await world(write: true)
    // Main goes on to the next regular version meanwhile.
    let next = Self.files.mapValues { $0.replacing("1.0.0", with: "1.1.0") }
    try world.write(world.ana, next)
    try await world.commit(world.ana, "Begin 1.1.0")
    try await world.sh(world.ana, "git push -q origin main")
    try await open(world)
    let done = await world.hotfix(world.ana, "next")
    #expect(done.status == 0, "\(done.all)")
    #expect(done.all.contains("package.json says 1.0.1-hotfix1"), "\(done.all)")
    // The fix is two files, as many as may be: the version's three files are no part of it.
    #expect(done.all.contains("2 files,") && done.all.contains("and the version in"), "\(done.all)")
    func show(_ revision: String, _ path: String) async throws -> String {
      try await world.sh(world.ana, "git fetch -q; git show \(revision):\(path)")
    }
    for (path, text) in Self.files {
      let released = text.replacing("1.0.0", with: "1.0.1-hotfix1")
      #expect(try await show("v1.0.1-hotfix1", path) + "\n" == released)
      #expect(try await show("origin/main", path) + "\n" == next[path])
    }
    let commits = try await world.sh(world.ana, "git log --format=%s v1.0.0..v1.0.1-hotfix1")
    #expect(commits.split(separator: "\n").contains("Version 1.0.1-hotfix1"))
    // A rollback brings the old code under a higher version, which its files say too.
    let back = await world.hotfix(world.ana, "rollback", "--reason", "it is worse")
    #expect(back.status == 0, "\(back.all)")
    let again = await world.hotfix(world.ana, "next")
    #expect(again.status == 0, "\(again.all)")
    #expect(try await show("v1.0.1-hotfix2", "package.json").contains("1.0.1-hotfix2"))
    #expect(try await show("v1.0.1-hotfix2", "wick.sh").contains("-gt 1"))
  }

  @Test func aPersonWritesItWhereTheSettingsSaySo() async throws {
    let world = try await world(write: false)
    try await open(world)
    let waits = await world.hotfix(world.ana, "next")
    #expect(waits.status == 3 && waits.all.contains("package.json says 1.0.0"), "\(waits.all)")
    let command = "hotfix version write 1.0.1-hotfix1 package.json 'version.h: WICK \"{version}\"'"
    #expect(waits.all.contains(command), "\(waits.all)")
    let wrote = await world.hotfix(
      world.ana,
      "version",
      "write",
      "1.0.1-hotfix1",
      "package.json",
      "version.h: WICK \"{version}\""
    )
    #expect(wrote.out.contains("package-lock.json: 1.0.1-hotfix1 instead of 1.0.0"), "\(wrote.all)")
    // What goes along with the version is a part of the fix.
    try world.write(world.ana, ["version.h": "#define WICK \"1.0.1-hotfix1\" // hidden\n"])
    try await world.commit(world.ana, "Version 1.0.1-hotfix1")
    let big = await world.hotfix(world.ana, "next")
    #expect(big.status == 3 && big.all.contains("3 files; the limit is 2"), "\(big.all)")
    try world.write(world.ana, ["version.h": "#define WICK \"1.0.1-hotfix1\" // shown\n"])
    try await world.sh(world.ana, "git commit -q -a --amend --no-edit")
    let done = await world.hotfix(world.ana, "next")
    #expect(done.status == 0, "\(done.all)")
  }

  @Test func whatCannotBeWrittenIsSaidAndNothingChanges() async throws {
    let world = try await world(write: false)
    try world.write(world.ana, ["a.txt": "x 1.0.0\n", "empty/package.json": "{}\n"])
    for (arguments, code) in [
      (["1.0.1", "b.txt: x {version}"], "version.file"), (["1.0.1", "a.txt"], "version.file"),
      (["1.0.1", "a.txt: x {version}", "empty/package.json"], "version.file"),
      (["next", "a.txt: x {version}"], "version.name"),
      (["1.0.1", "../ben/CHANGELOG.md: [{version}]"], "version.file"),
    ] {
      let outcome = await world.hotfix(world.ana, ["version", "write"] + arguments)
      #expect(outcome.status == 1 && outcome.err.contains("[\(code)]"), "\(outcome.all)")
    }
    #expect(try world.read("ana/a.txt") == "x 1.0.0\n")
  }
}
