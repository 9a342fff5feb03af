internal import Record

extension Step {
  static let artifacts = Step(
    "artifacts",
    .verify,
    runbook: "5.1",
    title: "The served artifacts are the built ones",
    why: "A proxy, a full disk or an attacker can change bytes on the way.",
    looksAt: "every artifact, downloaded and hashed, and its signature by the public key",
    mend: [
      "hotfix verify TAG     tries it again", "hotfix withdraw --reason \"…\"     stops the spread",
    ],
    after: ["release"],
    effect: .local,
    observe: { Outsider($0).finding("artifacts") },
    commands: { ["hotfix verify \($0.opened.tag)"] },
    perform: { Outsider($0).effects("artifacts") }
  )
}
