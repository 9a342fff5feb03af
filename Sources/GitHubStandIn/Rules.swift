/// Classic branch protection: one entry a branch, or a pattern of branches.
struct Protection: Sendable {
  var checks: [String]
  var isStrict: Bool
  var approvals: Int?
  var dismissesStaleReviews: Bool
  var resolvesConversations: Bool
  var enforcesAdmins: Bool
  var allowsForcePushes: Bool
}

/// A ruleset, with its rules as the API has them.
struct Ruleset: Sendable {
  let id: Int
  var name: String
  var target: String
  var enforcement: String
  var include: [String]
  var exclude: [String]
  var rules: [JSON]
  let created: String
  var updated: String

  /// Tells whether the rules are about a ref such as `refs/heads/main`.
  func covers(_ ref: String, defaultBranch: String) -> Bool {
    guard enforcement == "active" else { return false }
    let prefix = target == "tag" ? "refs/tags/" : "refs/heads/"
    guard ref.hasPrefix(prefix) else { return false }
    func matches(_ pattern: String) -> Bool {
      switch pattern {
      case "~ALL": true
      case "~DEFAULT_BRANCH": ref == "refs/heads/\(defaultBranch)"
      default: glob(pattern.hasPrefix("refs/") ? pattern : prefix + pattern, ref)
      }
    }
    return include.contains(where: matches) && !exclude.contains(where: matches)
  }
}

/// A rule of a ruleset, for tests to arrange.
package struct Rule: Sendable {
  package let json: JSON

  package static let creation = Rule(json: ["type": "creation"])
  package static let deletion = Rule(json: ["type": "deletion"])
  package static let nonFastForward = Rule(json: ["type": "non_fast_forward"])
  package static let update = Rule(
    json: ["type": "update", "parameters": ["update_allows_fetch_and_merge": false]]
  )

  package static func pullRequest(
    approvals: Int,
    dismissesStaleReviews: Bool = false,
    resolvesThreads: Bool = false,
    methods: [String] = ["merge", "squash", "rebase"]
  ) -> Rule {
    Rule(json: [
      "type": "pull_request",
      "parameters": [
        "required_approving_review_count": .int(approvals),
        "dismiss_stale_reviews_on_push": .bool(dismissesStaleReviews),
        "require_code_owner_review": false, "require_last_push_approval": false,
        "required_review_thread_resolution": .bool(resolvesThreads),
        "allowed_merge_methods": .array(methods.map { .string($0) }),
      ],
    ])
  }

  package static func requiredStatusChecks(_ names: [String], strict: Bool = false) -> Rule {
    Rule(json: [
      "type": "required_status_checks",
      "parameters": [
        "strict_required_status_checks_policy": .bool(strict),
        "required_status_checks": .array(names.map { ["context": .string($0)] }),
      ],
    ])
  }

  package static func mergeQueue(method: String = "MERGE") -> Rule {
    Rule(json: [
      "type": "merge_queue",
      "parameters": [
        "check_response_timeout_minutes": 60, "grouping_strategy": "ALLGREEN",
        "max_entries_to_build": 5, "max_entries_to_merge": 5, "merge_method": .string(method),
        "min_entries_to_merge": 1, "min_entries_to_merge_wait_minutes": 5,
      ],
    ])
  }
}

/// What rules demand: of a push, and of a merge.
extension GitHubStandIn {
  // MARK: - What an administrator does in the web page

  /// Protects branches of that name or pattern: changes come through pull requests.
  ///
  /// `approvals` nil asks for no review: then a push is refused only for its checks.
  package func protect(
    _ repository: String,
    branch: String,
    requiredChecks: [String] = [],
    strict: Bool = false,
    approvals: Int? = 1,
    dismissesStaleReviews: Bool = false,
    resolvesConversations: Bool = false,
    enforcesAdmins: Bool = true,
    allowsForcePushes: Bool = false
  ) throws {
    try change(number(of: repository)) { found in
      found.protections[branch] = Protection(
        checks: requiredChecks,
        isStrict: strict,
        approvals: approvals,
        dismissesStaleReviews: dismissesStaleReviews,
        resolvesConversations: resolvesConversations,
        enforcesAdmins: enforcesAdmins,
        allowsForcePushes: allowsForcePushes
      )
    }
  }

  package func removeRuleset(_ repository: String, _ id: Int) throws {
    try change(number(of: repository)) { _ = $0.rulesets.removeValue(forKey: id) }
  }

  package func unprotect(_ repository: String, branch: String) throws {
    try change(number(of: repository)) { _ = $0.protections.removeValue(forKey: branch) }
  }

  /// Adds a ruleset about branches or tags; patterns as GitHub's, `~ALL` and `~DEFAULT_BRANCH` too.
  @discardableResult
  package func addRuleset(
    _ repository: String,
    name: String,
    target: String = "branch",
    include: [String] = ["~DEFAULT_BRANCH"],
    exclude: [String] = [],
    rules: [Rule]
  ) throws -> Int {
    let ruleset = Ruleset(
      id: live.nextNumber(),
      name: name,
      target: target,
      enforcement: "active",
      include: include,
      exclude: exclude,
      rules: rules.map(\.json),
      created: now(),
      updated: now()
    )
    try change(number(of: repository)) { $0.rulesets[ruleset.id] = ruleset }
    return ruleset.id
  }

  // MARK: - Looking rules up

  func protection(_ branch: String, _ found: Repository) -> Protection? {
    if let exact = found.protections[branch] { return exact }
    return found.protections.sorted { $0.key < $1.key }.first { glob($0.key, branch) }?.value
  }

  func rules(_ ref: String, _ found: Repository) -> [(rule: JSON, set: Ruleset)] {
    let main = defaultBranch(found)
    return found.rulesets.values.sorted { $0.id < $1.id }
      .filter { $0.covers(ref, defaultBranch: main) }
      .flatMap { set in set.rules.map { ($0, set) } }
  }

  func rule(_ type: String, _ branch: String, _ found: Repository) -> [JSON] {
    rules("refs/heads/\(branch)", found).map(\.rule).filter { $0["type"].text == type }
      .map { $0["parameters"] }
  }

  func queue(of branch: String, _ found: Repository) -> JSON? {
    rule("merge_queue", branch, found).first
  }

  func isProtected(_ branch: String, _ found: Repository) -> Bool {
    protection(branch, found) != nil || !rules("refs/heads/\(branch)", found).isEmpty
  }

  func isStrict(_ branch: String, _ found: Repository) -> Bool {
    protection(branch, found)?.isStrict == true
      || rule("required_status_checks", branch, found)
        .contains { $0["strict_required_status_checks_policy"].truth == true }
  }

  /// Tells whether a push to a request takes its approvals away.
  func isDismissing(_ branch: String, _ found: Repository) -> Bool {
    protection(branch, found)?.dismissesStaleReviews == true
      || rule("pull_request", branch, found)
        .contains { $0["dismiss_stale_reviews_on_push"].truth == true }
  }

  func requiredChecks(_ branch: String, _ found: Repository) -> [String] {
    let classic = protection(branch, found)?.checks ?? []
    let others = rule("required_status_checks", branch, found).flatMap {
      $0["required_status_checks"].items.compactMap { $0["context"].text }
    }
    return classic + others.filter { !classic.contains($0) }
  }

  // MARK: - Of a merge

  /// The latest deciding review of each person who may write.
  func decisions(_ pull: PullRequest, _ found: Repository) -> [String: Review] {
    var latest: [String: Review] = [:]
    for review in pull.reviews where found.role(of: review.author) >= .write {
      if ["APPROVED", "CHANGES_REQUESTED", "DISMISSED"].contains(review.state) {
        latest[review.author] = review
      }
    }
    return latest
  }

  /// Says in GitHub's words what keeps a request from being merged.
  func unmet(_ pull: PullRequest, _ number: Int, _ found: Repository) throws -> [String] {
    var reasons: [String] = []
    let classic = protection(pull.base, found)
    let rules = rule("pull_request", pull.base, found)
    let decisions = decisions(pull, found).values
    let approvals = decisions.count { $0.state == "APPROVED" }
    let needed =
      ([classic?.approvals ?? 0]
      + rules.map { $0["required_approving_review_count"].number ?? 0 }).max() ?? 0
    let isReviewed = classic?.approvals != nil || !rules.isEmpty
    let required = requiredChecks(pull.base, found)
    let known = Dictionary(checksOf(pull.headSHA, found)) { $1 }
    let open = required.filter { known[$0] != .passed }
    if !open.isEmpty {
      let isMissing = open.allSatisfy { known[$0] == nil }
      let hasFailed = open.contains { known[$0] == .failed }
      let word = isMissing ? "expected" : hasFailed ? "failing" : "in progress"
      reasons.append(
        open.count == 1
          ? "Required status check \"\(open[0])\" is \(word)."
          : "\(open.count) of \(required.count) required status checks are \(word)."
      )
    }
    if approvals < needed {
      reasons.append(
        "At least \(needed) approving review\(needed == 1 ? " is" : "s are") required by reviewers "
          + "with write access."
      )
    }
    if isReviewed, decisions.contains(where: { $0.state == "CHANGES_REQUESTED" }) {
      reasons.append("Changes have been requested.")
    }
    let resolves =
      classic?.resolvesConversations == true
      || rules.contains { $0["required_review_thread_resolution"].truth == true }
    if resolves, pull.threads.contains(where: { !$0.isResolved }) {
      reasons.append("A conversation must be resolved before this pull request can be merged.")
    }
    return reasons
  }
}
