internal import Record
internal import ReleaseModel

/// Whether a fault warrants a hotfix now, and why: the decision tables of the runbook's step 1.1.
///
/// Security faults go by the SSVC supplier table, all others by impact × reach × workaround.
package struct Criticality: Sendable, Hashable {
  package enum Kind: String, Sendable, Hashable, CaseIterable {
    case security
    case dataLoss = "data-loss"
    case crash
    case bug
    case rollback
  }

  /// One question: its name as an option, its words, and its answers.
  package struct Question: Sendable, Hashable {
    package let name: String
    package let asks: String
    package let answers: [String]

    /// Throws `assessment.answer` for an answer that is none.
    package func require(_ answer: String?) throws {
      guard let answer, answers.contains(answer) else {
        let given = answer.map { "\"\($0)\" is none of" } ?? "It has to be one of"
        throw Problem(
          "assessment.answer",
          answer == nil
            ? "The question \"\(asks)\" has no answer."
            : "The question \"\(asks)\" has no such answer.",
          why: "\(given) \(answers.joined(separator: ", ")).",
          next: ["hotfix open … --\(name) \(answers[0])"]
        )
      }
    }
  }

  package static let table = "hotfix:impact-reach-workaround:1"

  package static func questions(_ kind: Kind) -> [Question] {
    switch kind {
    case .rollback: []
    case .security:
      [
        Question(
          name: "exploitation",
          asks: "Is it exploited?",
          answers: SSVC.exploitation
        ),
        Question(
          name: "utility",
          asks: "How useful is it to an attacker?",
          answers: SSVC.utility
        ),
        Question(
          name: "technical-impact",
          asks: "How much control does it give?",
          answers: SSVC.technicalImpact
        ),
        Question(
          name: "safety",
          asks: "Can it harm people?",
          answers: SSVC.safety
        ),
      ]
    case .dataLoss, .crash, .bug:
      [
        Question(
          name: "impact",
          asks: "What does it do to a user who hits it?",
          answers: ["data-loss", "blocked", "core-broken", "degraded"]
        ),
        Question(
          name: "reach",
          asks: "How many users hit it?",
          answers: ["growing", "many", "some", "few"]
        ),
      ]
    }
  }

  package let verdict: String
  package let warranted: Bool
  /// 1 (all hands) to 4 (regular work).
  package let severity: Int
  package let reasons: [String]
  package let table: String

  private static let rungs = ["regular", "next window", "hotfix", "now"]

  /// Judges the answers.
  ///
  /// Throws `assessment.answer` for an answer that is none.
  package static func judge(
    kind: Kind,
    answers: [String: String],
    workaround: String,
    regression: Bool
  ) throws -> Criticality {
    for question in questions(kind) { try question.require(answers[question.name]) }
    return switch kind {
    case .security: security(answers)
    case .rollback:
      Criticality(
        verdict: "now",
        warranted: true,
        severity: 1,
        reasons: ["the release that users get is bad; a higher version takes it back"],
        table: table
      )
    case .dataLoss, .crash, .bug:
      fault(kind, answers, hasWorkaround: workaround != "none", regression: regression)
    }
  }

  private static func security(_ answers: [String: String]) -> Criticality {
    let outcome =
      SSVC.outcome(
        exploitation: answers["exploitation"] ?? "",
        utility: answers["utility"] ?? "",
        technicalImpact: answers["technical-impact"] ?? "",
        safety: answers["safety"] ?? ""
      )
      ?? .deferred
    let severity = [SSVC.Outcome.immediate: 1, .outOfCycle: 2, .scheduled: 3, .deferred: 4]
    let said = questions(.security).map { "\($0.name): \(answers[$0.name] ?? "")" }
    return Criticality(
      verdict: outcome.rawValue,
      warranted: outcome == .immediate || outcome == .outOfCycle,
      severity: severity[outcome] ?? 4,
      reasons: said + ["SSVC supplier table: \(outcome.rawValue)"],
      table: SSVC.table
    )
  }

  private static func fault(
    _ kind: Kind,
    _ answers: [String: String],
    hasWorkaround: Bool,
    regression: Bool
  ) -> Criticality {
    let impact = answers["impact"] ?? "degraded"
    let reach = answers["reach"] ?? "few"
    // A fault that blocks is one row milder once users can get around it.
    let row =
      switch impact {
      case "data-loss": 0
      case "blocked": hasWorkaround ? 2 : 1
      case "core-broken": 2
      default: 3
      }
    let column = ["growing": 0, "many": 0, "some": 1, "few": 2][reach] ?? 2
    let table = [[3, 3, 2], [3, 2, 1], [2, 1, 0], [1, 0, 0]]
    var rung = table[row][column]
    var reasons = [
      "impact: \(impact)", "reach: \(reach)",
      hasWorkaround ? "there is a workaround" : "there is no workaround",
    ]
    if regression && rung < 3 {
      rung += 1
      reasons.append("the last release brought it in: one rung more urgent")
    }
    reasons.append("impact × reach × workaround: \(rungs[rung])")
    return Criticality(
      verdict: rungs[rung],
      warranted: rung >= 2,
      severity: 4 - rung,
      reasons: reasons,
      table: Self.table
    )
  }

  /// What would have to be true for a hotfix, told when one is refused.
  package static func bar(_ kind: Kind) -> [String] {
    switch kind {
    case .security:
      [
        "exploitation is active or a public proof of concept exists, and it is efficient or total",
        "or people can be harmed (safety: significant)",
      ]
    default:
      [
        "users lose data, at any reach",
        "or they are blocked without a workaround, and at least 1 % hit it",
        "or a core task is broken for 10 % or a growing number",
        "or the last release brought it in, and it is one rung below that",
      ]
    }
  }

  /// How long each phase may take from its start, in seconds, by severity.
  package static func phaseSeconds(severity: Int) -> [Phase: Int] {
    let hours: [Phase: Int] =
      severity <= 1
      ? [.assess: 1, .develop: 8, .review: 10, .release: 12, .verify: 13, .tell: 14, .close: 48]
      : [.assess: 4, .develop: 24, .review: 36, .release: 40, .verify: 44, .tell: 48, .close: 120]
    return hours.mapValues { $0 * 3600 }
  }
}
