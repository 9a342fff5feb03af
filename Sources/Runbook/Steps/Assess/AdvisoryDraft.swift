internal import Record
internal import ReleaseModel

extension Step {
  static let advisoryDraft = Step(
    "advisory-draft",
    .assess,
    runbook: "1.3",
    title: "The security advisory is drafted",
    why: "A CVE takes days to be assigned; whoever asks for it at the release is late.",
    looksAt: "the draft on the host, which only the team sees",
    mend: [
      "Draft it by hand on the host's security page, then:  hotfix note --done advisory-draft \"URL\""
    ],
    after: ["approval"],
    effect: .marker,
    notNeeded: Advisories.notNeeded,
    observe: { situation in
      guard let advisory = try await Advisories(situation)?.find() else {
        return .lacking("there is no advisory")
      }
      return .holds(["\(advisory.url)\(advisory.cve.map { ", \($0)" } ?? "")"])
    },
    perform: { situation in
      guard let advisories = Advisories(situation) else { return [] }
      return [try await advisories.drafting()]
    }
  )
}
