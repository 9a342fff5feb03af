import HotfixTesting
import Testing

/// A run in a project whose changelog is no Keep a Changelog, and which keeps no documents.
@Suite struct ChangelogRunTests {
  private func world(_ changelog: String) async throws -> World {
    try await World { $0 + "changelog: \(changelog)\ndocuments: none\n" }
  }

  /// Opens the run, and commits the fix together with a file.
  private func fix(_ world: World, _ files: [String: String]) async throws {
    try world.expect(await world.hotfix(world.ana, World.openArguments), 0)
    try world.expect(await world.hotfix(world.ben, "approve"), 0)
    try world.expect(await world.hotfix(world.ana, "next"), 3)
    try await world.sh(world.ana, "git switch --quiet hotfix/v1.0.1-hotfix1")
    try world.writeFix(world.ana)
    try world.write(world.ana, files)
    try await world.commit(world.ana, "Keep the last word")
    try await world.sh(world.ana, "git push --quiet origin hotfix/v1.0.1-hotfix1")
  }

  private func finish(_ world: World) async throws -> String {
    let approved = await world.hotfix(world.ben, "approve")
    #expect(approved.status == 0, "\(approved.all)")
    let next = await world.hotfix(world.ana, "next")
    #expect(next.status == 0, "\(next.all)")
    return try await world.sh(world.ana, "git fetch -q && git ls-tree -r --name-only origin/main")
  }

  @Test func aDraftInAnotherFormIsNobodysWork() async throws {
    let world = try await world("debian/changelog")
    let old = """
      wick (1.0.0-1) unstable; urgency=medium

        * First release.

       -- Ana <ana@example.org>  Sun, 01 Nov 2026 10:00:00 +0000

      """
    try await fix(world, ["debian/changelog": old])
    // Ben's clone drafts the section, and Ben may review all the same.
    try world.expect(await world.hotfix(world.ben, "next"), 3)
    let files = try await finish(world)
    #expect(!files.contains("docs/"), "\(files)")
    let new = try await world.sh(world.ana, "git show origin/main:debian/changelog")
    #expect(new.hasPrefix("wick (1.0.1-hotfix1-1) unstable; urgency=medium\n\n  * "), "\(new)")
    #expect(new.contains("\n -- ben <ben@example.org>  "), "\(new)")
    #expect(old.hasSuffix("+0000\n") && new.contains(old.dropLast()), "\(new)")
  }

  @Test func aFormThatIsNotKnownStaysAndTheNotesSayIt() async throws {
    let world = try await world("NEWS")
    let news = "* Mon May 07 2007 - Ana <ana@example.org> - v1.0.0\n    - BUGFIX: A\n"
    try await fix(world, ["NEWS": news])
    try world.expect(await world.hotfix(world.ana, "next"), 3)
    let status = await world.hotfix(world.ana, "status")
    #expect(status.all.contains("NEWS is in a form of its own and stays as it is"), "\(status.all)")
    let files = try await finish(world)
    #expect(!files.contains("docs/"), "\(files)")
    #expect(try await world.sh(world.ana, "git show origin/main:NEWS") + "\n" == news)
  }

  @Test func aProjectWithoutAChangelogGetsNone() async throws {
    let world = try await world("none")
    try await fix(world, [:])
    try world.expect(await world.hotfix(world.ana, "next"), 3)
    let files = try await finish(world)
    #expect(!files.contains("docs/"), "\(files)")
    #expect(
      try await world.sh(world.ana, "git show origin/main:CHANGELOG.md | grep -c 1.0.1 || true")
        .hasPrefix("0")
    )
  }
}
