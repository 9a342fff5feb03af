// The record in git.
//
// 1. The local ref refs/hotfix/<run> moves only to a tip that was verified and is on the remote: it
//    is this clone's witness. A clone is never ahead of the remote.
// 2. An append is compare-and-swap: commits on the tip that was verified, one push with a lease.
// 3. Refs that belong to the outcome of an event travel in the same atomic push.
// 4. An event that gives its run a name reserves the name in the same push, for good: the ref must
//    not exist before, and nobody ever moves or deletes it.
// 5. What a record says of main and of tags is judged at every read and before it is pushed; the
//    judge is handed in, since settings are not known here.

package import Record
package import ReleaseModel
internal import Signatures
internal import Synchronization

/// Reads, verifies and appends the records of one repository.
package struct RecordStore: Sendable {
  /// Throws `RecordFault` when git does not confirm what a verified chain says.
  package typealias Judge = @Sendable (Chain) async throws -> Void

  package let git: Git
  private let commonDirectory: FilePath
  private let sha256: Bool
  let judge: Judge
  let verified: VerifiedChains

  package init(
    git: Git,
    commonDirectory: FilePath,
    sha256: Bool,
    judge: @escaping Judge = { _ in }
  ) {
    self.init(git, commonDirectory, sha256, judge, VerifiedChains())
  }

  private init(
    _ git: Git,
    _ commonDirectory: FilePath,
    _ sha256: Bool,
    _ judge: @escaping Judge,
    _ verified: VerifiedChains
  ) {
    self.git = git
    self.commonDirectory = commonDirectory
    self.sha256 = sha256
    self.judge = judge
    self.verified = verified
  }

  /// Returns the store with a judge, and with the remote that the settings name.
  ///
  /// It knows what this one has verified.
  package func judging(_ git: Git, by judge: @escaping Judge) -> RecordStore {
    RecordStore(git, commonDirectory, sha256, judge, verified)
  }

  package static func ref(_ run: String) -> String { "refs/hotfix/\(run)" }
  func trackingRef(_ run: String) -> String { "refs/remotes-hotfix/\(git.remote)/\(run)" }

  /// What this clone knows of the records, without asking the remote.
  package func knownRuns() async throws -> [String] { tips(try await refs()).keys.sorted() }

  /// The refs of all records, here and on the remote as last fetched.
  package func refs() async throws -> [String: String] {
    try await git.refs(["refs/hotfix", "refs/remotes-hotfix/\(git.remote)/"])
  }

  /// The tip of every known run that is verified here and on the remote alike; nil where not.
  package func tips(_ refs: [String: String]) -> [String: String?] {
    let remote = "refs/remotes-hotfix/\(git.remote)/"
    var tips: [String: String?] = [:]
    for ref in refs.keys {
      guard let run = ref.split(separator: "/").last.map(String.init), run.hasPrefix("hf-") else {
        continue
      }
      let tip = refs[remote + run]
      tips[run] = .some(tip == refs[Self.ref(run)] ? tip : nil)
    }
    return tips
  }

  /// Reads and verifies one record as this clone last fetched it.
  ///
  /// `cached` trusts signatures that this clone verified before; `refs` saves looking at the refs
  /// again. `keeps` false verifies ahead: nobody judged it, so the clone's own ref stays. Throws
  /// `RecordFault`.
  package func read(
    _ run: String,
    cached: Bool = true,
    refs known: [String: String]? = nil,
    keeps: Bool = true
  ) async throws -> Chain {
    let refs =
      if let known { known } else { try await git.refs([Self.ref(run), trackingRef(run)]) }
    let witness = refs[Self.ref(run)]
    let remote = refs[trackingRef(run)]
    if let witness, remote == nil { throw RecordFault.deleted(seen: witness) }
    guard let tip = remote else { return Chain(run: run) }
    let known = cached ? witness.flatMap { verified.chain(run, tip: $0) } : nil
    if let known, known.tip == tip { return try await keep(known, witness, keeps) }
    let commits = try await commits(tip: tip, above: known)
    if let known, commits.first?.lies(above: known) == true {
      return try await keep(try await verify(commits, onto: known), witness, keeps)
    }
    guard commits.count <= Event.chainLengthMax else {
      throw RecordFault.tooLong(count: commits.count)
    }
    if let witness, !commits.contains(where: { $0.name == witness }) {
      if try await git.isAncestor(tip, of: witness) {
        throw RecordFault.rolledBack(remote: tip, seen: witness)
      }
      let common = try await git.mergeBase(witness, tip)
      throw RecordFault.forked(remote: tip, seen: witness, common: common ?? "")
    }
    return try await keep(
      try await verify(commits, onto: Chain(run: run), trustedTip: cached ? witness : nil),
      witness,
      keeps
    )
  }

  /// Remembers a chain that was verified and judged, here and as this clone's witness.
  private func keep(_ chain: Chain, _ witness: String?, _ moves: Bool) async throws -> Chain {
    if moves { try await judge(chain) }
    verified.keep(chain)
    if moves, witness != chain.tip {
      try await git.updateRefs([RefUpdate(Self.ref(chain.run), old: witness, new: chain.tip)])
    }
    return chain
  }

  /// What this process read and verified of a record last, if it did.
  package func verifiedChain(_ run: String) -> Chain? { verified.last(run) }

  /// Reads and verifies the chain that ends at `tip`, whatever ref it hangs on.
  package func verify(_ run: String, tip: String, trustedTip: String?) async throws -> Chain {
    let commits = try await commits(tip: tip, above: nil)
    return try await verify(commits, onto: Chain(run: run), trustedTip: trustedTip)
  }

  private func verify(
    _ commits: [RecordCommit],
    onto known: Chain,
    trustedTip: String? = nil
  ) async throws -> Chain {
    let trustedCount =
      trustedTip.flatMap { name in commits.firstIndex { $0.name == name } }.map { $0 + 1 } ?? 0
    var chain = known
    for (index, commit) in commits.enumerated() {
      let next = try chain.candidate(commit, trusted: index < trustedCount)
      try await append(next, commit, to: &chain)
    }
    return chain
  }

  /// Reads the chain that ends at `tip`, oldest first; only what it adds to `known` if it lies above.
  ///
  /// The tip says how many events there are, so that all others are asked for at once; whether it
  /// told the truth shows when they are put together.
  func commits(tip: String, above known: Chain?) async throws -> [RecordCommit] {
    var newestFirst = try await commits([tip])
    guard let newest = newestFirst.first, newest.name == tip else {
      throw RecordFault.notAnEvent(sequence: 1, reason: "the ref does not name a commit")
    }
    let said = EventCodec.payload(inMessage: newest.message)
      .flatMap { try? EventCodec.event(payload: $0, sequence: 1) }?.sequence
    // A chain holds fewer events than its limit, so nothing overflows whatever was said.
    let claimed = min(max(said ?? 1, 1), Event.chainLengthMax)
    var more = max(claimed - (known?.events.count ?? 0) - 1, 1)
    while let oldest = newestFirst.last, !oldest.parents.isEmpty,
      newestFirst.count <= Event.chainLengthMax
    {
      if let known, oldest.lies(above: known) { break }
      let found = try await commits((1...more).map { "\(oldest.name)~\($0)" })
      if found.isEmpty { break }
      newestFirst += found
      // It told less than the truth.
      more = 64
    }
    return newestFirst.reversed()
  }

  /// Reads commits up to the first that is not there.
  func commits(_ revisions: [String]) async throws -> [RecordCommit] {
    var commits: [RecordCommit] = []
    for object in try await git.objects(revisions) {
      guard let object, object.kind == "commit",
        let commit = RecordCommit(name: object.name, object: object.content)
      else { break }
      commits.append(commit)
    }
    return commits
  }

  func append(
    _ next: Chain.Candidate,
    _ commit: RecordCommit,
    to chain: inout Chain
  ) async throws {
    guard case .needsProgram(let people, let moment) = next.signer else {
      return try chain.append(next)
    }
    let sequence = chain.events.count + 1
    do {
      let person = try await SignatureVerifier(git: git, people: people).signer(
        of: commit.signedBytes,
        signature: commit.signature ?? "",
        namespace: Chain.namespace,
        at: moment
      )
      try chain.append(next, program: person)
    } catch SignatureVerifier.Fault.bad(let reason) {
      throw RecordFault.badSignature(sequence: sequence, reason: reason)
    } catch SignatureVerifier.Fault.stranger(let fingerprint) {
      throw RecordFault.stranger(sequence: sequence, fingerprint: fingerprint)
    }
  }

  /// Appends events and moves other refs, all in one atomic push.
  ///
  /// Returns the new chain, or how the push failed; the caller fetches and decides again. Throws
  /// `clock.behind` for a fact that is older than the chain by more than clocks may differ.
  package func append(
    _ facts: [PendingFact],
    to chain: Chain,
    with updates: [RefUpdate],
    signer: Signer
  ) async throws -> (chain: Chain, outcome: PushOutcome) {
    var next = chain
    var times = EventTimes(chain.events)
    for pending in facts {
      try times.require(pending.fact, at: pending.at)
      next = try await extended(next, by: pending, signer: signer)
      if let event = next.events.last { times.add(event) }
    }
    if facts.contains(where: \.fact.makesClaims) { try await requireJudged(next) }
    let own = RefUpdate(Self.ref(chain.run), old: chain.tip, new: next.tip)
    git.warmUp(Git.refMover)
    let updates = updates + reservations(facts.map(\.fact), chain, tip: next.tip)
    let outcome = try await git.push([own] + updates)
    guard outcome == .done, let tip = next.tip else { return (chain, outcome) }
    // Where a fetch is set to write over records, git has moved it already.
    let isThere = try await git.resolve(own.ref) == tip
    try await git.updateRefs(
      isThere ? [] : [own],
      tracking: [RefUpdate(trackingRef(chain.run), old: nil, new: tip)]
        + updates.compactMap { $0.tracking(git.remote) }
    )
    verified.keep(next)
    return (next, .done)
  }

  /// Returns the chain with one more event, whose commit is written.
  ///
  /// `lengthMax` stands for the fact's own limit. Throws `record.full`.
  func extended(
    _ chain: Chain,
    by pending: PendingFact,
    signer: Signer,
    lengthMax: Int? = nil
  ) async throws -> Chain {
    var next = chain
    let sequence = chain.events.count + 1
    guard sequence <= lengthMax ?? pending.fact.chainLengthMax else { throw full(chain) }
    let event = Event(
      run: chain.run,
      sequence: sequence,
      previous: chain.lastPayload,
      key: pending.key,
      actor: signer.person,
      at: pending.at,
      policy: try policy(chain, pending.fact),
      fact: pending.fact
    )
    let object = try await commitObject(event, parent: chain.tip, signer: signer)
    let name = gitObjectName(kind: "commit", object, sha256: sha256)
    guard let commit = RecordCommit(name: name, object: object) else {
      preconditionFailure("A commit just written can be read.")
    }
    // Read as any reader will: a record that nobody accepts must not leave this machine. Descent
    // is asserted here too; a lease alone would let a push drop events.
    try await accept(commit, into: &next)
    _ = try await git.write("commit", object)
    return next
  }

  private func full(_ chain: Chain) -> Problem {
    Problem(
      "record.full",
      "The record of \(chain.run) is full.",
      why: "It has \(chain.events.count) events of \(Event.chainLengthMax); the last "
        + "\(Event.chainLengthMax - Event.ordinaryLengthMax) are for what ends the run.",
      next: [
        "hotfix close --incomplete \(chain.run)     ends it with what is missing",
        "hotfix abandon \(chain.run) --reason \"…\"     gives it up, and then:  hotfix open \"…\"",
      ]
    )
  }

  /// The names that the run gets by these facts, and does not have yet.
  private func reservations(_ facts: [Fact], _ chain: Chain, tip: String?) -> [RefUpdate] {
    let owned = Set(chain.events.compactMap(\.fact.name))
    return Set(facts.compactMap(\.name)).subtracting(owned).sorted()
      .map { RefUpdate(Git.nameRef($0), old: nil, new: tip) }
  }

  private func policy(_ chain: Chain, _ fact: Fact) throws -> ContentDigest {
    if let inForce = chain.policyInForce { return inForce }
    guard case .opened(let opened) = fact else {
      throw RecordFault.notAnEvent(sequence: 1, reason: "the first event does not open a run")
    }
    return opened.policy.digest
  }

  private func accept(_ commit: RecordCommit, into chain: inout Chain) async throws {
    do {
      try await append(try chain.candidate(commit), commit, to: &chain)
    } catch let fault as RecordFault {
      guard case .stranger = fault else { throw fault.problem(run: chain.run) }
      throw Problem(
        "identity.not-in-run",
        "Your key is not in the list that this run was opened with.",
        why: "\(fault.problem(run: chain.run).why)",
        next: [
          "Let somebody of the run's list do it:  hotfix status",
          "hotfix approve policy     by people of the run's list takes main's list as it is now",
          "hotfix abandon … and hotfix open …     begins with the new list",
        ]
      )
    }
  }

  private func requireJudged(_ chain: Chain) async throws {
    do {
      try await judge(chain)
    } catch let fault as RecordFault {
      throw fault.problem(run: chain.run)
    }
  }

  private func commitObject(
    _ event: Event,
    parent: String?,
    signer: Signer
  ) async throws -> [UInt8] {
    // Where there is a parent, the empty tree came with it.
    let emptyTree =
      parent == nil
      ? try await git.write("tree", []) : gitObjectName(kind: "tree", [], sha256: sha256)
    let unsigned = RecordCommit.unsigned(
      tree: emptyTree,
      parents: parent.map { [$0] } ?? [],
      person: signer.identity,
      seconds: event.at.seconds,
      message: try EventCodec.message(event)
    )
    let signature = try await signer.sign(unsigned, namespace: Chain.namespace)
    return RecordCommit.signed(unsigned, signature: signature, sha256: sha256)
  }
}

extension RecordCommit {
  fileprivate func lies(above chain: Chain) -> Bool { parents == chain.tip.map { [$0] } }
}

/// The newest chain of each run that this process has verified: read once, not once a question.
final class VerifiedChains: Sendable {
  private let chains = Mutex<[String: Chain]>([:])

  func chain(_ run: String, tip: String) -> Chain? {
    chains.withLock { $0[run].flatMap { $0.tip == tip ? $0 : nil } }
  }

  func last(_ run: String) -> Chain? { chains.withLock { $0[run] } }

  func keep(_ chain: Chain) {
    chains.withLock { $0[chain.run] = chain }
  }
}
