// What Velopack 1.2 does with `releases.{channel}.json`:
//
// 1. The newest `Full` package wins, pre-releases included; nobody looks at PackageId.
// 2. Entries whose version the client cannot read are passed over without a word.
// 3. Deltas are used only where the installed version's full package is on disk and a delta to the
//    newest version is listed; then *all* listed deltas above the local one up to the newest are
//    taken, gaps or not. When applying fails, the full package is the way out.
// 4. Nothing is signed; size, then SHA256, else SHA1.

internal import ReleaseModel

/// One user's Velopack, by the rules of its Rust core or of its C# library.
package enum VelopackClient {
  package enum Library: Sendable {
    case rust, cs
  }

  private static let channelFile = Pattern(/releases\.(.+)\.json/)

  /// Works out the offer; `name` is the feed's file, when it matters which one the client asks for.
  package static func offer(
    _ file: [UInt8],
    name: String?,
    to user: FeedUser,
    _ library: Library
  ) -> FeedOffer {
    if let channel = user.channels.first,
      let published = name.flatMap(channelFile.whole)?.1, published != channel
    {
      return FeedOffer(
        failure: .init("not-found", "it asks for releases.\(channel).json, not \(name ?? "")")
      )
    }
    return offer(file, to: user, library)
  }

  package static func offer(_ file: [UInt8], to user: FeedUser, _ library: Library) -> FeedOffer {
    offer(Result { try read(file, library) }, to: user, library)
  }

  /// A byte-order mark stops the Rust core; the C# sources take it off.
  static func read(_ file: [UInt8], _ library: Library) throws -> VelopackFeed {
    let hasMark = file.starts(with: [0xEF, 0xBB, 0xBF])
    return try VelopackFeed(hasMark && library == .cs ? Array(file.dropFirst(3)) : file)
  }

  static func offer(
    _ read: Result<VelopackFeed, any Error>,
    to user: FeedUser,
    _ library: Library
  ) -> FeedOffer {
    let order = { (a: String, b: String) throws -> Int in
      library == .rust
        ? try VelopackVersionOrder.compareRust(a, b) : try VelopackVersionOrder.compareCS(a, b)
    }
    guard (try? order(user.version, user.version)) != nil else {
      return FeedOffer(
        failure: .init("invalid-current-version", "the client cannot read \(user.version)")
      )
    }
    guard let feed = try? read.get() else {
      return FeedOffer(failure: .init("invalid-feed", "the file is no JSON with Assets"))
    }
    let readable = feed.assets.filter { (try? order($0.version, user.version)) != nil }
    let newest = readable.filter(\.isFull).reduce(nil as VelopackFeed.Asset?) { best, asset in
      guard let best else { return asset }
      return ((try? order(asset.version, best.version)) ?? 0) > 0 ? asset : best
    }
    let direction = newest.map { (try? order($0.version, user.version)) ?? 0 } ?? 0
    let isOffered = direction > 0 || (direction < 0 && user.allowsDowngrade)
    let target = isOffered ? newest : nil
    var answer = FeedOffer(
      deltas: target.map { deltas(to: $0, of: readable, user, order) } ?? [],
      items: feed.assets.map { item($0, target, user, order) }
    )
    if let target {
      var offered = FeedOffer.Offered(version: target.version, url: target.fileName)
      offered.downgrade = direction < 0
      answer.offered = offered
    }
    return answer
  }

  private static func deltas(
    to target: VelopackFeed.Asset,
    of assets: [VelopackFeed.Asset],
    _ user: FeedUser,
    _ order: (String, String) throws -> Int
  ) -> [String] {
    func isAbove(_ a: String, _ b: String) -> Bool { ((try? order(a, b)) ?? 0) > 0 }
    let isLocal = user.localPackages.contains { (try? order($0, user.version)) == 0 }
    let listed = assets.filter(\.isDelta)
    guard isLocal, isAbove(target.version, user.version),
      listed.contains(where: { (try? order($0.version, target.version)) == 0 })
    else { return [] }
    return listed.filter {
      isAbove($0.version, user.version) && !isAbove($0.version, target.version)
    }
    .sorted { isAbove($1.version, $0.version) }.map(\.version)
  }

  private static func item(
    _ asset: VelopackFeed.Asset,
    _ target: VelopackFeed.Asset?,
    _ user: FeedUser,
    _ order: (String, String) throws -> Int
  ) -> FeedOffer.Item {
    guard let direction = try? order(asset.version, user.version) else {
      return .init(asset.version, .unreadable, "the client cannot read this version")
    }
    if asset == target { return .init(asset.version, .offered, "the newest full package") }
    if asset.isDelta { return .init(asset.version, .delta, "a delta to \(asset.version)") }
    return direction > 0
      ? .init(asset.version, .superseded, "a newer package is offered")
      : .init(asset.version, .older, "\(asset.version) is not newer than \(user.version)")
  }

  /// The versions without a delta between the oldest full package and the newest: a user below one
  /// takes a chain with a hole, which fails on their machine, and then the full package.
  package static func gaps(_ feed: VelopackFeed) -> [String] {
    func isAbove(_ a: String, _ b: String) -> Bool {
      ((try? VelopackVersionOrder.compareRust(a, b)) ?? 0) > 0
    }
    let full = feed.assets.filter(\.isFull).sorted { isAbove($1.version, $0.version) }
    let deltas = Set(feed.assets.filter(\.isDelta).map(\.version))
    guard let newest = full.last, deltas.contains(newest.version) else { return [] }
    return full.dropFirst().map(\.version).filter { !deltas.contains($0) }
  }
}
