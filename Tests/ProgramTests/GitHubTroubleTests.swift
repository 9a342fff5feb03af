import Foundation
import GitHubStandIn
import HotfixTesting
import ReleaseModel
import Testing

/// Bad luck on GitHub: each has its clear error and next step, and `next` goes on after it is mended.
@Suite struct GitHubTroubleTests {
  private func world() async throws -> (World, GitHubStandIn) {
    let world = try await World(onGitHub: true)
    return (world, try #require(world.github))
  }

  private func refused(
    _ world: World,
    _ code: String,
    _ words: String...,
    environment: [String: String] = [:]
  ) async {
    let next = await world.hotfix(world.ana, ["next"], environment: environment)
    #expect(next.status == 1 && next.all.contains("[\(code)]"), "\(code): \(next.all)")
    for word in words { #expect(next.all.contains(word), "\(code): \(next.all)") }
    #expect(!next.all.contains("ana-token"), "no secret in an error")
  }

  private func goesOn(_ world: World) async {
    let next = await world.hotfix(world.ana, "next")
    #expect(next.status == 0, "\(next.all)")
  }

  @Test func aTokenThatIsMissingOrWrong() async throws {
    let (world, _) = try await world()
    try await world.untilRelease()
    let old = ["GITHUB_TOKEN": "old"]
    await refused(world, "push.unauthorized", "GitHub does not take the token", environment: old)
    let doctor = await world.hotfix(
      world.ana,
      ["doctor"],
      environment: ["GITHUB_TOKEN": "", "GH_TOKEN": ""]
    )
    #expect(doctor.status == 1 && doctor.out.contains("gh auth login"), "\(doctor.all)")
    await goesOn(world)
  }

  @Test func theDoctorNamesEachMissingPermission() async throws {
    let (world, github) = try await world()
    await github.addUser("ana", token: "poor", scopes: ["gist"])
    let classic = await world.hotfix(world.ana, ["doctor"], environment: ["GITHUB_TOKEN": "poor"])
    #expect(classic.out.contains("lacks the scope repo"), "\(classic.all)")
    await github.addFineGrainedToken(
      "ana",
      token: "fine",
      permissions: ["metadata": "read", "contents": "read"]
    )
    let fine = await world.hotfix(world.ana, ["doctor"], environment: ["GITHUB_TOKEN": "fine"])
    #expect(fine.out.contains("pull requests: write"), "\(fine.all)")
    for needs in ["contents: write", "issues: write", "repository security advisories: write"] {
      #expect(fine.out.contains(needs), "\(fine.all)")
    }
    let skewed = await world.hotfix(
      world.ana,
      ["doctor"],
      environment: ["HOTFIX_CLOCK_SHIFT": "3600"]
    )
    #expect(skewed.out.contains("this machine's clock is"), "\(skewed.all)")
    let whole = await world.hotfix(world.ana, "doctor")
    #expect(whole.out.contains("merging: pull requests are merged by merge"), "\(whole.all)")
  }

  @Test func requiredChecksAreWaitedFor() async throws {
    let (world, github) = try await world()
    try await github.protect(
      World.repository,
      branch: "main",
      requiredChecks: ["ci"],
      approvals: nil
    )
    try await world.untilRelease()
    let waits = await world.hotfix(world.ana, "next")
    #expect(waits.status == 3 && waits.out.contains("runs the required checks ci"), "\(waits.all)")
    let branch = "hotfix/v1.0.1-hotfix1"
    try await github.setStatus(World.repository, branch, "ci", "failure")
    let fails = await world.hotfix(world.ana, "next")
    #expect(fails.status == 3 && fails.out.contains("mends the required check ci"), "\(fails.all)")
    try await github.setStatus(World.repository, branch, "ci", "success")
    // The documents go through a pull request too, where main takes nothing else.
    let papers = await world.hotfix(world.ana, "next")
    #expect(papers.status == 3 && papers.out.contains("docs/hotfixes"), "\(papers.all)")
    for branch in ["hotfix-papers/v1.0.1-hotfix1-md", "hotfix-papers/v1.0.1-hotfix1-html"] {
      try await github.setStatus(World.repository, branch, "ci", "success")
      let pulls = try await GitHubEnd.open(github)
      try await GitHubEnd.merge(github, try #require(pulls.first))
      _ = await world.hotfix(world.ana, "next")
    }
    await goesOn(world)
  }

  @Test func objectionsAndThreadsAreWaitedFor() async throws {
    let (world, github) = try await world()
    try await world.untilReview()
    try await github.review(World.repository, 1, by: "ben", .changesRequested, body: "No.")
    try world.expect(await world.hotfix(world.ben, "approve"), 0)
    let objection = await world.hotfix(world.ana, "next")
    #expect(
      objection.status == 3 && objection.out.contains("asked for changes"),
      "\(objection.all)"
    )
    try await github.review(World.repository, 1, by: "ben", .approved)
    let thread = try await github.addThread(
      World.repository,
      1,
      by: "ben",
      path: "wick.sh",
      body: "Why?"
    )
    let open = await world.hotfix(world.ana, "next")
    #expect(open.status == 3 && open.out.contains("thread that is not resolved"), "\(open.all)")
    try await github.resolveThread(World.repository, 1, thread)
    await goesOn(world)
  }

  @Test(arguments: ["squash", "rebase"])
  func aSquashedMergeIsKnownByItsTree(_ method: String) async throws {
    let world = try await World(
      onGitHub: true,
      settings: { $0.replacing("github: ana/wick,", with: "github: ana/wick, merge: \(method),") }
    )
    let github = try #require(world.github)
    try await github.setMergeMethods(World.repository, [method])
    try await world.untilRelease()
    await goesOn(world)
    let head = try await world.sh(world.ana, "git rev-parse origin/hotfix/v1.0.1-hotfix1")
    #expect(try await world.sh(world.ana, "git rev-parse v1.0.1-hotfix1^{commit}") == head)
    let contains = try? await world.sh(
      world.ana,
      "git merge-base --is-ancestor \(head) origin/main"
    )
    #expect(contains == nil, "main has it by its tree, not by its commit")
  }

  @Test func aMergeMethodThatTheRepositoryForbids() async throws {
    let (world, github) = try await world()
    try await github.setMergeMethods(World.repository, ["squash"])
    try await world.untilRelease()
    await refused(world, "merge.method", "host: { merge: squash }")
    try await github.setMergeMethods(World.repository, ["merge"])
    await goesOn(world)
  }

  @Test func aTagRuleForbidsTheTag() async throws {
    let (world, github) = try await world()
    try await world.untilRelease()
    let rule = try await github.addRuleset(
      World.repository,
      name: "tags",
      target: "tag",
      include: ["v*"],
      rules: [.creation]
    )
    let doctor = await world.hotfix(world.ana, "doctor")
    #expect(doctor.out.contains("the rule \"tags\" forbids making tags"), "\(doctor.all)")
    await refused(world, "push.tag-rule", "GH013")
    try await github.removeRuleset(World.repository, rule)
    await goesOn(world)
  }

  @Test(arguments: [false, true]) func withdrawingGivesTheOldFeedBack(_ isImmutable: Bool)
    async throws
  {
    let (world, github) = try await world()
    try await github.setImmutableReleases(World.repository, isImmutable)
    try await world.untilRelease()
    await goesOn(world)
    let back = await world.hotfix(world.ana, "withdraw", "--reason", "it hurts")
    #expect(
      back.status == 0 && back.out.contains("nothing instead of 1.0.1-hotfix1"),
      "\(back.all)"
    )
    #expect(try await GitHubEnd(github).latest == "v1.0.0")
    let again = await world.hotfix(world.ana, "withdraw", "--reason", "it hurts")
    #expect(again.status == 0, "\(again.all)")
  }

  @Test func aSecurityFixGetsItsAdvisory() async throws {
    let (world, github) = try await world()
    try world.expect(
      await world.hotfix(
        world.ana,
        "open",
        "Words leak",
        "--kind",
        "security",
        "--exploitation",
        "active",
        "--utility",
        "super effective",
        "--technical-impact",
        "total",
        "--safety",
        "significant",
        "--because",
        "it is exploited",
        "--workaround",
        "none",
        "--public",
        "the attack is in the news"
      ),
      0
    )
    try world.expect(await world.hotfix(world.ben, "approve"), 0)
    let drafted = await world.hotfix(world.ana, "next")
    #expect(drafted.err.contains("✓ advisory-draft"), "\(drafted.all)")
    try await world.fix()
    _ = await world.hotfix(world.ana, "next")
    try world.expect(await world.hotfix(world.ben, "approve"), 0)
    // An answer that is lost makes no second advisory.
    await github.setFaults([Fault("PATCH", "*/security-advisories/*", .lostAnswer)])
    _ = await world.hotfix(world.ana, "next")
    await goesOn(world)
    #expect(try await GitHubEnd.advisories(github) == ["published"])
  }

  @Test func aHotfixOfAnOldLineLeavesLatestAlone() async throws {
    // Without a feed: a line of its own would have a feed of its own.
    let world = try await World(
      onGitHub: true,
      settings: { $0.replacing("feeds: [ { sparkle: appcast.xml, signed: true } ]\n", with: "") }
    )
    let github = try #require(world.github)
    try await world.sh(world.ana, "git tag -s -m 2 v2.0.0 && git push -q origin v2.0.0")
    try world.expect(await world.hotfix(world.ana, "ship", "v2.0.0"), 0)
    try world.expect(
      await world.hotfix(world.ana, World.openArguments + ["--base", "v1.0.0"]),
      0
    )
    try world.expect(await world.hotfix(world.ben, "approve"), 0)
    try world.expect(await world.hotfix(world.ana, "next"), 3)
    try await world.fix()
    _ = await world.hotfix(world.ana, "next")
    try world.expect(await world.hotfix(world.ben, "approve"), 0)
    _ = await world.hotfix(world.ana, "next")
    #expect(try await GitHubEnd(github).latest == "v2.0.0")
  }
}
