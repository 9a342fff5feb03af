import Foundation
import Git
import HotfixTesting
import Record
import ReleaseModel
import Signatures
import Testing

/// Events carry the moment at which they happened, and the order of these moments is checked.
@Suite struct EventTimeTests {
  /// The events of the run as this clone verified them.
  private func events(_ world: World) async throws -> [Event] {
    let run = try await run(world)
    let export = await world.hotfix(world.ana, "record", "export", run)
    return try export.out.split(separator: "\n").enumerated().map {
      try EventCodec.event(payload: String($0.element), sequence: $0.offset + 1)
    }
  }

  private func run(_ world: World) async throws -> String {
    let ref = try await world.sh(world.ana, "git for-each-ref --format='%(refname)' refs/hotfix")
    return String(try #require(ref.split(separator: "/").last))
  }

  private func observed(_ events: [Event], _ step: String) throws -> Moment {
    try #require(
      events.last { event in
        if case .observed(let data) = event.fact { data.step == step } else { false }
      }?.at,
      "\(step)"
    )
  }

  @Test func everyEventHasTheTimeOfItsStepNotOfItsPush() async throws {
    let world = try await World(settings: {
      $0.replacing("suite: for", with: "suite: sleep 1; for")
        .replacing("proof: sh", with: "proof: sleep 1; sh")
    })
    try await world.untilReview()
    let events = try await events(world)
    // All of this travels in one push, with the branch that is to be reviewed.
    let (documented, suite) = (try observed(events, "documented"), try observed(events, "suite"))
    let proof = try observed(events, "proof")
    #expect(proof - documented >= 3, "three runs of the proof take a second each")
    #expect(suite - proof >= 1, "the suite takes a second")
    let opened = try #require(events.first?.at)
    #expect(documented >= opened)
    #expect(EventTimes(events).setbacks.isEmpty)
    let verified = await world.hotfix(world.ana, "record", "verify")
    #expect(verified.status == 0, "\(verified.all)")
  }

  @Test func anOutcomeKeepsItsTimeWhenItsPushHasToBeRepeated() async throws {
    let world = try await World()
    try await world.untilRelease()
    let hook = world.remote.appending("hooks").appending("pre-receive").string
    // The first push of a document is refused, after two seconds.
    let script = """
      #!/bin/sh
      refs=$(cat)
      case "$refs" in *refs/tags/*) ;; *refs/heads/main*) sleep 2; echo no >&2; exit 1;; esac
      """
    try script.write(toFile: hook, atomically: true, encoding: .utf8)
    try await world.sh(world.ana, "chmod +x \(hook)")
    try world.expect(await world.hotfix(world.ana, "next"), 1)
    let events = try await events(world)
    let told = events.last { event in
      if case .concluded(let data) = event.fact { data.step == "announcement" } else { false }
    }
    let failed = events.last { if case .failed = $0.fact { true } else { false } }
    let length = try #require(failed).at - (try #require(told).at)
    #expect(length >= 2, "it was told before the refusal, in the same push of the record")
  }

  @Test func aClockThatIsBehindIsRefusedAndNothingChanges() async throws {
    let world = try await World()
    try world.expect(await world.hotfix(world.ana, World.openArguments), 0)
    try world.expect(await world.hotfix(world.ben, "approve"), 0)
    func state() async throws -> String {
      try await world.sh(world.ana, "git ls-remote origin; git for-each-ref; git status --short")
    }
    try world.expect(await world.hotfix(world.ana, "note", "look"), 0)
    let before = try await state()
    let behind = ["HOTFIX_CLOCK_SHIFT": "-1200"]
    for arguments in [
      ["note", "x"], ["next"], ["waive", "minimal", "--reason", "too long a table"],
      ["abandon", "--reason", "no"],
    ] {
      let refused = await world.hotfix(world.ana, arguments, environment: behind)
      #expect(refused.status == 1 && refused.err.contains("[clock.behind]"), "\(refused.all)")
      #expect(refused.err.contains("date -u"), "\(refused.all)")
    }
    #expect(try await state() == before, "nothing changed")
    // Looking is never refused, and a small difference is none.
    #expect(await world.hotfix(world.ana, ["status"], environment: behind).status == 0)
    let little = ["HOTFIX_CLOCK_SHIFT": "-300"]
    #expect(await world.hotfix(world.ana, ["note", "x"], environment: little).status == 0)
    #expect(await world.hotfix(world.ana, "record", "verify").status == 0)
  }

  @Test func verifyNamesThePlaceWhereTimeGoesBackAndReadingGoesOn() async throws {
    let world = try await World()
    try world.expect(await world.hotfix(world.ana, World.openArguments), 0)
    try world.expect(await world.hotfix(world.ana, "note", "one"), 0)
    let run = try await run(world)
    // A program that does not look at its clock, with ana's own key.
    let last = try #require(try await events(world).last)
    let event = Event(
      run: run,
      sequence: last.sequence + 1,
      previous: ContentDigest.of(try EventCodec.payload(last)),
      key: "set-back",
      actor: last.actor,
      at: Moment(seconds: last.at.seconds - 3600),
      policy: last.policy,
      fact: .noted(Noted(text: "two"))
    )
    try world.write(world.ana, ["message": try EventCodec.message(event)])
    try await world.sh(
      world.ana,
      """
      commit=$(git commit-tree -S -p refs/hotfix/\(run) -F message $(git mktree </dev/null))
      rm message && git push -q origin $commit:refs/hotfix/\(run)
      """
    )
    let verified = await world.hotfix(world.ben, "record", "verify")
    #expect(verified.status == 1 && verified.out.contains("every link and signature holds"))
    #expect(verified.out.contains("time goes back by 60 min: event 5"), "\(verified.all)")
    let json = await world.hotfix(world.ben, "record", "verify", "--json")
    #expect(json.status == 1 && json.out.contains("\"findings\" : [\n"), "\(json.all)")
    #expect(await world.hotfix(world.ben, "approve").status == 0, "the run goes on")
    #expect(await world.hotfix(world.ben, "status").status == 0)
  }
}
