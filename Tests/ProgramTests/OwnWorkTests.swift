import Foundation
import HotfixTesting
import ReleaseModel
import Testing

/// Nobody approves their own work, whatever the files and the commits say.
@Suite struct OwnWorkTests {
  /// A list of signers by its form; `ana` and `ben` are the two keys.
  private static let lists: [String: @Sendable (_ ana: String, _ ben: String) -> String] = [
    "plain names": { "ana \($0)ben \($1)" },
    "several names": { "ana@example.org,ana@home.example \($0)ben@example.org \($1)" },
    "quoted": { "\"ana@example.org\" \($0)ben@example.org \($1)" },
    "upper case": { "Ana@Example.ORG \($0)ben@example.org \($1)" },
    "a key twice": { "anna@x.example \($0)ana@example.org \($0)ben@example.org \($1)" },
    "CRLF": {
      "ana@example.org \($0)ben@example.org \($1)".replacing("\n", with: "\r\n")
    },
  ]

  private func list(_ world: World, _ text: String, pulls: Bool = true) async throws {
    try world.write(world.ana, ["allowed_signers": text])
    try await world.commit(world.ana, "Change the list of signers")
    try await world.sh(world.ana, "git push --quiet origin HEAD:main")
  }

  private func releases(_ world: World) async throws -> String {
    try await world.sh(world.ana, "ls ../site/releases")
  }

  @Test(arguments: Self.lists.keys.sorted())
  func anAuthorCannotApprove(_ form: String) async throws {
    let world = try await World()
    let make = try #require(Self.lists[form])
    try await list(
      world,
      make(try world.publicKeyLine(world.ana), try world.publicKeyLine(world.ben))
    )
    let opened = await world.hotfix(world.ben, World.openArguments)
    #expect(opened.status == 0, "\(opened.all)")
    #expect(await world.hotfix(world.ben, "approve").all.contains("[approve.own-work]"))
    try world.expect(await world.hotfix(world.ana, "approve"), 0)
    try world.expect(await world.hotfix(world.ana, "next"), 3)
    try await world.fix()
    try world.expect(await world.hotfix(world.ana, "next"), 3)
    let own = await world.hotfix(world.ana, "approve", "code-review")
    #expect(own.status == 1 && own.all.contains("[approve.own-work]"), "\(own.all)")
    try world.expect(await world.hotfix(world.ana, "next"), 3)
    try world.expect(await world.hotfix(world.ben, "approve"), 0)
    let next = await world.hotfix(world.ana, "next")
    #expect(next.status == 0, "\(next.all)")
  }

  @Test(arguments: ["Ben@Example.ORG", "stranger@example.org"])
  func aSignatureTellsWhoWroteItWhateverTheAddressSays(_ address: String) async throws {
    let world = try await World()
    try world.expect(await world.hotfix(world.ana, World.openArguments), 0)
    try world.expect(await world.hotfix(world.ben, "approve"), 0)
    try world.expect(await world.hotfix(world.ana, "next"), 3)
    try await world.sh(world.ana, "git config user.email \(address)")
    try await world.fix()
    try await world.sh(world.ana, "git config --unset user.email")
    let next = await world.hotfix(world.ana, "next")
    #expect(next.status == 3, "\(next.all)")
    let own = await world.hotfix(world.ana, "approve")
    #expect(own.all.contains("[approve.own-work]"), "\(own.all)")
    let ben = await world.hotfix(world.ben, "approve")
    if address.hasPrefix("stranger") {
      #expect(ben.status == 0, "\(ben.all)")
    } else {
      // Whom the address names may have written it, and ana committed it.
      #expect(ben.all.contains("[approve.own-work]"), "\(ben.all)")
      #expect(next.all.contains("is signed by ana@example.org and says ben@example.org"))
    }
  }

  @Test func anAuthorWhoIsNobodyStopsTheReviewUntilTheyAreListed() async throws {
    let world = try await World()
    try world.expect(await world.hotfix(world.ana, World.openArguments), 0)
    try world.expect(await world.hotfix(world.ben, "approve"), 0)
    try world.expect(await world.hotfix(world.ana, "next"), 3)
    try world.writeFix(world.ana)
    try await world.sh(
      world.ana,
      "git add -A && git -c user.email=dave@example.org -c user.name=Dave -c commit.gpgsign=false "
        + "commit --quiet -m 'Keep the last word'"
    )
    let next = await world.hotfix(world.ana, "next")
    #expect(next.status == 1 && next.all.contains("[review.author]"), "\(next.all)")
    #expect(next.all.contains("Dave <dave@example.org>"), "\(next.all)")
    let approve = await world.hotfix(world.ben, "approve", "code-review")
    #expect(approve.status == 1 && approve.all.contains("[review.author]"), "\(approve.all)")
    // It is ana's other address: main says so from now on, and the run takes main's policy.
    try await world.sh(world.ana, "git stash -q 2>/dev/null; git switch -q main && git pull -q")
    let lines =
      "ana@example.org,dave@example.org \(try world.publicKeyLine(world.ana))"
      + "ben@example.org \(try world.publicKeyLine(world.ben))"
    try await list(world, lines)
    try await world.sh(world.ana, "git switch -q hotfix/v1.0.1-hotfix1")
    try world.expect(await world.hotfix(world.ben, "approve", "policy"), 0)
    try world.expect(await world.hotfix(world.ana, "next"), 3)
    #expect(
      await world.hotfix(world.ana, "approve", "code-review").all.contains("[approve.own-work]")
    )
    // What was approved under the old policy is approved again under the new one.
    try world.expect(await world.hotfix(world.ben, "approve"), 0)
    try world.expect(await world.hotfix(world.ana, "next"), 3)
    try world.expect(await world.hotfix(world.ben, "approve"), 0)
    let done = await world.hotfix(world.ana, "next")
    #expect(done.status == 0, "\(done.all)")
  }

  @Test func whoBringsAnUnsignedCommitCannotApproveItWhateverItSays() async throws {
    let world = try await World()
    try world.expect(await world.hotfix(world.ana, World.openArguments), 0)
    try world.expect(await world.hotfix(world.ben, "approve"), 0)
    try world.expect(await world.hotfix(world.ana, "next"), 3)
    try world.writeFix(world.ana)
    try await world.sh(
      world.ana,
      "git add -A && git -c user.email=ben@example.org -c commit.gpgsign=false "
        + "commit --quiet -m 'Keep the last word'"
    )
    try world.expect(await world.hotfix(world.ana, "next"), 3)
    for person in [world.ana, world.ben] {
      let own = await world.hotfix(person, "approve", "code-review")
      #expect(own.status == 1 && own.all.contains("[approve.own-work]"), "\(own.all)")
    }
  }

  @Test func aCoAuthorCannotApprove() async throws {
    let world = try await World()
    try world.expect(await world.hotfix(world.ana, World.openArguments), 0)
    try world.expect(await world.hotfix(world.ben, "approve"), 0)
    try world.expect(await world.hotfix(world.ana, "next"), 3)
    try world.writeFix(world.ana)
    try await world.commit(
      world.ana,
      "Keep the last word\n\nCo-Authored-By: Ben <BEN@example.org>\nReviewed-by: nobody"
    )
    try world.expect(await world.hotfix(world.ana, "next"), 3)
    let ben = await world.hotfix(world.ben, "approve", "code-review")
    #expect(ben.all.contains("[approve.own-work]"), "\(ben.all)")
  }

  @Test func aChangelogWrittenByHandIsWorkAlthoughItSaysOtherwise() async throws {
    let world = try await World()
    try await world.untilReview()
    try await world.sh(world.ben, "git fetch -q && git switch -q hotfix/v1.0.1-hotfix1")
    try world.write(world.ben, ["CHANGELOG.md": "# Changelog\n\n## [1.0.1]\n\n- Nothing.\n"])
    try await world.commit(world.ben, "Document 1.0.1\n\nHotfix-Draft: changelog")
    try await world.sh(world.ben, "git push -q origin hotfix/v1.0.1-hotfix1")
    let ben = await world.hotfix(world.ben, "approve", "docs-review")
    #expect(ben.all.contains("[approve.own-work]"), "\(ben.all)")
  }

  @Test func aRevokedKeyCountsForNothing() async throws {
    let world = try await World()
    let settings = try world.read("ana/hotfix.yml")
    try world.write(
      world.ana,
      [
        "hotfix.yml": settings + "policy: { revocation: revoked }\n",
        "revoked": "# lost\n\(try world.publicKeyLine(world.ben))",
      ]
    )
    try await world.commit(world.ana, "Revoke a key")
    try await world.sh(world.ana, "git push --quiet origin main")
    try world.expect(await world.hotfix(world.ana, World.openArguments), 0)
    let ben = await world.hotfix(world.ben, "approve")
    #expect(ben.status == 1 && ben.all.contains("[identity.refused]"), "\(ben.all)")
    #expect(ben.all.contains("is revoked"), "\(ben.all)")
  }

  @Test(arguments: [true, false])
  func aKeyThatGitCountsAsRevokedCountsForNothing(_ isBinary: Bool) async throws {
    let world = try await World()
    try world.expect(await world.hotfix(world.ana, World.openArguments), 0)
    try world.expect(await world.hotfix(world.ben, "approve"), 0)
    let home = world.ben.environment["HOME"] ?? ""
    try await world.sh(
      world.ana,
      (isBinary ? "ssh-keygen -q -k -f ../revoked" : "cp")
        + " \(home)/key.pub\(isBinary ? "" : " ../revoked") && git config gpg.ssh.revocationFile ../revoked"
    )
    // Ana's git counts ben's key as revoked: for her, nobody has approved.
    let next = await world.hotfix(world.ana, "next")
    #expect(next.status == 3 && next.out.contains("approves approval"), "\(next.all)")
  }

  @Test func aKeyThatMayNotApproveIsToldSo() async throws {
    let world = try await World()
    try await list(
      world,
      "ana@example.org \(try world.publicKeyLine(world.ana))"
        + "ben@example.org namespaces=\"git\" \(try world.publicKeyLine(world.ben))"
    )
    let doctor = await world.hotfix(world.ana, "doctor")
    #expect(doctor.out.contains("ben@example.org cannot approve"), "\(doctor.all)")
    try world.expect(await world.hotfix(world.ana, World.openArguments), 0)
    let ben = await world.hotfix(world.ben, "approve")
    #expect(ben.status == 1 && ben.all.contains("[approve.uncounted]"), "\(ben.all)")
    #expect(ben.all.contains("namespaces=\"git,hotfix-approval\""), "\(ben.all)")
  }

  @Test func aRunThatWasOpenBeforeSaysThatItsListIsOld() async throws {
    let world = try await World()
    try await list(
      world,
      "ana@example.org \(try world.publicKeyLine(world.ana))"
        + "ben@example.org \(try world.publicKeyLine(world.ben))"
        + "eve@example.org \(try world.publicKeyLine(world.eve))"
    )
    try world.expect(await world.hotfix(world.ana, World.openArguments), 0)
    try await list(
      world,
      "ana@example.org \(try world.publicKeyLine(world.ana))"
        + "ben@example.org \(try world.publicKeyLine(world.ben))"
    )
    let next = await world.hotfix(world.ana, "next")
    #expect(next.all.contains("does not list eve@example.org any more"), "\(next.all)")
    let eve = await world.hotfix(world.eve, "approve")
    #expect(eve.status == 1 && eve.all.contains("[identity.unlisted]"), "\(eve.all)")
  }
}
