import GitHubStandIn
import HotfixTesting
import ReleaseModel
import Runbook
import Testing

/// The workflow builds and rehearses the candidate, and `next` watches; where no run of it can
/// begin, `next` builds the candidate itself.
@Suite struct GitHubCandidateTests {
  private static let branch = "hotfix/v1.0.1-hotfix1"
  private static let settings = """
    app: Wick
    host: { github: ana/wick }
    test: { suite: "true", proof: "true" }
    ship:
      build: sh build.sh {version} {build}
      artifacts: [ { path: "dist/Wick-{version}.tar.gz" } ]
      sign: { ed25519: { key: env:WICK_KEY } }

    """

  /// What `hotfix init --workflow` writes.
  private static func workflow() throws -> String {
    ReleaseWorkflow(try Settings.read(settings)).text
  }

  private func world(_ workflow: String?) async throws -> (
    World, GitHubStandIn
  ) {
    let world = try await World(onGitHub: true, workflow: workflow) {
      $0.replacing("ship:\n", with: "ship:\n  workflow: release.yml\n")
    }
    let github = try #require(world.github)
    let key = world.ana.environment["WICK_KEY"] ?? ""
    try await github.setSecrets(World.repository, ["WICK_KEY": key])
    return (world, github)
  }

  private func next(
    _ world: World,
    _ environment: [String: String] = [:]
  ) async -> World.Outcome {
    await world.hotfix(world.ana, ["next"], environment: environment)
  }

  private func head(_ world: World) async throws -> String {
    try await world.sh(world.ana, "git rev-parse \(Self.branch)")
  }

  /// Commits on the hotfix branch, has it reviewed, and returns what `next` says then.
  private func goOn(_ world: World, _ message: String) async throws -> World.Outcome {
    try await world.commit(world.ana, message)
    try world.expect(await next(world), 3)
    try world.expect(await world.hotfix(world.ben, "approve"), 0)
    return await next(world)
  }

  @Test func theWorkflowBuildsTheCandidate() async throws {
    let (world, github) = try await world(try Self.workflow())
    try await world.untilRelease()
    try await github.idle(World.repository)
    let tagged = await next(world)
    #expect(tagged.status == 3 && tagged.err.contains("✓ candidate"), "\(tagged.all)")
    let commit = try await head(world)
    #expect(tagged.err.contains("built and rehearsed \(commit.prefix(12))"), "\(tagged.all)")
    #expect(!tagged.err.contains("… candidate"), "nothing was built here: \(tagged.err)")
    let run = try #require(try await GitHubEnd.run(github, "hotfix%2Fv1.0.1-hotfix1"))
    let log = try await github.log(World.repository, run: run)
    #expect(log.contains("✓ candidate") && !log.contains("✓ publish"), "\(log)")
    #expect(!log.contains(world.ana.environment["WICK_KEY"] ?? "?"), "no secret in the log")
    try await github.idle(World.repository)
    let end = await next(world)
    #expect(end.status == 0, "\(end.all)")
    let shipped = try #require(try await GitHubEnd.run(github, "v1.0.1-hotfix1"))
    #expect(try await github.log(World.repository, run: shipped).contains("✓ update"))
  }

  @Test func theBranchItselfHasNoCandidateYet() async throws {
    let (world, github) = try await world(try Self.workflow())
    try world.expect(await world.hotfix(world.ana, World.openArguments), 0)
    try world.expect(await world.hotfix(world.ben, "approve"), 0)
    try world.expect(await next(world), 3)
    try await github.idle(World.repository)
    let run = try #require(try await GitHubEnd.run(github, "hotfix%2Fv1.0.1-hotfix1"))
    #expect(try await github.finished(World.repository, run: run) == "success")
    let log = try await github.log(World.repository, run: run)
    #expect(log.contains("there is no candidate yet"), "\(log)")
  }

  @Test func aBranchOlderThanTheWorkflowIsBuiltByMains() async throws {
    let (world, github) = try await world(nil)
    try world.write(world.ana, [".github/workflows/release.yml": try Self.workflow()])
    try await world.commit(world.ana, "Add the workflow")
    try await world.sh(world.ana, "git push --quiet origin main")
    try await world.untilRelease()
    let started = await next(world)
    let words = "starts release.yml for the candidate of v1.0.1-hotfix1"
    #expect(started.status == 3 && started.err.contains(words), "\(started.all)")
    try await github.idle(World.repository)
    let tagged = await next(world)
    let commit = try await head(world)
    #expect(tagged.err.contains("built and rehearsed \(commit.prefix(12))"), "\(tagged.all)")
    // The tag's own tree has no workflow either; after a minute main's is started for it.
    try await github.idle(World.repository)
    let later = ["HOTFIX_CLOCK_SHIFT": "120"]
    let shipping = await next(world, later)
    #expect(shipping.err.contains("starts release.yml for v1.0.1-hotfix1"), "\(shipping.all)")
    try await github.idle(World.repository)
    let end = await next(world, later)
    #expect(end.status == 0, "\(end.all)")
  }

  /// The run is there although nobody was told so, and is found by its name.
  @Test func aLostAnswerStartsNoSecondCandidate() async throws {
    let (world, github) = try await world(nil)
    try world.write(world.ana, [".github/workflows/release.yml": try Self.workflow()])
    try await world.commit(world.ana, "Add the workflow")
    try await world.sh(world.ana, "git push --quiet origin main")
    try await world.untilRelease()
    await github.setFaults([Fault("POST", "*/dispatches", .lostAnswer)])
    await github.forgetRequests()
    _ = await next(world)
    try await github.idle(World.repository)
    let tagged = await next(world)
    #expect(tagged.err.contains("✓ candidate"), "\(tagged.all)")
    let started = await github.requests.filter { $0.path.hasSuffix("/dispatches") }
    #expect(started.count == 1, "\(started.map(\.path))")
    try await github.idle(World.repository)
  }

  /// Main's workflow has no job for it, or nothing can begin it.
  @Test(arguments: ["hotfix ship --candidate", "correlation:"])
  func nextBuildsItWhereNoRunCanBegin(_ missing: String) async throws {
    let (world, github) = try await world(nil)
    let text = try Self.workflow().replacing(missing, with: "unknown:")
    try world.write(world.ana, [".github/workflows/release.yml": text])
    try await world.commit(world.ana, "Add a workflow")
    try await world.sh(world.ana, "git push --quiet origin main")
    try await world.untilRelease()
    let next = await next(world)
    #expect(next.err.contains("rehearses its release on a private copy"), "\(next.all)")
    #expect(next.err.contains("✓ candidate") && !next.err.contains("starts release.yml"))
    try await github.idle(World.repository)
  }

  @Test func aFailedCandidateIsToldAndACommitBeginsAnother() async throws {
    let (world, github) = try await world(try Self.workflow())
    try world.expect(await world.hotfix(world.ana, World.openArguments), 0)
    try world.expect(await world.hotfix(world.ben, "approve"), 0)
    try world.expect(await next(world), 3)
    try await world.sh(world.ana, "sed -i 's/@VERSION@/9.9.9/' Info.plist")
    try await world.fix()
    try world.expect(await next(world), 3)
    try world.expect(await world.hotfix(world.ben, "approve"), 0)
    try await github.idle(World.repository)
    let failed = await next(world)
    #expect(failed.status == 1 && failed.out.contains("[workflow.artifact]"), "\(failed.all)")
    for words in [
      "says that it is another version than 1.0.1-hotfix1", "nothing has been published",
      "hotfix ship --candidate v1.0.1-hotfix1", "Or commit on \(Self.branch)",
    ] { #expect(failed.out.contains(words), "\(words): \(failed.all)") }
    let tags = try await world.sh(world.ana, "git ls-remote --tags origin 'v1.0.1*'")
    #expect(tags.isEmpty, "nothing has been tagged")
    #expect(try await GitHubEnd(github).releases.count == 1)
    // The failed run is of an earlier head, and does not count any more.
    try await world.sh(world.ana, "sed -i 's/9.9.9/@VERSION@/' Info.plist")
    await github.pauseRunner(true)
    let queued = try await goOn(world, "Carry the version")
    #expect(queued.status == 3 && queued.out.contains("in its queue"), "\(queued.all)")
    await github.pauseRunner(false)
    try await github.idle(World.repository)
    let tagged = await next(world)
    #expect(tagged.status == 3 && tagged.err.contains("✓ candidate"), "\(tagged.all)")
  }

  @Test func aNewerPushCancelsTheOlderCandidate() async throws {
    let (world, github) = try await world(try Self.workflow())
    try world.expect(await world.hotfix(world.ana, World.openArguments), 0)
    try world.expect(await world.hotfix(world.ben, "approve"), 0)
    try world.expect(await next(world), 3)
    try await github.idle(World.repository)
    await github.pauseRunner(true)
    try await world.fix()
    try world.expect(await next(world), 3)
    let older = try #require(try await GitHubEnd.run(github, "hotfix%2Fv1.0.1-hotfix1"))
    try world.write(world.ana, ["wick.sh": try world.read("ana/wick.sh") + "# Kept.\n"])
    try await world.commit(world.ana, "Say so")
    try world.expect(await next(world), 3)
    #expect(try await github.finished(World.repository, run: older) == "cancelled")
    await github.pauseRunner(false)
    try world.expect(await world.hotfix(world.ben, "approve"), 0)
    try await github.idle(World.repository)
    let tagged = await next(world)
    #expect(tagged.status == 3 && tagged.err.contains("✓ candidate"), "\(tagged.all)")
  }

  private static let shipping = """
    name: Release
    on: { push: { tags: ["v*"] } }
    permissions: { contents: write }
    jobs:
      ship:
        runs-on: ubuntu-24.04
        env: { GITHUB_TOKEN: "${{ github.token }}", WICK_KEY: "${{ secrets.WICK_KEY }}" }
        steps:
          - uses: actions/checkout@v4
            with: { fetch-depth: 0 }
          - run: test -z "$(git config user.signingkey)$SSH_AUTH_SOCK"
          - run: hotfix ship "$GITHUB_REF_NAME"

    """

  /// A tag without a run, shipped with nobody's key and a token that may write contents alone.
  @Test func aTagIsRehearsedBeforeItIsPublished() async throws {
    let (world, github) = try await world(Self.shipping)
    try await world.sh(world.ana, "git tag -s -m 1.1 v1.1.0 && git push -q origin v1.1.0")
    try await github.idle(World.repository)
    let run = try #require(try await GitHubEnd.run(github, "v1.1.0"))
    let log = try await github.log(World.repository, run: run)
    #expect(log.contains("rehearses v1.1.0: no candidate of it was tried"), "\(log)")
    #expect(try await GitHubEnd(github).latest == "v1.1.0", "\(log)")
    try await world.sh(world.ana, "sed -i 's/@VERSION@/9.9.9/' Info.plist")
    try await world.commit(world.ana, "Carry another version")
    try await world.sh(world.ana, "git tag -s -m 1.2 v1.2.0 && git push -q origin v1.2.0")
    try await github.idle(World.repository)
    let failed = try #require(try await GitHubEnd.run(github, "v1.2.0"))
    let why = try await github.log(World.repository, run: failed)
    #expect(why.contains("[candidate.version]") && why.contains("nothing has been published"))
    #expect(try await GitHubEnd(github).releases["v1.2.0"] == nil, "\(why)")
  }

  /// The rehearsal's host is a private copy: GitHub is read, and never written to.
  @Test func aCandidateWritesNothingToGitHub() async throws {
    let world = try await World(onGitHub: true)
    let github = try #require(world.github)
    try await world.untilReview()
    try await world.sh(world.ana, "sed -i 's/@VERSION@/9.9.9/' Info.plist")
    try await world.commit(world.ana, "Carry another version")
    try world.expect(await next(world), 3)
    try world.expect(await world.hotfix(world.ben, "approve"), 0)
    await github.forgetRequests()
    let tried = await world.hotfix(world.ana, "ship", "--candidate", "v1.0.1-hotfix1")
    #expect(tried.status == 1 && tried.all.contains("[candidate.version]"), "\(tried.all)")
    let asked = await github.requests
    #expect(!asked.isEmpty, "the release and its feeds were read")
    #expect(asked.filter(Self.writes).map(\.path) == [])
    // `next` records that it tried, in the record and nowhere else.
    await github.forgetRequests()
    let failed = await next(world)
    #expect(failed.status == 1 && failed.all.contains("[candidate.version]"), "\(failed.all)")
    let written = await github.requests.filter(Self.writes).filter { $0.surface != .git }
    #expect(written.map(\.path) == [])
  }

  private static func writes(_ exchange: Exchange) -> Bool {
    switch exchange.surface {
    case .graphQL: exchange.request["query"].text?.contains("mutation") == true
    case .git: exchange.path.contains("git-receive-pack")
    default: !["GET", "HEAD"].contains(exchange.method)
    }
  }
}
