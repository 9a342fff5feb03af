import Forges
import Foundation
import GitHubStandIn
import HotfixTesting
import Runbook

/// What is on the stand-in in the end, as anybody with a token sees it.
struct GitHubEnd {
  /// Whether each release is a draft, by tag.
  let releases: [String: Bool]
  let latest: String?
  /// The names of the hotfix's assets, sorted.
  let assets: [String]
  let pulls: [String]
  let merges: Int
  let issues: [String]
  let comments: Int
  let discussions: Int

  init(_ github: GitHubStandIn) async throws {
    let api = "\(github.url)/api/v3/repos/\(World.repository)"
    let all = try await Self.list("\(api)/releases")
    var releases: [String: Bool] = [:]
    for release in all {
      let tag = release["tag_name"] as? String ?? ""
      releases[releases[tag] == nil ? tag : "\(tag) again"] = release["draft"] as? Bool
    }
    self.releases = releases
    latest = try await Self.object("\(api)/releases/latest")["tag_name"] as? String
    let hotfix = all.first { $0["tag_name"] as? String == "v1.0.1-hotfix1" }
    assets = (hotfix?["assets"] as? [[String: Any]] ?? []).compactMap { $0["name"] as? String }
      .sorted()
    let pulls = try await Self.list("\(api)/pulls?state=all")
    self.pulls = pulls.compactMap { $0["state"] as? String }
    merges = pulls.count { $0["merged_at"] is String }
    let issues = try await Self.list("\(api)/issues?state=all").filter { $0["pull_request"] == nil }
    self.issues = issues.compactMap { $0["state"] as? String }
    comments = try await Self.list("\(api)/issues/1/comments").count
    discussions = try await Self.discussions(github)
  }

  /// The numbers of open pull requests.
  static func open(_ github: GitHubStandIn) async throws -> [Int] {
    try await list("\(github.url)/api/v3/repos/\(World.repository)/pulls?state=open")
      .compactMap { $0["number"] as? Int }
  }

  /// Merges a pull request, as a person does in the web page.
  static func merge(
    _ github: GitHubStandIn,
    _ number: Int,
    _ method: String = "merge"
  ) async throws {
    _ = try await value(
      "\(github.url)/api/v3/repos/\(World.repository)/pulls/\(number)/merge",
      "PUT",
      Array("{\"merge_method\": \"\(method)\"}".utf8)
    )
  }

  /// Puts a pull request into the merge queue.
  static func enqueue(_ github: GitHubStandIn, _ number: Int) async throws {
    _ = try await value(
      "\(github.url)/api/v3/repos/\(World.repository)/pulls/\(number)/merge-async",
      "PUT",
      Array("{}".utf8)
    )
  }

  static func rerun(_ github: GitHubStandIn, _ run: Int, all: Bool = false) async throws {
    let runs = "\(github.url)/api/v3/repos/\(World.repository)/actions/runs"
    _ = try await value("\(runs)/\(run)/\(all ? "rerun" : "rerun-failed-jobs")", "POST")
  }

  static func cancel(_ github: GitHubStandIn, _ run: Int) async throws {
    let runs = "\(github.url)/api/v3/repos/\(World.repository)/actions/runs"
    _ = try await value("\(runs)/\(run)/cancel", "POST")
  }

  /// The states of security advisories.
  static func advisories(_ github: GitHubStandIn) async throws -> [String] {
    try await list("\(github.url)/api/v3/repos/\(World.repository)/security-advisories")
      .compactMap { $0["state"] as? String }
  }

  /// The newest run of workflows for a tag; nil when there is none.
  static func run(_ github: GitHubStandIn, _ tag: String) async throws -> Int? {
    let runs = try await object(
      "\(github.url)/api/v3/repos/\(World.repository)/actions/runs?branch=\(tag)"
    )
    return (runs["workflow_runs"] as? [[String: Any]])?.first?["id"] as? Int
  }

  private static func object(_ url: String) async throws -> [String: Any] {
    try await value(url) as? [String: Any] ?? [:]
  }

  private static func list(_ url: String) async throws -> [[String: Any]] {
    try await value(url) as? [[String: Any]] ?? []
  }

  private static func discussions(_ github: GitHubStandIn) async throws -> Int {
    let (owner, name) = ("ana", "wick")
    let query =
      "{ repository(owner: \"\(owner)\", name: \"\(name)\") { discussions(first: 50) { totalCount } } }"
    let body = try JSONSerialization.data(withJSONObject: ["query": query])
    let answer = try await value("\(github.url)/api/graphql", "POST", [UInt8](body))
    let data = (answer as? [String: Any])?["data"] as? [String: Any]
    let repository = data?["repository"] as? [String: Any]
    return (repository?["discussions"] as? [String: Any])?["totalCount"] as? Int ?? -1
  }

  private static func value(
    _ url: String,
    _ method: String = "GET",
    _ body: [UInt8] = []
  ) async throws -> Any {
    let headers = [("Authorization", "Bearer ana-token"), ("Content-Type", "application/json")]
    let answer = try await LiveHTTP.http.send(
      HTTP.Request(method, url, headers: headers, body: body)
    )
    return try JSONSerialization.jsonObject(with: Data(answer.body))
  }
}
