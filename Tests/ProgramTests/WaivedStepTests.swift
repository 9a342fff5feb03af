import Foundation
import HotfixTesting
import ReleaseModel
import Testing

/// What was waived was not done, and what was withdrawn restored nothing: every ending says so.
@Suite struct WaivedStepTests {
  @Test func aWaivedStepIsNoEvidenceAndEveryEndingNamesIt() async throws {
    let world = try await World()
    try await world.untilReview()
    try world.expect(
      await world.hotfix(world.ben, "waive", "code-review", "--reason", "nobody is awake"),
      0
    )
    try world.expect(await world.hotfix(world.ben, "approve", "test-review", "docs-review"), 0)
    let next = await world.hotfix(world.ana, "next")
    #expect(next.status == 0, "\(next.all)")
    let said = "Every step holds but for code-review (waived)."
    #expect(next.out.contains(said), "\(next.all)")
    let box =
      "☐ Code review is complete: test-review, docs-review, final; "
      + "WAIVED code-review by ben@&#8203;example.org: nobody is awake"
    let report = await world.hotfix(world.ana, "report").out
    #expect(report.contains(box), "\(report)")
    #expect(report.contains("☑ Artifacts are available"))
    #expect(report.contains(said) && report.contains("| ☐ waived | The code is reviewed"))
    let html = await world.hotfix(world.ana, "report", "--html").out
    #expect(html.contains("<td>☐</td><td>The code is reviewed <em>waived</em>"))
    // What was reviewed is named; what was waived is not among it.
    #expect(report.contains("proof, suite, test-review, docs-review are about tree:"), "\(report)")
    let status = await world.hotfix(world.ana, "status")
    #expect(status.out.contains(said), "\(status.all)")
    let json = await world.hotfix(world.ana, "status", "--json")
    #expect(json.out.contains("\"waived\" : [\n    \"code-review\"\n  ]"), "\(json.all)")
    let close = await world.hotfix(world.ana, "close", "--json")
    #expect(close.out.contains("\"waived\" : [\n    \"code-review\"\n  ]"), "\(close.all)")
    #expect(close.out.contains("\"missing\" : [\n\n  ]"), "\(close.all)")
  }

  @Test func closeSaysWhatWasWaived() async throws {
    let world = try await World()
    try await world.untilReview()
    try world.expect(
      await world.hotfix(world.ben, "waive", "docs-review", "--reason", "nobody is awake"),
      0
    )
    try world.expect(await world.hotfix(world.ben, "approve", "test-review", "code-review"), 0)
    try world.expect(await world.hotfix(world.ana, "next"), 0)
    let close = await world.hotfix(world.ana, "close")
    #expect(
      close.out.contains("is closed; every step holds but for docs-review (waived)"),
      "\(close.all)"
    )
  }

  /// Breaking the glass has a rule: nobody passes over the review of their own work alone.
  @Test func anAuthorsWaiverCountsOnceAnotherPersonAgrees() async throws {
    let world = try await World()
    try world.expect(await world.hotfix(world.ana, World.openArguments), 0)
    let alone = await world.hotfix(world.ana, "waive", "approval", "--reason", "nobody is awake")
    #expect(alone.status == 0 && alone.out.contains("a person other than ana@example.org"))
    let waits = await world.hotfix(world.ana, "next")
    #expect(waits.status == 3 && waits.out.contains("ana@example.org waived it"), "\(waits.all)")
    let ben = await world.hotfix(world.ben, "waive", "approval", "--reason", "ana is right")
    #expect(ben.status == 0 && !ben.out.contains("counts once"), "\(ben.all)")
    try world.expect(await world.hotfix(world.ana, "next"), 3)
    try await world.fix()
    try world.expect(await world.hotfix(world.ana, "next"), 3)
    for step in ["code-review", "test-review", "docs-review"] {
      try world.expect(
        await world.hotfix(world.ana, "waive", step, "--reason", "nobody is awake"),
        0
      )
    }
    let next = await world.hotfix(world.ana, "next")
    #expect(next.status == 3, "\(next.all)")
    #expect(next.out.contains("a person other than ana@example.org"), "\(next.all)")
    let status = await world.hotfix(world.ben, "status", "--fetch")
    #expect(status.out.contains("code-review; ana@example.org waived it"), "\(status.all)")
    try world.expect(await world.hotfix(world.ben, "approve"), 0)
    #expect(await world.hotfix(world.ana, "next").status == 0)
  }

  @Test func thePolicySaysHowManyWaive() async throws {
    let world = try await World { $0 + "policy: { waive: { by: 2 } }\n" }
    try await world.untilReview()
    for person in [world.ben, world.ana] {
      let next = await world.hotfix(world.ana, "next")
      #expect(next.status == 3, "\(next.all)")
      try world.expect(
        await world.hotfix(person, "waive", "code-review", "--reason", "nobody is awake"),
        0
      )
    }
    try world.expect(await world.hotfix(world.ben, "approve", "test-review", "docs-review"), 0)
    let next = await world.hotfix(world.ana, "next")
    #expect(next.status == 0, "\(next.all)")
    let both = "WAIVED code-review by ben@&#8203;example.org and ana@&#8203;example.org"
    #expect(await world.hotfix(world.ana, "report").out.contains(both))
  }

  @Test func whoIsAloneWaivesAlone() async throws {
    let world = try await World()
    try world.write(
      world.ana,
      ["allowed_signers": "ana@example.org \(try world.publicKeyLine(world.ana))"]
    )
    try await world.commit(world.ana, "List ana alone")
    try await world.sh(world.ana, "git push --quiet origin main")
    try world.expect(await world.hotfix(world.ana, World.openArguments), 0)
    let alone = await world.hotfix(world.ana, "waive", "approval", "--reason", "nobody else")
    #expect(alone.status == 0 && !alone.out.contains("counts once"), "\(alone.all)")
    let next = await world.hotfix(world.ana, "next")
    #expect(next.status == 3 && next.all.contains("commits the fix"), "\(next.all)")
  }

  /// A run may be withdrawn before its end, and after it.
  @Test(arguments: [true, false])
  func aWithdrawnRunHasNoTimeToRestore(_ isClosed: Bool) async throws {
    let world = try await World()
    try await world.untilRelease()
    try world.expect(await world.hotfix(world.ana, "next"), 0)
    if isClosed { try world.expect(await world.hotfix(world.ana, "close"), 0) }
    let tag = "v1.0.1-hotfix1"
    #expect(await world.hotfix(world.ana, "report", tag).out.contains("time to restore"))
    try world.expect(await world.hotfix(world.ana, "withdraw", "--reason", "it hurts"), 0)
    for form in ["--markdown", "--html", "--json"] {
      let report = await world.hotfix(world.ana, "report", tag, form)
      #expect(!report.out.contains("time to restore"), "\(form): \(report.all)")
      #expect(report.out.contains("WITHDRAWN: it hurts"), "\(form): \(report.all)")
    }
  }
}
