import Foundation
import Git
import HotfixTesting
import Machine
import Record
import ReleaseModel
import Testing

/// What strangers, forks and dead processes leave behind is named, and one command mends it.
@Suite struct RecordRepairTests {
  private func opened() async throws -> (World, Forging, String) {
    let world = try await World()
    try world.expect(await world.hotfix(world.ana, World.openArguments), 0)
    try world.expect(await world.hotfix(world.ben, "note", "seen"), 0)
    let forging = Forging(world: world)
    return (world, forging, try await forging.run())
  }

  private func evidence(_ world: World, _ run: String, _ tip: String) async throws -> Bool {
    try await world.sh(world.ana, "git ls-remote origin refs/hotfix-evidence/\(run)/\(tip)")
      .hasPrefix(tip)
  }

  @Test func aStrangersEventIsNamedAndOneCommandPutsTheRecordBack() async throws {
    let (world, forging, run) = try await opened()
    let good = try await forging.remoteTip(run)
    let bad = try await forging.append(
      .noted(Noted(text: "let me in")),
      to: run,
      by: world.eve,
      actor: "ana@example.org"
    )
    for command in [["next", run], ["approve", "--run", run], ["record", "verify", run]] {
      let outcome = await world.hotfix(world.ana, command)
      #expect(outcome.status == 1 && outcome.all.contains("[record.stranger]"), "\(outcome.all)")
      #expect(outcome.all.contains("hotfix record verify \(run) --restore"), "\(outcome.all)")
    }
    let restored = await world.hotfix(world.ben, "record", "verify", run, "--restore")
    #expect(restored.status == 0, "\(restored.all)")
    #expect(try await evidence(world, run, bad))
    let events = try await forging.events(run)
    guard case .noted(let note)? = events.last?.fact else {
      Issue.record("no note")
      return
    }
    #expect(events.last?.actor == "ben@example.org")
    for word in [good, bad, "nobody in the policy owns"] { #expect(note.text.contains(word)) }
    #expect(await world.hotfix(world.ana, "record", "verify").status == 0)
    #expect(await world.hotfix(world.ben, "approve").status == 0, "the run goes on")
    let again = await world.hotfix(world.ana, "record", "verify", run, "--restore")
    #expect(again.status == 0 && again.out.contains("holds as it is"), "\(again.all)")
  }

  @Test func theBrakeDoesNotTakeAnotherReleaseForTheOneOfABrokenRecord() async throws {
    let (world, forging, run) = try await opened()
    try await forging.append(.noted(Noted(text: "x")), to: run, by: world.eve)
    for command in [
      ["withdraw", "--reason", "it harms"], ["rollback", "--reason", "it harms"], ["next"],
    ] {
      let outcome = await world.hotfix(world.ana, command)
      #expect(outcome.status == 1 && outcome.err.contains("[run.left-out]"), "\(outcome.all)")
      #expect(outcome.err.contains("hotfix record verify \(run)"), "\(outcome.all)")
    }
  }

  @Test func everyKindOfGarbageIsTakenOffTheRecord() async throws {
    let (world, forging, run) = try await opened()
    let tree = "$(git mktree </dev/null)"
    let note = Fact.noted(Noted(text: "x"))
    for kind in [
      "unsigned", "impersonated", "no event", "another root", "a blob", "a tag", "merged",
    ] {
      let tip = try await forging.remoteTip(run)
      let bad: String
      switch kind {
      case "unsigned": bad = try await forging.append(note, to: run, by: world.ana, signs: false)
      case "impersonated":
        bad = try await forging.append(note, to: run, by: world.ana, actor: "ben@example.org")
      case "no event":
        bad = try await world.sh(
          world.eve,
          "git fetch -q origin \(tip); git commit-tree -p \(tip) -m x \(tree)"
        )
      case "another root": bad = try await world.sh(world.eve, "git commit-tree -m x \(tree)")
      case "a tag":
        bad = try await world.sh(
          world.eve,
          "git fetch -q origin \(tip); git tag -m x garbage \(tip); git rev-parse garbage"
        )
      case "a blob": bad = try await world.sh(world.eve, "echo x | git hash-object -w --stdin")
      default:
        bad = try await world.sh(
          world.eve,
          "git fetch -q origin \(tip); git commit-tree -p \(tip) -p HEAD -m x \(tree)"
        )
      }
      try await forging.push(
        bad,
        run,
        by: kind == "unsigned" || kind == "impersonated" ? world.ana : world.eve
      )
      let seen = await world.hotfix(world.ben, "record", "verify", run)
      #expect(seen.status == 1 && seen.out.contains("--restore"), "\(kind): \(seen.all)")
      let restored = await world.hotfix(world.ana, "record", "verify", run, "--restore")
      #expect(restored.status == 0, "\(kind): \(restored.all)")
      #expect(try await evidence(world, run, bad), "\(kind)")
      let verified = await world.hotfix(world.ben, "record", "verify", run)
      #expect(verified.status == 0, "\(kind): \(verified.all)")
    }
    // A clone that never saw the run goes by what holds of the remote's.
    try await forging.append(note, to: run, by: world.ana, signs: false)
    let fresh = await world.hotfix(world.ben2, "record", "verify", run, "--restore")
    #expect(fresh.status == 0, "\(fresh.all)")
    #expect(await world.hotfix(world.ana, "record", "verify", run).status == 0)
  }

  @Test func moreGarbageThanARecordHoldsIsTakenOffByAnyClone() async throws {
    let (world, forging, run) = try await opened()
    let tip = try await forging.remoteTip(run)
    try await world.sh(
      world.eve,
      """
      git fetch -q origin \(tip) && awk 'BEGIN { for (i = 0; i < 2100; i++) {
        print "commit refs/heads/garbage\\ncommitter e <e@x> 1 +0000\\ndata 1\\nx"
        if (i == 0) print "from \(tip)" } }' | git fast-import --quiet
      """
    )
    try await forging.push("garbage", run, by: world.eve)
    for person in [world.ana, world.ben2] {
      let seen = await world.hotfix(person, "record", "verify", run)
      #expect(seen.status == 1 && seen.out.contains("[record.too-long]"), "\(seen.all)")
    }
    let fresh = await world.hotfix(world.ben2, "record", "verify", run, "--restore")
    #expect(fresh.status == 0, "\(fresh.all)")
    #expect(await world.hotfix(world.ana, "record", "verify", run).status == 0)
  }

  @Test func aRecordThatWasDeletedOrSetBackComesBackAsThisCloneVerifiedIt() async throws {
    let (world, forging, run) = try await opened()
    try world.expect(await world.hotfix(world.ana, "note", "mine"), 0)
    let good = try await forging.remoteTip(run)
    for (what, code) in [("", "record.deleted"), ("\(good)~2", "record.rolled-back")] {
      try await world.sh(world.ana, "git push -q -f origin \(what):refs/hotfix/\(run)")
      let next = await world.hotfix(world.ana, "next", run)
      #expect(next.status == 1 && next.err.contains("[\(code)]"), "\(next.all)")
      let restored = await world.hotfix(world.ana, "record", "verify", run, "--restore")
      #expect(restored.status == 0, "\(restored.all)")
      let log = await world.hotfix(world.ben, "record", "verify", run)
      #expect(log.status == 0, "\(log.all)")
    }
    let texts = try await forging.events(run).suffix(3).map(\.fact.headline)
    #expect(texts.first == "note.added mine", "nothing is lost: \(texts)")
  }

  @Test func ofTwoHistoriesThatHoldAPersonChoosesAndTheOtherIsKept() async throws {
    let (world, forging, run) = try await opened()
    let parent = try await forging.remoteTip(run)
    let before = try await forging.events(run)
    try world.expect(await world.hotfix(world.ana, "note", "one"), 0)
    let ours = try await forging.remoteTip(run)
    let event = try forging.event(
      .noted(Noted(text: "two")),
      after: before,
      by: "ben@example.org",
      run: run
    )
    let theirs = try await forging.commit(event, on: parent, by: world.ben)
    try await forging.push(theirs, run, by: world.ben)
    let asked = await world.hotfix(world.ana, "record", "verify", run, "--restore")
    #expect(asked.status == 1 && asked.err.contains("[record.choose]"), "\(asked.all)")
    for word in [
      String(theirs.prefix(12)), String(ours.prefix(12)), "ben@example.org",
      "after event \(before.count)",
    ] {
      #expect(asked.err.contains(word), "\(asked.all)")
    }
    let wrong = await world.hotfix(world.ana, "record", "verify", run, "--restore", "--tip", parent)
    #expect(wrong.status == 1 && wrong.err.contains("[record.tip]"), "\(wrong.all)")
    let chosen = await world.hotfix(
      world.ana,
      ["record", "verify", run, "--restore", "--tip", String(theirs.prefix(12))]
    )
    #expect(chosen.status == 0, "\(chosen.all)")
    #expect(try await evidence(world, run, ours), "what this clone had is kept")
    let texts = try await forging.events(run).suffix(2).map(\.fact.headline)
    #expect(texts.first == "note.added two" && texts.last?.contains("goes on from") == true)
    for person in [world.ana, world.ben] {
      #expect(await world.hotfix(person, "record", "verify", run).status == 0)
    }
  }

  @Test func ofTwoWhoRepairAtOnceOneDoesAndTheOtherSeesThatItHolds() async throws {
    let (world, forging, run) = try await opened()
    let count = try await forging.events(run).count
    try await forging.append(.noted(Noted(text: "x")), to: run, by: world.ana, signs: false)
    let arguments = ["record", "verify", run, "--restore"]
    async let first = world.hotfix(world.ana, arguments)
    async let second = world.hotfix(world.ben, arguments)
    let outcomes = await [first, second]
    #expect(outcomes.allSatisfy { $0.status == 0 }, "\(outcomes.map(\.all))")
    #expect(try await forging.events(run).count == count + 1, "one note")
    #expect(await world.hotfix(world.ana, "record", "verify", run).status == 0)
  }

  @Test func aRemoteThatTakesNoEvidenceGetsTheRecordAllTheSame() async throws {
    let (world, forging, run) = try await opened()
    let bad = try await forging.append(
      .noted(Noted(text: "x")),
      to: run,
      by: world.ana,
      signs: false
    )
    let hook = world.remote.appending("hooks").appending("update").string
    try "#!/bin/sh\ncase $1 in refs/hotfix-evidence/*) exit 1;; esac\n"
      .write(toFile: hook, atomically: true, encoding: .utf8)
    try await world.sh(world.ana, "chmod +x \(hook)")
    let restored = await world.hotfix(world.ana, "record", "verify", run, "--restore")
    #expect(restored.status == 0, "\(restored.all)")
    #expect(try await !evidence(world, run, bad))
    let kept = try await world.sh(world.ana, "git rev-parse refs/hotfix-evidence/\(run)/\(bad)")
    #expect(kept == bad)
  }

  @Test func strangersRepairNothingAndEventsOfANewerProgramStay() async throws {
    let (world, forging, run) = try await opened()
    try await forging.append(.noted(Noted(text: "x")), to: run, by: world.ana, signs: false)
    let stranger = await world.hotfix(world.eve, "record", "verify", run, "--restore")
    #expect(stranger.status == 1 && stranger.err.contains("[identity."), "\(stranger.all)")
    try world.expect(await world.hotfix(world.ana, "record", "verify", run, "--restore"), 0)
    let tip = try await forging.remoteTip(run)
    let newer = try await world.sh(
      world.ana,
      """
      git cat-file commit \(tip) | sed '1,/^$/d' | sed 's/"type":"note.added"/"type":"note.sung"/' > ../m
      git commit-tree -S -p \(tip) -F ../m $(git mktree </dev/null)
      """
    )
    try await forging.push(newer, run, by: world.ana)
    let refused = await world.hotfix(world.ana, "record", "verify", run, "--restore")
    #expect(refused.status == 1 && refused.err.contains("[record.newer]"), "\(refused.all)")
    #expect(try await forging.remoteTip(run) == newer)
  }

  @Test func aLockThatADeadGitLeftIsNamedInGitsWords() async throws {
    let (world, _, run) = try await opened()
    let lock = world.remote.appending("refs/hotfix/\(run).lock").string
    try await world.sh(world.ana, "touch \(lock)")
    for command in [["note", "x", "--run", run], ["record", "verify", run]] {
      let outcome = await world.hotfix(world.ana, command)
      if command[0] == "record" {
        #expect(outcome.status == 0, "reading goes on: \(outcome.all)")
        continue
      }
      #expect(outcome.status == 1 && outcome.err.contains("[git.locked]"), "\(outcome.all)")
      #expect(outcome.err.contains("Unable to create '"), "\(outcome.all)")
      #expect(outcome.err.contains("refs/hotfix/\(run).lock': File exists"), "\(outcome.all)")
      #expect(outcome.err.contains("on the remote's machine"), "\(outcome.all)")
    }
    try await world.sh(world.ana, "rm \(lock)")
    try world.expect(await world.hotfix(world.ana, "note", "x", "--run", run), 0)
    let name = world.remote.appending("refs/hotfix-names/v1.0.1-hotfix2.lock").string
    try await world.sh(world.ana, "touch \(name)")
    let open = await world.hotfix(world.ana, World.opening("Another fault"))
    #expect(open.status == 1 && open.err.contains("[git.locked]"), "\(open.all)")
    let own = world.ben.clone.appending(".git/refs/remotes-hotfix/origin/\(run).lock").string
    try await world.sh(world.ben, "touch \(own)")
    let here = await world.hotfix(world.ben, "next", run)
    #expect(here.status == 1 && here.err.contains("[git.locked]"), "\(here.all)")
    #expect(here.err.contains("rm ") && here.err.contains(own), "\(here.all)")
  }

  @Test func aRefWhoseNameIsInTheWayIsNamedAndRemoved() async throws {
    let world = try await World()
    let ref = "refs/hotfix-names/v1.0.1-hotfix1/x"
    try await world.sh(world.eve, "git push -q origin HEAD:\(ref)")
    let open = await world.hotfix(world.ana, World.openArguments)
    #expect(open.status == 1 && open.err.contains("[git.ref-in-the-way]"), "\(open.all)")
    #expect(open.err.contains("git push origin :\(ref)"), "\(open.all)")
    try await world.sh(world.ana, "git push -q origin :\(ref)")
    #expect(await world.hotfix(world.ana, World.openArguments).status == 0)
  }

  @Test func anEventFromTheFutureIsToldAndTheRunGoesOn() async throws {
    let (world, forging, run) = try await opened()
    let year = 365 * 86_400
    try await forging.append(.noted(Noted(text: "x")), to: run, by: world.ana, later: year)
    let frozen = await world.hotfix(world.ben, "note", "y", "--run", run)
    #expect(frozen.status == 1 && frozen.err.contains("[clock.behind]"), "\(frozen.all)")
    #expect(frozen.err.contains("hotfix record verify \(run) --restore"), "\(frozen.all)")
    let status = await world.hotfix(world.ben, "status", run)
    #expect(status.status == 0 && status.err.contains("ahead of this machine's clock"))
    let verified = await world.hotfix(world.ben, "record", "verify", run)
    #expect(verified.status == 1 && verified.out.contains("ahead of this machine's clock"))
    let restored = await world.hotfix(world.ben, "record", "verify", run, "--restore")
    #expect(restored.status == 0, "\(restored.all)")
    #expect(await world.hotfix(world.ben, "note", "y", "--run", run).status == 0)
    let after = await world.hotfix(world.ana, "status", run)
    #expect(after.status == 0 && !after.err.contains("ahead of this"), "\(after.all)")
  }

  @Test func anApprovalFromTheFutureDoesNotCountUntilThen() async throws {
    let (world, _, run) = try await opened()
    let ahead = ["HOTFIX_CLOCK_SHIFT": "86400"]
    let approved = await world.hotfix(world.ben, ["approve", "--run", run], environment: ahead)
    try world.expect(approved, 0)
    let told = await world.hotfix(world.ana, "record", "verify", run)
    #expect(told.status == 1 && told.out.contains("ahead of this machine's clock"), "\(told.all)")
    try world.expect(await world.hotfix(world.ana, "record", "verify", run, "--restore"), 0)
    let waits = await world.hotfix(world.ana, "next", run)
    #expect(waits.status == 3 && waits.all.contains("ben@example.org's approval is dated"))
    try world.expect(await world.hotfix(world.ben, "approve", "--run", run), 0)
    let next = await world.hotfix(world.ana, "next", run)
    #expect(next.status == 3 && !next.all.contains("approves approval"), "\(next.all)")
  }

  @Test func aFullRecordTakesOnlyWhatEndsTheRun() async throws {
    let (world, forging, run) = try await opened()
    let home = try #require(world.ana.environment["HOME"])
    let runner = LiveProcesses.runner(inherited: world.ana.environment)
    let signer = Signer(
      person: "ana@example.org",
      identity: "ana <ana@example.org>",
      format: .ssh(
        path: "\(home)/key",
        key: Secret(try String(contentsOfFile: "\(home)/key", encoding: .utf8))
      ),
      directory: world.ana.clone,
      run: runner
    )
    let store = RecordStore(
      git: Git(directory: world.ana.clone, run: runner),
      commonDirectory: world.ana.clone.appending(".git"),
      sha256: false
    )
    try await store.git.fetch()
    let chain = try await store.read(run)
    let now = try #require(chain.events.last).at
    let count = Event.ordinaryLengthMax - chain.events.count
    let notes = (0..<count).map {
      PendingFact(key: "k\($0)", fact: .noted(Noted(text: "n")), at: now)
    }
    let (_, outcome) = try await store.append(notes, to: chain, with: [], signer: signer)
    #expect(outcome == .done)
    let full = await world.hotfix(world.ana, "note", "one more", "--run", run)
    #expect(full.status == 1 && full.err.contains("[record.full]"), "\(full.all)")
    #expect(full.err.contains("hotfix close --incomplete \(run)"), "\(full.all)")
    let closed = await world.hotfix(world.ana, "close", "--incomplete", run)
    #expect(closed.status == 0, "\(closed.all)")
    #expect(try await forging.events(run).count == Event.ordinaryLengthMax + 1)
    #expect(await world.hotfix(world.ben, "record", "verify", run).status == 0)
  }
}
