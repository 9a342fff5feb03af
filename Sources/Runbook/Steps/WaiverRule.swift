internal import Record

extension Situation {
  /// The situation with the fix's authors, where a waiver depends on them.
  package func knowingAuthors() async throws -> Situation {
    let isReviewWaived = progress.waivers.contains { Reviewing.steps.contains($0.data.step) }
    guard isReviewWaived else { return self }
    var situation = self
    situation.authorship = try await Authorship.of(self)
    return situation
  }
}

/// Who may pass over a step.
///
/// 1. As many people as the policy's `waive.by` says, one by default, never more than are listed.
/// 2. Reviews and the approval are there so that nobody decides alone: where more than one person is
///    listed, one of those who waive has to be another than the author, or than who opened the run.
///    An author who is not listed may be anybody, so there it takes two.
///    That is so under a policy of no approvals too: there a waiver passes over somebody's refusal.
struct WaiverRule {
  private let waivers: [Progress.Waiver]
  private let needed: Int
  private let people: People?
  private let opener: String?
  private let authorship: Authorship?

  init(_ situation: Situation) {
    waivers = situation.progress.waivers
    people = situation.progress.policy.flatMap { try? People($0) }
    needed = min(situation.progress.policy?.waivers ?? 1, max(1, people?.all.count ?? 1))
    opener = situation.opener
    authorship = situation.authorship
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
    given.map { people?.name(of: $0.actor) ?? $0.actor }
      .reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  private func missing(_ step: String, _ given: [Progress.Waiver]) -> String? {
    let names = names(given)
    if let other = missingOther(step, names) { return other }
    let more = needed - names.count
    return more <= 0 ? nil : more == 1 ? "one more person" : "\(more) more people"
  }

  /// Whom a waiver of a review or of the approval lacks besides those who would decide alone.
  private func missingOther(_ step: String, _ names: [String]) -> String? {
    guard people.map({ $0.all.count > 1 }) ?? true else { return nil }
    var own: Set<String> = []
    if step == "approval" {
      own = Set([opener].compactMap(\.self))
    } else if Reviewing.steps.contains(step) {
      guard let authorship else { return "a person other than the author" }
      if !authorship.unlisted.isEmpty, names.count < 2 { return "one more person" }
      own = authorship.people
    }
    guard !own.isEmpty, own.isSuperset(of: names) else { return nil }
    return "a person other than \(own.sorted().joined(separator: ", "))"
  }
}
