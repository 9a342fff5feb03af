import GitHubStandIn
import HotfixTesting
import ReleaseModel
import Testing

/// The release workflow ships, `next` watches; what goes wrong there is told and mended.
@Suite struct GitHubWorkflowTests {
  /// Ships, unless the secret MODE says what goes wrong; a lost runner is lost once.
  private static let workflow = """
    name: Release
    run-name: Ship ${{ inputs.tag || github.ref_name }} ${{ inputs.correlation }}
    on:
      push: { tags: ["v*"] }
      workflow_dispatch:
        inputs:
          tag: { required: true, type: string }
          correlation: { required: false, type: string }
    permissions: { contents: write }
    jobs:
      ship:
        runs-on: ubuntu-24.04
        environment: release
        env:
          TAG: ${{ inputs.tag || github.ref_name }}
          MODE: ${{ secrets.MODE }}
          GITHUB_TOKEN: ${{ github.token }}
          WICK_KEY: ${{ secrets.WICK_KEY }}
        steps:
          - uses: actions/checkout@v4
            with: { fetch-depth: 0, ref: "${{ inputs.tag || github.ref_name }}" }
          - name: Ship
            run: |
              case "$MODE" in
                certificate) echo "Wick.app: CSSMERR_TP_CERT_EXPIRED"; exit 1 ;;
                lost)
                  if test "$GITHUB_RUN_ATTEMPT" = 1; then
                    echo "The runner has received a shutdown signal."; exit 1
                  fi ;;
                nothing) exit 0 ;;
              esac
              hotfix ship "$TAG"

    """

  /// A world whose workflow shipped 1.0.0, and a hotfix that is ready to be released.
  private func world(_ mode: String) async throws -> (World, GitHubStandIn) {
    let world = try await World(
      onGitHub: true,
      workflow: Self.workflow,
      settings: { $0.replacing("ship:\n", with: "ship:\n  workflow: release.yml\n") }
    )
    let github = try #require(world.github)
    let key = world.ana.environment["WICK_KEY"] ?? ""
    try await github.setSecrets(World.repository, ["MODE": mode, "WICK_KEY": key])
    try await world.untilRelease()
    return (world, github)
  }

  private func next(_ world: World) async -> World.Outcome { await world.hotfix(world.ana, "next") }

  @Test func theWorkflowShipsAndNextWatches() async throws {
    let (world, github) = try await world("")
    await github.pauseRunner(true)
    let queued = await next(world)
    #expect(queued.status == 3 && queued.out.contains("in its queue"), "\(queued.all)")
    await github.pauseRunner(false)
    try await github.idle(World.repository)
    let end = await next(world)
    #expect(end.status == 0, "\(end.all)")
    #expect(!end.err.contains("… build"), "nothing was built here: \(end.err)")
    let run = try #require(try await GitHubEnd.run(github, "v1.0.1-hotfix1"))
    let log = try await github.log(World.repository, run: run)
    #expect(log.contains("✓ publish"), "\(log)")
    let summary = try await github.summary(World.repository, run: run)
    #expect(summary.contains("## v1.0.1-hotfix1 is shipped"), "\(summary)")
    #expect(!log.contains(world.ana.environment["WICK_KEY"] ?? "?"), "no secret in the log")
  }

  @Test func whyItFailedIsRead() async throws {
    let (world, github) = try await world("certificate")
    _ = await next(world)
    try await github.idle(World.repository)
    let failed = await next(world)
    #expect(failed.status == 1 && failed.out.contains("[workflow.certificate]"), "\(failed.all)")
    #expect(failed.out.contains("ship, step Ship") && failed.out.contains("CERT_EXPIRED"))
    #expect(failed.out.contains("gh run rerun"), "what to do: \(failed.all)")
    // Mended, and run again by a person.
    try await github.setSecrets(World.repository, ["MODE": ""])
    let run = try #require(try await GitHubEnd.run(github, "v1.0.1-hotfix1"))
    try await GitHubEnd.rerun(github, run)
    try await github.idle(World.repository)
    #expect(await next(world).status == 0)
  }

  @Test func aLostRunnerIsTriedAgain() async throws {
    let (world, github) = try await world("lost")
    var said = ""
    var status = Int32(3)
    for _ in 0..<4 where status == 3 {
      let next = await next(world)
      (status, said) = (next.status, said + next.all)
      try await github.idle(World.repository)
    }
    #expect(status == 0 && said.contains("runs the failed jobs"), "\(said)")
  }

  @Test func aRunThatShipsNothingIsNamed() async throws {
    let (world, github) = try await world("nothing")
    _ = await next(world)
    try await github.idle(World.repository)
    let end = await next(world)
    #expect(end.status == 1 && end.out.contains("[workflow.no-release]"), "\(end.all)")
    // A person takes over by hand.
    try world.expect(await world.hotfix(world.ana, "ship", "v1.0.1-hotfix1"), 0)
    #expect(await next(world).status == 0)
  }

  @Test func whoMayApproveIsNamedAndACancelledRunIsToldOf() async throws {
    let (world, github) = try await world("")
    try await github.requireApproval(World.repository, environment: "release", by: ["ben"])
    _ = await next(world)
    let waits = await next(world)
    #expect(waits.status == 3 && waits.out.contains("waiting for ben: approves"), "\(waits.all)")
    let run = try #require(try await GitHubEnd.run(github, "v1.0.1-hotfix1"))
    try await GitHubEnd.cancel(github, run)
    try await github.idle(World.repository)
    let cancelled = await next(world)
    #expect(
      cancelled.status == 1 && cancelled.out.contains("[workflow.cancelled]"),
      "\(cancelled.all)"
    )
    try await GitHubEnd.rerun(github, run, all: true)
    _ = await next(world)
    try await github.approveDeployment(
      World.repository,
      run: run,
      environment: "release",
      by: "ben"
    )
    try await github.idle(World.repository)
    #expect(await next(world).status == 0)
  }

  /// Whoever may push a tag starts the workflow, and that is all.
  @Test func theWorkflowBuildsNothingFromATagThatNobodyStandsFor() async throws {
    let (world, github) = try await world("")
    let tags = [
      "v1.9.0": "tag.lightweight", "v1.0.1-hotfix1": "tag.early", "v1.9.1": "tag.stranger",
    ]
    try await world.sh(
      world.eve,
      "git fetch -q && git tag v1.9.0 origin/main && git tag -s -m x v1.9.1 origin/main "
        + "&& git tag -s -m x v1.0.1-hotfix1 origin/hotfix/v1.0.1-hotfix1"
    )
    for (tag, code) in tags {
      // ben's token was stolen, and his key was not.
      try await world.sh(
        world.ben.elsewhere(world.eve.clone.string),
        "git push -q origin refs/tags/\(tag)"
      )
      try await github.idle(World.repository)
      let run = try #require(try await GitHubEnd.run(github, tag))
      let log = try await github.log(World.repository, run: run)
      #expect(log.contains(code) && !log.contains("… build"), "\(tag): \(log)")
    }
    #expect(try await GitHubEnd(github).releases == ["v1.0.0": false])
  }

  @Test func aDisabledWorkflowIsNamed() async throws {
    let (world, github) = try await world("")
    try await github.disableWorkflow(World.repository, "release.yml")
    let disabled = await next(world)
    #expect(disabled.status == 1 && disabled.out.contains("[workflow.disabled]"), "\(disabled.all)")
    #expect(disabled.out.contains("gh workflow enable"), "\(disabled.all)")
    try await github.disableWorkflow(World.repository, "release.yml", false)
    // No run came of the push; after a minute it is started by hand.
    let later = ["HOTFIX_CLOCK_SHIFT": "120"]
    let started = await world.hotfix(world.ana, ["next"], environment: later)
    #expect(started.status == 3 && started.err.contains("starts release.yml"), "\(started.all)")
    try await github.idle(World.repository)
    let end = await world.hotfix(world.ana, ["next"], environment: later)
    #expect(end.status == 0, "\(end.all)")
  }
}
