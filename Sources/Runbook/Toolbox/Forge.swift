/// Where a team works together: pull requests, checks, workflows, issues.
///
/// A plain host has none, and then reviews are statements in the record and merges are ours.
package struct Forge: Sendable {
  /// Its name for people, for example `github.com/owner/name`.
  package var name: String
  /// Returns the account that the tool acts as.
  package var account: @Sendable () async throws -> String
  package var pulls: Pulls
  package var workflows: Workflows
  package var issues: Issues
  package var publicity: Publicity

  package init(
    name: String,
    account: @escaping @Sendable () async throws -> String,
    pulls: Pulls,
    workflows: Workflows,
    issues: Issues,
    publicity: Publicity
  ) {
    self.name = name
    self.account = account
    self.pulls = pulls
    self.workflows = workflows
    self.issues = issues
    self.publicity = publicity
  }
}

// MARK: pull requests

/// A pull request as its host has it.
package struct PullRequest: Sendable, Hashable {
  package enum State: String, Sendable, Hashable {
    case open, closed, merged
  }

  package var number: Int
  package var url: String
  package var state: State
  /// The commit at the head of its branch.
  package var head: String
  package var author: String
  /// Nil while the host still works it out.
  package var isMergeable: Bool?

  package init(
    number: Int,
    url: String,
    state: State,
    head: String,
    author: String,
    isMergeable: Bool? = nil
  ) {
    self.number = number
    self.url = url
    self.state = state
    self.head = head
    self.author = author
    self.isMergeable = isMergeable
  }
}

/// One review as it was given; a person may give many.
package struct HostedReview: Sendable, Hashable {
  package enum State: String, Sendable, Hashable {
    case approved, changesRequested, commented, dismissed, pending
  }

  package var person: String
  package var state: State
  package var commit: String
  /// Whether the host lets this person write to the repository.
  package var mayWrite: Bool
  package var url: String

  package init(person: String, state: State, commit: String, mayWrite: Bool, url: String) {
    self.person = person
    self.state = state
    self.commit = commit
    self.mayWrite = mayWrite
    self.url = url
  }
}

/// Who wrote a pull request's commits.
package struct HostedAuthors: Sendable, Hashable {
  package var logins: Set<String>
  /// Addresses that belong to nobody on the host.
  package var unknown: Set<String>

  package init(logins: Set<String>, unknown: Set<String>) {
    self.logins = logins
    self.unknown = unknown
  }
}

/// A check or commit status, newest of its name.
package struct HostedCheck: Sendable, Hashable {
  package enum State: String, Sendable, Hashable {
    case passed, failed, running, missing
  }

  package var name: String
  package var state: State
  package var isRequired: Bool
  package var url: String

  package init(name: String, state: State, isRequired: Bool, url: String) {
    self.name = name
    self.state = state
    self.isRequired = isRequired
    self.url = url
  }
}

package struct Pulls: Sendable {
  /// The newest pull request of a branch into another, open or merged before closed.
  package var find: @Sendable (_ branch: String, _ base: String) async throws -> PullRequest?
  /// Opens a draft's text as a pull request, and adds its label and reviewers.
  package var open: @Sendable (PullRequestText) async throws -> PullRequest
  package var reviews: @Sendable (_ number: Int) async throws -> [HostedReview]
  /// Everybody who wrote or committed a part of it.
  package var authors: @Sendable (_ number: Int) async throws -> HostedAuthors
  /// Whether the host's merge queue has it.
  package var isQueued: @Sendable (_ number: Int) async throws -> Bool
  /// Threads that nobody resolved: who began them, and where to read them.
  package var openThreads: @Sendable (_ number: Int) async throws -> [(person: String, url: String)]
  package var checks: @Sendable (_ commit: String, _ base: String) async throws -> [HostedCheck]
  /// Whether a branch takes changes through pull requests alone.
  package var isProtected: @Sendable (_ branch: String) async throws -> Bool
  /// Merges it if its head is still `head`; returns how the host answered.
  package var merge:
    @Sendable (_ pull: PullRequest, _ method: String, _ title: String) async throws -> MergeAnswer

  package enum MergeAnswer: Sendable, Hashable {
    case merged(String)
    /// The host merges it later, by its queue.
    case queued
    /// It does not now, for this reason in its own words.
    case notYet(String)
  }

  package init(
    find: @escaping @Sendable (String, String) async throws -> PullRequest?,
    open: @escaping @Sendable (PullRequestText) async throws -> PullRequest,
    reviews: @escaping @Sendable (Int) async throws -> [HostedReview],
    authors: @escaping @Sendable (Int) async throws -> HostedAuthors,
    isQueued: @escaping @Sendable (Int) async throws -> Bool,
    openThreads: @escaping @Sendable (Int) async throws -> [(person: String, url: String)],
    checks: @escaping @Sendable (String, String) async throws -> [HostedCheck],
    isProtected: @escaping @Sendable (String) async throws -> Bool,
    merge: @escaping @Sendable (PullRequest, String, String) async throws -> MergeAnswer
  ) {
    self.find = find
    self.open = open
    self.reviews = reviews
    self.authors = authors
    self.isQueued = isQueued
    self.openThreads = openThreads
    self.checks = checks
    self.isProtected = isProtected
    self.merge = merge
  }
}

extension Pulls {
  /// Opens a pull request and merges it at once if the host lets us; says what became of it.
  func take(_ text: PullRequestText, by method: String) async throws -> String {
    let asked = try await open(text)
    guard case .merged = try await merge(asked, method, text.title) else {
      return "\(asked.url) waits"
    }
    return "\(asked.url) is merged"
  }
}

package struct PullRequestText: Sendable, Hashable {
  package var branch: String
  package var base: String
  package var title: String
  package var body: String
  package var labels: [String]
  /// Logins, or `@owner/team` as in CODEOWNERS.
  package var reviewers: [String]

  package init(
    branch: String,
    base: String,
    title: String,
    body: String,
    labels: [String],
    reviewers: [String]
  ) {
    self.branch = branch
    self.base = base
    self.title = title
    self.body = body
    self.labels = labels
    self.reviewers = reviewers
  }
}

// MARK: workflows

/// A run of the release workflow.
package struct WorkflowRun: Sendable, Hashable {
  package enum State: String, Sendable, Hashable {
    case queued, running, waiting, succeeded, failed, cancelled
  }

  package struct Job: Sendable, Hashable {
    package var id: Int
    package var name: String
    package var state: State
    /// The step that runs now or failed, with its number and how many there are.
    package var step: String?

    package init(id: Int, name: String, state: State, step: String?) {
      self.id = id
      self.name = name
      self.state = state
      self.step = step
    }
  }

  package var id: Int
  package var url: String
  package var state: State
  package var attempt: Int
  package var jobs: [Job]
  /// Who may approve the environment that it waits for.
  package var approvers: [String]

  package init(
    id: Int,
    url: String,
    state: State,
    attempt: Int,
    jobs: [Job] = [],
    approvers: [String] = []
  ) {
    self.id = id
    self.url = url
    self.state = state
    self.attempt = attempt
    self.jobs = jobs
    self.approvers = approvers
  }
}

package struct Workflows: Sendable {
  /// The run that is looked for, and by what.
  package struct Wanted: Sendable {
    package let workflow: String
    /// The tag or branch whose push begins a run; nil where no push does.
    package let ref: String?
    package let commit: String
    /// The words that the name of a run has which was dispatched for it.
    package let words: [String]
    /// The number of a run that this tool dispatched, if the host told it.
    package let started: Int?
    /// Whether any run of the ref counts; else only a push's, and none whose jobs were all skipped.
    package let takesAny: Bool
  }

  /// The newest run that was begun by a push of the ref, or dispatched for it.
  package var find: @Sendable (Wanted) async throws -> WorkflowRun?
  /// Starts it from the main branch, with `id` in the run's name; returns its number if the host
  /// tells it.
  package var dispatch:
    @Sendable (_ workflow: String, _ tag: String, _ main: String, _ id: String) async throws -> Int?
  /// Runs the failed jobs of a run again.
  package var repeatFailed: @Sendable (_ run: Int) async throws -> Void
  /// The end of a job's log; nil when it is gone.
  package var log: @Sendable (_ job: Int) async throws -> String?

  package init(
    find: @escaping @Sendable (Wanted) async throws -> WorkflowRun?,
    dispatch: @escaping @Sendable (String, String, String, String) async throws -> Int?,
    repeatFailed: @escaping @Sendable (Int) async throws -> Void,
    log: @escaping @Sendable (Int) async throws -> String?
  ) {
    self.find = find
    self.dispatch = dispatch
    self.repeatFailed = repeatFailed
    self.log = log
  }
}

// MARK: issues and publicity

/// What is to be said and done on one issue.
package struct IssueUpdate: Sendable, Hashable {
  package var number: Int
  package var mark: HiddenMark
  package var comment: String
  package var label: String
  /// The milestone's title; used when there is one of that name.
  package var milestone: String

  package init(number: Int, mark: HiddenMark, comment: String, label: String, milestone: String) {
    self.number = number
    self.mark = mark
    self.comment = comment
    self.label = label
    self.milestone = milestone
  }
}

package struct Issues: Sendable {
  /// Whether our comment is there and the issue is closed; nil: no such issue.
  package var isSettled: @Sendable (_ number: Int, _ mark: HiddenMark) async throws -> Bool?
  /// Comments, labels and closes one issue; each only where it is not done yet.
  package var settle: @Sendable (IssueUpdate) async throws -> Void

  package init(
    isSettled: @escaping @Sendable (Int, HiddenMark) async throws -> Bool?,
    settle: @escaping @Sendable (IssueUpdate) async throws -> Void
  ) {
    self.isSettled = isSettled
    self.settle = settle
  }
}

/// A security advisory, as far as the runbook has to know it.
package struct HostedAdvisory: Sendable, Hashable {
  package enum State: String, Sendable, Hashable {
    case draft, published, other
  }

  package var id: String
  package var url: String
  package var state: State
  package var cve: String?

  package init(id: String, url: String, state: State, cve: String?) {
    self.id = id
    self.url = url
    self.state = state
    self.cve = cve
  }
}

package struct AdvisoryText: Sendable, Hashable {
  package var mark: HiddenMark
  package var summary: String
  package var description: String
  package var severity: String
  package var package: String
  package var affected: [String]
  package var fixed: String

  package init(
    mark: HiddenMark,
    summary: String,
    description: String,
    severity: String,
    package: String,
    affected: [String],
    fixed: String
  ) {
    self.mark = mark
    self.summary = summary
    self.description = description
    self.severity = severity
    self.package = package
    self.affected = affected
    self.fixed = fixed
  }
}

package struct Publicity: Sendable {
  /// Starts a discussion, unless ours is in that category already; returns its address.
  package var discuss:
    @Sendable (_ category: String, _ title: String, _ body: String, _ mark: HiddenMark) async throws
      -> String
  package var advisory: @Sendable (_ mark: HiddenMark) async throws -> HostedAdvisory?
  /// Drafts an advisory and asks for a CVE.
  package var draftAdvisory: @Sendable (AdvisoryText) async throws -> HostedAdvisory
  package var publishAdvisory: @Sendable (_ id: String) async throws -> Void
  /// How often each artifact of each release was downloaded, by tag and name.
  package var downloads: @Sendable () async throws -> [String: [String: Int]]

  package init(
    discuss: @escaping @Sendable (String, String, String, HiddenMark) async throws -> String,
    advisory: @escaping @Sendable (HiddenMark) async throws -> HostedAdvisory?,
    draftAdvisory: @escaping @Sendable (AdvisoryText) async throws -> HostedAdvisory,
    publishAdvisory: @escaping @Sendable (String) async throws -> Void,
    downloads: @escaping @Sendable () async throws -> [String: [String: Int]]
  ) {
    self.discuss = discuss
    self.advisory = advisory
    self.draftAdvisory = draftAdvisory
    self.publishAdvisory = publishAdvisory
    self.downloads = downloads
  }
}
