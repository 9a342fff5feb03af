/// The runbook's phases, in order.
package enum Phase: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
  case assess, develop, review, release, verify, tell, close

  package static func < (a: Phase, b: Phase) -> Bool {
    (allCases.firstIndex(of: a) ?? 0) < (allCases.firstIndex(of: b) ?? 0)
  }
}
