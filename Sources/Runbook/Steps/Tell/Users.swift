internal import Documents

extension Step {
  static let users = Step(
    "users",
    .tell,
    runbook: "6.2",
    title: "Affected users are told",
    why: "A critical fix that users hear of by chance comes too late.",
    looksAt: "the answer of every users' channel; feeds mark the release as critical",
    mend: ["hotfix note --done users \"mailed by hand\""],
    after: [],
    effect: .blind,
    notNeeded: { situation in
      if !situation.isCritical { return "the fault is not critical" }
      return situation.settings.users.isEmpty ? "hotfix.yml names no users' channel" : nil
    },
    observe: { try await Messages($0, .users).finding() },
    commands: { Messages($0, .users).commands },
    perform: { try await Messages($0, .users).effects() }
  )
}
