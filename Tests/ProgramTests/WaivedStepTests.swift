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
      + "WAIVED code-review by ben@example.org: nobody is awake"
    let report = await world.hotfix(world.ana, "report").out
    #expect(report.contains(box), "\(report)")
    #expect(report.contains("☑ Artifacts are available"))
    #expect(report.contains(said) && report.contains("| ☐ waived | The code is reviewed"))
    let html = await world.hotfix(world.ana, "report", "--html").out
    #expect(html.contains("<td>☐</td><td>The code is reviewed <em>waived</em>"))
    // What was reviewed is named; what was waived is not among it.
    #expect(report.contains("suite, proof, test-review, docs-review are about tree:"), "\(report)")
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
