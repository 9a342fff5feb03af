internal import Git
internal import Record
internal import ReleaseModel

extension Step {
  static let advisory = Step(
    "advisory",
    .tell,
    runbook: "6.1",
    title: "The security advisory is published",
    why:
      "Scanners and package managers warn by advisories; users who never read news hear by them.",
    looksAt: "the advisory on the host: published, with the fixed version",
    mend: ["Publish it by hand on the host's security page, then:  hotfix next"],
    after: [],
    effect: .marker,
    notNeeded: Advisories.notNeeded,
    observe: { situation in
      guard let advisory = try await Advisories(situation)?.find() else {
        return .lacking("there is no advisory")
      }
      switch advisory.state {
      case .published: return .holds(["\(advisory.url)\(advisory.cve.map { ", \($0)" } ?? "")"])
      case .draft: return .lacking("\(advisory.id) is a draft")
      case .other:
        return .waiting(.person("a maintainer", "decides about \(advisory.url)", "hotfix next"))
      }
    },
    perform: { situation in try await Advisories(situation)?.publishing() ?? [] }
  )
}

/// The run's security advisory.
struct Advisories: Sendable {
  private let situation: Situation
  private let forge: Forge

  init?(_ situation: Situation) {
    guard let forge = situation.toolbox.forge else { return nil }
    self.situation = situation
    self.forge = forge
  }

  @Sendable static func notNeeded(_ situation: Situation) -> String? {
    guard situation.isSecurity else { return "it is no security fix" }
    return situation.toolbox.forge == nil ? "the release host has no advisories" : nil
  }

  private var mark: HiddenMark {
    situation.mark("advisory", of: ["advisory-draft", "advisory"])
  }

  func find() async throws -> HostedAdvisory? {
    try await forge.publicity.advisory(mark)
  }

  private static let severities = [0: "critical", 1: "high", 2: "medium"]

  private var text: AdvisoryText {
    let opened = situation.opened
    let assessment = situation.progress.assessment
    let affected = assessment?.affected ?? [opened.base.version.text]
    func m(_ text: String) -> String { OutsideText(text).markdown }
    return AdvisoryText(
      mark: mark,
      summary: OutsideText(opened.title).line,
      description: """
        \(m(opened.title))

        Affected: \(m(affected.joined(separator: ", "))). Fixed in \(situation.version).
        Workaround: \(m(assessment?.workaround ?? "none")).
        """,
      severity: Self.severities[situation.severity] ?? "low",
      package: opened.app,
      affected: affected,
      fixed: situation.version.text
    )
  }

  func drafting() async throws -> Effect {
    let (publicity, text) = (forge.publicity, text)
    return Effect(
      "advisory",
      says: "drafts the security advisory, and asks for a CVE",
      materials: ["summary": text.summary, "account": try await forge.account()],
      body: .outward {
        .done(try await publicity.draftAdvisory(text).url)
      }
    )
  }

  func publishing() async throws -> [Effect] {
    guard let advisory = try await find() else { return [try await drafting()] + [publishing(nil)] }
    return [publishing(advisory.id)]
  }

  private func publishing(_ id: String?) -> Effect {
    let (publicity, mark) = (forge.publicity, mark)
    return Effect(
      "publication of the advisory",
      says: "publishes the security advisory",
      body: .outward {
        guard let known = try await publicity.advisory(mark)?.id ?? id else {
          return .unknown("the draft is not there")
        }
        try await publicity.publishAdvisory(known)
        return .done(known)
      }
    )
  }
}
