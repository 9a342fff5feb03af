internal import Foundation
package import Git
package import GitHubStandIn
internal import Machine
package import ReleaseModel

/// What the judges need, found on this machine or not.
package enum Judges {
  private static var environment: [String: String] { ProcessInfo.processInfo.environment }

  /// GitHub's published descriptions and the tools that read them: beside the clone, if at all.
  package static let shared: FilePath? = {
    let path =
      environment["HOTFIX_SHARED"].map { FilePath($0) }
      ?? Fixtures.root.removingLastComponent().appending("shared")
    let tool = path.appending("tools").appending("conform.py").string
    return FileManager.default.fileExists(atPath: tool) ? path : nil
  }()

  package static var python: String { environment["HOTFIX_PYTHON"] ?? "python3" }

  package static func run(
    _ program: String,
    _ arguments: [String],
    in folder: FilePath? = nil,
    environment more: [String: String] = [:]
  ) async throws -> ProcessAnswer {
    try await LiveProcesses.runner(inherited: environment)(
      ProcessCall(
        program,
        arguments,
        in: folder ?? Fixtures.root,
        environment: more.mapValues { Optional($0) },
        // All tests run at once, and a judge may wait long for its turn.
        seconds: 600
      )
    )
  }

  package static func has(module: String) async -> Bool {
    (try? await run(python, ["-c", "import \(module)"]).succeeded) == true
  }

  package static func script(_ name: String) -> String {
    Fixtures.root.appending("Tests").appending("Fixtures").appending("github-judges")
      .appending(name).string
  }

  /// Returns what does not conform in a stand-in's log: REST by GitHub's description, GraphQL by its
  /// schema; nil where GitHub's descriptions are not here.
  package static func complaints(
    _ standIn: GitHubStandIn,
    _ version: APIVersion,
    in folder: FilePath
  ) async throws -> String? {
    guard let shared, await has(module: "jsonschema, rfc3339_validator, graphql") else {
      print("skipped: GitHub's descriptions, or Python's jsonschema and graphql-core, are not here")
      return nil
    }
    let data = shared.appending("data").appending("github")
    let tools = shared.appending("tools")
    let rest = folder.appending("rest-\(version.rawValue).jsonl")
    try await standIn.writeTraffic(to: rest, version: version)
    let conform = try await run(
      python,
      [
        tools.appending("conform.py").string,
        data.appending("openapi-\(version.rawValue).json").string, rest.string, "--strict",
      ]
    )
    let graphQL = folder.appending("graphql.jsonl")
    try await standIn.writeTraffic(to: graphQL, surfaces: [.graphQL])
    let questions = try await run(
      python,
      [
        tools.appending("gqlcheck.py").string, data.appending("graphql-trimmed.graphql").string,
        graphQL.string,
      ]
    )
    let complaints = conform.succeeded ? "" : conform.text + conform.errors
    // The trimmed description leaves PullRequest.reviewThreads out, which GitHub's own has.
    let unknown = "Cannot query field 'reviewThreads' on type 'PullRequest'."
    let lines = (questions.text + questions.errors).lines()
    let invalid = lines.filter { !$0.contains(unknown) && !$0.hasSuffix(" invalid") }
    guard lines.contains(where: { $0.hasSuffix(" invalid") }) else {
      return complaints + questions.errors
    }
    return complaints + invalid.joined(separator: "\n")
  }
}
