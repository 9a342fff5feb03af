internal import Record

extension Step {
  static let feedsLive = Step(
    "feeds-live",
    .verify,
    runbook: "5.1",
    title: "The served feeds offer the release",
    why: "The feed as served is all that a user's updater knows.",
    looksAt:
      "each feed as served: well-formed, signed where it has to be, and offering the release",
    mend: [
      "hotfix verify TAG     tries it again", "hotfix withdraw --reason \"…\"     stops the spread",
    ],
    after: ["release"],
    effect: .local,
    notNeeded: { $0.settings.feeds.isEmpty ? "hotfix.yml names no update feed" : nil },
    observe: { Outsider($0).finding("feeds-live") },
    commands: { ["hotfix verify \($0.opened.tag)"] },
    perform: { Outsider($0).effects("feeds-live") }
  )
}
