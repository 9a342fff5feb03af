// Which feeds a release goes into, and whom it reaches by each.
//
// 1. A feed with `line` belongs to that release line, and a feed without one to the newest.
// 2. A release below the newest of a feed's line leaves the feed alone where the feed names one
//    version, or where its clients take the highest.
// 3. An appcast takes an older line's item where Sparkle's rules give it to that line's users and to
//    nobody else: by channel, by `minimumSystemVersion`, or by a major upgrade's
//    `minimumAutoupdateVersion`. That it does is proven by the offers before and after.

internal import Feeds
internal import Git
internal import Record
internal import ReleaseModel

/// What a release does to the feeds of `hotfix.yml`.
struct FeedPlan: Sendable {
  enum Role: Sendable, Hashable {
    /// The release goes in; the words say for whom, where it is not for everybody.
    case takesIt(String?)
    /// It belongs to another line; why, and how users get the release.
    case leftAlone(String)
  }

  let situation: Situation
  let feeds: [ServedFeed]
  let used: [VersionsInUse.Used]
  /// The versions that have a tag on the remote; asked only where a feed lists a release that the
  /// host does not have.
  var tagged: Set<VersionName>?
  /// The build numbers of versions that neither host nor feed tells.
  var numbers: [VersionName: String] = [:]

  static func make(_ situation: Situation) async throws -> FeedPlan {
    let feeds = try await ServedFeed.all(situation)
    var plan = FeedPlan(
      situation: situation,
      feeds: feeds,
      used: try await VersionsInUse(situation).all(feeds)
    )
    if plan.used.contains(where: {
      $0.release == nil && isOlder(situation.version, than: $0.version)
    }) {
      plan.tagged = Set(
        try await situation.git.tags().compactMap { situation.settings.version(ofTag: $0.name) }
      )
    }
    return plan
  }

  private var version: VersionName { situation.version }

  /// The newest release that all users were meant to get.
  func newest() -> VersionName? {
    used.last { $0.isForAllUsers && $0.release?.withdrawn == nil }?.version
  }

  /// Whether a release of a feed's line is newer than this one; nil: this one is the newest.
  func newer(than version: VersionName, for feed: Settings.Feed) -> VersionName? {
    let telling = FeedTelling(feed: feed, host: situation.toolbox.host)
    // A release that had nothing for this feed is not the newest of its users.
    let newest = used.last { used in
      used.isForAllUsers && used.release?.withdrawn == nil && hasUsers(telling, used)
    }?.version
    return newest.flatMap { isOlder(version, than: $0) ? $0 : nil }
  }

  /// The versions in use that a feed's users have, as its updaters compare them.
  func installed(_ telling: FeedTelling) -> [OfferComparison.Installed] {
    used.compactMap { telling.installed($0, number: numbers[$0.version]) }
  }

  /// The older versions of this release's own line that a feed's users have: they need it.
  func needing(_ telling: FeedTelling) -> [OfferComparison.Installed] {
    let own = used.filter { used in
      isOlder(used.version, than: version)
        && (used.version == situation.opened.base.version || isSameLine(used.version))
    }
    return own.compactMap { telling.installed($0, number: numbers[$0.version]) }
  }

  /// The older versions that are tried through a feed, newest first; `needing` leaves out those
  /// that only an older line's own users have.
  func olds(_ telling: FeedTelling, needing only: Bool) -> [VersionsInUse.Used] {
    let names = only ? Set(needing(telling).map(\.name)) : nil
    let listed = VersionsInUse(situation).listed
    let olds = used.reversed().filter { used in
      isOlder(used.version, than: version) && used.isSeen
        && (listed.isEmpty || listed.contains(used.version))
        && (names.map { $0.contains(used.version.text) } ?? true)
        && hasUsers(telling, used)
    }
    guard listed.isEmpty else { return olds }
    // Pre-releases are tried where nothing else is in use, and the release that is fixed always.
    let usual = olds.filter {
      $0.isForAllUsers || $0.version == situation.opened.base.version
    }
    return usual.isEmpty ? olds : usual
  }

  private func hasUsers(_ telling: FeedTelling, _ used: VersionsInUse.Used) -> Bool {
    if let line = telling.feed.line, !used.version.isOn(line: line) { return false }
    if used.items[telling.feed.path] != nil { return true }
    return used.release.map { (try? telling.artifact(of: $0)) != nil } ?? false
  }

  /// How many of them are enough.
  var triedMax: Int {
    switch VersionsInUse(situation).wanted {
    case .last(let count): count
    case .listed(let versions): versions.count
    }
  }

  private func isSameLine(_ other: VersionName) -> Bool {
    Array((other.numbers ?? []).prefix(2)) == Array((version.numbers ?? []).prefix(2))
  }

  // MARK: the plan

  /// What becomes of one feed; `told` is what it would say of the release.
  ///
  /// Throws `feed.backwards` where an older line's item cannot be kept from other users.
  func role(of served: ServedFeed, _ told: () throws -> FeedRelease) throws -> Role {
    let feed = served.feed
    if let line = feed.line, !version.isOn(line: line) {
      return .leftAlone("it belongs to line \(line)")
    }
    if served.parsed?.entries.contains(where: { $0.shortVersion == version.text }) == true {
      return .takesIt(nil)
    }
    guard let newer = newer(than: version, for: feed) else { return .takesIt(nil) }
    let role = try role(of: served, behind: newer, told)
    if case .leftAlone = role { try requireKnown(newer, served) }
    return role
  }

  /// A release that users are offered, and of which nobody knows the code, may have the fault too.
  ///
  /// Throws `feed.ahead`.
  private func requireKnown(_ newer: VersionName, _ served: ServedFeed) throws {
    let isKnown =
      tagged?.contains(newer) ?? true
      || used.contains { $0.version == newer && $0.release != nil }
    guard !isKnown, situation.progress.opened != nil else { return }
    let tag = situation.settings.tag.filled(["version": newer.text])
    throw Problem(
      "feed.ahead",
      "The feed \(served.feed.path) offers \(newer), and so nobody would be offered \(version).",
      why:
        "Neither a tag on the remote nor a release on the host is \(newer): it is not known whether "
        + "it has the fault.",
      next: [
        "git tag \(OutsideText(tag).word) COMMIT && git push \(situation.git.remote) \(tag)     names what was released",
        "hotfix abandon --reason \"\(newer) is out\", then:  hotfix open \"…\" --base \(tag)",
      ]
    )
  }

  private func role(
    of served: ServedFeed,
    behind newer: VersionName,
    _ told: () throws -> FeedRelease
  ) throws -> Role {
    let feed = served.feed
    if let own = feedOfOwnLine(feed) {
      return .leftAlone("users of line \(own.line ?? "") read \(own.path)")
    }
    guard feed.kind == .appcast, let parsed = served.parsed else {
      return .leftAlone(
        "it belongs to \(newer), the newest; \(whoGetsItHow)"
      )
    }
    return try separated(served, parsed, try told(), newer)
  }

  /// Another feed of the same reader that is this line's own.
  private func feedOfOwnLine(_ feed: Settings.Feed) -> Settings.Feed? {
    situation.settings.feeds.first { other in
      other.reader == feed.reader && other.path != feed.path
        && other.line.map { version.isOn(line: $0) } == true
    }
  }

  /// The shortest version prefix that this release is on and a newer one is not.
  func ownLine(apartFrom newer: VersionName?) -> String {
    let (own, other) = (version.numbers ?? [0], newer?.numbers ?? [])
    let alike = zip(own, other).prefix { $0 == $1 }.count
    return own.prefix(alike + 1).map(String.init).joined(separator: ".")
  }

  private var whoGetsItHow: String {
    "users on \(situation.opened.base.version) get \(version) from "
      + situation.toolbox.host.page(situation.opened.tag)
  }

  /// Whether Sparkle's rules give the item to its own line's users and to nobody else.
  private func separated(
    _ served: ServedFeed,
    _ parsed: any FeedFormat,
    _ told: FeedRelease,
    _ newer: VersionName
  ) throws -> Role {
    let new = try parsed.adding(told)
    let comparison = self.comparison(served, to: new)
    try FeedGuard(self).refuse(comparison, served, told.version)
    let names = Set(needing(served.telling).map(\.name))
    let reached = comparison.rows.filter { row in
      names.contains(row.installed.name) && row.after.offered?.version == told.version
    }
    guard let first = reached.first(where: { $0.cohort.isEmpty }) ?? reached.first else {
      return .leftAlone(
        "\(served.feed.updaters.first?.title ?? "") offers \(newer) to everybody on "
          + "\(situation.opened.base.version); \(whoGetsItHow)"
      )
    }
    let rule = told.channel.map { "channel \($0)" } ?? rule(of: newer, in: parsed, first)
    let whom = first.cohort.isEmpty ? "" : " \(first.cohort)"
    return .takesIt("users on \(first.installed.name)\(whom) get it by \(rule)")
  }

  /// Which of Sparkle's rules keeps a newer release from users who get the older line's item.
  private func rule(
    of newer: VersionName,
    in feed: any FeedFormat,
    _ row: OfferComparison.Row
  ) -> String {
    let items = (feed as? SparkleFeed)?.items.filter { $0.shortVersion == newer.text } ?? []
    guard let item = items.first else { return "their feed alone: it has no item of \(newer)" }
    if row.cohort.hasPrefix("in channel ") { return "their channel" }
    if row.cohort.hasPrefix("on Intel") { return "hardwareRequirements of \(newer)" }
    if row.cohort.hasPrefix("above ") { return "maximumSystemVersion of \(newer)" }
    if !row.cohort.isEmpty { return "minimumSystemVersion of \(newer)" }
    if item.isMajorUpgrade(for: row.installed.compared) {
      return "minimumAutoupdateVersion of \(newer): minor updates come before a major upgrade"
    }
    return "minimumUpdateVersion of \(newer): it asks for a newer version first"
  }

  func comparison(_ served: ServedFeed, to new: [UInt8]) -> OfferComparison {
    OfferComparison(
      from: served.bytes,
      to: new,
      served.feed.kind,
      fileName: served.feed.fileName,
      updaters: served.feed.updaters,
      installed: installed(served.telling),
      now: situation.toolbox.now()
    )
  }
}
