internal import ReleaseModel

extension Step {
  static let suite = Step(
    "suite",
    .develop,
    runbook: "2.3",
    title: "The full test suite passes",
    why: "A hotfix that breaks something else is the next incident.",
    looksAt: "the suite's exit status in a clean checkout of exactly this tree",
    mend: ["Mend what fails, commit, then:  hotfix next"],
    // It may take long, so it runs once nothing else of the phase waits for a person.
    after: ["fix", "minimal", "tests-written", "documented", "proof"],
    effect: .local,
    observe: { Trials($0).finding("suite") },
    commands: { Trials($0).commands("suite", [$0.settings.suite]) },
    perform: { situation in
      [
        Effect(
          "suite",
          says: "runs the suite on \((situation.refs.fix ?? "").prefix(12))",
          body: .local { try await Trials(situation).run("suite", [situation.settings.suite]) }
        )
      ]
    }
  )
}
