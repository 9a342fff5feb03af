internal import Record

extension Step {
  static let sign = Step(
    "sign",
    .release,
    runbook: "4.3",
    title: "Every artifact is signed, and the signature holds",
    why: "An updater refuses what is not signed by the key that the installed app carries.",
    looksAt:
      "the signatures of the artifacts, checked by our own verifier and the configured check",
    mend: ["hotfix doctor     checks the keys", "hotfix next"],
    effect: .local,
    notNeeded: { $0.settings.noSignature },
    observe: { try await Shipyard($0).finding(.sign) },
    stillHolds: { try await Shipyard($0).isAtHand(.sign) },
    commands: { Shipyard.commands($0) },
    perform: { try await Shipyard($0).effects(.sign) }
  )
}
