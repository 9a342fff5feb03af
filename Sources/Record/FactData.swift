package import ReleaseModel

// The data of each event. Optional fields are those that came later or need not be there; nothing
// is ever renamed (a reader of tomorrow folds the records of today).

/// The release that a hotfix mends.
package struct BaseRelease: Sendable, Hashable, Codable {
  package let tag: String
  package let commit: String
  package let version: VersionName

  package init(tag: String, commit: String, version: VersionName) {
    self.tag = tag
    self.commit = commit
    self.version = version
  }
}

/// The rules in force for a run, pinned when it is opened.
package struct Policy: Sendable, Hashable, Codable {
  /// How many distinct people have to approve.
  package var approvals: Int
  /// How long an approval counts, in seconds.
  package var approvalSeconds: Int
  /// The allowed-signers file, whole.
  package var signers: String
  /// OpenPGP fingerprints by person, for those who sign with GPG.
  package var openPGP: [String: String]
  /// The file of revoked keys, whole.
  package var revoked: String?
  /// How many people have to waive a step; nil where the policy does not say (WaiverRule).
  package var waivers: Int?
  package var filesMax: Int
  package var linesMax: Int
  /// Glob patterns that a fix may not touch.
  package var forbiddenPaths: [String]
  package var allowDependencies: Bool

  package init(
    approvals: Int,
    approvalSeconds: Int,
    signers: String,
    openPGP: [String: String],
    revoked: String? = nil,
    waivers: Int? = nil,
    filesMax: Int,
    linesMax: Int,
    forbiddenPaths: [String],
    allowDependencies: Bool
  ) {
    self.approvals = approvals
    self.approvalSeconds = approvalSeconds
    self.signers = signers
    self.openPGP = openPGP
    self.revoked = revoked
    self.waivers = waivers
    self.filesMax = filesMax
    self.linesMax = linesMax
    self.forbiddenPaths = forbiddenPaths
    self.allowDependencies = allowDependencies
  }
}

package struct RunOpened: Sendable, Hashable, Codable {
  package let title: String
  package let app: String
  package let base: BaseRelease
  package let version: VersionName
  package let branch: String
  package let tag: String
  package let main: String
  package let policy: Policy
  /// Set in a rollback: the release that is taken back, and the one whose code returns.
  package let rollback: Rollback?
  /// Commits to bring over from main with `git cherry-pick -x`.
  package let picks: [String]
  /// The fix's own test, as `{test}` in `test.proof`.
  package let test: String?
  /// The head of a branch that was there before the run, and whose commits are the fix.
  package let adopts: String?
  /// The commit of main whose settings and list of signers make the policy.
  package let settings: String?
  /// The component of the project that is released, where it has several.
  package let component: String?

  package struct Rollback: Sendable, Hashable, Codable {
    package let bad: BaseRelease
    package let good: BaseRelease

    package init(bad: BaseRelease, good: BaseRelease) {
      self.bad = bad
      self.good = good
    }
  }

  package init(
    title: String,
    app: String,
    base: BaseRelease,
    version: VersionName,
    branch: String,
    tag: String,
    main: String,
    policy: Policy,
    rollback: Rollback? = nil,
    picks: [String] = [],
    test: String? = nil,
    adopts: String? = nil,
    settings: String? = nil,
    component: String? = nil
  ) {
    self.title = title
    self.app = app
    self.base = base
    self.version = version
    self.branch = branch
    self.tag = tag
    self.main = main
    self.policy = policy
    self.rollback = rollback
    self.picks = picks
    self.test = test
    self.adopts = adopts
    self.settings = settings
    self.component = component
  }
}

/// The answers about the fault, the table that judged them, and its verdict.
package struct Assessment: Sendable, Hashable, Codable {
  package let kind: String
  package let answers: [String: String]
  /// The table's name and version, so that the verdict can be worked out again years later.
  package let table: String
  package let verdict: String
  /// Whether the verdict is at or over the bar for a hotfix.
  package let warranted: Bool
  package let severity: Int
  package let reasons: [String]
  package let cannotWait: String
  package let affected: [String]
  package let workaround: String

  package init(
    kind: String,
    answers: [String: String],
    table: String,
    verdict: String,
    warranted: Bool,
    severity: Int,
    reasons: [String],
    cannotWait: String,
    affected: [String],
    workaround: String
  ) {
    self.kind = kind
    self.answers = answers
    self.table = table
    self.verdict = verdict
    self.warranted = warranted
    self.severity = severity
    self.reasons = reasons
    self.cannotWait = cannotWait
    self.affected = affected
    self.workaround = workaround
  }
}

package struct DeadlinesSet: Sendable, Hashable, Codable {
  package let deadlines: [String: Moment]

  package init(deadlines: [String: Moment]) {
    self.deadlines = deadlines
  }
}

/// Something learnt after the run was opened.
package struct Amended: Sendable, Hashable, Codable {
  package var test: String?
  package var picks: [String]?
  /// Why a phase is past its deadline, by phase.
  package var late: [String: String]?

  package init(test: String? = nil, picks: [String]? = nil, late: [String: String]? = nil) {
    self.test = test
    self.picks = picks
    self.late = late
  }

  var summary: String {
    var parts: [String] = []
    if let test { parts.append("test=\(test)") }
    if let picks { parts.append("picks=\(picks.joined(separator: ","))") }
    for (phase, reason) in (late ?? [:]).sorted(by: { $0.key < $1.key }) {
      parts.append("\(phase) is late: \(reason)")
    }
    return parts.joined(separator: " ")
  }
}

/// A step that was seen to hold.
package struct StepObserved: Sendable, Hashable, Codable {
  package let step: String
  /// What the evidence is about: a tree, a digest.
  ///
  /// Evidence about something else does not count.
  package let subject: String
  package let evidence: [String]
  /// Values that later steps need.
  package let facts: [String: String]
  /// Time of the tool itself, and of the project's own commands, in milliseconds.
  package let toolMilliseconds: Int
  package let commandMilliseconds: Int

  package init(
    step: String,
    subject: String,
    evidence: [String],
    facts: [String: String] = [:],
    toolMilliseconds: Int = 0,
    commandMilliseconds: Int = 0
  ) {
    self.step = step
    self.subject = subject
    self.evidence = evidence
    self.facts = facts
    self.toolMilliseconds = toolMilliseconds
    self.commandMilliseconds = commandMilliseconds
  }
}

package struct StepFailed: Sendable, Hashable, Codable {
  package let step: String
  package let subject: String
  package let problem: Problem

  package init(step: String, subject: String, problem: Problem) {
    self.step = step
    self.subject = subject
    self.problem = problem
  }
}

/// The run goes on under another policy.
///
/// It takes effect behind this event, which itself is made under the old one.
package struct PolicyChanged: Sendable, Hashable, Codable {
  /// What people approve, by the name that a step would have.
  package static let step = "policy"

  package let policy: Policy
  package let reason: String
  /// The commit of main whose settings and list of signers make the policy.
  package let settings: String?

  package init(policy: Policy, reason: String, settings: String? = nil) {
    self.policy = policy
    self.reason = reason
    self.settings = settings
  }
}

/// An effect that is about to be attempted (invariant 2).
package struct EffectIntended: Sendable, Hashable, Codable {
  package let step: String
  package let subject: String
  package let effect: String
  /// Which of the step's effects this is, for example one channel of several.
  package let target: String
  /// All that is not deterministic, so that any machine repeats the effect byte for byte.
  package let materials: [String: String]

  package init(
    step: String,
    subject: String,
    effect: String,
    target: String,
    materials: [String: String] = [:]
  ) {
    self.step = step
    self.subject = subject
    self.effect = effect
    self.target = target
    self.materials = materials
  }
}

package struct EffectConcluded: Sendable, Hashable, Codable {
  package enum Result: String, Sendable, Hashable, Codable {
    case done, failed, unknown
  }

  package let step: String
  package let subject: String
  package let target: String
  package let result: Result
  package let detail: String

  package init(step: String, subject: String, target: String, result: Result, detail: String) {
    self.step = step
    self.subject = subject
    self.target = target
    self.result = result
    self.detail = detail
  }
}

/// A person's approval or refusal: a detached signature over a statement.
package struct Statement: Sendable, Hashable, Codable {
  package enum Decision: String, Sendable, Hashable, Codable {
    case approve, decline
  }

  package let step: String
  package let decision: Decision
  /// The signed bytes: an in-toto Statement v1 as one line of JSON.
  package let statement: String
  /// SSHSIG in namespace `hotfix-approval`, or an OpenPGP signature, armoured.
  package let signature: String

  package init(step: String, decision: Decision, statement: String, signature: String) {
    self.step = step
    self.decision = decision
    self.statement = statement
    self.signature = signature
  }
}

package struct StepWaived: Sendable, Hashable, Codable {
  package let step: String
  package let reason: String
  package let subject: String

  package init(step: String, reason: String, subject: String) {
    self.step = step
    self.reason = reason
    self.subject = subject
  }
}

package struct Noted: Sendable, Hashable, Codable {
  package let text: String
  /// The step that the note vouches for: a person says that it was done by hand.
  package let done: String?
  package let subject: String?
  /// With `done`: the one effect that it settles.
  package let target: String?

  package init(text: String, done: String? = nil, subject: String? = nil, target: String? = nil) {
    self.text = text
    self.done = done
    self.subject = subject
    self.target = target
  }
}

package struct ReleaseWithdrawn: Sendable, Hashable, Codable {
  package let tag: String
  package let reason: String

  package init(tag: String, reason: String) {
    self.tag = tag
    self.reason = reason
  }
}

package struct RunClosed: Sendable, Hashable, Codable {
  package let missing: [String]

  package init(missing: [String]) {
    self.missing = missing
  }
}

package struct RunAbandoned: Sendable, Hashable, Codable {
  package let reason: String

  package init(reason: String) {
    self.reason = reason
  }
}
