internal import Git
package import Record
internal import ReleaseModel

/// People's statements, signed by the person who makes them.
package enum Stating {
  /// The steps that wait for an approval.
  package static let approvable = ["approval"] + Reviewing.steps

  /// Returns the steps that wait for this person's word now.
  package static func awaited(_ waits: [StepWait]) -> [String] {
    waits.map(\.step).filter { approvable.contains($0) }
  }

  /// One statement as it is to be signed: fixed before a person sees it.
  package struct Proposal: Sendable, Hashable, Encodable {
    package let step: String
    /// The assessment's digest, or the tree.
    package let subject: String
    package let commit: String?
  }

  /// Returns what would be signed about each step, for the state that is here now.
  package static func proposals(
    _ decision: Statement.Decision,
    steps: [String],
    _ situation: Situation
  ) async throws -> [Proposal] {
    var proposals: [Proposal] = []
    for step in steps {
      guard approvable.contains(step), let phase = Procedure.phase(of: step) else {
        throw Problem(
          "approve.step",
          "\(step) is not a step that people approve.",
          why: "People approve \(approvable.joined(separator: ", ")).",
          next: ["hotfix status     shows what is waited for"]
        )
      }
      let subject = situation.subject(of: phase)
      guard !subject.hasSuffix("none") else {
        throw Problem(
          "approve.nothing",
          "There is nothing to \(decision.rawValue) yet for \(step).",
          next: ["hotfix status"]
        )
      }
      try await refuseOwnWork(step, decision, situation)
      let commit = phase == .assess ? nil : situation.refs.fix
      proposals.append(Proposal(step: step, subject: subject, commit: commit))
    }
    return proposals
  }

  /// Signs exactly these proposals and adds them to the record.
  ///
  /// Throws `approve.moved` when something else is there by now than what was proposed.
  package static func state(
    _ decision: Statement.Decision,
    _ proposals: [Proposal],
    reason: String,
    engine: Engine
  ) async throws {
    let situation = try await engine.situation()
    for proposal in proposals {
      let subject = situation.subject(of: Procedure.phase(of: proposal.step) ?? .review)
      let isThere = proposal.commit == nil || proposal.commit == situation.refs.fix
      guard subject == proposal.subject, isThere else {
        throw Problem(
          "approve.moved",
          "\(proposal.step) is about something else than what was shown.",
          why: "Shown was \(proposal.subject) at \(proposal.commit ?? "no commit"); now it is "
            + "\(subject) at \(situation.refs.fix ?? "no commit"). Nothing was signed.",
          next: ["hotfix approve \(proposal.step)     shows what is there now"]
        )
      }
      try await refuseOwnWork(proposal.step, decision, situation)
    }
    var facts: [Fact] = []
    for proposal in proposals {
      facts.append(
        try await signed(
          decision,
          step: proposal.step,
          subject: proposal.subject,
          commit: proposal.commit,
          reason: reason,
          situation
        )
      )
    }
    try await append(facts, engine)
  }

  /// Returns a person's signed word on a subject.
  static func signed(
    _ decision: Statement.Decision,
    step: String,
    subject: String,
    commit: String?,
    reason: String,
    _ situation: Situation
  ) async throws -> Fact {
    let policy = situation.progress.policy
    let statement = try ApprovalStatement.make(
      run: situation.run,
      step: step,
      decision: decision.rawValue,
      subject: subject,
      commit: commit,
      reason: reason,
      policy: policy?.digest ?? .zero,
      record: situation.recordDigests.last ?? .zero,
      expires: situation.toolbox.now() + (policy?.approvalSeconds ?? 86_400)
    )
    let signature = try await situation.signer.sign(
      Array(statement.utf8),
      namespace: Quorum.namespace
    )
    if let policy {
      try await requireCounting(statement, signature, policy, situation)
    }
    return .stated(
      Statement(step: step, decision: decision, statement: statement, signature: signature)
    )
  }

  /// Whoever signs learns at once that it would not count, not from a run that keeps waiting.
  private static func requireCounting(
    _ statement: String,
    _ signature: String,
    _ policy: Policy,
    _ situation: Situation
  ) async throws {
    do {
      let people = try situation.toolbox.people(of: policy)
      _ = try await SignatureVerifier(git: situation.git, people: people).signer(
        of: Array(statement.utf8),
        signature: signature,
        namespace: Quorum.namespace,
        at: situation.toolbox.now()
      )
    } catch SignatureVerifier.Fault.stranger {
      // Whoever is not in the run's list cannot write into its record either, and hears why there.
    } catch let fault as SignatureVerifier.Fault {
      throw Problem(
        "approve.uncounted",
        "Your approval would not count.",
        why: fault.text,
        next: [
          "A line of \(situation.settings.reviewersPath) that is limited to namespaces has to name both:  "
            + "namespaces=\"\(Chain.namespace),\(Quorum.namespace)\"",
          "hotfix doctor     lists who can approve",
        ]
      )
    }
  }

  static func append(_ facts: [Fact], _ engine: Engine) async throws {
    try await engine.append { progress in
      // What was approved has to be what is there when the approval lands.
      guard progress.ending == nil else {
        throw Problem("run.ended", "The run has ended.", next: ["hotfix log"])
      }
      return facts
    }
  }

  private static func refuseOwnWork(
    _ step: String,
    _ decision: Statement.Decision,
    _ situation: Situation
  ) async throws {
    guard decision == .approve else { return }
    let me = situation.signer.person
    let own = try await isOwnWork(step, situation)
    if step != "approval",
      let problem = try await Authorship.of(situation).problem(situation, step: step)
    {
      throw problem
    }
    guard !own else {
      throw Problem(
        "approve.own-work",
        "You cannot approve your own work.",
        why: step == "approval"
          ? "\(me) opened the run." : "\(me) wrote a part of \(situation.opened.branch).",
        next: situation.needsNoApproval
          ? ["hotfix next     goes on: the policy needs no approval"]
          : [
            "Ask another listed person:  hotfix approve \(step)",
            "hotfix waive \(step) --reason \"…\"     when nobody can be reached; it shouts",
          ]
      )
    }
  }

  /// Whether the person whose key signs here opened the run, or wrote a part of the fix.
  private static func isOwnWork(_ step: String, _ situation: Situation) async throws -> Bool {
    let me = situation.signer.person
    guard step == "approval" else { return try await Authorship.of(situation).people.contains(me) }
    return situation.opener == me
  }

  /// Returns the steps among these that the person whose key signs here can approve, and has not.
  package static func approvable(
    among waits: [StepWait],
    _ situation: Situation
  ) async throws -> [String] {
    let me = situation.signer.person
    guard let policy = situation.progress.policy, try People(policy).person(named: me) != nil else {
      return []
    }
    var steps: [String] = []
    for wait in waits where approvable.contains(wait.step) && !hasApproved(wait.step, situation) {
      // Only who declined settles that.
      if wait.wait.what.hasPrefix("has declined"), wait.wait.whom != me { continue }
      if try await !isOwnWork(wait.step, situation) { steps.append(wait.step) }
    }
    return steps
  }

  private static func hasApproved(_ step: String, _ situation: Situation) -> Bool {
    let subject = situation.subject(of: Procedure.phase(of: step) ?? .review)
    let own = situation.progress.statements.last {
      $0.data.step == step && $0.actor == situation.signer.person
    }
    guard let own, own.data.decision == .approve,
      let statement = ApprovalStatement(line: own.data.statement)
    else { return false }
    return statement.subject == subject && statement.expires > situation.toolbox.now()
  }
}
