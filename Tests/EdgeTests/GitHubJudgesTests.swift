import Foundation
import Git
import GitHubStandIn
import HotfixTesting
import Machine
import ReleaseModel
import Testing

/// Other people's programs and descriptions judge the stand-in.
@Suite struct GitHubJudgesTests {
  @Test(
    .enabled("GitHub's descriptions are not here") { Judges.shared != nil },
    .enabled("Python has no jsonschema with formats") {
      await Judges.has(module: "jsonschema, rfc3339_validator")
    },
    arguments: APIVersion.allCases
  )
  func conformsToTheDescription(_ version: APIVersion) async throws {
    let shared = try #require(Judges.shared)
    let world = try await StandInWorld(version)
    try await StandInTour(world: world).walk()
    let traffic = world.scratch.path.appending("traffic.jsonl")
    try await world.standIn.writeTraffic(to: traffic, version: version)
    let description = shared.appending("data").appending("github")
      .appending("openapi-\(version.rawValue).json")
    let answer = try await Judges.run(
      Judges.python,
      [
        shared.appending("tools").appending("conform.py").string, description.string,
        traffic.string, "--strict",
      ]
    )
    #expect(answer.succeeded, "\(answer.text)\(answer.errors)")
    #expect(await world.standIn.requestCount > 130)
    await world.standIn.stop()
  }

  private static let workflow = """
    name: Work
    on: workflow_dispatch
    jobs:
      work:
        runs-on: ubuntu-latest
        steps: [{uses: actions/checkout@v4}, {run: "test -f README.md"}]
    """

  /// A repository with a workflow, and a branch to make a pull request of.
  private func prepared(_ version: APIVersion = .november2022) async throws -> StandInWorld {
    let world = try await StandInWorld(version)
    try await world.seed(["README.md": "wick\n", ".github/workflows/work.yml": Self.workflow])
    try await world.git("checkout", "--quiet", "-b", "fix")
    try await world.commit(["one.txt": "one"], "Add one")
    try await world.git("push", "--quiet", "origin", "fix")
    return world
  }

  @Test(
    .enabled("Python has no githubkit with both versions") {
      await Judges.has(module: "githubkit_schemas.v2022_11_28, githubkit_schemas.v2026_03_10")
    },
    arguments: APIVersion.allCases
  )
  func pleasesGithubkit(_ version: APIVersion) async throws {
    let schemas = "githubkit_schemas.v\(version.rawValue.replacing("-", with: "_"))"
    guard await Judges.has(module: schemas) else {
      print("skipped: Python has no \(schemas)")
      return
    }
    let world = try await prepared(version)
    let answer = try await Judges.run(
      Judges.python,
      [
        Judges.script("with_githubkit.py"), world.standIn.url, "token-anna",
        StandInWorld.repository, version.rawValue,
      ]
    )
    #expect(answer.succeeded, "\(answer.text)\(answer.errors)")
    await world.standIn.stop()
  }

  @Test(.enabled("Python has no PyGithub") { await Judges.has(module: "github") })
  func pleasesPyGithub() async throws {
    let world = try await prepared()
    let file = world.scratch.path.appending("app.zip").string
    try "bytes".write(toFile: file, atomically: true, encoding: .utf8)
    let answer = try await Judges.run(
      Judges.python,
      [
        Judges.script("with_pygithub.py"), world.standIn.url, "token-anna",
        StandInWorld.repository, file,
      ]
    )
    #expect(answer.succeeded, "\(answer.text)\(answer.errors)")
    await world.standIn.stop()
  }

  // MARK: - GitHub's own command line

  /// One command of gh over the socket; it believes that it speaks with api.github.com.
  private func gh(_ world: StandInWorld, _ arguments: [String]) async throws -> ProcessAnswer {
    let folder = world.scratch.path
    return try await Judges.run(
      "gh",
      arguments + ["-R", StandInWorld.repository],
      in: folder,
      environment: [
        "GH_TOKEN": "token-anna", "GH_CONFIG_DIR": folder.appending("gh").string,
        "TMPDIR": folder.string, "GH_PROMPT_DISABLED": "1", "NO_COLOR": "1",
        "GH_NO_UPDATE_NOTIFIER": "1",
      ]
    )
  }

  private func preparedForCommandLine() async throws -> StandInWorld {
    let world = try await prepared()
    let folder = world.scratch.path
    let socket = folder.appending("s")
    try await world.standIn.serveUnixSocket(at: socket)
    try FileManager.default.createDirectory(
      atPath: folder.appending("gh").string,
      withIntermediateDirectories: true
    )
    try "http_unix_socket: \(socket.string)\n".write(
      toFile: folder.appending("gh").appending("config.yml").string,
      atomically: true,
      encoding: .utf8
    )
    try "bytes".write(toFile: folder.appending("app.zip").string, atomically: true, encoding: .utf8)
    try "text".write(toFile: folder.appending("sig.txt").string, atomically: true, encoding: .utf8)
    return world
  }

  @Test(
    .enabled("gh is not installed") { (try? await Judges.run("gh", ["version"]).succeeded) == true }
  )
  func releasesWithTheCommandLine() async throws {
    let world = try await preparedForCommandLine()
    func does(_ arguments: String...) async throws -> String {
      let answer = try await gh(world, arguments)
      #expect(answer.succeeded, "gh \(arguments.joined(separator: " ")): \(answer.errors)")
      return answer.text
    }
    _ = try await does("release", "create", "v1", "app.zip", "--title", "One", "--notes", "First")
    _ = try await does("release", "create", "v2", "--draft", "--notes", "d", "--latest=false")
    _ = try await does("release", "create", "v3", "--generate-notes", "--target", "fix")
    _ = try await does(
      "release",
      "create",
      "v4",
      "--notes",
      "x",
      "--discussion-category",
      "Announcements"
    )
    #expect(try await !gh(world, ["release", "create", "v1", "--notes", "again"]).succeeded)
    #expect(try await !gh(world, ["release", "create", "v9", "--verify-tag", "-n", ""]).succeeded)
    _ = try await does("release", "upload", "v1", "sig.txt#Signature")
    #expect(try await !gh(world, ["release", "upload", "v1", "sig.txt"]).succeeded)
    _ = try await does("release", "upload", "v1", "sig.txt", "--clobber")
    _ = try await does("release", "upload", "v2", "app.zip")
    #expect(try await does("release", "view", "v1").contains("app.zip"))
    #expect(try await does("release", "view", "v2").contains("draft:\ttrue"))
    #expect(try await does("release", "view").contains("tag:\tv"))
    _ = try await does("release", "download", "v1", "-p", "app.zip", "-D", "one")
    _ = try await does("release", "download", "v2", "-p", "app.zip", "-D", "two")
    for folder in ["one", "two"] {
      let path = world.scratch.path.appending(folder).appending("app.zip").string
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "bytes")
    }
    _ = try await does("release", "edit", "v2", "--draft=false", "--title", "Two")
    #expect(try await does("release", "list").split(separator: "\n").count == 4)
    _ = try await does("release", "delete-asset", "v1", "sig.txt", "-y")
    _ = try await does("release", "delete", "v3", "-y")
    let json = try await does("release", "view", "v1", "--json", "assets,isDraft,tagName,uploadUrl")
    #expect(json.contains("https://uploads.github.com/repos/acme/wick/releases/"))
    await world.standIn.stop()
  }

  @Test(
    .enabled("gh is not installed") { (try? await Judges.run("gh", ["version"]).succeeded) == true }
  )
  func runsWithTheCommandLine() async throws {
    let world = try await preparedForCommandLine()
    func does(_ arguments: String...) async throws -> String {
      let answer = try await gh(world, arguments)
      #expect(answer.succeeded, "gh \(arguments.joined(separator: " ")): \(answer.errors)")
      return answer.text
    }
    #expect(try await does("workflow", "list").contains("Work"))
    _ = try await does("workflow", "run", "work.yml", "--ref", "main")
    let list = try await does(
      "run",
      "list",
      "--workflow",
      "work.yml",
      "--json",
      "databaseId,status"
    )
    let run = JSON(parsing: Array(list.utf8))?[0]["databaseId"].number ?? 0
    _ = try await does("run", "watch", "\(run)", "-i", "1", "--exit-status")
    #expect(try await does("run", "view", "\(run)").contains("work"))
    #expect(try await does("run", "view", "\(run)", "--log").contains("test -f README.md"))
    _ = try await does("run", "rerun", "\(run)")
    #expect(try await world.standIn.finished(StandInWorld.repository, run: run) == "success")
    #expect(try await does("run", "view", "\(run)", "--json", "jobs").contains("success"))
    let number =
      try await world.repo(
        "POST",
        "/pulls",
        ["title": "Fix", "head": "fix", "base": "main"]
      ).json["number"].number ?? 0
    #expect(try await does("pr", "list").contains("Fix"))
    _ = try await does("pr", "review", "\(number)", "--comment", "-b", "Hm")
    let view = try await does("pr", "view", "\(number)", "--json", "reviews,mergeStateStatus")
    #expect(view.contains("COMMENTED"))
    _ = try await does("pr", "merge", "\(number)", "--squash")
    #expect(try await world.repo("GET", "/pulls/\(number)/merge").status == 204)
    try await judgeGraphQL(world)
    await world.standIn.stop()
  }

  /// What gh asked is in GitHub's schema, as is what our own tests ask.
  private func judgeGraphQL(_ world: StandInWorld) async throws {
    guard let shared = Judges.shared, await Judges.has(module: "graphql") else { return }
    let traffic = world.scratch.path.appending("graphql.jsonl")
    try await world.standIn.writeTraffic(to: traffic, surfaces: [.graphQL])
    let answer = try await Judges.run(
      Judges.python,
      [
        shared.appending("tools").appending("gqlcheck.py").string,
        shared.appending("data").appending("github").appending("graphql-trimmed.graphql").string,
        traffic.string,
      ]
    )
    #expect(answer.text.contains("documents, 0 invalid"), "\(answer.text)\(answer.errors)")
    let schema = shared.appending("data").appending("github").appending("graphql-trimmed.graphql")
    let answers = try await Judges.run(
      Judges.python,
      [Judges.script("graphql_answers.py"), schema.string, traffic.string]
    )
    #expect(answers.succeeded, "\(answers.text)\(answers.errors)")
  }
}
