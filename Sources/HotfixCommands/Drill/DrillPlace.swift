internal import Forges
internal import Foundation
internal import GitHubStandIn
internal import Machine
internal import ReleaseModel
internal import Runbook

/// Where the drill's remote and releases are: folders, or a stand-in for GitHub on loopback.
struct DrillPlace: Sendable {
  static let repository = "lantern-team/lantern"

  /// Where the folder of the plain host is served.
  let url: String
  let github: GitHubStandIn?
  let minisignPublic: String

  /// The value of `host` in the sample's hotfix.yml.
  var host: String {
    github.map { "{ github: \(Self.repository), url: \"\($0.url)\" }" }
      ?? "{ directory: ../site, url: \"\(url)\" }"
  }

  var workflow: String { github == nil ? "" : "\n  workflow: hotfix.yml" }

  var announcement: String {
    github == nil ? "{ atom: announcements.atom }" : "{ discussion: Announcements }"
  }

  /// Where users reach a feed.
  func feed(_ name: String) -> String {
    github.map { "\($0.url)/\(Self.repository)/releases/latest/download/\(name)" }
      ?? "\(url)/\(name)"
  }

  func download(_ tag: String, _ name: String) -> String {
    github.map { "\($0.url)/\(Self.repository)/releases/download/\(tag)/\(name)" }
      ?? "\(url)/releases/\(tag)/\(name)"
  }

  func served(_ url: String) async throws -> [UInt8] {
    try await LiveHTTP.http.send(HTTP.Request("GET", url)).body
  }

  /// A stand-in with two people, a repository, and machines that run workflows with this program.
  static func gitHub(in folder: FilePath) async throws -> GitHubStandIn {
    try LiveFiles.files.makeFolder(folder)
    let program = Bundle.main.executablePath.map { FilePath($0) }
    let tools = program?.removingLastComponent().string ?? ""
    let path = Surroundings.current.values["PATH"] ?? "/usr/bin:/bin"
    let standIn = try await GitHubStandIn.start(
      in: folder,
      environment: ["PATH": "\(tools):\(path)"]
    )
    for login in ["ana", "ben"] { await standIn.addUser(login, token: "\(login)-token") }
    _ = try await standIn.addRepository(
      repository,
      collaborators: ["ana": .admin, "ben": .write]
    )
    return standIn
  }

  struct Pull: Decodable {
    let number: Int
    let state: String
    var isOpen: Bool { state == "open" }
  }

  /// The pull requests, as the reviewer sees them.
  func pulls() async throws -> [Pull] {
    try await api("/pulls?state=open") ?? []
  }

  private struct Runs: Decodable {
    struct Run: Decodable {
      let id: Int
    }

    let workflow_runs: [Run]
  }

  /// The newest run that a push of a tag or branch began, when it has ended; nil on a plain host.
  func finishedRun(_ ref: String) async throws -> (run: Int, conclusion: String)? {
    let name = ref.replacing("/", with: "%2F")
    let runs: Runs? = try await api("/actions/runs?branch=\(name)&event=push")
    guard let github, let run = runs?.workflow_runs.first?.id else { return nil }
    return (run, try await github.finished(Self.repository, run: run) ?? "nothing")
  }

  private func api<Value: Decodable>(_ path: String) async throws -> Value? {
    guard let github else { return nil }
    let request = HTTP.Request(
      "GET",
      "\(github.url)/api/v3/repos/\(Self.repository)\(path)",
      headers: [("Authorization", "Bearer ben-token")]
    )
    let answer = try await LiveHTTP.http.send(request)
    return try JSONDecoder().decode(Value.self, from: Data(answer.body))
  }
}
