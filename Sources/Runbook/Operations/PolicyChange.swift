internal import Git
package import Record
internal import ReleaseModel

/// A run's policy, brought to what main says by now.
///
/// A run keeps the policy that it was opened with, whatever happens to main. Where a reviewer is
/// missing, or a key was replaced, people of the run's own list approve main's policy, and the next
/// move of somebody else makes it the run's.
package enum PolicyChange {
  /// Returns main's policy where it is another than the run's.
  package static func proposed(_ situation: Situation) async throws -> MainPolicy.Pinned? {
    guard let main = situation.refs.main,
      let pinned = try await MainPolicy(git: situation.git, main: main).at(main)
    else { return nil }
    return pinned.policy == situation.progress.policy ? nil : pinned
  }

  /// People of a policy whom another does not list, or whose keys it has revoked.
  package static func removed(from old: Policy, to new: Policy) -> [String] {
    guard let before = try? People(old), let after = try? People(new) else { return [] }
    return before.all.filter { person in
      !before.names(of: person).contains { after.person(named: $0).map(after.mayAct) == true }
    }
  }

  /// Adds this person's signed word on a policy; returns the subject that it is about.
  package static func state(
    _ decision: Statement.Decision,
    _ policy: Policy,
    reason: String,
    engine: Engine
  ) async throws -> String {
    let subject = policy.digest.description
    let word = try await Stating.signed(
      decision,
      step: PolicyChanged.step,
      subject: subject,
      commit: nil,
      reason: reason,
      try await engine.situation()
    )
    try await Stating.append([word], engine)
    return subject
  }

  /// Makes main's policy the run's when enough others approved it; returns what was said of it.
  package static func apply(_ engine: Engine) async throws -> String? {
    let progress = await engine.progress
    guard progress.statements.contains(where: { $0.data.step == PolicyChanged.step }) else {
      return nil
    }
    let situation = try await engine.situation()
    guard let pinned = try await proposed(situation) else { return nil }
    let agreed: Set<String>
    do {
      agreed = try await engine.chain.agreed(
        on: pinned.policy,
        without: situation.signer.person
      )
    } catch RecordFault.policyNotAgreed(_, let reason) {
      return "main's policy is not the run's yet: \(reason)"
    }
    // Nobody has to agree where no approval is needed; somebody has to have said so all the same.
    let approvers =
      agreed.isEmpty ? approvers(of: pinned.policy.digest.description, progress) : agreed
    guard !approvers.isEmpty else { return nil }
    let reason = "main's, approved by \(approvers.sorted().joined(separator: ", "))"
    let change = PolicyChanged(policy: pinned.policy, reason: reason, settings: pinned.commit)
    try await engine.append { progress in
      progress.policy == pinned.policy ? [] : [.policyChanged(change)]
    }
    return "the run's policy is \(reason)"
  }

  /// Whose newest word on a policy is yes.
  private static func approvers(of subject: String, _ progress: Progress) -> Set<String> {
    var people: Set<String> = []
    for given in progress.statements
    where given.data.step == PolicyChanged.step
      && ApprovalStatement(line: given.data.statement)?.subject == subject
    {
      if given.data.decision == .approve {
        people.insert(given.actor)
      } else {
        people.remove(given.actor)
      }
    }
    return people
  }
}
