// The same appcast under other updaters' rules (feeds report §7):
//
// 1. WinSparkle 0.9.4 and NetSparkle take the newest item for their system and know nothing of
//    channels, phased rollouts, major upgrades or deltas: a beta item goes to everybody.
// 2. To WinSparkle an item without `sparkle:os` is for it; to NetSparkle it is for Windows.
// 3. To both, the mere presence of `criticalUpdate` counts; to NetSparkle on any newer item.

internal import ReleaseModel

/// An item as WinSparkle and NetSparkle read it: laxer than Sparkle.
package struct DialectItem: Sendable {
  package let version: String
  package let shortVersion: String
  package let url: String
  package let os: String?
  package let channel: String?
  package let minimumSystem: String?
  package let isCritical: Bool

  init?(_ element: XMLElement) {
    let enclosure = element.first("enclosure")
    func text(_ name: String) -> String? { element.first(name).map { trimmed($0.text) } }
    guard
      let version = text("sparkle:version") ?? enclosure?.attribute("sparkle:version"),
      !version.isEmpty, let url = enclosure?.attribute("url") ?? text("link")
    else { return nil }
    self.version = version
    self.url = url
    shortVersion =
      text("sparkle:shortVersionString") ?? enclosure?.attribute("sparkle:shortVersionString")
      ?? version
    os = enclosure?.attribute("sparkle:os")
    channel = text("sparkle:channel")
    minimumSystem = text("sparkle:minimumSystemVersion")
    let mark = enclosure?.attribute("sparkle:criticalUpdate")?.lowercased()
    isCritical =
      element.first("sparkle:criticalUpdate") != nil
      || element.first("sparkle:tags")?.first("sparkle:criticalUpdate") != nil
      || ["true", "1", "yes"].contains(mark)
  }
}

/// An updater that reads Sparkle's appcasts by rules of its own.
struct AppcastDialect: Sendable {
  let order: @Sendable (String, String) -> Int
  let fits: @Sendable (DialectItem, FeedUser) -> FeedOffer.Item?
  let isCriticalSticky: Bool

  func offer(_ file: [UInt8], to user: FeedUser) -> FeedOffer {
    let items: [DialectItem]
    do {
      let root = try XMLScanner.document(SparkleFeed.split(file).content)
      items = root.children("channel").flatMap { $0.children("item") }.compactMap(DialectItem.init)
    } catch { return FeedOffer(failure: .init("feed.malformed", (error as? Problem)?.why ?? "")) }
    let blocked = items.map { fits($0, user) }
    let open = zip(items, blocked).filter { $0.1 == nil }.map(\.0)
    let newest = open.enumerated().max { a, b in
      let order = order(a.element.version, b.element.version)
      return order == 0 ? a.offset > b.offset : order < 0
    }?.element
    let target = newest.flatMap { order($0.version, user.version) > 0 ? $0 : nil }
    var answer = FeedOffer()
    answer.items = zip(items, blocked).map { item, why in
      if let why { return why }
      if item.version == target?.version {
        return .init(item.version, .offered, "the newest item for this system")
      }
      return order(item.version, user.version) > 0
        ? .init(item.version, .superseded, "a newer item is offered")
        : .init(item.version, .older, "\(item.version) is not newer than \(user.version)")
    }
    guard let target else { return answer }
    var offered = FeedOffer.Offered(
      version: target.version,
      shortVersion: target.shortVersion,
      url: target.url
    )
    offered.critical =
      isCriticalSticky
      ? open.contains { $0.isCritical && order($0.version, user.version) > 0 } : target.isCritical
    answer.offered = offered
    return answer
  }
}
