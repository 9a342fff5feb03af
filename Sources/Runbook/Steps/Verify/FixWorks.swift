internal import Record

extension Step {
  static let fixWorks = Step(
    "fix-works",
    .verify,
    runbook: "5.2",
    title: "The fix works in the installed copy",
    why: "The build that was shipped is not the build that was tested.",
    looksAt: "the fix's check, run on the installed copy",
    mend: [
      "hotfix verify TAG     tries it again", "hotfix withdraw --reason \"…\"     stops the spread",
    ],
    after: ["install"],
    effect: .local,
    notNeeded: { situation in
      if let rollback = situation.opened.rollback {
        return "it restores \(rollback.good.tag), which may lack the fix that was taken back"
      }
      if situation.progress.opened == nil { return "no run of this tag says what it fixes" }
      return situation.settings.fixCheck == nil ? "hotfix.yml names no verify.fix" : nil
    },
    observe: { Outsider($0).finding("fix-works") },
    commands: { ["hotfix verify \($0.opened.tag)"] },
    perform: { Outsider($0).effects("fix-works") }
  )
}
