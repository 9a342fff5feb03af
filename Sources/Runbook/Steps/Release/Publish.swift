internal import Record

extension Step {
  static let publish = Step(
    "publish",
    .release,
    runbook: "4.3",
    title: "The release is on the host",
    why: "The release appears whole or not at all, and only once.",
    looksAt: "the release on the host: every artifact with the digest that was built",
    mend: ["hotfix next     looks first; a release that is there is not made again"],
    effect: .unique,
    observe: { try await Shipyard($0).finding(.publish) },
    commands: { Shipyard.commands($0) },
    perform: { try await Shipyard($0).effects(.publish) }
  )
}
