import Foundation
import HotfixTesting
import ReleaseModel
import Testing

/// A tick says what is so: what was released is what is there, and what was waived was not done.
@Suite struct TrueTickTests {
  private let tag = "v1.0.1-hotfix1"

  private func released(
    _ settings: @Sendable (String) -> String = { $0 }
  ) async throws -> World {
    let world = try await World(settings: settings)
    try await world.untilRelease()
    try world.expect(await world.hotfix(world.ana, "next"), 0)
    return world
  }

  private func refuses(
    _ world: World,
    _ code: String,
    by commands: [String]...
  ) async {
    for command in commands {
      let refused = await world.hotfix(world.ben, command)
      #expect(
        refused.status == 1 && refused.err.contains("[\(code)]"),
        "\(command): \(refused.all)"
      )
    }
  }

  @Test func aTagThatWasMovedIsRefusedByVerifyAndClose() async throws {
    let world = try await released()
    try world.expect(await world.hotfix(world.ben, "verify", tag), 0)
    // Another commit; then the same commit under another tag object; then nothing at all.
    try await world.sh(
      world.ana,
      "git fetch -q && git push -q -f origin origin/main:refs/tags/\(tag)"
    )
    await refuses(world, "tag.moved", by: ["verify", tag], ["close"], ["close", "--incomplete"])
    let commit = "\(tag)^{commit}"
    try await world.sh(
      world.eve,
      "git fetch -q origin hotfix/\(tag) && git tag -s -m again \(tag) FETCH_HEAD"
        + " && git push -q -f origin \(tag)"
    )
    try await world.sh(
      world.ana,
      "test $(git rev-parse \(commit)) = $(git ls-remote origin '\(tag)^{}' | cut -f1)"
    )
    await refuses(world, "tag.moved", by: ["verify", tag], ["close"])
    try await world.sh(world.ana, "git push -q origin :refs/tags/\(tag)")
    await refuses(world, "tag.moved", by: ["close"])
    let told = await world.hotfix(world.ana, "close")
    // The command that is told puts the released tag back.
    let back = try #require(told.err.firstMatch(of: /git push --force \S+ \S+/))
    try await world.sh(world.ana, "\(back.0) 2>/dev/null")
    try world.expect(await world.hotfix(world.ben, "verify", tag), 0)
    try world.expect(await world.hotfix(world.ben, "close"), 0)
    // What is closed is looked at all the same.
    try await world.sh(world.ana, "git push -q -f origin origin/main:refs/tags/\(tag)")
    await refuses(world, "tag.moved", by: ["verify", tag])
  }

  @Test func mainThatLostTheFixIsRefusedByClose() async throws {
    let world = try await released()
    try await world.sh(
      world.ana,
      "git fetch -q && git push -q -f origin "
        + "$(git rev-list --first-parent --reverse v1.0.0..origin/main | head -n 1):refs/heads/main"
    )
    await refuses(world, "main.lost", by: ["close"])
    try await world.sh(world.ana, "git push -q origin origin/main@{1}:refs/heads/main")
    try world.expect(await world.hotfix(world.ben, "close"), 0)
  }

  /// Records of before, and what people vouch for, name no tag object: the tree is known.
  @Test func aTagThatWasMovedIsRefusedWhereTheRecordNamesNone() async throws {
    let world = try await released()
    for step in ["tag", "push"] {
      try world.expect(await world.hotfix(world.ana, "note", "by hand", "--done", step), 0)
    }
    try world.expect(await world.hotfix(world.ben, "verify", tag), 0)
    try await world.sh(
      world.ana,
      "git fetch -q && git push -q -f origin origin/main:refs/tags/\(tag)"
    )
    await refuses(world, "tag.moved", by: ["verify", tag], ["close"])
  }

  @Test func aReleaseWithoutARunIsHeldAgainstItsServedCommit() async throws {
    let world = try await World()
    try world.expect(await world.hotfix(world.ben, "verify", "v1.0.0"), 0)
    try await world.sh(world.ana, "git push -q -f origin main:refs/tags/v1.0.0")
    await refuses(world, "tag.moved", by: ["verify", "v1.0.0"])
  }

  /// Notes that a person put in the place of ours count when they name this fix.
  @Test func releaseNotesOfAnotherFaultAreSentBack() async throws {
    let world = try await World(settings: {
      $0.replacing("fix: \"test $(", with: "fix: \"false $(")
    })
    try await world.untilRelease()
    try world.expect(await world.hotfix(world.ana, "next"), 1)
    let waiver = ["waive", "candidate", "--reason", "the check is wrong"]
    try world.expect(await world.hotfix(world.ana, waiver), 0)
    try world.expect(await world.hotfix(world.ana, "next"), 1)
    for step in ["fix-works", "update"] {
      try world.expect(await world.hotfix(world.ana, "note", "by hand", "--done", step), 0)
    }
    func next(_ notes: String) async throws -> World.Outcome {
      let file = world.site.appending("releases").appending(tag).appending("notes.md").string
      try notes.write(toFile: file, atomically: true, encoding: .utf8)
      return await world.hotfix(world.ana, "next")
    }
    let other = try await next("# Wick 1.0.1-hotfix1\n\n- Another title of another run.\n")
    #expect(other.status == 3, "\(other.all)")
    #expect(other.out.contains("nor \"Wick forgets the last word\", nor \"Keep the last word\""))
    await refuses(world, "served.notes", by: ["verify", tag])
    let unnamed = try await next("- Wick forgets the last word.\n")
    #expect(unnamed.status == 3 && unnamed.out.contains("do not name 1.0.1-hotfix1"))
    let edited = try await next("1.0.1-hotfix1: no more will Wick\nforgets the last word happen\n")
    #expect(edited.status == 0, "\(edited.all)")
  }
}
