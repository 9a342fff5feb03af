package import Git
package import Record
package import ReleaseModel

/// Everything that a step can look at: the record, the settings, the refs, and the toolbox.
package struct Situation: Sendable {
  package let progress: Progress
  package let opened: RunOpened
  package var settings: Settings
  package let toolbox: Toolbox
  package let git: Git
  package let refs: RefView
  package let signer: Signer
  /// The digests of every event that is on the remote, newest last.
  package let recordDigests: [ContentDigest]
  /// Collects the time that the project's own commands take.
  package let meter: Meter
  /// Remembers what cannot change, such as who wrote a commit.
  package let memo: Memo
  /// What the release host has served to this command.
  package let served: Served
  /// Ships from this machine although the settings name a workflow: `hotfix ship` itself.
  package var shipsHere: Bool
  /// Who wrote the fix; nil where nobody looked, and then no waiver of a review counts.
  var authorship: Authorship?

  package init(
    progress: Progress,
    opened: RunOpened,
    settings: Settings,
    toolbox: Toolbox,
    git: Git,
    refs: RefView,
    signer: Signer,
    recordDigests: [ContentDigest],
    meter: Meter,
    memo: Memo,
    served: Served,
    shipsHere: Bool = false
  ) {
    self.progress = progress
    self.opened = opened
    self.settings = settings
    self.toolbox = toolbox
    self.git = git
    self.refs = refs
    self.signer = signer
    self.recordDigests = recordDigests
    self.meter = meter
    self.memo = memo
    self.served = served
    self.shipsHere = shipsHere
  }

  package var run: String { progress.run }
  package var version: VersionName { opened.version }
  /// Where a mend is committed, in words; empty for a tag without a run.
  var onBranch: String { opened.branch.isEmpty ? "" : " on \(opened.branch)" }
  /// The command that tries again.
  var again: String { opened.branch.isEmpty ? "hotfix ship \(opened.tag)" : "hotfix next" }
  package var isRollback: Bool { opened.rollback != nil }

  /// The person who opened the run.
  var opener: String? {
    guard let actor = progress.openedBy else { return nil }
    return progress.policy.flatMap { try? People($0) }?.name(of: actor) ?? actor
  }

  /// The severity; 2 until the assessment says otherwise.
  package var severity: Int { progress.assessment?.severity ?? 2 }
  package var isCritical: Bool { severity <= 1 }
  package var isSecurity: Bool { progress.assessment?.kind == "security" }

  /// What evidence of a phase is about: the assessment first, then the fix's tree.
  package func subject(of phase: Phase) -> String {
    switch phase {
    case .assess:
      progress.assessment.map { Assessing.digest($0).description } ?? "sha256:none"
    default: refs.fixTree.map { "tree:\($0)" } ?? "tree:none"
    }
  }

  /// The accounts on the forge that these steps' intents name: a colleague's, who was cut off.
  func accounts(of steps: [String]) -> Set<String> {
    Set(
      progress.effects.filter { steps.contains($0.data.step) }
        .compactMap { $0.data.materials["account"] }
    )
  }

  /// By what a text of this run is found again on the forge.
  func mark(_ kind: String, of steps: [String]) -> HiddenMark {
    HiddenMark("\(run) \(kind)", accounts: accounts(of: steps))
  }

  /// The artifacts that a step recorded.
  func recordedArtifacts(of step: String) -> [Artifact]? {
    progress.observed[step]?.data.facts["artifacts"].flatMap(Shipyard.artifacts(fromJSON:))
  }

  /// What was, or is to be, published: once somebody meant to publish, what they meant counts,
  /// whatever another machine has built since.
  package var intendedArtifacts: [Artifact] {
    let intent = progress.effects.last { $0.data.step == "publish" }
    return intent?.data.materials["artifacts"].flatMap(Shipyard.artifacts(fromJSON:)) ?? []
  }

  /// The newest artifacts that a step recorded.
  package var recordedArtifacts: [Artifact] {
    for step in ["publish", "notarize", "sign", "build"] {
      if let artifacts = recordedArtifacts(of: step), !artifacts.isEmpty { return artifacts }
    }
    return []
  }
}

/// The refs that matter to a run, as last fetched.
package struct RefView: Sendable, Hashable {
  package var main: String?
  package var localBranch: String?
  package var remoteBranch: String?
  package var localTag: GitTagView?
  package var remoteTag: GitTagView?
  /// The merge into main that this clone has prepared and not pushed.
  package var preparedMain: String?
  /// The branch's head; once the tag is on the remote, what the tag names.
  package var fix: String?
  package var fixTree: String?
  /// The host removed the branch after its merge; the fix is what was asked to be reviewed.
  package var isBranchGone = false
  /// Local and remote branch both have commits that the other lacks.
  package var isDiverged = false

  package struct GitTagView: Sendable, Hashable {
    package let object: String
    package let commit: String
    package let isAnnotated: Bool

    package init(object: String, commit: String, isAnnotated: Bool) {
      self.object = object
      self.commit = commit
      self.isAnnotated = isAnnotated
    }
  }

  package init() {}
}

/// Remembers answers about things that never change, by a name for the question.
package actor Memo {
  private var answers: [String: any Sendable] = [:]

  package init() {}

  package func answer<Answer: Sendable>(
    _ question: String,
    _ find: @Sendable () async throws -> Answer
  ) async throws -> Answer {
    // A known answer may be nil, which is another thing than none.
    if let known = answers[question], let answer = known as? Answer { return answer }
    let found = try await find()
    answers[question] = found
    return found
  }
}

/// Milliseconds spent in the project's own commands.
package actor Meter {
  private var milliseconds = 0

  package init() {}

  package func add(_ more: Int) { milliseconds += more }

  package func take() -> Int {
    defer { milliseconds = 0 }
    return milliseconds
  }
}
