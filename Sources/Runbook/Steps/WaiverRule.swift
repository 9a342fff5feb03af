internal import Record

extension Situation {
  /// The situation with the fix's authors, where a waiver depends on them.
  package func knowingAuthors() async throws -> Situation {
    let isReviewWaived = progress.waivers.contains { Reviewing.steps.contains($0.data.step) }
    guard isReviewWaived else { return self }
    var situation = self
    situation.authors = try await Authorship.of(self).people
    return situation
  }
}

/// Who may pass over a step.
///
/// 1. As many people as the policy's `waive.by` says, one by default, never more than are listed.
/// 2. Reviews and the approval are there so that nobody decides alone: where more than one person is
///    listed, one of those who waive has to be another than the author, or than who opened the run.
///    That is so under a policy of no approvals too: there a waiver passes over somebody's refusal.
struct WaiverRule {
  private let waivers: [Progress.Waiver]
  private let needed: Int
  private let people: People?
  /// Whose word alone does not do, by step.
  private let alone: [String: Set<String>]

  init(_ situation: Situation) {
    waivers = situation.progress.waivers
    people = situation.progress.policy.flatMap { try? People($0) }
    let listed = people?.all.count ?? 1
    needed = min(situation.progress.policy?.waivers ?? 1, max(1, listed))
    var alone = ["approval": Set([situation.progress.openedBy].compactMap(\.self))]
    for step in Reviewing.steps { alone[step] = situation.authors }
    self.alone = listed > 1 ? alone : [:]
  }

  /// The waiver of a step for one of these subjects; nil where nobody, or too few, waived it.
  func waiver(_ step: String, of subjects: [String]) -> Progress.Waiver? {
    let given = given(step, of: subjects)
    guard let last = given.last, missing(step, given) == nil else { return nil }
    return Progress.Waiver(
      data: last.data,
      at: last.at,
      actor: names(given).joined(separator: " and ")
    )
  }

  /// What a waiver of a step lacks, in words; nil where nobody waived it, or enough people did.
  func lack(_ step: String, of subjects: [String]) -> String? {
    let given = given(step, of: subjects)
    guard let last = given.last, let missing = missing(step, given) else { return nil }
    return "\(names(given).joined(separator: " and ")) waived it (\(last.data.reason)); it counts "
      + "once \(missing) does too"
  }

  private func given(_ step: String, of subjects: [String]) -> [Progress.Waiver] {
    waivers.filter { $0.data.step == step && subjects.contains($0.data.subject) }
  }

  private func names(_ given: [Progress.Waiver]) -> [String] {
    given.map { person($0.actor) }.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  private func missing(_ step: String, _ given: [Progress.Waiver]) -> String? {
    let names = names(given)
    let own = Set((alone[step] ?? []).map(person))
    if !own.isEmpty, own.isSuperset(of: names) {
      return "a person other than \(own.sorted().joined(separator: ", "))"
    }
    let more = needed - names.count
    return more <= 0 ? nil : more == 1 ? "one more person" : "\(more) more people"
  }

  private func person(_ actor: String) -> String { people?.person(named: actor) ?? actor }
}
