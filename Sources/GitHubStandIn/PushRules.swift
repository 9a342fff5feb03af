/// One thing that a push may not do.
struct PushRule: Sendable {
  let pattern: String
  let operations: Set<String>
  /// Commits that may, because their checks passed or their pull request is approved.
  var commits: [String] = []
  let code: String
  let words: String
}

/// What rules demand of a push, and of refs that are changed over the API.
extension GitHubStandIn {
  /// The rules for somebody, as the hook reads them.
  func pushRules(_ found: Repository, for role: RepositoryRole) async throws -> String {
    try await allPushRules(found, for: role).map { rule in
      [
        rule.pattern, rule.operations.sorted().joined(separator: ","),
        rule.commits.isEmpty ? "-" : rule.commits.joined(separator: ","), rule.code, rule.words,
      ].joined(separator: "\t") + "\n"
    }.joined()
  }

  /// The commits that rules about pull requests and checks let through.
  private struct Excused {
    let passed: (String) -> [String]
    let approved: (String) -> [String]
  }

  private func excused(_ found: Repository) -> Excused {
    let passing = Set(found.checks.values.map(\.sha)).union(found.statuses.map(\.sha))
    return Excused(
      passed: { name in
        passing.filter { sha in
          self.checksOf(sha, found).contains { $0.name == name && $0.outcome == .passed }
        }.sorted()
      },
      // Who pushes just the head of a request that may be merged has merged it by hand.
      approved: { ref in
        found.pulls.filter { number, pull in
          "refs/heads/\(pull.base)" == ref && found.issues[number]?.state == "open"
            && (try? self.unmet(pull, number, found))?.isEmpty == true
        }.map(\.value.headSHA).sorted()
      }
    )
  }

  private func allPushRules(
    _ found: Repository,
    for role: RepositoryRole
  ) async throws -> [PushRule] {
    let excused = excused(found)
    var all: [PushRule] = []
    for (branch, protection) in found.protections.sorted(by: { $0.key < $1.key })
    where protection.enforcesAdmins || role < .admin {
      all += Self.pushRules("refs/heads/\(branch)", protection, excused)
    }
    for release in found.releases.values where release.isImmutable {
      all.append(
        PushRule(
          pattern: "refs/tags/\(release.tag)",
          operations: ["update", "force", "delete"],
          code: "GH013",
          words: "Cannot change a tag of an immutable release."
        )
      )
    }
    for tag in found.spentTags.sorted() {
      all.append(
        PushRule(
          pattern: "refs/tags/\(tag)",
          operations: ["create"],
          code: "GH013",
          words: "Cannot create ref due to creations being restricted."
        )
      )
    }
    let main = defaultBranch(found)
    for set in found.rulesets.values.sorted(by: { $0.id < $1.id }) {
      for ref in try await refs(of: set, found) where set.covers(ref, defaultBranch: main) {
        for rule in set.rules { all += Self.pushRules(ref, rule, excused) }
      }
      // Refs that are yet to be made are told by the pattern.
      guard set.enforcement == "active" else { continue }
      let prefix = set.target == "tag" ? "refs/tags/" : "refs/heads/"
      for pattern in set.include where pattern != "~DEFAULT_BRANCH" {
        let full =
          pattern == "~ALL" ? "\(prefix)*" : pattern.hasPrefix("refs/") ? pattern : prefix + pattern
        guard set.rules.contains(where: { $0["type"] == "creation" }) else { continue }
        all.append(
          PushRule(
            pattern: full,
            operations: ["create"],
            code: "GH013",
            words: "Cannot create ref due to creations being restricted."
          )
        )
      }
    }
    return all
  }

  private func refs(of set: Ruleset, _ found: Repository) async throws -> [String] {
    let main = "refs/heads/\(defaultBranch(found))"
    let prefix = set.target == "tag" ? "refs/tags" : "refs/heads"
    return Set(try await bare(found).refs(prefix).map(\.name) + [main]).sorted()
  }

  /// What is said of checks that a push lacks, and the commits that lack none.
  private static func checks(_ names: [String], _ excused: Excused) -> (String, [String])? {
    guard let first = names.first else { return nil }
    let commits = names.reduce(Set(excused.passed(first))) { $0.intersection(excused.passed($1)) }
    let words =
      names.count == 1
      ? "Required status check \"\(first)\" is expected."
      : "\(names.count) of \(names.count) required status checks are expected."
    return (words, commits.sorted())
  }

  private static let throughPull = "Changes must be made through a pull request."

  private static func pushRules(
    _ pattern: String,
    _ protection: Protection,
    _ excused: Excused
  ) -> [PushRule] {
    func rule(_ operations: Set<String>, _ words: String, _ commits: [String] = []) -> PushRule {
      PushRule(
        pattern: pattern,
        operations: operations,
        commits: commits,
        code: "GH006",
        words: words
      )
    }
    var rules = [rule(["delete"], "Cannot delete this protected branch")]
    if !protection.allowsForcePushes {
      rules.append(rule(["force"], "Cannot force-push to this protected branch"))
    }
    if protection.approvals != nil {
      rules.append(rule(["update", "force"], throughPull, excused.approved(pattern)))
    }
    if let (words, commits) = checks(protection.checks, excused) {
      rules.append(rule(["update", "force"], words, commits))
    }
    return rules
  }

  private static func pushRules(_ ref: String, _ json: JSON, _ excused: Excused) -> [PushRule] {
    func rule(_ operations: Set<String>, _ words: String, _ commits: [String] = []) -> PushRule {
      PushRule(
        pattern: ref,
        operations: operations,
        commits: commits,
        code: "GH013",
        words: words
      )
    }
    switch json["type"].text {
    case "deletion": return [rule(["delete"], "Cannot delete this branch")]
    case "update": return [rule(["update", "force"], "Cannot update this protected ref.")]
    case "non_fast_forward": return [rule(["force"], "Cannot force-push to this branch")]
    case "pull_request": return [rule(["update", "force"], throughPull, excused.approved(ref))]
    case "merge_queue":
      return [rule(["update", "force"], "Changes must be made through the merge queue")]
    case "required_status_checks":
      let names = json["parameters"]["required_status_checks"].items.compactMap {
        $0["context"].text
      }
      guard let (words, commits) = checks(names, excused) else { return [] }
      return [rule(["update", "force"], words, commits)]
    default: return []
    }
  }

  /// The same rules for refs that are changed over the API.
  func refuseByRules(_ ref: String, old: String?, new: String?, _ call: Call) async throws {
    let found = try repository(call.repository)
    var operation = old == nil ? "create" : new == nil ? "delete" : "update"
    if let old, let new, try await !bare(found).isAncestor(old, of: new) { operation = "force" }
    let broken = try await allPushRules(found, for: role(of: call.viewer, in: found)).filter {
      glob($0.pattern, ref) && $0.operations.contains(operation) && !$0.commits.contains(new ?? "")
    }
    guard let first = broken.first else { return }
    if first.code == "GH006" {
      throw Refusal(422, "Protected branch update failed for \(ref).\n\n\(first.words)")
    }
    let words = Set(broken.map(\.words)).sorted().joined(separator: "\n\n")
    throw Refusal(422, "Repository rule violations found\n\n\(words)\n\n")
  }
}
