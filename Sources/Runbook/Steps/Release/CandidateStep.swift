internal import Git
internal import Record
internal import ReleaseModel

extension Step {
  package static let candidate = Step(
    "candidate",
    .release,
    runbook: "2.3, 4.3",
    title: "The release was built, installed and rehearsed",
    why: "What fails here fails before anything is tagged, published or offered to anybody.",
    looksAt: "the fix's tree, built and signed as the release will be: the artifacts and the "
      + "version that they carry, and the whole release on a private copy of the host, where every "
      + "version in use updates itself",
    mend: [
      "Mend what fails on the hotfix branch, commit, then:  hotfix next",
      "hotfix waive candidate --reason \"…\"     when it can only be tried elsewhere",
    ],
    effect: .local,
    observe: { situation in
      if let watch = try await WorkflowWatch.candidate(situation) {
        return try await watch.finding()
      }
      return Receipts(situation).finding(
        "candidate",
        otherwise: "the candidate has not been built and tried"
      )
    },
    commands: { ["hotfix ship --candidate \($0.opened.tag)"] },
    perform: { situation in
      if let watch = try await WorkflowWatch.candidate(situation) {
        return try await watch.effects()
      }
      return [
        Effect(
          situation.opened.tag,
          says: "builds \(situation.version), and rehearses its release on a private copy",
          body: .local { try await Candidate(situation).run() }
        )
      ]
    }
  )
}
