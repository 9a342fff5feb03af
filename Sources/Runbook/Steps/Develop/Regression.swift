extension Step {
  static let regression = Step(
    "regression",
    .develop,
    runbook: "2.3",
    title: "The regression scenarios pass",
    why: "The faults of earlier releases must not come back through a hurried fix.",
    looksAt: "the exit status of every regression command, on exactly this tree",
    mend: ["Mend what fails, commit, then:  hotfix next"],
    // It may take long, so it runs once nothing else of the phase waits for a person.
    after: ["fix", "minimal", "tests-written", "documented", "proof"],
    effect: .local,
    notNeeded: { situation in
      situation.settings.regression.isEmpty
        ? "hotfix.yml names no regression scenario; the suite covers them" : nil
    },
    observe: { Trials($0).finding("regression") },
    commands: { Trials($0).commands("regression", $0.settings.regression) },
    perform: { situation in
      [
        Effect(
          "regression",
          says: "runs \(situation.settings.regression.count) regression scenarios",
          body: .local {
            try await Trials(situation).run("regression", situation.settings.regression)
          }
        )
      ]
    }
  )
}
