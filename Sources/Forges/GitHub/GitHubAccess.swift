internal import Foundation
internal import ReleaseModel
package import Runbook

/// What the token at hand may do, asked without changing anything.
package struct GitHubAccess: Sendable {
  /// One thing that the runbook needs on GitHub.
  package struct Finding: Sendable, Hashable {
    package enum State: Sendable, Hashable {
      case good, warning, bad
    }

    package let feature: String
    package let state: State
    package let says: String
    package let next: [String]
  }

  private let client: GitHubClient
  private let settings: Settings
  private let now: Int

  /// `now` is this machine's clock, in seconds since 1970.
  package init(client: GitHubClient, settings: Settings, now: Int) {
    self.client = client
    self.settings = settings
    self.now = now
  }

  private struct Repository: Decodable, Sendable {
    let fullName: String
    let archived: Bool?
    let allowMergeCommit: Bool?
    let allowSquashMerge: Bool?
    let allowRebaseMerge: Bool?
    let hasIssues: Bool?
    let hasDiscussions: Bool?
  }

  private func good(_ feature: String, _ says: String) -> Finding {
    Finding(feature: feature, state: .good, says: says, next: [])
  }

  private func bad(_ feature: String, _ says: String, _ next: String...) -> Finding {
    Finding(feature: feature, state: .bad, says: says, next: next)
  }

  private func warning(_ feature: String, _ says: String, _ next: String...) -> Finding {
    Finding(feature: feature, state: .warning, says: says, next: next)
  }

  package func findings() async throws -> [Finding] {
    guard let token = await client.token() else {
      return [
        bad("token", "there is no token for GitHub", "gh auth login", "or:  export GITHUB_TOKEN=…")
      ]
    }
    let answer = try await client.told("looking at the repository") {
      try await client.send("GET", "")
    }
    let repository: Repository = try await client.decoded(answer, "repository")
    var found = [good("token", "from \(token.source)")]
    found += [clock(answer), scopes(answer)].compactMap(\.self)
    found += [place(repository), merging(repository)]
    found.append(await writing("releases", "/releases", "contents: write"))
    found.append(await writing("pull requests", "/pulls", "pull requests: write"))
    if repository.hasIssues == true {
      found.append(await writing("issues", "/issues", "issues: write"))
    }
    if let name = settings.workflow {
      found.append(await workflow(name))
      let path = "/actions/workflows/\(GitHubAddress.escaped(name))/dispatches"
      found.append(await writing("starting workflows", path, "actions: write"))
    }
    let needs = "repository security advisories: write"
    found.append(await writing("security advisories", "/security-advisories", needs))
    found += discussions(repository)
    found += await home()
    found += await tagRules()
    return found
  }

  private func clock(_ answer: HTTP.Answer) -> Finding? {
    guard let theirs = GitHubLimit.date(answer), abs(theirs - now) > 300 else { return nil }
    return warning(
      "clock",
      "this machine's clock is \(abs(theirs - now) / 60) minutes off GitHub's; deadlines and "
        + "approvals are judged by it",
      "Set the clock."
    )
  }

  /// Classic tokens say their scopes; fine-grained ones and Apps' do not.
  private func scopes(_ answer: HTTP.Answer) -> Finding? {
    guard let header = answer.header("X-OAuth-Scopes") else { return nil }
    let scopes = Set(header.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) })
    guard !scopes.isDisjoint(with: ["repo", "public_repo"]) else {
      return bad(
        "scopes",
        "the token lacks the scope repo, which releases and pull requests need",
        "gh auth refresh -s repo,workflow"
      )
    }
    guard scopes.contains("workflow") else {
      return warning(
        "scopes",
        "the token lacks the scope workflow: a fix that touches .github/workflows cannot be pushed "
          + "or released",
        "gh auth refresh -s workflow"
      )
    }
    return good("scopes", scopes.sorted().joined(separator: ", "))
  }

  private func place(_ repository: Repository) -> Finding {
    let configured = "\(client.address.owner)/\(client.address.name)"
    if repository.archived == true {
      return bad("repository", "is archived", "Unarchive it in the repository's settings.")
    }
    guard repository.fullName.lowercased() == configured.lowercased() else {
      return warning(
        "repository",
        "was renamed to \(repository.fullName); links to \(configured) may end one day",
        "Set, in hotfix.yml:  host: { github: \(repository.fullName) }"
      )
    }
    return good("repository", repository.fullName)
  }

  private func merging(_ repository: Repository) -> Finding {
    let method = settings.github?.mergeMethod ?? "merge"
    let allowed = [
      ("merge", repository.allowMergeCommit), ("squash", repository.allowSquashMerge),
      ("rebase", repository.allowRebaseMerge),
    ].filter { $0.1 ?? true }.map(\.0)
    return allowed.contains(method)
      ? good("merging", "pull requests are merged by \(method)")
      : bad(
        "merging",
        "the repository does not allow merging by \(method)",
        "Set, in hotfix.yml:  host: { merge: \(allowed.first ?? "merge") }"
      )
  }

  /// Asks to make nothing: GitHub looks at the permission first, and then at the empty request.
  ///
  /// What a fine-grained token may write is told nowhere else; `permissions` are its owner's.
  private func writing(_ feature: String, _ path: String, _ needs: String) async -> Finding {
    do {
      _ = try await client.send("POST", path, body: Array("{}".utf8))
      return warning(feature, "an empty request was taken", "Report this.")
    } catch let refusal as GitHubRefusal where [400, 422].contains(refusal.status) {
      return good(feature, "the token may write")
    } catch {
      return bad(feature, "the token may not write: \(words(error))", "Give the token:  \(needs)")
    }
  }

  private func words(_ error: any Error) -> String {
    switch error {
    case let refusal as GitHubRefusal: refusal.message
    case let problem as Problem: problem.why
    case let failure as HTTP.Failure: failure.why
    default: "\(error)"
    }
  }

  private func workflow(_ name: String) async -> Finding {
    do {
      try await GitHubWorkflows(client: client).requireActive(name)
      return good("workflow", "\(name) is active")
    } catch {
      return bad(
        "workflow",
        "\(words(error))",
        "hotfix init --workflow     writes it",
        "Give the token:  actions: write"
      )
    }
  }

  private struct Immutable: Decodable, Sendable {
    let enabled: Bool?
  }

  /// Whether feeds can be written where they are.
  private func home() async -> [Finding] {
    guard let home = settings.github, !settings.feeds.isEmpty else { return [] }
    guard home.feeds == .release else {
      let path = "/branches/\(GitHubAddress.escaped(home.branch))"
      do {
        let branch: Ignored? = try await client.get(path)
        guard branch == nil else { return [good("feeds", "are on the branch \(home.branch)")] }
      } catch {
        let says = "the branch \(home.branch) cannot be read: \(words(error))"
        return [bad("feeds", says, "Repeat the command.")]
      }
      return [
        bad(
          "feeds",
          "the branch \(home.branch) is not there",
          "git push origin $(git commit-tree -m Feeds $(git hash-object -t tree /dev/null))"
            + ":refs/heads/\(home.branch)"
        )
      ]
    }
    let immutable: Immutable?
    do {
      immutable = try await client.get("/immutable-releases")
    } catch is GitHubRefusal {
      // Only an administrator is told; publishing notices it by itself.
      immutable = nil
    } catch let problem as Problem where problem.code == "github.permission" {
      immutable = nil
    } catch {
      let says = "nobody knows whether releases are immutable: \(words(error))"
      return [warning("feeds", says, "Repeat the command.")]
    }
    guard immutable?.enabled == true else {
      return [good("feeds", "are assets of the latest release")]
    }
    return [
      warning(
        "feeds",
        "are assets of releases that are immutable: a feed changes with the next release only, and a "
          + "withdrawal brings back the one before",
        "Set, in hotfix.yml:  host: { feeds: pages }     to be able to mend a feed"
      )
    ]
  }

  private struct Ruleset: Decodable, Sendable {
    struct Rule: Decodable, Sendable {
      let type: String
    }

    let id: Int
    let name: String
    let target: String?
    let enforcement: String?
    let currentUserCanBypass: String?
    let rules: [Rule]?
  }

  /// Rules that forbid making tags, and that the token's owner may not pass.
  private func tagRules() async -> [Finding] {
    let all: [Ruleset]
    do {
      all = try await client.list("/rulesets", pages: 1)
    } catch is GitHubRefusal {
      // Neither every plan nor every server has them.
      return []
    } catch {
      return [warning("tags", "the rules cannot be read: \(words(error))", "Repeat the command.")]
    }
    var found: [Finding] = []
    for one in all.prefix(20) where one.target == "tag" && one.enforcement == "active" {
      let whole: Ruleset?? = try? await client.get("/rulesets/\(one.id)")
      guard let rule = whole.flatMap(\.self), rule.currentUserCanBypass != "always",
        rule.rules?.contains(where: { $0.type == "creation" }) == true
      else { continue }
      found.append(
        bad(
          "tags",
          "the rule \"\(rule.name)\" forbids making tags, and you may not pass it",
          "Let those who release bypass it: repository settings, Rules."
        )
      )
    }
    return found
  }

  private func discussions(_ repository: Repository) -> [Finding] {
    let channels = settings.team + settings.announcement + settings.users
    guard channels.contains(where: \.isDiscussion) else { return [] }
    return repository.hasDiscussions == true
      ? [good("discussions", "are turned on")]
      : [
        bad(
          "discussions",
          "are not turned on, and hotfix.yml announces there",
          "Turn them on in the repository's settings."
        )
      ]
  }
}

extension GitHubClient {
  private struct Visibility: Decodable, Sendable {
    let `private`: Bool
  }

  /// Returns whether only people who were let in can read the repository.
  ///
  /// Throws when GitHub does not show it, or does not say.
  package func isPrivate() async throws -> Bool {
    try await told("asking who can read the repository") {
      let answer = try await self.send("GET", "")
      let repository: Visibility = try await self.decoded(answer, "repository")
      return repository.private
    }
  }
}
