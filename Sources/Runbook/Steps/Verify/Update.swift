internal import Record

extension Step {
  static let update = Step(
    "update",
    .verify,
    runbook: "5.2",
    title: "Every version in use updates itself",
    why: "Users do not install; their updaters do.",
    looksAt:
      "each version in use, installed, offered the release by its own updater's rules, updated, compared with a fresh install, and checked",
    mend: [
      "hotfix verify TAG     tries it again", "hotfix withdraw --reason \"…\"     stops the spread",
    ],
    after: ["artifacts", "feeds-live", "install"],
    effect: .local,
    notNeeded: { $0.settings.feeds.isEmpty ? "hotfix.yml names no update feed" : nil },
    observe: { Outsider($0).finding("update") },
    commands: { ["hotfix verify \($0.opened.tag)"] },
    perform: { Outsider($0).effects("update") }
  )
}
