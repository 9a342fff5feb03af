package import ReleaseModel

/// What changes for which users between two states of a feed, in words.
package enum FeedDiff {
  package struct Change: Sendable, Hashable {
    package let client: String
    package let from: String
    /// What was offered, as users see it; nil: nothing.
    package let before: String?
    package let after: String?
    package let words: String

    fileprivate var outcome: [String?] { [from, before, after] }
  }

  /// Asks every updater of the format, for every version that either feed knows (or `versions`),
  /// before and after; during a rollout, for those who come first and for those who come last.
  package static func changes(
    from old: [UInt8],
    to new: [UInt8],
    _ kind: FeedKind,
    versions: [String]? = nil,
    clients: [String]? = nil,
    now: Moment
  ) -> [Change] {
    let known = versions ?? self.versions(old, new, kind)
    return (clients ?? kind.clients).compactMap { Updater.named($0) }.flatMap {
      changes(from: old, to: new, $0, known, now)
    }
  }

  /// One line speaks for everybody where a rollout makes no difference.
  private static func changes(
    from old: [UInt8],
    to new: [UInt8],
    _ updater: Updater,
    _ known: [String],
    _ now: Moment
  ) -> [Change] {
    func changes(_ cohort: Cohort) -> [Change] {
      merged(known.compactMap { change(updater, $0, cohort, old, new, now) })
    }
    let cohorts = cohorts(updater.rollout)
    let changed = cohorts.map(changes)
    guard var everybody = cohorts.first, Set(changed.map { $0.map(\.outcome) }).count == 1 else {
      return changed.flatMap(\.self)
    }
    everybody.words = ""
    return changes(everybody)
  }

  /// Somebody below everything stands for those on versions that no feed lists any more.
  private static let oldest = "0.0.1"
  private static let versionsMax = 12

  private static func versions(_ old: [UInt8], _ new: [UInt8], _ kind: FeedKind) -> [String] {
    let all = [old, new].flatMap { (try? kind.type.init($0))?.entries.map(\.version) ?? [] }
    var seen: Set<String> = []
    let distinct = all.reversed().filter { seen.insert($0).inserted }
    // The newest speak for the rest: nobody reads a thousand lines.
    return [oldest] + distinct.suffix(versionsMax)
  }

  /// Users whom a rollout treats alike.
  private struct Cohort {
    var words = ""
    var group: Int?
    var stagingID: String?
  }

  private static func cohorts(_ rollout: Updater.Rollout) -> [Cohort] {
    switch rollout {
    case .none: [Cohort()]
    case .groups: [Cohort(), Cohort(words: " in the last rollout group", group: 6)]
    case .percent:
      [
        Cohort(words: " drawn first", stagingID: "00000000-0000-0000-0000-000000000000"),
        Cohort(words: " drawn last", stagingID: "ffffffff-ffff-ffff-ffff-fffffffffffe"),
      ]
    }
  }

  private static func change(
    _ updater: Updater,
    _ version: String,
    _ cohort: Cohort,
    _ old: [UInt8],
    _ new: [UInt8],
    _ now: Moment
  ) -> Change? {
    var user = FeedUser(version: version, now: now)
    user.group = cohort.group
    user.stagingID = cohort.stagingID
    user.platform = platform(updater.name, new)
    guard let before = updater.offer?(old, nil, user), let after = updater.offer?(new, nil, user),
      before.offered != after.offered || before.failure != after.failure
        || before.deltas != after.deltas
    else { return nil }
    let on = version == oldest ? "any older version" : version
    let who = "\(updater.title) users on \(on)\(cohort.words)"
    return Change(
      client: updater.name,
      from: version,
      before: before.offered?.shortVersion,
      after: after.offered?.shortVersion,
      words: "\(who): \(words(after)) instead of \(words(before))"
    )
  }

  /// Tauri's clients ask for a platform; the first one of the feed speaks for all.
  private static func platform(_ client: String, _ feed: [UInt8]) -> FeedPlatform? {
    guard client == "tauri" else { return nil }
    return (try? TauriFeed(feed))?.platformEntries.first.flatMap { FeedPlatform($0.platform) }
  }

  private static func words(_ offer: FeedOffer) -> String {
    if let failure = offer.failure { return "an error (\(failure.code))" }
    guard let offered = offer.offered else { return "nothing" }
    let marks = [
      offered.critical ? "critical" : nil, offer.deltas.isEmpty ? nil : "by delta",
      offered.downgrade ? "a downgrade" : nil, offered.informational ? "only told" : nil,
    ].compactMap(\.self)
    return offered.shortVersion + (marks.isEmpty ? "" : " (\(marks.joined(separator: ", ")))")
  }

  /// Users below every version are left out where the oldest version fares the same.
  private static func merged(_ changes: [Change]) -> [Change] {
    guard let first = changes.first, first.from == oldest, changes.count > 1,
      changes.dropFirst().contains(where: { $0.before == first.before && $0.after == first.after })
    else { return changes }
    return Array(changes.dropFirst())
  }
}
