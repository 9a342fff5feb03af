internal import Record

extension Step {
  static let feeds = Step(
    "feeds",
    .release,
    runbook: "4.3",
    title: "Every feed offers the release",
    why: "Users get a release by their updater; without the feed nobody gets it.",
    looksAt: "each feed on the host, read by its updater's own rules",
    mend: ["hotfix feed lint FEED", "hotfix next"],
    effect: .compareAndSwap,
    notNeeded: { $0.settings.feeds.isEmpty ? "hotfix.yml names no update feed" : nil },
    observe: { try await Shipyard($0).finding(.feeds) },
    commands: { Shipyard.commands($0) },
    perform: { try await Shipyard($0).effects(.feeds) }
  )
}
