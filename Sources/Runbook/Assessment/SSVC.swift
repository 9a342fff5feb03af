/// The CERT/CC Supplier decision table "patch development priority", `ssvc` version 1.0.0.
///
/// Outcomes in the row order of the published table (exploitation, utility, technical impact,
/// public safety impact; the last column fastest). Source: CERTCC/SSVC `data/csv`.
package enum SSVC {
  package static let table = "ssvc:supplier-patch-development-priority:1.0.0"

  package enum Outcome: String, Sendable, Hashable, CaseIterable {
    case deferred = "defer"
    case scheduled
    case outOfCycle = "out-of-cycle"
    case immediate
  }

  package static let exploitation = ["none", "public poc", "active"]
  package static let utility = ["laborious", "efficient", "super effective"]
  package static let technicalImpact = ["partial", "total"]
  package static let safety = ["minimal", "significant"]

  /// Returns the outcome for the four values; nil when one is not of the table.
  package static func outcome(
    exploitation e: String,
    utility u: String,
    technicalImpact t: String,
    safety s: String
  ) -> Outcome? {
    guard let e = exploitation.firstIndex(of: e), let u = utility.firstIndex(of: u),
      let t = technicalImpact.firstIndex(of: t), let s = safety.firstIndex(of: s)
    else { return nil }
    return outcomes[((e * 3 + u) * 2 + t) * 2 + s]
  }

  package static let outcomes: [Outcome] = [
    // none
    .deferred, .scheduled, .scheduled, .outOfCycle,
    .scheduled, .outOfCycle, .scheduled, .outOfCycle,
    .scheduled, .outOfCycle, .outOfCycle, .outOfCycle,
    // public poc
    .scheduled, .outOfCycle, .scheduled, .immediate,
    .scheduled, .immediate, .outOfCycle, .immediate,
    .outOfCycle, .immediate, .outOfCycle, .immediate,
    // active
    .outOfCycle, .immediate, .outOfCycle, .immediate,
    .outOfCycle, .immediate, .outOfCycle, .immediate,
    .immediate, .immediate, .immediate, .immediate,
  ]

  /// Utility from its two parts: automatable, and value density.
  package static func utility(automatable: Bool, concentrated: Bool) -> String {
    automatable && concentrated
      ? "super effective" : automatable || concentrated ? "efficient" : "laborious"
  }
}
