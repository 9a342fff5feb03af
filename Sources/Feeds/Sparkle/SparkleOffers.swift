internal import ReleaseModel

extension SparkleClient {
  /// Returns the same offers as `offer` gives each user, from one reading of the feed.
  @Sendable static func offers(_ file: [UInt8], to users: [FeedUser]) -> [FeedOffer] {
    let feed: SparkleFeed
    do { feed = try SparkleFeed(file) } catch { return users.map { _ in failed(error) } }
    guard feed.items.allSatisfy({ SparkleVersionOrder.isPlain($0.version) }) else {
      return users.map { user in
        let client = SparkleClient(user)
        return client.answer(client.best(of: feed.items.filter { client.block($0) == nil }))
      }
    }
    let sorted = feed.newestFirst
    return users.map { user in
      let client = SparkleClient(user)
      return client.answer(client.best(inNewestFirst: sorted))
    }
  }

  private func answer(_ item: SparkleItem?) -> FeedOffer {
    guard let item else { return FeedOffer() }
    let delta = item.deltas.last { $0.from == host }
    return FeedOffer(
      offered: offered(item),
      deltas: [delta?.enclosure.url].compactMap(\.self)
    )
  }

  /// The same as `best(of:)` for items in order, so that the search ends at the first one that is
  /// not newer.
  private func best(inNewestFirst items: [SparkleItem]) -> SparkleItem? {
    var upgrade: SparkleItem?
    for item in items {
      guard isNewer(item) else { break }
      guard block(item) == nil else { continue }
      if !item.isMajorUpgrade(for: host) { return item }
      upgrade = upgrade ?? item
    }
    return upgrade
  }
}

extension SparkleFeed {
  /// The items by Sparkle's order; of equal versions the first in the file comes first.
  var newestFirst: [SparkleItem] {
    items.enumerated().sorted { a, b in
      let order = SparkleVersionOrder.compare(a.element.version, b.element.version)
      return order == 0 ? a.offset < b.offset : order > 0
    }.map(\.element)
  }
}
