internal import Documents

extension Step {
  static let announcement = Step(
    "announcement",
    .tell,
    runbook: "6.1",
    title: "The release is announced",
    why: "Users and support have to know what was wrong, what is fixed, and how to get it.",
    looksAt: "the answer of every announcement channel",
    mend: ["hotfix note --done announcement \"posted by hand\""],
    after: [],
    effect: .blind,
    notNeeded: {
      $0.settings.announcement.isEmpty ? "hotfix.yml names no announcement channel" : nil
    },
    observe: { try await Messages($0, .announcement).finding() },
    commands: { Messages($0, .announcement).commands },
    perform: { try await Messages($0, .announcement).effects() }
  )
}
