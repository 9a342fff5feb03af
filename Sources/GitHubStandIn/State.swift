internal import Foundation
internal import ReleaseModel

/// Everything that the stand-in knows besides git's objects and refs.
///
/// A value: a stale read answers from a copy of it that was made before the last write.
struct State: Sendable {
  var users: [String: User] = [:]
  var tokens: [String: Token] = [:]
  var repositories: [Int: Repository] = [:]
  /// Lower-case full name to number; names of before a rename stay.
  var names: [String: Int] = [:]
  private var lastNumber = 1000

  /// Returns a number that nothing else has.
  mutating func nextNumber() -> Int {
    lastNumber += 1
    return lastNumber
  }
}

/// A person, or an organization that owns repositories.
struct User: Sendable {
  let id: Int
  let login: String
  var isOrganization = false
  let created: String
}

/// A classic token has scopes; a fine-grained one, and a workflow's own, has permissions.
struct Token: Sendable {
  let secret: String
  let login: String
  var scopes: [String]?
  var permissions: [String: String] = [:]
  /// The only repository that the token is for.
  var onlyRepository: Int?
  var isInstallation = false
  var used = 0
  var usedGraphQL = 0
  var resets = 0
}

/// What somebody may do in a repository.
package enum RepositoryRole: Int, Sendable, Comparable {
  case none, read, triage, write, maintain, admin

  package static func < (one: Self, other: Self) -> Bool { one.rawValue < other.rawValue }
}

struct Repository: Sendable {
  let id: Int
  var owner: String
  var name: String
  var isPrivate: Bool
  let path: FilePath
  let created: String
  var pushed: String
  var isArchived = false
  var hasImmutableReleases = false
  var mergeMethods: Set<String> = ["merge", "squash", "rebase"]
  var deletesBranchOnMerge = false
  var roles: [String: RepositoryRole] = [:]
  var releases: [Int: Release] = [:]
  /// Tags of immutable releases stay used, also after the release's deletion.
  var spentTags: Set<String> = []
  var issues: [Int: Issue] = [:]
  var pulls: [Int: PullRequest] = [:]
  var comments: [Int: IssueComment] = [:]
  var labels: [Int: Label] = [:]
  var milestones: [Int: Milestone] = [:]
  var statuses: [CommitStatus] = []
  var checks: [Int: CheckRun] = [:]
  var protections: [String: Protection] = [:]
  var rulesets: [Int: Ruleset] = [:]
  var categories: [DiscussionCategory] = []
  var discussions: [Int: Discussion] = [:]
  var advisories: [String: Advisory] = [:]
  var attestations: [String: [JSON]] = [:]
  var workflows: [Int: Workflow] = [:]
  var runs: [Int: WorkflowRun] = [:]
  var jobs: [Int: WorkflowJob] = [:]
  var secrets: [String: String] = [:]
  var environments: [String: DeploymentEnvironment] = [:]
  private var lastIssue = 0

  init(id: Int, owner: String, name: String, isPrivate: Bool, path: FilePath, created: String) {
    self.id = id
    self.owner = owner
    self.name = name
    self.isPrivate = isPrivate
    self.path = path
    self.created = created
    pushed = created
  }

  var fullName: String { "\(owner)/\(name)" }

  /// Issues, pull requests and discussions are counted together, as GitHub does.
  mutating func nextIssueNumber() -> Int {
    lastIssue += 1
    return lastIssue
  }

  func role(of login: String?) -> RepositoryRole {
    guard let login else { return isPrivate ? .none : .read }
    if login.lowercased() == owner.lowercased() { return .admin }
    return max(roles[login.lowercased()] ?? .none, isPrivate ? .none : .read)
  }
}

struct Release: Sendable {
  let id: Int
  var tag: String
  var target: String
  var name: String?
  var body: String?
  var isDraft: Bool
  var isPrerelease: Bool
  var isImmutable = false
  /// The commit's date, as GitHub has it.
  var created: String
  var published: String?
  var updated: String
  /// What `make_latest` said: "true" wins, "false" takes out of the running.
  var makesLatest = "legacy"
  /// Counts up whenever a release is made the latest one.
  var latestOrder = 0
  let author: String
  var discussion: Int?
  var assets: [Int: Asset] = [:]
}

struct Asset: Sendable {
  let id: Int
  var name: String
  var label: String?
  var state: String
  var type: String
  var size: Int
  var digest: String?
  var downloads = 0
  let created: String
  var updated: String
  let uploader: String
  let file: FilePath?
}

struct Issue: Sendable {
  let id: Int
  let number: Int
  var title: String
  var body: String?
  let author: String
  var state = "open"
  var reason: String?
  var labels: [String] = []
  var assignees: [String] = []
  var milestone: Int?
  let created: String
  var updated: String
  var closed: String?
  var closedBy: String?
}

struct IssueComment: Sendable {
  let id: Int
  let issue: Int
  let author: String
  var body: String
  let created: String
  var updated: String
}

struct Label: Sendable {
  let id: Int
  var name: String
  var color: String
  var description: String?
}

struct Milestone: Sendable {
  let id: Int
  let number: Int
  var title: String
  var description: String?
  var state = "open"
  var due: String?
  let creator: String
  let created: String
  var updated: String
}

struct PullRequest: Sendable {
  let id: Int
  let head: String
  var base: String
  var headSHA: String
  /// Where the base branch stood when the request was made or, at the latest, merged.
  var baseSHA: String
  var isDraft: Bool
  var isMerged = false
  var merged: String?
  var mergedBy: String?
  var mergeCommit: String?
  var maintainerCanModify = true
  var requestedReviewers: [String] = []
  var reviews: [Review] = []
  var threads: [ReviewThread] = []
  /// The pair of commits for which mergeability was worked out; others are answered with null once.
  var computedFor: String?
  var isInMergeQueue = false
  var asyncMerges: [String: JSON] = [:]
}

struct Review: Sendable {
  let id: Int
  let author: String
  var body: String
  /// APPROVED, CHANGES_REQUESTED, COMMENTED, DISMISSED or PENDING.
  var state: String
  let commit: String
  var submitted: String?
}

struct ReviewThread: Sendable {
  let id: Int
  let path: String
  let line: Int?
  let commit: String
  var isResolved = false
  var isOutdated = false
  var comments: [ReviewComment]
}

struct ReviewComment: Sendable {
  let id: Int
  let review: Int?
  let author: String
  let body: String
  let created: String
}

struct CommitStatus: Sendable {
  let id: Int
  let sha: String
  let context: String
  let state: String
  let description: String?
  let target: String?
  let creator: String
  let created: String
}

struct CheckRun: Sendable {
  let id: Int
  let name: String
  let sha: String
  var status: String
  var conclusion: String?
  let started: String
  var completed: String?
  var title: String?
  var summary: String?
  var annotations: [JSON] = []
  /// The workflow run that it belongs to.
  var run: Int?
}
