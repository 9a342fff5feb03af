// The same appcast by other updaters' rules (WinSparkle 0.9.4 `appcast.cpp`, NetSparkle 3.0
// `AppCastItem.cs` and `AppCastHelper.cs`):
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
    do { items = try read(file) } catch { return failed(error) }
    let blocked = items.map { fits($0, user) }
    let open = zip(items, blocked).filter { $0.1 == nil }.map(\.0)
    let target = newest(open).flatMap { order($0.version, user.version) > 0 ? $0 : nil }
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
    answer.offered = target.map { target in
      offered(
        target,
        critical: isCriticalSticky
          ? open.contains { $0.isCritical && order($0.version, user.version) > 0 }
          : target.isCritical
      )
    }
    return answer
  }

  private func read(_ file: [UInt8]) throws -> [DialectItem] {
    let root = try XMLScanner.document(SparkleFeed.split(file).content)
    return root.children("channel").flatMap { $0.children("item") }.compactMap(DialectItem.init)
  }

  private func failed(_ error: any Error) -> FeedOffer {
    FeedOffer(failure: .init("feed.malformed", (error as? Problem)?.why ?? ""))
  }

  private func newest(_ items: [DialectItem]) -> DialectItem? {
    items.enumerated().max { a, b in
      let order = order(a.element.version, b.element.version)
      return order == 0 ? a.offset > b.offset : order < 0
    }?.element
  }

  private func offered(_ item: DialectItem, critical: Bool) -> FeedOffer.Offered {
    var offered = FeedOffer.Offered(
      version: item.version,
      shortVersion: item.shortVersion,
      url: item.url
    )
    offered.critical = critical
    return offered
  }

  /// The items that are newest to all users of one system.
  private struct Shelf {
    let newest: DialectItem?
    let critical: DialectItem?
  }

  private struct Machine: Hashable {
    let platform: FeedPlatform?
    let system: String
  }

  /// Returns the offer to each user; the newest item is looked for once for each system.
  func offers(_ file: [UInt8], to users: [FeedUser]) -> [FeedOffer] {
    let items: [DialectItem]
    do { items = try read(file) } catch { return users.map { _ in failed(error) } }
    var shelves: [Machine: Shelf] = [:]
    return users.map { user in
      let machine = Machine(platform: user.platform, system: user.system)
      let shelf = shelves[machine] ?? shelf(of: items, for: user)
      shelves[machine] = shelf
      guard let target = shelf.newest, order(target.version, user.version) > 0 else {
        return FeedOffer()
      }
      let isUrgent = shelf.critical.map { order($0.version, user.version) > 0 } ?? false
      return FeedOffer(
        offered: offered(target, critical: isCriticalSticky ? isUrgent : target.isCritical)
      )
    }
  }

  private func shelf(of items: [DialectItem], for user: FeedUser) -> Shelf {
    let open = items.filter { fits($0, user) == nil }
    return Shelf(newest: newest(open), critical: newest(open.filter(\.isCritical)))
  }
}
