import Foundation
import Git
import HotfixTesting
import Record
import ReleaseModel
import Signatures
import Testing

/// A run's policy changes only when enough others, of the old list and of the new, said so.
@Suite struct PolicyChangeTests {
  private static func policy(_ people: [String], approvals: Int = 1) throws -> Policy {
    // One public key for each: nobody signs here, the commits are taken as checked before.
    let keys = try ["ssh/ed25519.pub", "ssh/ecdsa.pub", "ssh/rsa.pub"].map(Fixtures.text)
    return Policy(
      approvals: approvals,
      approvalSeconds: 3600,
      signers: zip(people, keys).map { "\($0) \($1)" }.joined(),
      openPGP: [:],
      filesMax: 1,
      linesMax: 1,
      forbiddenPaths: [],
      allowDependencies: false
    )
  }

  private static let run = RecordTests.run

  private static func opened(_ policy: Policy) -> Fact {
    .opened(
      RunOpened(
        title: "t",
        app: "A",
        base: BaseRelease(tag: "v1", commit: "c", version: VersionName("1")),
        version: VersionName("2"),
        branch: "b",
        tag: "v2",
        main: "main",
        policy: policy
      )
    )
  }

  private static func stated(_ decision: Statement.Decision, _ policy: Policy) throws -> Fact {
    let line = try ApprovalStatement.make(
      run: run,
      step: "policy",
      decision: decision.rawValue,
      subject: policy.digest.description,
      commit: nil,
      reason: "",
      policy: .zero,
      record: .zero,
      expires: Moment(seconds: 1)
    )
    return .stated(
      Statement(step: "policy", decision: decision, statement: line, signature: "")
    )
  }

  private static func changed(_ policy: Policy) -> Fact {
    .policyChanged(PolicyChanged(policy: policy, reason: "new key"))
  }

  /// Puts events together, each by an actor under the policy in force; returns the last fault's code.
  private func chain(_ events: [(actor: String, fact: Fact)]) throws -> (Chain, fault: String?) {
    var chain = Chain(run: Self.run)
    for (actor, fact) in events {
      guard case .opened(let opened) = events[0].fact else { return (chain, "no run") }
      let event = Event(
        run: Self.run,
        sequence: chain.events.count + 1,
        previous: chain.lastPayload,
        key: "k\(chain.events.count)",
        actor: actor,
        at: Moment(seconds: 1),
        policy: chain.policyInForce ?? opened.policy.digest,
        fact: fact
      )
      let commit = try #require(try RecordTests.commit(event, parent: chain.tip, key: nil))
      do {
        try chain.append(try chain.candidate(commit, trusted: true))
      } catch let fault as RecordFault {
        return (chain, fault.problem(run: Self.run).code)
      }
    }
    return (chain, nil)
  }

  @Test func anotherPersonsApprovalChangesIt() throws {
    let (old, new) = (try Self.policy(["ana", "ben"]), try Self.policy(["ana", "ben", "eve"]))
    let (chain, fault) = try chain([
      ("ana", Self.opened(old)), ("ben", try Self.stated(.approve, new)),
      ("ana", Self.changed(new)), ("eve", .noted(Noted(text: "here"))),
    ])
    #expect(fault == nil && chain.events.count == 4 && chain.policyInForce == new.digest)
    #expect(Progress(run: Self.run, events: chain.events).policy == new)
  }

  @Test func nothingLessDoes() throws {
    let old = try Self.policy(["ana", "ben"])
    let new = try Self.policy(["ana", "ben", "eve"])
    let other = try Self.policy(["ben", "ana"])
    let withoutBen = try Self.policy(["ana", "eve"])
    let two = try Self.policy(["ana", "ben", "eve"], approvals: 2)
    let open = ("ana", Self.opened(old))
    let refused: [(String, [(actor: String, fact: Fact)])] = [
      ("nobody approved", [open, ("ana", Self.changed(new))]),
      (
        "the actor alone",
        [open, ("ana", try Self.stated(.approve, new)), ("ana", Self.changed(new))]
      ),
      (
        "another policy",
        [open, ("ben", try Self.stated(.approve, other)), ("ana", Self.changed(new))]
      ),
      (
        "taken back",
        [
          open, ("ben", try Self.stated(.approve, new)), ("ben", try Self.stated(.decline, new)),
          ("ana", Self.changed(new)),
        ]
      ),
      (
        "not in the new list",
        [open, ("ben", try Self.stated(.approve, withoutBen)), ("ana", Self.changed(withoutBen))]
      ),
      (
        "too few for the new one",
        [open, ("ben", try Self.stated(.approve, two)), ("ana", Self.changed(two))]
      ),
      (
        "said before another change",
        [
          open, ("ben", try Self.stated(.approve, new)), ("ben", try Self.stated(.approve, other)),
          ("ana", Self.changed(new)), ("ana", Self.changed(other)),
        ]
      ),
    ]
    for (name, events) in refused {
      let (chain, fault) = try chain(events)
      #expect(fault == "record.policy-not-agreed", "\(name)")
      #expect(chain.events.count == events.count - 1, "\(name)")
    }
  }

  @Test func theOldPolicyIsOverBehindIt() throws {
    let (old, new) = (try Self.policy(["ana", "ben"]), try Self.policy(["ana", "ben", "eve"]))
    let (chain, _) = try chain([
      ("ana", Self.opened(old)), ("ben", try Self.stated(.approve, new)),
      ("ana", Self.changed(new)),
    ])
    let event = Event(
      run: Self.run,
      sequence: 4,
      previous: chain.lastPayload,
      key: "late",
      actor: "ana",
      at: Moment(seconds: 1),
      policy: old.digest,
      fact: .noted(Noted(text: "x"))
    )
    let commit = try #require(try RecordTests.commit(event, parent: chain.tip, key: nil))
    #expect(throws: RecordFault.policyMismatch(sequence: 4)) {
      try chain.candidate(commit, trusted: true)
    }
  }

  @Test func underAPolicyOfNoApprovalsOneListedPersonChangesIt() throws {
    let old = try Self.policy(["ana"], approvals: 0)
    let new = try Self.policy(["ana", "ben"], approvals: 0)
    let stricter = try Self.policy(["ana", "ben"], approvals: 1)
    let (chain, fault) = try chain([("ana", Self.opened(old)), ("ana", Self.changed(new))])
    #expect(fault == nil && chain.policyInForce == new.digest)
    let (_, refused) = try self.chain([("ana", Self.opened(old)), ("ana", Self.changed(stricter))])
    #expect(refused == "record.policy-not-agreed", "the new policy wants another person's word")
  }

  @Test func nobodyAloneLowersAPolicyToNoApprovals() throws {
    let old = try Self.policy(["ana", "ben"])
    let none = try Self.policy(["ana", "ben"], approvals: 0)
    let open = ("ana", Self.opened(old))
    let (_, fault) = try chain([
      open, ("ana", try Self.stated(.approve, none)), ("ana", Self.changed(none)),
    ])
    #expect(fault == "record.policy-not-agreed")
    let (chain, agreed) = try self.chain([
      open, ("ben", try Self.stated(.approve, none)), ("ana", Self.changed(none)),
    ])
    #expect(agreed == nil && chain.policyInForce == none.digest)
  }

  @Test func fewerApprovalsThanNoneAreNoPolicy() throws {
    let (_, fault) = try chain([("ana", Self.opened(try Self.policy(["ana"], approvals: -1)))])
    #expect(fault == "record.not-an-event")
  }
}
