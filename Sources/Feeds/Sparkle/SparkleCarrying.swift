// What an item says of its line of releases, and not of itself, goes on to the next one: without it
// a fix is offered to Macs that cannot run it, or by itself to users below a major upgrade.
//
// 1. Carried: links, the systems and the hardware, the versions that an update is for, the system
//    and the installation type of the download.
// 2. Not carried, as it speaks of one release: notes, criticality, rollout, deltas.
// 3. The release's own word comes first.

internal import ReleaseModel

extension SparkleFeed {
  /// The keys that a new item keeps of the item before it.
  struct Carried: Sendable, Hashable {
    struct Value: Sendable, Hashable {
      let name: String
      /// The `xml:lang` of the element, if it has one.
      var language: String?
      let text: String

      var xml: String {
        let language = language.map { " xml:lang=\"\(xmlEscaped($0))\"" } ?? ""
        return "<\(name)\(language)>\(xmlEscaped(text))</\(name)>"
      }
    }

    var elements: [Value] = []
    /// Attributes of the enclosure.
    var attributes: [Value] = []
  }

  private static let carriedElements = [
    "link", "sparkle:fullReleaseNotesLink", minimumSystemKey, maximumSystemKey,
    "sparkle:hardwareRequirements", "sparkle:minimumAutoupdateVersion",
    "sparkle:minimumUpdateVersion", "sparkle:ignoreSkippedUpgradesBelowVersion",
  ]
  private static let minimumSystemKey = "sparkle:minimumSystemVersion"
  private static let maximumSystemKey = "sparkle:maximumSystemVersion"
  private static let systemKey = "sparkle:os"

  /// Returns the keys that a release takes over from the newest item before it in its channel.
  func carried(to release: FeedRelease) -> Carried {
    let channel = items.filter { $0.channel == release.channel }
    let platform = release.files.first?.platform
    let fitting = channel.filter { Self.isFitting($0, platform) }
    guard let last = Self.predecessor(of: release.version, named: release.name, in: fitting) else {
      return Carried()
    }
    var carried = carried(from: last, minimumSystem: release.minimumSystem)
    // A feed for several systems does not tell for which of them a file of an unknown one is.
    if platform == nil, Set(channel.map(Self.system)).count > 1 {
      carried.attributes.removeAll { $0.name == Self.systemKey }
    }
    return carried
  }

  /// Returns the keys that an item hands on to one that says `minimumSystem` itself.
  private func carried(from item: SparkleItem, minimumSystem: String?) -> Carried {
    guard let element = self.channel.children("item").first(where: { $0.range == item.range })
    else { return Carried() }
    var carried = Carried()
    for name in Self.carriedElements
    where Self.isHandedOn(name, by: item, minimumSystem: minimumSystem) {
      carried.elements += element.children(name).compactMap { child in
        let text = trimmed(child.text)
        return text.isEmpty
          ? nil : .init(name: name, language: child.attribute("xml:lang"), text: text)
      }
    }
    carried.attributes = [
      (Self.systemKey, item.enclosure?.os),
      ("sparkle:installationType", item.enclosure?.installationType),
    ].compactMap { name, value in value.map { .init(name: name, text: $0) } }
    return carried
  }

  private static func isHandedOn(
    _ name: String,
    by item: SparkleItem,
    minimumSystem: String?
  ) -> Bool {
    switch name {
    case minimumSystemKey: return minimumSystem == nil
    case maximumSystemKey:
      // No system is above the one and below the other.
      guard let minimumSystem, let maximum = item.maximumSystem else { return true }
      return SparkleVersionOrder.compare(minimumSystem, maximum) <= 0
    // A bound above the item itself would keep its own users from the next one.
    case "sparkle:minimumAutoupdateVersion": return isAtMost(item.minimumAutoupdate, item)
    case "sparkle:minimumUpdateVersion": return isAtMost(item.minimumUpdate, item)
    default: return true
    }
  }

  private static func isAtMost(_ bound: String?, _ item: SparkleItem) -> Bool {
    bound.map { SparkleVersionOrder.compare($0, item.version) <= 0 } ?? true
  }

  /// The newest of the items that are older than a version.
  ///
  /// Build numbers that count commits mix lines of releases: 1.9.1 (201) stands between 2.0.0 (200)
  /// and 2.0.1 (202). Where all names have numbers, the newest older name is the line's last one.
  private static func predecessor(
    of version: String,
    named name: String,
    in items: [SparkleItem]
  ) -> SparkleItem? {
    let older = items.filter { SparkleVersionOrder.compare($0.version, version) < 0 }
    func plain(_ name: String) -> VersionName { VersionName(String(name.drop { $0 == "v" })) }
    let own = plain(name)
    let named = older.map { (item: $0, name: plain($0.shortVersion)) }
    let isNamed = own.numbers != nil && named.allSatisfy { $0.name.numbers != nil }
    let line = isNamed ? named.filter { !isOlder(own, than: $0.name) } : []
    return (line.isEmpty ? named : line).enumerated().max { a, b in
      let (x, y) = (a.element, b.element)
      if !line.isEmpty, x.name != y.name { return isOlder(x.name, than: y.name) }
      let order = SparkleVersionOrder.compare(x.item.version, y.item.version)
      return order == 0 ? a.offset > b.offset : order < 0
    }?.element.item
  }

  /// The system that an item is for, as the item spells it; to Sparkle none is macOS.
  private static func system(_ item: SparkleItem) -> String { item.enclosure?.os ?? "macos" }

  /// Returns true when an item is for a platform; one that names no system is for all of them.
  private static func isFitting(_ item: SparkleItem, _ platform: FeedPlatform?) -> Bool {
    guard let platform, let os = item.enclosure?.os else { return true }
    guard let named = FeedPlatform(os) else { return false }
    return os.contains("-") ? named == platform : named.system == platform.system
  }

  /// Adds a note on the keys that the newest item of each channel and system lost.
  func addLostKeys(_ all: inout FindingCollector) {
    struct Line: Hashable {
      let channel: String?
      let system: String
    }
    let linesMax = 32
    let lines = Dictionary(grouping: items) {
      Line(channel: $0.channel, system: Self.system($0))
    }
    guard lines.count <= linesMax else { return }
    for (line, members) in lines {
      let newest = members.enumerated().max { a, b in
        let order = SparkleVersionOrder.compare(a.element.version, b.element.version)
        return order == 0 ? a.offset > b.offset : order < 0
      }?.element
      guard let newest else { continue }
      let before =
        Self.predecessor(of: newest.version, named: newest.shortVersion, in: members)
        ?? Self.predecessor(
          of: newest.version,
          named: newest.shortVersion,
          in: items.filter { $0.channel == line.channel }
        )
      guard let before else { continue }
      let lost = lost(by: newest, from: before)
      guard !lost.isEmpty else { continue }
      all.add(
        "lost-keys",
        .note,
        places.place(of: newest.range.lowerBound),
        "\(newest.shortVersion) has no \(lost.joined(separator: ", ")), which "
          + "\(before.shortVersion) before it has.",
        mend: "Add what \(before.shortVersion) has; hotfix feed add carries it over by itself."
      )
    }
  }

  private func lost(by item: SparkleItem, from before: SparkleItem) -> [String] {
    let element = channel.children("item").first { $0.range == item.range }
    let carried = carried(from: before, minimumSystem: item.minimumSystem)
    var names = carried.elements.map(\.name).filter { element?.first($0) == nil }
    names += carried.attributes.map(\.name).filter { name in
      (name == Self.systemKey ? item.enclosure?.os : item.enclosure?.installationType) == nil
    }
    var seen: Set<String> = []
    return names.filter { seen.insert($0).inserted }
  }
}
