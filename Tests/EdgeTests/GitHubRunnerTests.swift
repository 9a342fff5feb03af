import Foundation
import Git
import GitHubStandIn
import HotfixTesting
import ReleaseModel
import Testing

/// The stand-in's runner really executes workflows.
@Suite struct GitHubRunnerTests {
  private static let release = """
    name: Release
    on:
      push:
        tags: ["v*"]
      workflow_dispatch:
        inputs:
          greeting: {required: true, type: string}
    permissions:
      contents: write
    env:
      LEVEL: workflow
    jobs:
      build:
        runs-on: ubuntu-latest
        outputs:
          digest: ${{ steps.sum.outputs.digest }}
        steps:
          - uses: actions/checkout@v4
            with: {fetch-depth: 0}
          - id: sum
            run: |
              test "$GITHUB_ACTIONS" = true
              git describe --tags
              echo "secret is $KEY"
              echo "digest=$(sha256sum README.md | cut -c1-8)" >> "$GITHUB_OUTPUT"
              echo "::warning file=README.md,line=1::Short"
            env: {KEY: "${{ secrets.KEY }}"}
          - uses: actions/upload-artifact@v4
            with: {name: readme, path: README.md}
          - if: failure()
            run: echo never
      publish:
        needs: build
        runs-on: ubuntu-latest
        steps:
          - run: |
              git config --global user.name CI
              echo "# Done" >> "$GITHUB_STEP_SUMMARY"
          - run: echo "digest ${{ needs.build.outputs.digest }} of ${{ github.ref_name }} $LEVEL"
    """

  @Test func executesAWorkflowForATag() async throws {
    let world = try await StandInWorld()
    try await world.standIn.setSecrets(StandInWorld.repository, ["KEY": "hunter2"])
    try await world.seed(["README.md": "wick\n", ".github/workflows/release.yml": Self.release])
    #expect(try await world.repo("GET", "/actions/runs").json["total_count"] == 0)
    try await world.git("tag", "v1.0")
    try await world.git("push", "--quiet", "origin", "v1.0")
    let runs = try await world.repo("GET", "/actions/runs?event=push&branch=v1.0").json
    let run = try #require(runs["workflow_runs"][0]["id"].number)
    let end = try await world.standIn.finished(StandInWorld.repository, run: run)
    let log = try await world.standIn.log(StandInWorld.repository, run: run)
    #expect(end == "success", "\(log)")
    #expect(log.contains("secret is ***") && !log.contains("hunter2"))
    #expect(log.contains(" v1.0\n"), "tags are there with the whole history")
    #expect(log.contains("of v1.0 workflow"))
    #expect(try await world.standIn.summary(StandInWorld.repository, run: run) == "# Done\n")
    let jobs = try await world.repo("GET", "/actions/runs/\(run)/jobs").json["jobs"].items
    #expect(jobs.map { $0["conclusion"] } == ["success", "success"])
    let skipped = jobs[0]["steps"].items.first { $0["name"] == "Run echo never" }
    #expect(skipped?["conclusion"] == "skipped")
    let notes = try await world.repo(
      "GET",
      "/check-runs/\(jobs[0]["id"].number ?? 0)/annotations"
    ).json
    #expect(notes[0]["message"] == "Short" && notes[0]["path"] == "README.md")
    let artifacts = try await world.repo("GET", "/actions/runs/\(run)/artifacts").json
    #expect(artifacts["artifacts"][0]["name"] == "readme")
    let logs = try await world.repo("GET", "/actions/runs/\(run)/logs")
    #expect(logs.status == 302)
    let zip = try await world.ask("GET", logs.headers["location"] ?? "", token: nil)
    #expect(zip.bytes.starts(with: [0x50, 0x4b, 3, 4]))
    await world.standIn.stop()
  }

  @Test(arguments: APIVersion.allCases)
  func dispatches(_ version: APIVersion) async throws {
    let world = try await StandInWorld(version)
    try await world.seed(["README.md": "w", ".github/workflows/release.yml": Self.release])
    let path = "/actions/workflows/release.yml/dispatches"
    let missing = try await world.repo("POST", path, ["ref": "main"])
    #expect(missing.status == 422)
    #expect(missing.json["message"].text == "Required input 'greeting' not provided")
    let body: JSON = ["ref": "main", "inputs": ["greeting": "hello"]]
    let answer = try await world.repo("POST", path, body)
    #expect(answer.status == (version == .november2022 ? 204 : 200))
    let runs = try await world.repo("GET", "/actions/runs?event=workflow_dispatch").json
    let run = try #require(runs["workflow_runs"][0]["id"].number)
    if version == .march2026 { #expect(answer.json["workflow_run_id"].number == run) }
    // `git describe` finds no tag.
    #expect(try await world.standIn.finished(StandInWorld.repository, run: run) == "failure")
    let again = try await world.repo("POST", "/actions/runs/\(run)/rerun-failed-jobs")
    #expect(again.status == 201)
    #expect(try await world.standIn.finished(StandInWorld.repository, run: run) == "failure")
    let second = try await world.repo("GET", "/actions/runs/\(run)").json
    #expect(second["run_attempt"] == 2)
    try await world.standIn.disableWorkflow(StandInWorld.repository, "release.yml")
    #expect(try await world.repo("POST", path, body).status == 422)
    await world.standIn.stop()
  }

  private static let guarded = """
    on: workflow_dispatch
    jobs:
      deploy:
        runs-on: ubuntu-latest
        environment: production
        steps:
          - run: sleep 600
    """

  @Test func waitsForPeopleAndIsCancelled() async throws {
    let world = try await StandInWorld()
    try await world.seed([".github/workflows/deploy.yml": Self.guarded])
    let repository = StandInWorld.repository
    try await world.standIn.requireApproval(repository, environment: "production", by: ["ben"])
    await world.standIn.pauseRunner(true)
    _ = try await world.repo("POST", "/actions/workflows/deploy.yml/dispatches", ["ref": "main"])
    let queued = try await world.repo("GET", "/actions/runs").json["workflow_runs"][0]
    #expect(queued["status"] == "queued")
    await world.standIn.pauseRunner(false)
    let run = try #require(queued["id"].number)
    _ = try await world.poll("/actions/runs/\(run)") { $0["status"] == "waiting" }
    let pending = try await world.repo("GET", "/actions/runs/\(run)/pending_deployments").json
    #expect(pending[0]["environment"]["name"] == "production")
    #expect(pending[0]["current_user_can_approve"] == false)
    let approved = try await world.repo(
      "POST",
      "/actions/runs/\(run)/pending_deployments",
      [
        "environment_ids": [pending[0]["environment"]["id"]], "state": "approved",
        "comment": "Go",
      ],
      token: "token-ben"
    )
    #expect(approved.status == 200)
    _ = try await world.poll("/actions/runs/\(run)") { $0["status"] == "in_progress" }
    #expect(try await world.repo("POST", "/actions/runs/\(run)/cancel").status == 202)
    #expect(try await world.standIn.finished(repository, run: run) == "cancelled")
    #expect(try await world.repo("POST", "/actions/runs/\(run)/cancel").status == 409)
    await world.standIn.stop()
  }

  @Test func saysWhyNothingBegan() async throws {
    let world = try await StandInWorld()
    let text = "on: push\njobs: {a: {runs-on: x, needs: [biuld], steps: []}}\n"
    try await world.seed([".github/workflows/broken.yml": text])
    let run = try await world.repo("GET", "/actions/runs").json["workflow_runs"][0]
    #expect(run["conclusion"] == "startup_failure")
    let log = try await world.standIn.log(StandInWorld.repository, run: run["id"].number ?? 0)
    #expect(log == "Job 'a' depends on unknown job 'biuld'.")
    await world.standIn.stop()
  }

  @Test func answersGraphQL() async throws {
    let world = try await StandInWorld()
    try await world.seed()
    let number = try await world.pull("fix", ["one"])
    try await world.standIn.addThread(
      StandInWorld.repository,
      number,
      by: "ben",
      path: "one.txt",
      body: "Why?"
    )
    func ask(_ text: String, _ variables: JSON = [:]) async throws -> JSON {
      let body: JSON = ["query": .string(text), "variables": variables]
      let answer = try await world.ask("POST", world.standIn.url + "/api/graphql", body)
      #expect(answer.status == 200)
      return answer.json
    }
    let repository = try await ask(
      """
      query($o: String!, $n: String = "wick", $k: Int!) {
        repository(owner: $o, name: $n) {
          id discussionCategories(first: 10) { nodes { id name } }
          pullRequest(number: $k) {
            reviewThreads(first: 50) { nodes { isResolved ...Place comments(first: 1) {
              nodes { author { login } body } } } pageInfo { hasNextPage } }
            isInMergeQueue
          }
        }
      }
      fragment Place on PullRequestReviewThread { path isOutdated }
      """,
      ["o": "acme", "k": .int(number)]
    )["data"]["repository"]
    let thread = repository["pullRequest"]["reviewThreads"]["nodes"][0]
    #expect(thread["isResolved"] == false && thread["path"] == "one.txt")
    #expect(thread["comments"]["nodes"][0]["author"]["login"] == "ben")
    let category = repository["discussionCategories"]["nodes"][0]
    #expect(category["name"] == "Announcements")
    let made = try await ask(
      "mutation($input: CreateDiscussionInput!) { createDiscussion(input: $input) { discussion { url number } } }",
      [
        "input": [
          "repositoryId": repository["id"], "categoryId": category["id"], "title": "1.0",
          "body": "Out",
        ]
      ]
    )
    #expect(made["data"]["createDiscussion"]["discussion"]["number"] == 2)
    let missing = try await ask("{ repository(owner: \"acme\", name: \"none\") { id } }")
    #expect(missing["errors"][0]["type"] == "NOT_FOUND")
    #expect(missing["data"]["repository"] == .null)
    await world.standIn.stop()
  }

  /// Runs of a group take turns; one that waits gives way to a newer one.
  @Test(arguments: [
    (false, ["success", "cancelled", "success"]), (true, ["cancelled", "success"]),
  ])
  func runsOfOneGroupTakeTurns(_ cancels: Bool, _ ends: [String]) async throws {
    let world = try await StandInWorld()
    let workflow = """
      on: { push: { tags: ["v*"] } }
      concurrency: { group: "${{ github.event_name }}", cancel-in-progress: \(cancels) }
      jobs: { a: { runs-on: ubuntu-latest, steps: [ { run: "true" } ] } }
      """
    try await world.seed(["README.md": "wick\n", ".github/workflows/turns.yml": workflow])
    await world.standIn.pauseRunner(true)
    for number in ends.indices {
      try await world.git("tag", "v\(number)")
      try await world.git("push", "--quiet", "origin", "v\(number)")
    }
    await world.standIn.pauseRunner(false)
    try await world.standIn.idle(StandInWorld.repository)
    let runs = try await world.repo("GET", "/actions/runs").json["workflow_runs"].items
    #expect(runs.reversed().map { $0["conclusion"].text } == ends)
  }
}
