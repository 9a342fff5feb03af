package import ReleaseModel

/// One user's Sparkle: what it runs on, and what it asks for.
package struct SparkleClient: Sendable, Hashable {
  /// The installed app's `CFBundleVersion`.
  package var host: String
  /// The system as "major.minor.patch".
  package var system: String
  package var isARM: Bool
  package var channels: Set<String>
  /// The phased-rollout group, 0 to 6, of a background check; nil when the user asked.
  package var group: Int?
  /// The version whose "Skip" was pressed; it counts in background checks.
  package var skipped: String?
  package var now: Moment

  package init(
    host: String,
    system: String = "15.0.0",
    isARM: Bool = false,
    channels: Set<String> = [],
    group: Int? = nil,
    skipped: String? = nil,
    now: Moment
  ) {
    self.host = host
    self.system = system
    self.isARM = isARM
    self.channels = channels
    self.group = group
    self.skipped = skipped
    self.now = now
  }

  package typealias Verdict = FeedOffer.Verdict

  package init(_ user: FeedUser) {
    self.init(
      host: user.version,
      system: user.system,
      isARM: user.platform?.processor == .arm64,
      channels: Set(user.channels),
      group: user.group,
      skipped: user.skipped,
      now: user.now
    )
  }

  package static func offer(_ file: [UInt8], to user: FeedUser) -> FeedOffer {
    let client = SparkleClient(user)
    do {
      let answer = client.offer(try SparkleFeed(file))
      var offer = FeedOffer(
        deltas: [answer.delta?.enclosure.url].compactMap(\.self),
        items: answer.verdicts.map {
          .init($0.item.version, $0.verdict, client.explain($0.verdict, of: $0.item))
        }
      )
      offer.offered = answer.offered.map(client.offered)
      return offer
    } catch { return failed(error) }
  }

  static func failed(_ error: any Error) -> FeedOffer {
    let problem = error as? Problem
    return FeedOffer(failure: .init(problem?.code ?? "feed.malformed", problem?.why ?? ""))
  }

  func offered(_ item: SparkleItem) -> FeedOffer.Offered {
    var offered = FeedOffer.Offered(
      version: item.version,
      shortVersion: item.shortVersion,
      url: item.enclosure?.url ?? item.link ?? ""
    )
    offered.critical = item.isCritical(for: host)
    offered.informational = item.isInformational(for: host)
    offered.majorUpgrade = item.isMajorUpgrade(for: host)
    return offered
  }

  package struct Answer: Sendable {
    package let offered: SparkleItem?
    /// The delta that is tried before the full download.
    package let delta: SparkleItem.Delta?
    package let verdicts: [(item: SparkleItem, verdict: Verdict)]
  }

  /// Works out what this user is offered, by Sparkle 2.9.2's rules (`SUAppcastDriver`).
  ///
  /// The newest item that passes wins, whatever its criticality; ties keep the first in the file;
  /// minor updates come before major upgrades.
  package func offer(_ feed: SparkleFeed) -> Answer {
    let blocked = feed.items.map { item in (item, block(item)) }
    let offered = best(of: blocked.filter { $0.1 == nil }.map(\.0))
    let delta = offered?.deltas.last { $0.from == host }
    let verdicts = blocked.map { item, reason in
      (item, verdict(item, blocked: reason, offered: offered))
    }
    return Answer(offered: offered, delta: delta, verdicts: verdicts)
  }

  /// The one of the items open to this user that is offered, if any.
  func best(of open: [SparkleItem]) -> SparkleItem? {
    var best = newest(open.filter { !$0.isMajorUpgrade(for: host) })
    if best.map({ !isNewer($0) }) ?? true { best = newest(open) }
    return best.flatMap { isNewer($0) ? $0 : nil }
  }

  func block(_ item: SparkleItem) -> Verdict? {
    if let os = item.enclosure?.os, os != "macos" { return .platform }
    if item.isTopLevelDelta { return .delta }
    if let minimum = item.minimumUpdate, SparkleVersionOrder.compare(minimum, host) > 0 {
      return .minimumVersion
    }
    if let channel = item.channel, !channels.contains(channel) { return .channel }
    if let minimum = item.minimumSystem, !minimum.isEmpty,
      SparkleVersionOrder.compare(minimum, system) > 0
    {
      return .system
    }
    if let maximum = item.maximumSystem, !maximum.isEmpty,
      SparkleVersionOrder.compare(maximum, system) < 0
    {
      return .system
    }
    if item.needsARM && !isARM { return .hardware }
    if let skipped, SparkleVersionOrder.compare(skipped, item.version) >= 0 { return .skipped }
    return isPhasedOut(item) ? .phased : nil
  }

  private func isPhasedOut(_ item: SparkleItem) -> Bool {
    guard let group, !item.isCritical(for: host), let interval = item.phasedSeconds,
      let date = item.pubDate.flatMap(Moment.init(rfc822:))
    else { return false }
    let wait = interval.multipliedReportingOverflow(by: group)
    return wait.overflow ? interval > 0 : now - date < wait.partialValue
  }

  func isNewer(_ item: SparkleItem) -> Bool {
    SparkleVersionOrder.compare(host, item.version) < 0
  }

  private func newest(_ items: [SparkleItem]) -> SparkleItem? {
    items.reduce(nil) { best, item in
      guard let best else { return item }
      return SparkleVersionOrder.compare(best.version, item.version) < 0 ? item : best
    }
  }

  private func verdict(_ item: SparkleItem, blocked: Verdict?, offered: SparkleItem?) -> Verdict {
    if let blocked { return blocked }
    if let offered, offered.range == item.range { return .offered }
    if !isNewer(item) { return .older }
    return item.isMajorUpgrade(for: host) ? .majorUpgrade : .superseded
  }

  /// The verdict in words.
  package func explain(_ verdict: Verdict, of item: SparkleItem) -> String {
    switch verdict {
    case .offered: "the newest item that this user may have"
    case .older: "\(item.version) is not newer than \(host)"
    case .phased: "phased rollout: group \(group ?? 0) waits for its turn"
    case .channel: "it is in channel \(item.channel ?? ""), which this user does not follow"
    case .system: "it does not run on system \(system)"
    case .hardware: "it needs Apple silicon"
    case .platform: "it is for \(item.enclosure?.os ?? "another system")"
    case .delta: "a delta is no item of its own"
    case .minimumVersion: "it needs version \(item.minimumUpdate ?? "") first"
    case .majorUpgrade: "a major upgrade waits until no minor update is left"
    case .superseded: "a newer item is offered"
    case .skipped: "the user skipped \(skipped ?? ""), and it is not newer"
    case .unreadable: "it cannot be read"
    }
  }
}
