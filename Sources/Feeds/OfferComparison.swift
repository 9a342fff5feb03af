// Who is offered what before and after a change of a feed.
//
// 1. Every updater is asked by its own rules (`Updater.offers`), for every version that the caller
//    or either feed knows, and for every cohort that can fare otherwise in either feed.
// 2. A loss is about being carried forward: an error, nothing, a lower version, or a version whose
//    name is older. A lost critical mark or delta is none.
//    A minor update in the place of a major upgrade is none either: those who have it are asked for
//    themselves, and they have to be offered the upgrade as before.
// 3. An offer that both feeds make alike is no loss of this change, however odd it is.
// 4. The work is bounded: rows, versions, cohorts, and for slow formats rows by items.

package import ReleaseModel

/// The offers to every kind of user before and after a change of a feed.
package struct OfferComparison: Sendable {
  /// A version that somebody has: as the updater compares it, and as people read it.
  package struct Installed: Sendable, Hashable {
    /// The version as the updater compares it.
    package let compared: String
    /// The version as people read it, such as "1.0.0".
    package let name: String

    /// Makes a version of its compared form and its name.
    package init(_ compared: String, name: String) {
      self.compared = compared
      self.name = name
    }

    /// A user who installs afresh, below every version: every updater's order accepts `0.0.1`.
    package static let newInstall = Installed("0.0.1", name: "a new install")
  }

  /// How the offer to one user changes; `less` carries why, in words.
  package enum Change: Sendable, Hashable {
    case same, more
    case less(String)
  }

  /// One user of one updater.
  package struct Row: Sendable, Hashable {
    /// The name of the updater, as in options and JSON.
    package let client: String
    /// The name of the updater, as people read it.
    package let title: String
    /// The version that the user has.
    package let installed: Installed
    /// The words for the users that are meant, such as "in channel beta"; empty: the usual ones.
    package let cohort: String
    /// The offer of the old feed, without a word on each item; empty when there was no feed.
    package let before: FeedOffer
    /// The offer of the new feed, in the same form.
    package let after: FeedOffer
    /// The difference between the two offers.
    package let change: Change

    /// The reason why it is a loss, or nil.
    package var loss: String? {
      if case .less(let why) = change { why } else { nil }
    }
  }

  /// By updater, then from the oldest installed version to the newest, then by cohort.
  package let rows: [Row]

  /// The rows of those who are offered less than before.
  package var losses: [Row] { rows.filter { $0.loss != nil } }

  /// Asks every updater for every installed version and every cohort that can make a difference in
  /// either feed.
  ///
  /// Versions that an updater's order refuses are left out for it: it does not start with them.
  package init(
    from old: [UInt8]?,
    to new: [UInt8],
    _ kind: FeedKind,
    fileName: String?,
    updaters: [Updater],
    installed: [Installed],
    now: Moment
  ) {
    let feeds = [new, old].compactMap { $0.flatMap { try? kind.type.init($0) } }
    let asked = updaters.filter { $0.offers != nil }
    guard let first = asked.first else {
      rows = []
      return
    }
    let listed = Self.listed(feeds.flatMap(\.entries), first)
    let everybody = Self.distinct([.newInstall] + installed + listed, first)
    let rowsMax = Self.rowsMax(feeds, kind) / asked.count
    rows = asked.flatMap { updater in
      let cohorts = OfferCohort.all(of: updater, feeds, fileName: fileName)
      let known = Self.bounded(
        everybody.filter { (try? updater.order($0.compared, $0.compared)) != nil },
        max(Self.installedMin, rowsMax / cohorts.count)
      )
      return Self.rows(from: old, to: new, kind, updater, known, cohorts, now)
    }
  }

  /// Two offers a row.
  private static let rowsMax = 10_000
  private static let installedMin = 8
  private static let listedMax = 40
  /// How many times one item may be looked at where the search for the newest is not sorted.
  private static let visitsMax = 200_000

  private static func rowsMax(_ feeds: [any FeedFormat], _ kind: FeedKind) -> Int {
    let versions = feeds.flatMap(\.entries).map(\.version)
    let isSorted = kind == .appcast && versions.allSatisfy(SparkleVersionOrder.isPlain)
    return isSorted ? rowsMax : min(rowsMax, visitsMax / max(1, versions.count))
  }

  private static func rows(
    from old: [UInt8]?,
    to new: [UInt8],
    _ kind: FeedKind,
    _ updater: Updater,
    _ installed: [Installed],
    _ cohorts: [OfferCohort],
    _ now: Moment
  ) -> [Row] {
    guard let offers = updater.offers else { return [] }
    let asked = installed.flatMap { version in cohorts.map { (version, $0) } }
    let users = asked.map { version, cohort in cohort.user(on: version.compared, now) }
    let before = old.map { offers($0, users) } ?? users.map { _ in FeedOffer() }
    let after = offers(new, users)
    let rule = OfferChangeRule(updater: updater, kind: kind)
    return zip(asked, zip(before, after)).map { user, offers in
      Row(
        client: updater.name,
        title: updater.title,
        installed: user.0,
        cohort: user.1.words,
        before: offers.0,
        after: offers.1,
        change: rule.change(from: offers.0, to: offers.1, for: user.0)
      )
    }
  }

  /// The versions that the feeds list, with the newest and the oldest among them.
  private static func listed(_ entries: [FeedEntry], _ updater: Updater) -> [Installed] {
    let all = entries.filter { !$0.version.isEmpty }
      .map { Installed($0.version, name: $0.shortVersion) }
    return bounded(distinct(all, updater), listedMax)
  }

  /// The first and the last ones, when there are more than `most`.
  private static func bounded(_ sorted: [Installed], _ most: Int) -> [Installed] {
    guard sorted.count > most, let first = sorted.first else { return sorted }
    return [first] + sorted.suffix(most - 1)
  }

  /// From the oldest to the newest by the updater's order, those that it cannot read first.
  private static func distinct(_ all: [Installed], _ updater: Updater) -> [Installed] {
    var seen: Set<String> = []
    let distinct = all.filter { seen.insert($0.compared).inserted }
    let isRead = { (one: Installed) in (try? updater.order(one.compared, one.compared)) != nil }
    return distinct.filter { !isRead($0) }
      + distinct.filter(isRead).sorted {
        ((try? updater.order($0.compared, $1.compared)) ?? 0) < 0
      }
  }
}

/// How an offer changes for one user, by one updater's order.
struct OfferChangeRule: Sendable {
  let updater: Updater
  let kind: FeedKind

  func change(
    from before: FeedOffer,
    to after: FeedOffer,
    for installed: OfferComparison.Installed
  ) -> OfferComparison.Change {
    if let failure = after.failure {
      guard before.failure == nil else { return .same }
      return .less("ends its check with \(failure.code): \(failure.why)")
    }
    guard let offered = after.offered else {
      if let last = before.offered {
        return .less("is offered nothing instead of \(last.shortVersion)")
      }
      return before.failure == nil ? .same : .more
    }
    guard let last = before.offered else { return going(to: offered, from: installed) ?? .more }
    if last.version == offered.version && last.shortVersion == offered.shortVersion { return .same }
    // A major upgrade waits until no minor update is left, and is offered after it.
    if last.majorUpgrade, !offered.majorUpgrade {
      return going(to: offered, from: installed) ?? .more
    }
    let order = order(offered.version, last.version)
    if order < 0 { return .less(instead(offered, last)) }
    if let down = going(to: offered, from: installed) { return down }
    guard isOlderName(offered.shortVersion, than: last.shortVersion) else {
      return order == 0 ? .same : .more
    }
    guard order > 0 else { return .less(instead(offered, last)) }
    return .less(
      "would go to \(offered.shortVersion) instead of \(last.shortVersion): "
        + above(offered.version, last.version)
    )
  }

  /// A build number can lead the updater to a version that people know as an older one.
  private func going(
    to offered: FeedOffer.Offered,
    from installed: OfferComparison.Installed
  ) -> OfferComparison.Change? {
    guard isOlderName(offered.shortVersion, than: installed.name) else { return nil }
    return .less(
      "would go down from \(installed.name) to \(offered.shortVersion): "
        + above(offered.version, installed.compared)
    )
  }

  private func above(_ higher: String, _ lower: String) -> String {
    kind == .appcast && higher.isDigits && lower.isDigits
      ? "build number \(higher) is above \(lower)"
      : "to \(updater.title) \(higher) is above \(lower)"
  }

  private func instead(_ offered: FeedOffer.Offered, _ last: FeedOffer.Offered) -> String {
    offered.shortVersion == last.shortVersion
      ? "is offered \(offered.named) instead of \(last.named)"
      : "is offered \(offered.shortVersion) instead of \(last.shortVersion)"
  }

  private func order(_ a: String, _ b: String) -> Int { (try? updater.order(a, b)) ?? 0 }

  /// Returns true when people know `a` as the older name; false where only the spelling differs.
  private func isOlderName(_ a: String, than b: String) -> Bool {
    let (older, newer) = (VersionName(plain(a)), VersionName(plain(b)))
    guard var x = older.numbers, var y = newer.numbers else { return false }
    while x.count < y.count { x.append(0) }
    while y.count < x.count { y.append(0) }
    // Of equal numbers, `isOlder` orders by the suffix; two suffixes without a number are only texts.
    guard x != y || rank(older) != rank(newer) else { return false }
    return isOlder(older, than: newer)
  }

  private func plain(_ name: String) -> String { String(name.drop { $0 == "v" || $0 == "V" }) }

  private func rank(_ name: VersionName) -> Int {
    name.hotfixNumber ?? (name.text.contains("-") ? 0 : .max)
  }
}

extension FeedOffer.Offered {
  /// As people see it, with the version that the updater compares where that is another one.
  var named: String { shortVersion == version ? version : "\(shortVersion) (\(version))" }
}
