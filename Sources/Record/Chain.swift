// The record's chain.
//
// 1. Every commit but the first has exactly one parent, and the first has none.
// 2. `seq` counts from 1 without a gap; `prev` is the SHA-256 of the previous payload line.
// 3. Every commit is signed by a key that the policy in force, at that place, gives to a person,
//    and that person is the event's actor.
// 4. The policy is pinned by the first event and never changes; each event carries its digest.
// 5. Dates are shown and never trusted: a key counts by its place in the chain.

package import ReleaseModel
internal import Signatures

/// The verified chain of one run, grown commit by commit.
package struct Chain: Sendable {
  /// The namespace in which git signs commits.
  package static let namespace = "git"

  package let run: String
  package private(set) var events: [Event] = []
  package private(set) var tip: String?
  package private(set) var lastPayload: ContentDigest?
  package private(set) var payloads: [String] = []
  /// The digest of every payload, in order.
  package var digests: [ContentDigest] { payloads.map { ContentDigest.of($0) } }
  private var policy: Policy?
  private var signers: AllowedSigners?

  package init(run: String) {
    self.run = run
  }

  /// Who made a commit's signature, as far as that can be told without another program.
  package enum Signer: Sendable, Hashable {
    case person(String)
    /// RSA, a hardware key or OpenPGP: the edge asks ssh-keygen or git.
    case needsProgram(Policy)
  }

  /// Adds a commit whose signer is checked here, or was checked by `program`.
  ///
  /// `trusted` is for commits that this clone has verified before: their signature is not checked
  /// again, everything else is. Throws `RecordFault`.
  package mutating func append(
    _ commit: RecordCommit,
    trusted: Bool = false,
    program: String? = nil
  ) throws {
    let (payload, event) = try read(commit)
    try link(event, parents: commit.parents)
    let inForce = try policyInForce(for: event)
    try requireSane(event)
    guard event.policy == inForce.digest else {
      throw RecordFault.policyMismatch(sequence: event.sequence)
    }
    if policy != inForce || signers == nil {
      signers = try AllowedSigners(inForce.signers)
      policy = inForce
    }
    if !trusted {
      let signer: String
      if let program {
        signer = program
      } else if case .person(let person) = try signerOf(commit, sequence: event.sequence) {
        signer = person
      } else {
        throw RecordFault.badSignature(sequence: event.sequence, reason: "not checked")
      }
      guard signer == event.actor else {
        throw RecordFault.impersonated(
          sequence: event.sequence,
          actor: event.actor,
          signer: signer
        )
      }
    }
    events.append(event)
    payloads.append(payload)
    tip = commit.name
    lastPayload = ContentDigest.of(payload)
  }

  /// Tells who signed the next commit, so that the edge can run a program where one is needed.
  package func signer(ofNext commit: RecordCommit) throws -> Signer {
    let (_, event) = try read(commit)
    let inForce = try policyInForce(for: event)
    var copy = self
    copy.policy = inForce
    copy.signers = try AllowedSigners(inForce.signers)
    return try copy.signerOf(commit, sequence: event.sequence)
  }

  private func read(_ commit: RecordCommit) throws -> (String, Event) {
    let sequence = events.count + 1
    guard sequence <= Event.chainLengthMax else { throw RecordFault.tooLong(count: sequence) }
    guard let payload = EventCodec.payload(inMessage: commit.message) else {
      throw RecordFault.notAnEvent(sequence: sequence, reason: "no payload line")
    }
    return (payload, try EventCodec.event(payload: payload, sequence: sequence))
  }

  private func link(_ event: Event, parents: [String]) throws {
    let sequence = events.count + 1
    guard parents.count <= 1 else { throw RecordFault.merged(sequence: sequence) }
    guard parents.first == tip else {
      throw RecordFault.forked(
        remote: parents.first ?? "a second root",
        seen: tip ?? "",
        common: ""
      )
    }
    guard event.run == run else {
      throw RecordFault.wrongRun(sequence: sequence, found: event.run)
    }
    guard event.sequence == sequence else {
      throw RecordFault.dropped(expected: sequence, found: event.sequence)
    }
    guard event.previous == lastPayload else { throw RecordFault.edited(sequence: sequence) }
  }

  /// Names go into paths and git's arguments later, so only sane ones may enter (untrusted input).
  private func requireSane(_ event: Event) throws {
    guard case .opened(let opened) = event.fact else { return }
    func fail(_ reason: String) -> RecordFault {
      .notAnEvent(sequence: event.sequence, reason: reason)
    }
    guard event.sequence == 1 else { throw fail("a run is opened once") }
    guard opened.policy.approvals >= 1 else { throw fail("a policy needs one approval at least") }
    guard (1...2_592_000).contains(opened.policy.approvalSeconds) else {
      throw fail("an approval counts for 30 days at the most")
    }
    let names = [opened.tag, opened.branch, opened.main, opened.base.tag, opened.version.text]
    for name in names where !isSaneName(name) { throw fail("\"\(name)\" is no name") }
    guard opened.base.commit.allSatisfy(\.isHexDigit) else { throw fail("the base is no commit") }
  }

  private func policyInForce(for event: Event) throws -> Policy {
    if let policy { return policy }
    guard case .opened(let opened) = event.fact else {
      throw RecordFault.notAnEvent(sequence: 1, reason: "the first event does not open a run")
    }
    return opened.policy
  }

  private func signerOf(_ commit: RecordCommit, sequence: Int) throws -> Signer {
    guard let armor = commit.signature else { throw RecordFault.unsigned(sequence: sequence) }
    guard let policy, let signers else { throw RecordFault.unsigned(sequence: sequence) }
    if armor.hasPrefix("-----BEGIN PGP SIGNATURE-----") { return .needsProgram(policy) }
    guard let signature = SSHSignature(armor: armor) else {
      throw RecordFault.badSignature(sequence: sequence, reason: "not an SSH signature")
    }
    guard let person = signers.person(for: signature.key, namespace: Self.namespace) else {
      throw RecordFault.stranger(sequence: sequence, fingerprint: signature.key.fingerprint)
    }
    switch signature.verify(commit.signedBytes, namespace: Self.namespace) {
    case .good: return .person(person)
    case .needsProgram: return .needsProgram(policy)
    case .bad(let reason): throw RecordFault.badSignature(sequence: sequence, reason: reason)
    }
  }
}
