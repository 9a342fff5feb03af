internal import Runbook

/// What the host requires of a commit before it may be merged, and what is known of it.
///
/// Required are the contexts of rulesets and of branch protection; check runs and commit statuses
/// are two lists, and neither knows the other (docs.github.com, REST API: checks, statuses, rules).
struct GitHubChecks: Sendable {
  let client: GitHubClient

  private struct Rule: Decodable, Sendable {
    struct Parameters: Decodable, Sendable {
      struct Check: Decodable, Sendable {
        let context: String
      }

      let requiredStatusChecks: [Check]?
    }

    let type: String
    let parameters: Lenient<Parameters>?
  }

  private struct Branch: Decodable, Sendable {
    struct Protection: Decodable, Sendable {
      struct Checks: Decodable, Sendable {
        let enforcementLevel: String?
        let contexts: [String]?
      }

      let enabled: Bool?
      let requiredStatusChecks: Lenient<Checks>?
    }

    let protection: Lenient<Protection>?
  }

  private func rules(_ branch: String) async throws -> [Rule] {
    do {
      let path = "/rules/branches/\(GitHubAddress.escaped(branch))?per_page=100"
      return try await client.get(path) ?? []
    } catch let refusal as GitHubRefusal where refusal.message.hasPrefix("Upgrade to GitHub") {
      // A private repository on a free plan has no rules, and answers 403.
      return []
    }
  }

  func isProtected(_ branch: String) async throws -> Bool {
    let closing = ["pull_request", "required_status_checks", "merge_queue", "update"]
    if try await rules(branch).contains(where: { closing.contains($0.type) }) { return true }
    let found: Branch? = try await client.get("/branches/\(GitHubAddress.escaped(branch))")
    return found?.protection?.value?.enabled == true
  }

  func required(_ base: String) async throws -> Set<String> {
    var required: Set<String> = []
    for rule in try await rules(base) where rule.type == "required_status_checks" {
      required.formUnion(rule.parameters?.value?.requiredStatusChecks?.map(\.context) ?? [])
    }
    let branch: Branch? = try await client.get("/branches/\(GitHubAddress.escaped(base))")
    let checks = branch?.protection?.value?.requiredStatusChecks?.value
    if let checks, checks.enforcementLevel != "off" { required.formUnion(checks.contexts ?? []) }
    return required
  }

  private struct Run: Decodable, Sendable {
    let id: Int
    let name: String
    let status: String
    let conclusion: String?
    let htmlUrl: String?
  }

  private struct Status: Decodable, Sendable {
    let context: String
    let state: String
    let targetUrl: String?
  }

  func all(_ commit: String, _ base: String) async throws -> [HostedCheck] {
    let required = try await required(base)
    let runs: [Run] = try await client.list("/commits/\(commit)/check-runs", key: "check_runs")
    let statuses: [Status] = try await client.list("/commits/\(commit)/status", key: "statuses")
    var found: [String: HostedCheck] = [:]
    for run in runs.sorted(by: { $0.id < $1.id }) {
      let state: HostedCheck.State =
        run.status != "completed"
        ? .running
        : ["success", "neutral", "skipped"].contains(run.conclusion ?? "") ? .passed : .failed
      found[run.name] = HostedCheck(
        name: run.name,
        state: state,
        isRequired: required.contains(run.name),
        url: run.htmlUrl ?? ""
      )
    }
    for status in statuses {
      let state: HostedCheck.State =
        switch status.state {
        case "success": .passed
        case "pending": .running
        default: .failed
        }
      // Where both exist under one name, the host asks for both.
      if let run = found[status.context], run.state != .passed { continue }
      found[status.context] = HostedCheck(
        name: status.context,
        state: state,
        isRequired: required.contains(status.context),
        url: status.targetUrl ?? ""
      )
    }
    for name in required where found[name] == nil {
      found[name] = HostedCheck(name: name, state: .missing, isRequired: true, url: "")
    }
    return found.values.sorted { $0.name < $1.name }
  }
}
