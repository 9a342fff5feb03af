internal import Record

extension Step {
  static let build = Step(
    "build",
    .release,
    runbook: "4.3",
    title: "The artifacts are built from the tag",
    why: "What users get has to come from the tagged tree and nothing else.",
    looksAt: "the artifacts in the shipping folder or on the host, and their digests; with "
      + "ship.workflow, the run of the release workflow on GitHub",
    mend: [
      "Mend the build, then:  hotfix next     nothing has been published",
      "gh run rerun RUN --failed     once what the workflow's log names is mended",
    ],
    effect: .local,
    observe: { try await Shipyard($0).finding(.build) },
    stillHolds: { try await Shipyard($0).isAtHand(.build) },
    commands: { Shipyard.commands($0) },
    perform: { try await Shipyard($0).effects(.build) }
  )
}
