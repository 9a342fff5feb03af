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
  }

  /// Asks every updater of the format, for every version that either feed knows (or `versions`),
  /// before and after; in Sparkle's feeds also for the last group of a phased rollout.
  package static func changes(
    from old: [UInt8],
    to new: [UInt8],
    _ kind: FeedKind,
    versions: [String]? = nil,
    clients: [String]? = nil,
    now: Moment
  ) -> [Change] {
    let known = versions ?? self.versions(old, new, kind)
    return (clients ?? kind.clients).compactMap { Updater.named($0) }.flatMap { updater in
      let offers = known.flatMap { version in
        groups(old, new, updater).compactMap { group in
          change(updater, version, group, old, new, now)
        }
      }
      return merged(offers)
    }
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

  private static func groups(_ old: [UInt8], _ new: [UInt8], _ updater: Updater) -> [Int?] {
    guard updater.name == "sparkle" else { return [nil] }
    let mark = Array("phasedRolloutInterval".utf8)
    let isPhased = [old, new].contains { $0.firstRange(of: mark) != nil }
    return isPhased ? [nil, 6] : [nil]
  }

  private static func change(
    _ updater: Updater,
    _ version: String,
    _ group: Int?,
    _ old: [UInt8],
    _ new: [UInt8],
    _ now: Moment
  ) -> Change? {
    var user = FeedUser(version: version, now: now)
    user.group = group
    user.platform = platform(updater.name, new)
    guard let before = updater.offer?(old, nil, user), let after = updater.offer?(new, nil, user),
      before.offered != after.offered || before.failure != after.failure
        || before.deltas != after.deltas
    else { return nil }
    let on = version == oldest ? "any older version" : version
    let who =
      "\(updater.title) users on \(on)" + (group == nil ? "" : " in the last rollout group")
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
