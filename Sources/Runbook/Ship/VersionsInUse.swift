// Who has which version: seen, not assumed.
//
// 1. A version is in use when the release host lists it, whoever made it, when a feed as served
//    lists it, or when `verify.from` names it.
// 2. A withdrawn release counts: whoever has it needs the way out most.

internal import Feeds
internal import Git
internal import Record
internal import ReleaseModel

/// The versions that users have.
struct VersionsInUse: Sendable {
  struct Used: Sendable {
    let version: VersionName
    /// As the host lists it; nil where only a feed or the settings name it.
    let release: HostedRelease?
    /// What the feeds list of it, by the feed's path.
    let items: [String: FeedEntry]

    /// Whether the host or a feed has it; else only the settings name it.
    var isSeen: Bool { release != nil || !items.isEmpty }

    /// Whether all users were meant to get it: no pre-release, and not in a channel alone.
    var isForAllUsers: Bool {
      guard release?.isForAllUsers ?? !version.isPrerelease else { return false }
      return items.isEmpty || items.values.contains { $0.channel == nil }
    }
  }

  private let situation: Situation
  private static let versionsMax = 400

  init(_ situation: Situation) {
    self.situation = situation
  }

  /// Every version but this run's own, oldest first.
  func all(_ feeds: [ServedFeed]) async throws -> [Used] {
    let releases = try await situation.toolbox.host.releases().filter {
      $0.tag != situation.opened.tag && $0.app == situation.opened.app
    }
    var byName: [VersionName: HostedRelease] = [:]
    for release in releases { byName[release.version] = byName[release.version] ?? release }
    var items: [VersionName: [String: FeedEntry]] = [:]
    for served in feeds {
      for entry in served.parsed?.entries ?? [] where !entry.isDelta {
        let name = Self.name(entry.shortVersion)
        // One version may have items for several systems or channels: the one for everybody counts.
        let known = items[name]?[served.feed.path]
        if known.map({ $0.channel != nil && entry.channel == nil }) ?? true {
          items[name, default: [:]][served.feed.path] = entry
        }
      }
    }
    for seen in recorded where items[seen.version]?[seen.feed] == nil {
      items[seen.version, default: [:]][seen.feed] = seen.entry
    }
    var names = Set(byName.keys).union(items.keys)
    names.formUnion(listed)
    names.remove(situation.version)
    let sorted = names.sorted { isOlder($0, than: $1) }.suffix(Self.versionsMax)
    return sorted.map { Used(version: $0, release: byName[$0], items: items[$0] ?? [:]) }
  }

  /// The version that a feed's item is of: some tools write it with the tag's `v`.
  private static func name(_ shown: String) -> VersionName {
    let isMarked =
      shown.first.map { "vV".contains($0) } == true
      && shown.dropFirst().first?.isNumber == true
    return VersionName(isMarked ? String(shown.dropFirst()) : shown)
  }

  func all() async throws -> [Used] { try await all(ServedFeed.all(situation)) }

  /// The versions that `verify.from` names.
  var listed: [VersionName] {
    if case .listed(let versions) = wanted { return versions }
    return []
  }

  /// Which of them are tried.
  var wanted: Settings.VersionsInUse {
    situation.settings.versionsInUse.on(situation.version) ?? .last(3)
  }

  // MARK: what is remembered

  /// An item that a feed listed before the release took its place.
  private struct Seen {
    let version: VersionName
    let feed: String
    let entry: FeedEntry
  }

  /// A feed that names one version forgets the one before; the candidate's evidence does not.
  private var recorded: [Seen] {
    // A candidate that a workflow built records none here.
    let texts = ["candidate", "version-order"].map {
      situation.progress.observed[$0]?.data.facts["items"] ?? ""
    }
    let text = texts.first { !$0.isEmpty } ?? ""
    return text.lines().compactMap { line in
      let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 4 else { return nil }
      var entry = FeedEntry(
        version: parts[2],
        shortVersion: parts[1],
        place: FeedPlace(line: 1, column: 1)
      )
      entry.url = parts[3]
      return Seen(version: Self.name(parts[1]), feed: parts[0], entry: entry)
    }
  }

  /// The newest items of each feed, to be kept as evidence: at most five a feed.
  static func record(_ feeds: [ServedFeed]) -> String {
    feeds.flatMap { served in
      let entries = (served.parsed?.entries ?? []).filter { !$0.isDelta && $0.url != nil }
      return entries.sorted { isOlder(.init($1.shortVersion), than: .init($0.shortVersion)) }
        .prefix(5).map { [served.feed.path, $0.shortVersion, $0.version, $0.url ?? ""] }
    }
    .filter {
      $0.allSatisfy {
        !$0.contains("\t") && !$0.contains(where: \.isNewline) && $0.utf8.count < 1000
      }
    }
    .map { $0.joined(separator: "\t") }.joined(separator: "\n")
  }
}

extension FeedTelling {
  /// A version in use as this feed's updaters compare it; nil where none of its users has it.
  ///
  /// `number` is the build number where neither the feed nor the host tells it.
  func installed(_ used: VersionsInUse.Used, number: String? = nil) -> OfferComparison.Installed? {
    if let line = feed.line, !used.version.isOn(line: line) { return nil }
    let name = used.version.text
    if let item = used.items[feed.path] { return .init(item.version, name: name) }
    guard let release = used.release else {
      guard used.items.isEmpty else { return nil }
      return feed.kind == .appcast
        ? number.map { .init($0, name: name) } : .init(name, name: name)
    }
    // A release that had nothing for this feed has no users who read it.
    guard let artifact = try? artifact(of: release) else { return nil }
    guard feed.kind == .appcast else { return .init(name, name: name) }
    return (artifact.bundleVersion ?? number).map { .init($0, name: name) }
  }
}
