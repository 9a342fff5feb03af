internal import Record

extension Step {
  static let releaseLive = Step(
    "release",
    .verify,
    runbook: "5.1",
    title: "Strangers see the release",
    why: "What the host's owner sees is not what users see.",
    looksAt: "the release as served over HTTP",
    mend: [
      "hotfix verify TAG     tries it again", "hotfix withdraw --reason \"…\"     stops the spread",
    ],
    after: [],
    effect: .local,
    observe: { Outsider($0).finding("release") },
    commands: { ["hotfix verify \($0.opened.tag)"] },
    perform: { Outsider($0).effects("release") }
  )
}
