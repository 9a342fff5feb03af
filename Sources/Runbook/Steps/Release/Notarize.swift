internal import Record

extension Step {
  static let notarize = Step(
    "notarize",
    .release,
    runbook: "4.3",
    title: "macOS artifacts are notarized",
    why: "macOS refuses to start what Apple has not seen.",
    looksAt: "the configured notarization check on every macOS artifact",
    mend: ["Read what the notarization said, mend it, then:  hotfix next"],
    effect: .local,
    notNeeded: { $0.settings.noNotarization },
    observe: { try await Shipyard($0).finding(.notarize) },
    stillHolds: { try await Shipyard($0).isAtHand(.notarize) },
    commands: { Shipyard.commands($0) },
    perform: { try await Shipyard($0).effects(.notarize) }
  )
}
