// The record's chain.
//
// 1. Every commit but the first has exactly one parent, and the first has none.
// 2. `seq` counts from 1 without a gap; `prev` is the SHA-256 of the previous payload line.
// 3. Every commit is signed by a key that the policy in force, at that place, gives to a person,
//    and that person is the event's actor.
// 4. The policy is pinned by the first event; each event carries the digest of the one in force. It
//    changes only by an event whose new policy enough others had approved: as many of the old list
//    as the old policy wants, and as many of the new list as the new one does.
// 5. Dates are shown and never trusted: where a key is valid for a time, the latest time that the chain
//    has come to counts.

package import ReleaseModel
internal import Signatures

/// The verified chain of one run, grown commit by commit.
package struct Chain: Sendable {
  /// The namespace in which git signs commits.
  package static let namespace = "git"

  package let run: String
  package private(set) var events: [Event] = []
  /// The name of every commit, in order.
  package private(set) var commits: [String] = []
  package var tip: String? { commits.last }
  package private(set) var payloads: [String] = []
  /// The digest of every payload, in order.
  package private(set) var digests: [ContentDigest] = []
  package var lastPayload: ContentDigest? { digests.last }
  private var rules: Rules?
  /// The latest time that an event of the chain says.
  private var newest: Moment?
  /// The digest that the next event carries; nil before the first.
  package var policyInForce: ContentDigest? { rules?.digest }

  package init(run: String) {
    self.run = run
  }

  /// Who made a commit's signature, as far as that can be told without another program.
  package enum Signer: Sendable, Hashable {
    case person(String)
    /// RSA, a hardware key or OpenPGP: the edge asks ssh-keygen or git.
    case needsProgram(People, at: Moment)
  }

  /// The policy in force, with what every event is held against.
  fileprivate struct Rules: Sendable {
    let policy: Policy
    let digest: ContentDigest
    let people: People

    init(_ policy: Policy) throws {
      self.policy = policy
      digest = policy.digest
      people = try People(policy)
    }
  }

  /// A commit that fits the end of a chain, and is not in it yet.
  package struct Candidate: Sendable {
    package let signer: Signer
    fileprivate let name: String
    fileprivate let event: Event
    fileprivate let payload: String
    /// What is in force for it, and behind it.
    fileprivate let current, next: Rules
  }

  /// Reads a commit as the next of the chain.
  ///
  /// `trusted` is for commits that this clone has verified before: their signature is not checked
  /// again, everything else is. Throws `RecordFault`.
  package func candidate(_ commit: RecordCommit, trusted: Bool = false) throws -> Candidate {
    let (payload, event) = try read(commit)
    try link(event, parents: commit.parents)
    let rules = try rulesInForce(for: event)
    try requireSane(event)
    guard event.policy == rules.digest else {
      throw RecordFault.policyMismatch(sequence: event.sequence)
    }
    return Candidate(
      signer: trusted ? .person(event.actor) : try signer(of: commit, rules, event),
      name: commit.name,
      event: event,
      payload: payload,
      current: rules,
      next: try rulesAfter(event, rules)
    )
  }

  /// Adds a candidate; `program` is who signed where another program had to be asked.
  ///
  /// Throws `RecordFault`.
  package mutating func append(_ candidate: Candidate, program: String? = nil) throws {
    let event = candidate.event
    let signer: String
    switch candidate.signer {
    case .person(let person): signer = person
    case .needsProgram:
      guard let program else {
        throw RecordFault.badSignature(sequence: event.sequence, reason: "not checked")
      }
      signer = program
    }
    guard signer == event.actor || candidate.current.people.person(named: event.actor) == signer
    else {
      throw RecordFault.impersonated(sequence: event.sequence, actor: event.actor, signer: signer)
    }
    rules = candidate.next
    newest = max(newest ?? event.at, event.at)
    events.append(event)
    payloads.append(candidate.payload)
    digests.append(ContentDigest.of(candidate.payload))
    commits.append(candidate.name)
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
    func fail(_ reason: String) -> RecordFault {
      .notAnEvent(sequence: event.sequence, reason: reason)
    }
    func require(names: [String], commits: [String], picks: [String] = []) throws {
      for name in names where !isSaneName(name) { throw fail("\"\(name)\" is no name") }
      let isHexadecimal = { (byte: UInt8) in "0123456789abcdef".utf8.contains(byte) }
      guard commits.allSatisfy({ $0.utf8.allSatisfy(isHexadecimal) }) else {
        throw fail("it names something that is no commit")
      }
      for pick in picks where !isCommitName(pick) { throw fail("\"\(pick)\" is no commit") }
    }
    switch event.fact {
    case .opened(let opened):
      guard event.sequence == 1 else { throw fail("a run is opened once") }
      if let fault = opened.policy.fault { throw fail(fault) }
      guard opened.branch != opened.main else { throw fail("the branch of the fix is main") }
      try require(
        names: [opened.tag, opened.branch, opened.main, opened.base.tag, opened.version.text]
          + (opened.rollback.map { [$0.bad.tag, $0.good.tag] } ?? []),
        commits: [opened.base.commit] + [opened.adopts, opened.settings].compactMap(\.self)
          + (opened.rollback.map { [$0.bad.commit, $0.good.commit] } ?? []),
        picks: opened.picks
      )
    case .moved(let move):
      try require(
        names: [move.tag, move.base.tag, move.version.text],
        commits: [move.base.commit]
      )
    case .policyChanged(let change): try require(names: [], commits: [change.settings ?? ""])
    case .amended(let data): try require(names: [], commits: [], picks: data.picks ?? [])
    default: break
    }
  }

  private func rulesInForce(for event: Event) throws -> Rules {
    if let rules { return rules }
    guard case .opened(let opened) = event.fact else {
      throw RecordFault.notAnEvent(sequence: 1, reason: "the first event does not open a run")
    }
    return try Rules(opened.policy)
  }

  private func rulesAfter(_ event: Event, _ rules: Rules) throws -> Rules {
    guard case .policyChanged(let change) = event.fact else { return rules }
    _ = try agreed(on: change.policy, without: event.actor)
    return try Rules(change.policy)
  }

  /// Returns who agreed that a policy takes the place of the one in force, when they are enough.
  ///
  /// `actor`, who would change it, does not count. Throws `RecordFault`.
  package func agreed(on policy: Policy, without actor: String) throws -> Set<String> {
    func fail(_ reason: String) -> RecordFault {
      .policyNotAgreed(sequence: events.count + 1, reason: reason)
    }
    if let fault = policy.fault { throw fail(fault) }
    let agreed = policyApprovers(policy.digest)
      .subtracting([rules?.people.name(of: actor) ?? actor])
    let needed = rules?.policy.approvals ?? 1
    guard agreed.count >= needed else {
      throw fail("\(agreed.count) of the old list approved it besides \(actor), not \(needed)")
    }
    let people = try People(policy)
    let inNew = Set(
      agreed.compactMap { person in
        (rules?.people.names(of: person) ?? [person]).lazy.compactMap(people.person(named:)).first
      }
    ).count
    guard inNew >= policy.approvals else {
      throw fail("\(inNew) of the new list approved it besides \(actor), not \(policy.approvals)")
    }
    return agreed
  }

  /// Who approved a policy since the policy in force began; their events are signed under it.
  private func policyApprovers(_ digest: ContentDigest) -> Set<String> {
    var people: Set<String> = []
    var decided: Set<String> = []
    for event in events.reversed() {
      if case .policyChanged = event.fact { break }
      guard case .stated(let given) = event.fact, given.step == PolicyChanged.step,
        let statement = ApprovalStatement(line: given.statement), statement.run == run,
        statement.step == given.step, statement.subject == digest.description
      else { continue }
      // From the newest to the oldest: a refusal that came later counts.
      let person = rules?.people.name(of: event.actor) ?? event.actor
      if !decided.insert(person).inserted { continue }
      if given.decision == .approve { people.insert(person) }
    }
    return people
  }

  private func signer(of commit: RecordCommit, _ rules: Rules, _ event: Event) throws -> Signer {
    let sequence = event.sequence
    guard let armor = commit.signature else { throw RecordFault.unsigned(sequence: sequence) }
    // Whoever sets a clock back does not make an expired key valid again.
    let moment = max(event.at, newest ?? event.at)
    if armor.hasPrefix("-----BEGIN PGP SIGNATURE-----") {
      return .needsProgram(rules.people, at: moment)
    }
    guard let signature = SSHSignature(armor: armor) else {
      throw RecordFault.badSignature(sequence: sequence, reason: "not an SSH signature")
    }
    switch rules.people.signer(signature.key, namespace: Self.namespace, at: moment) {
    case .stranger:
      throw RecordFault.stranger(sequence: sequence, fingerprint: signature.key.fingerprint)
    case .refused(let person, let why):
      throw RecordFault.badSignature(sequence: sequence, reason: "\(person): \(why)")
    case .person(let person):
      switch signature.verify(commit.signedBytes, namespace: Self.namespace) {
      case .good: return .person(person)
      case .needsProgram: return .needsProgram(rules.people, at: moment)
      case .bad(let reason): throw RecordFault.badSignature(sequence: sequence, reason: reason)
      }
    }
  }
}
