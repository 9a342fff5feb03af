internal import Record

extension Step {
  static let notes = Step(
    "notes",
    .verify,
    runbook: "5.1",
    title: "The release notes are served",
    why: "Users decide by the notes whether to update.",
    looksAt: "the notes as served over HTTP: they have to name the version and the fix",
    mend: [
      "hotfix verify TAG     tries it again", "hotfix withdraw --reason \"…\"     stops the spread",
    ],
    after: ["release"],
    effect: .local,
    observe: { Outsider($0).finding("notes") },
    commands: { ["hotfix verify \($0.opened.tag)"] },
    perform: { Outsider($0).effects("notes") }
  )
}
