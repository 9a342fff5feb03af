internal import Record

extension Step {
  static let install = Step(
    "install",
    .verify,
    runbook: "5.2",
    title: "The downloaded artifact installs",
    why: "A release that cannot be installed fixes nothing.",
    looksAt: "a scratch folder into which the downloaded archive was unpacked",
    mend: [
      "hotfix verify TAG     tries it again", "hotfix withdraw --reason \"…\"     stops the spread",
    ],
    after: ["artifacts"],
    effect: .local,
    observe: { Outsider($0).finding("install") },
    commands: { ["hotfix verify \($0.opened.tag)"] },
    perform: { Outsider($0).effects("install") }
  )
}
