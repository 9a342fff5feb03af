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
  package static func proposed(_ situation: Situation, file: String) async throws -> Policy? {
    guard let main = situation.refs.main,
      let text = try await situation.git.file(file, at: main)
    else { return nil }
    let settings = try Settings.read(String(decoding: text, as: UTF8.self))
    guard let signers = try await situation.git.file(settings.reviewersPath, at: main) else {
      return nil
    }
    let policy = settings.policy(signers: String(decoding: signers, as: UTF8.self))
    return policy == situation.progress.policy ? nil : policy
  }

  /// Adds this person's signed word on a policy; returns the subject that it is about.
  package static func state(
    _ decision: Statement.Decision,
    _ policy: Policy,
    reason: String,
    engine: Engine
  ) async throws -> String {
    let situation = try await engine.situation()
    let inForce = situation.progress.policy
    let subject = policy.digest.description
    let line = try ApprovalStatement.make(
      run: situation.run,
      step: PolicyChanged.step,
      decision: decision.rawValue,
      subject: subject,
      commit: nil,
      reason: reason,
      policy: inForce?.digest ?? .zero,
      record: situation.recordDigests.last ?? .zero,
      expires: situation.toolbox.now() + (inForce?.approvalSeconds ?? 86_400)
    )
    let signature = try await situation.signer.sign(
      Array(line.utf8),
      namespace: Quorum.namespace
    )
    let given = Statement(
      step: PolicyChanged.step,
      decision: decision,
      statement: line,
      signature: signature
    )
    try await engine.append { progress in
      guard progress.ending == nil else {
        throw Problem("run.ended", "The run has ended.", next: ["hotfix log"])
      }
      return [.stated(given)]
    }
    return subject
  }

  /// Makes main's policy the run's when enough others approved it; returns what was said of it.
  package static func apply(_ engine: Engine, file: String) async throws -> String? {
    let progress = await engine.progress
    guard progress.statements.contains(where: { $0.data.step == PolicyChanged.step }) else {
      return nil
    }
    let situation = try await engine.situation()
    guard let policy = try await proposed(situation, file: file) else { return nil }
    let agreed: Set<String>
    do {
      agreed = try await engine.chain.agreed(on: policy, without: situation.signer.person)
    } catch RecordFault.policyNotAgreed(_, let reason) {
      return "main's policy is not the run's yet: \(reason)"
    }
    let reason = "main's, approved by \(agreed.sorted().joined(separator: ", "))"
    let change = PolicyChanged(policy: policy, reason: reason)
    try await engine.append { _ in [.policyChanged(change)] }
    return "the run's policy is \(reason)"
  }
}
