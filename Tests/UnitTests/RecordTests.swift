import Foundation
import Git
import HotfixTesting
import Record
import ReleaseModel
import Signatures
import Testing

/// Builds chains with the key of Tests/Fixtures/ssh, and breaks them in every way.
@Suite struct RecordTests {
  static let run = "hf-20261122-abcdefgh"

  static func policy() throws -> Policy {
    Policy(
      approvals: 1,
      approvalSeconds: 3600,
      signers: "ana@x \(try Fixtures.text("ssh/ed25519.pub"))",
      openPGP: [:],
      filesMax: 1,
      linesMax: 1,
      forbiddenPaths: [],
      allowDependencies: false
    )
  }

  static func facts() throws -> [Fact] {
    let base = BaseRelease(tag: "v1", commit: "c", version: VersionName("1"))
    return [
      .opened(
        RunOpened(
          title: "t",
          app: "A",
          base: base,
          version: VersionName("2"),
          branch: "b",
          tag: "v2",
          main: "main",
          policy: try policy()
        )
      ),
      .noted(Noted(text: "one")), .noted(Noted(text: "two")), .noted(Noted(text: "three")),
    ]
  }

  /// One commit for each fact; `edit` may change an event before it is signed.
  static func commits(
    _ facts: [Fact],
    actor: String = "ana@x",
    edit: (Event) -> Event = { $0 }
  ) throws -> [RecordCommit] {
    let key = Secret(try Fixtures.text("ssh/ed25519.private"))
    var previous: ContentDigest?
    var parent: String?
    var commits: [RecordCommit] = []
    for (index, fact) in facts.enumerated() {
      let event = edit(
        Event(
          run: run,
          sequence: index + 1,
          previous: previous,
          key: "k\(index)",
          actor: actor,
          at: Moment(seconds: 1_795_382_946 + index),
          policy: try policy().digest,
          fact: fact
        )
      )
      let commit = try #require(try commit(event, parent: parent, key: key))
      commits.append(commit)
      previous = ContentDigest.of(try EventCodec.payload(event))
      parent = commit.name
    }
    return commits
  }

  static func commit(_ event: Event, parent: String?, key: Secret?) throws -> RecordCommit? {
    let unsigned = RecordCommit.unsigned(
      tree: gitObjectName(kind: "tree", [], sha256: false),
      parents: parent.map { [$0] } ?? [],
      person: "Ana <ana@x>",
      seconds: 1,
      message: try EventCodec.message(event)
    )
    var object = unsigned
    if let key, let signature = SSHSignature.sign(unsigned, namespace: "git", privateKeyFile: key) {
      object = RecordCommit.signed(unsigned, signature: signature, sha256: false)
    }
    return RecordCommit(
      name: gitObjectName(kind: "commit", object, sha256: false),
      object: object
    )
  }

  static func verify(_ commits: [RecordCommit]) throws -> Chain {
    var chain = Chain(run: run)
    for commit in commits { try chain.append(try chain.candidate(commit)) }
    return chain
  }

  @Test func holdsWhenNothingWasTouched() throws {
    let chain = try Self.verify(Self.commits(Self.facts()))
    #expect(chain.events.map(\.sequence) == [1, 2, 3, 4])
    #expect(chain.digests.last == chain.lastPayload)
  }

  private func code(_ body: () throws -> Chain) -> String {
    do {
      _ = try body()
      return "holds"
    } catch let fault as RecordFault {
      return fault.problem(run: Self.run).code
    } catch {
      return "\(error)"
    }
  }

  @Test func findsADroppedEvent() throws {
    var commits = try Self.commits(Self.facts())
    commits.remove(at: 2)
    #expect(code { try Self.verify(commits) } == "record.forked", "its child's parent is another")
    let gap = try Self.commits(Self.facts()) { event in
      event.sequence == 3 ? Self.copy(event, sequence: 4) : event
    }
    #expect(code { try Self.verify(gap) } == "record.dropped")
  }

  @Test func findsReorderedEvents() throws {
    var commits = try Self.commits(Self.facts())
    commits.swapAt(1, 2)
    #expect(code { try Self.verify(commits) } == "record.forked")
  }

  @Test func findsAnEditedEvent() throws {
    let commits = try Self.commits(Self.facts())
    let edited = try Self.commits(Self.facts()) { event in
      event.sequence == 4 ? Self.copy(event, previous: ContentDigest.of("other")) : event
    }
    #expect(code { try Self.verify(edited) } == "record.edited")
    // The same commit with another payload under the old signature.
    let object = commits[1].signedBytes
    let text = String(decoding: object, as: UTF8.self).replacing("one", with: "ONE")
    let forged = RecordCommit.signed(
      Array(text.utf8),
      signature: commits[1].signature ?? "",
      sha256: false
    )
    let commit = try #require(RecordCommit(name: "x", object: forged))
    #expect(code { try Self.verify([commits[0], commit]) } == "record.bad-signature")
  }

  @Test func findsUnsignedAndForeignEvents() throws {
    let first = try Self.commits(Self.facts())[0]
    let event = Event(
      run: Self.run,
      sequence: 2,
      previous: try Self.verify([first]).lastPayload,
      key: "k",
      actor: "ana@x",
      at: Moment(seconds: 0),
      policy: try Self.policy().digest,
      fact: .noted(Noted(text: "x"))
    )
    let unsigned = try #require(try Self.commit(event, parent: first.name, key: nil))
    #expect(code { try Self.verify([first, unsigned]) } == "record.unsigned")
    let stranger = RecordCommit.signed(
      unsigned.signedBytes,
      signature: try Fixtures.text("ssh/ecdsa.sig"),
      sha256: false
    )
    let commit = try #require(RecordCommit(name: "x", object: stranger))
    #expect(code { try Self.verify([first, commit]) } == "record.stranger")
    let liar = try Self.commits(Self.facts(), actor: "ben@x")
    #expect(code { try Self.verify(liar) } == "record.impersonated")
  }

  @Test func findsEventsOfAnotherRunAndAnotherPolicy() throws {
    let other = try Self.commits(Self.facts()) { event in
      event.sequence == 2 ? Self.copy(event, run: "hf-20261122-zzzzzzzz") : event
    }
    #expect(code { try Self.verify(other) } == "record.wrong-run")
    let policy = try Self.commits(Self.facts()) { event in
      event.sequence == 2 ? Self.copy(event, policy: ContentDigest.of("p")) : event
    }
    #expect(code { try Self.verify(policy) } == "record.policy")
  }

  @Test func aNewerEventTypeIsReadOnly() throws {
    let commits = try Self.commits(Self.facts())
    let payload = EventCodec.payload(inMessage: commits[1].message) ?? ""
    for newer in [
      payload.replacing("note.added", with: "moon.phase"),
      payload.replacing("\"v\":1", with: "\"v\":2"),
    ] {
      #expect(throws: RecordFault.self) { try EventCodec.event(payload: newer, sequence: 2) }
      do {
        _ = try EventCodec.event(payload: newer, sequence: 2)
      } catch let fault as RecordFault {
        #expect(fault.problem(run: Self.run).code == "record.newer")
      }
    }
    let more = payload.replacing("\"v\":1", with: "\"future\":true,\"v\":1")
    #expect(try EventCodec.event(payload: more, sequence: 2).sequence == 2)
  }

  @Test func everyFactSurvivesTheCodec() throws {
    let base = BaseRelease(tag: "v1", commit: "c", version: VersionName("1"))
    let problem = Problem("a.b", "It broke.", why: "ä\n\"", next: ["x"])
    let facts: [Fact] =
      try Self.facts() + [
        .assessed(
          Assessment(
            kind: "bug",
            answers: ["a": "b"],
            table: "t",
            verdict: "now",
            warranted: true,
            severity: 1,
            reasons: ["r"],
            cannotWait: "c",
            affected: ["1"],
            workaround: "none"
          )
        ),
        .moved(BaseMoved(base: base, version: VersionName("3"), tag: "v3", reason: "r")),
        .deadlinesSet(DeadlinesSet(deadlines: ["tell": Moment(seconds: 5)])),
        .amended(Amended(test: "t", late: ["develop": "why"])),
        .observed(StepObserved(step: "fix", subject: "s", evidence: ["e"], facts: ["a": "b"])),
        .failed(StepFailed(step: "fix", subject: "s", problem: problem)),
        .intended(EffectIntended(step: "users", subject: "s", effect: "blind", target: "t")),
        .concluded(
          EffectConcluded(step: "users", subject: "s", target: "t", result: .unknown, detail: "d")
        ),
        .stated(Statement(step: "approval", decision: .approve, statement: "{}", signature: "-")),
        .policyChanged(PolicyChanged(policy: try Self.policy(), reason: "r")),
        .waived(StepWaived(step: "fix", reason: "r", subject: "s")),
        .withdrawn(ReleaseWithdrawn(tag: "v2", reason: "r")), .closed(RunClosed(missing: ["x"])),
        .abandoned(RunAbandoned(reason: "r")),
        .opened(
          RunOpened(
            title: "t",
            app: "A",
            base: base,
            version: VersionName("2"),
            branch: "b",
            tag: "v2",
            main: "main",
            policy: try Self.policy(),
            rollback: .init(bad: base, good: base),
            adopts: "abc"
          )
        ),
      ]
    #expect(Set(facts.map(\.kind)).count == Fact.Kind.allCases.count, "no fact is forgotten")
    for (index, fact) in facts.enumerated() {
      let event = Event(
        run: Self.run,
        sequence: index + 1,
        previous: nil,
        key: "k",
        actor: "ana@x",
        at: Moment(seconds: 7),
        policy: .zero,
        fact: fact
      )
      let message = try EventCodec.message(event)
      let payload = try #require(EventCodec.payload(inMessage: message), "\(fact.kind)")
      #expect(try EventCodec.event(payload: payload, sequence: index + 1) == event)
      #expect(!payload.contains("\n"))
    }
  }

  @Test func theBaseMovesAndTheBranchStays() throws {
    let base = BaseRelease(tag: "v2", commit: "cc", version: VersionName("2"))
    let move = BaseMoved(base: base, version: VersionName("3"), tag: "v3", reason: "r")
    let chain = try Self.verify(Self.commits(Self.facts() + [.moved(move)]))
    let progress = Progress(run: Self.run, events: chain.events)
    #expect(progress.opened?.base == base && progress.opened?.version == VersionName("3"))
    #expect(progress.opened?.branch == "b" && progress.opened?.title == "t")
    #expect(progress.names == ["v2", "v3"])
  }

  @Test(arguments: ["../v3", "-v3", "", "v 3"])
  func refusesAMoveWhoseNamesAreNone(_ name: String) throws {
    let good = BaseRelease(tag: "v2", commit: "cc", version: VersionName("2"))
    let wrong = BaseRelease(tag: name, commit: "cc", version: VersionName("2"))
    let odd = BaseRelease(tag: "v2", commit: "HEAD", version: VersionName("2"))
    for (base, tag) in [(good, name), (wrong, "v3"), (odd, "v3")] {
      let move = BaseMoved(base: base, version: VersionName("3"), tag: tag, reason: "r")
      #expect(
        code { try Self.verify(Self.commits(Self.facts() + [.moved(move)])) }
          == "record.not-an-event"
      )
    }
  }

  /// They are arguments of git later: an abbreviation or an option may not come in.
  @Test(arguments: ["--output=x", "HEAD", "c", "main"])
  func refusesPicksThatAreNoCommits(_ pick: String) throws {
    let whole = String(repeating: "c", count: 40)
    for picks in [[pick], [whole, pick]] {
      let amended = Amended(test: nil, picks: picks)
      #expect(
        code { try Self.verify(Self.commits(Self.facts() + [.amended(amended)])) }
          == "record.not-an-event"
      )
    }
    _ = try Self.verify(Self.commits(Self.facts() + [.amended(Amended(picks: [whole]))]))
  }

  /// Invariant 1: the fold is pure, and an event that comes twice changes nothing.
  @Test func foldingAgainOrTwiceChangesNothing() throws {
    let events = try Self.verify(Self.commits(Self.facts())).events
    let once = Progress(run: Self.run, events: events)
    #expect(Progress(run: Self.run, events: events) == once)
    var twice = once
    for event in events { twice.add(event) }
    #expect(twice == once)
    for cut in 0...events.count {
      var parts = Progress(run: Self.run, events: events[..<cut])
      for event in events[cut...] { parts.add(event) }
      #expect(parts == once, "cut at \(cut)")
    }
  }

  @Test func refusesAnEventOverTheLimit() throws {
    let long = Event(
      run: Self.run,
      sequence: 1,
      previous: nil,
      key: "k",
      actor: "a",
      at: Moment(seconds: 0),
      policy: .zero,
      fact: .noted(Noted(text: String(repeating: "x", count: 70_000)))
    )
    let problem = #expect(throws: Problem.self) { try EventCodec.payload(long) }
    #expect(problem?.code == "record.too-big")
  }

  static func copy(
    _ event: Event,
    run: String? = nil,
    sequence: Int? = nil,
    previous: ContentDigest? = nil,
    policy: ContentDigest? = nil,
    at: Moment? = nil
  ) -> Event {
    Event(
      run: run ?? event.run,
      sequence: sequence ?? event.sequence,
      previous: previous ?? event.previous,
      key: event.key,
      actor: event.actor,
      at: at ?? event.at,
      policy: policy ?? event.policy,
      fact: event.fact
    )
  }
}

@Suite struct PushOutcomeTests {
  private func outcome(_ status: Int, _ out: String, _ err: String = "") -> PushOutcome {
    pushOutcome(ProcessAnswer(ending: .exited(status), output: Array(out.utf8), errors: err))
  }

  // Lines as git 2.39 prints them (git-push(1), "OUTPUT").
  @Test func tellsRacesFromRefusalsFromSilence() {
    #expect(outcome(0, "To x\n*\ta:b\t[new branch]\nDone\n") == .done)
    for race in [
      "!\tx:refs/h\t[rejected] (stale info)", "!\tx:refs/h\t[rejected] (fetch first)",
      "!\tx:refs/h\t[remote rejected] (failed to update ref)",
    ] {
      guard case .lost = outcome(1, race) else { Issue.record("\(race)"); continue }
    }
    for refusal in [
      "!\tx:refs/h\t[remote rejected] (pre-receive hook declined)",
      "!\tx:refs/h\t[remote rejected] (deny updating a hidden ref)",
    ] {
      guard case .refused = outcome(1, refusal) else { Issue.record("\(refusal)"); continue }
    }
    guard case .unknown = outcome(128, "", "fatal: the remote end hung up") else {
      Issue.record("silence is unknown")
      return
    }
    guard
      case .refused = outcome(128, "", "fatal: the receiving end does not support --atomic push")
    else {
      Issue.record("a remote without atomic push refuses")
      return
    }
  }
}
