import ReleaseModel
import Runbook
import Signatures
import Testing

@Suite struct AssessmentTests {
  @Test func theSupplierTableIsThePublishedOne() {
    // First 16 digits of SHA-256 over the outcomes in CSV row order (CERTCC/SSVC data/csv).
    let words: [SSVC.Outcome: String] = [
      .deferred: "defer", .scheduled: "scheduled", .outOfCycle: "out-of-cycle",
      .immediate: "immediate",
    ]
    let joined = SSVC.outcomes.map { words[$0] ?? "" }.joined(separator: ",")
    #expect(ContentDigest.of(joined).hex.hasPrefix("0995ea215a859d12"))
    let counts = SSVC.Outcome.allCases.map { outcome in SSVC.outcomes.count { $0 == outcome } }
    #expect(counts == [1, 8, 14, 13])
  }

  @Test func moreDangerIsNeverLessUrgent() {
    let rank = SSVC.Outcome.allCases
    func urgency(_ e: Int, _ u: Int, _ t: Int, _ s: Int) -> Int? {
      SSVC.outcome(
        exploitation: SSVC.exploitation[e],
        utility: SSVC.utility[u],
        technicalImpact: SSVC.technicalImpact[t],
        safety: SSVC.safety[s]
      ).flatMap { rank.firstIndex(of: $0) }
    }
    for e in 0..<3 {
      for u in 0..<3 {
        for t in 0..<2 {
          for s in 0..<2 {
            let here = urgency(e, u, t, s) ?? -1
            if e < 2 { #expect(urgency(e + 1, u, t, s) ?? -1 >= here) }
            if u < 2 { #expect(urgency(e, u + 1, t, s) ?? -1 >= here) }
            if t < 1 { #expect(urgency(e, u, t + 1, s) ?? -1 >= here) }
            if s < 1 { #expect(urgency(e, u, t, s + 1) ?? -1 >= here) }
          }
        }
      }
    }
  }

  // Impact × reach, without and with a workaround, and a regression.
  @Test(arguments: [
    ("data-loss", "many", "none", false, "now"), ("data-loss", "some", "none", false, "now"),
    ("data-loss", "few", "export", false, "hotfix"), ("blocked", "growing", "none", false, "now"),
    ("blocked", "some", "none", false, "hotfix"), ("blocked", "few", "none", false, "next window"),
    ("blocked", "few", "none", true, "hotfix"), ("core-broken", "many", "x", false, "hotfix"),
    ("core-broken", "some", "x", false, "next window"),
    ("core-broken", "few", "x", false, "regular"),
    ("degraded", "many", "x", false, "next window"),
    ("degraded", "few", "none", true, "next window"),
  ])
  func judgesOtherFaultsByTheirTable(
    _ impact: String,
    _ reach: String,
    _ workaround: String,
    _ regression: Bool,
    _ verdict: String
  ) throws {
    let found = try Criticality.judge(
      kind: .bug,
      answers: ["impact": impact, "reach": reach],
      workaround: workaround,
      regression: regression
    )
    #expect(found.verdict == verdict)
    #expect(found.warranted == ["now", "hotfix"].contains(verdict))
    #expect(found.reasons.contains { $0.contains(verdict) }, "the verdict explains itself")
  }

  @Test func asksForTheAnswerThatIsMissing() {
    let problem = #expect(throws: Problem.self) {
      try Criticality.judge(
        kind: .security,
        answers: ["exploitation": "active"],
        workaround: "none",
        regression: false
      )
    }
    #expect(problem?.code == "assessment.answer")
    #expect(problem?.next.first?.contains("--utility") == true)
  }
}
