internal import ReleaseModel

/// One user's Squirrel.
package enum SquirrelClient {
  /// Squirrel.Windows (`UpdateManager.CheckForUpdate`, `UpdateInfo`): the newest full package, or
  /// the deltas above the installed version when they are smaller together; never downwards.
  package static func offerWindows(_ file: [UInt8], to user: FeedUser) -> FeedOffer {
    offerWindows(Result { try SquirrelWindowsFeed(file) }, to: user)
  }

  static func offerWindows(
    _ read: Result<SquirrelWindowsFeed, any Error>,
    to user: FeedUser
  ) -> FeedOffer {
    let feed: SquirrelWindowsFeed
    do {
      feed = try read.get()
    } catch { return FeedOffer(failure: .init("Exception", (error as? Problem)?.why ?? "")) }
    let staged = feed.lines.filter { isStaged($0, user) }
    guard !staged.isEmpty else {
      return FeedOffer(failure: .init("Exception", "Remote release File is empty or corrupted"))
    }
    do {
      return try choose(feed, staged, user)
    } catch let refused as VersionRefused {
      // The version is worked out inside of MaxBy, so one such line ends the check for everybody.
      return FeedOffer(failure: .init("ArgumentException", "\(refused.version): \(refused.why)"))
    } catch { return FeedOffer(failure: .init("Exception", "\(error)")) }
  }

  private typealias Entry = (
    line: SquirrelWindowsFeed.Line, version: SquirrelVersionOrder.NuGetVersion
  )

  private static func choose(
    _ feed: SquirrelWindowsFeed,
    _ staged: [SquirrelWindowsFeed.Line],
    _ user: FeedUser
  ) throws -> FeedOffer {
    let installed = try SquirrelVersionOrder.windows(fileName: "App-\(user.version)-full.nupkg")
    let entries: [Entry] = try staged.map {
      ($0, try SquirrelVersionOrder.windows(fileName: $0.fileName))
    }
    let full = entries.filter { !$0.line.isDelta }
    guard let newest = full.max(by: { $0.version.order($1.version) < 0 }) else {
      return FeedOffer(
        failure: .init("Exception", "There should always be at least one full release")
      )
    }
    let isOffered = newest.version.order(installed) > 0
    let newer = entries.filter { $0.version.order(installed) > 0 && $0.line.isDelta }
      .sorted { $0.version.order($1.version) < 0 }
    let size = newer.reduce(0) { $0 + $1.line.size }
    let usesDeltas = isOffered && size > 0 && size < newest.line.size
    let items = feed.lines.map { line -> FeedOffer.Item in
      item(line, newest.line, isOffered, staged, installed)
    }
    return FeedOffer(
      offered: isOffered
        ? .init(version: newest.version.text, url: newest.line.file) : nil,
      deltas: usesDeltas ? newer.map(\.line.file) : [],
      items: items
    )
  }

  private static func item(
    _ line: SquirrelWindowsFeed.Line,
    _ newest: SquirrelWindowsFeed.Line,
    _ isOffered: Bool,
    _ staged: [SquirrelWindowsFeed.Line],
    _ installed: SquirrelVersionOrder.NuGetVersion
  ) -> FeedOffer.Item {
    let version = try? SquirrelVersionOrder.windows(fileName: line.fileName)
    let name = version?.text ?? line.fileName
    if !staged.contains(line) {
      return .init(name, .phased, "staged to \(line.staging ?? 0) %, without this user")
    }
    if line == newest, isOffered { return .init(name, .offered, "the newest full package") }
    if line.isDelta { return .init(name, .delta, "a delta to \(name)") }
    let isNewer = (version?.order(installed) ?? 0) > 0
    return isNewer
      ? .init(name, .superseded, "a newer package is offered")
      : .init(name, .older, "\(name) is not newer than \(installed.text)")
  }

  /// A user without an id, that is at the first start, never gets a staged package.
  private static func isStaged(_ line: SquirrelWindowsFeed.Line, _ user: FeedUser) -> Bool {
    guard let percentage = line.staging else { return true }
    guard let id = user.stagingID.flatMap({ UUIDBytes($0) }) else { return false }
    return Double(id.littleEndianTail) / Double(UInt32.max) < Double(percentage) / 100
  }

  /// Squirrel.Mac with static JSON: offered when `currentRelease` is another version and not lower.
  package static func offerMac(_ file: [UInt8], to user: FeedUser) -> FeedOffer {
    offerMac(Result { try SquirrelMacFeed(file) }, to: user)
  }

  static func offerMac(_ read: Result<SquirrelMacFeed, any Error>, to user: FeedUser) -> FeedOffer {
    let feed: SquirrelMacFeed
    do {
      feed = try read.get()
    } catch { return FeedOffer(failure: .init("SQRLUpdater", (error as? Problem)?.why ?? "")) }
    let order = SquirrelVersionOrder.compareMac(feed.current, user.version)
    let isOffered = feed.current != user.version && order >= 0
    let target = feed.releases.first { $0.version == feed.current }
    let items = feed.releases.map { release -> FeedOffer.Item in
      if release.version == feed.current {
        return isOffered
          ? .init(release.version, .offered, "it is the current release")
          : .init(release.version, .older, "\(release.version) is not above \(user.version)")
      }
      return .init(release.version, .superseded, "only currentRelease is offered")
    }
    guard isOffered else { return FeedOffer(items: items) }
    guard let target else {
      return FeedOffer(
        failure: .init("SQRLUpdater", "currentRelease \(feed.current) is not among the releases")
      )
    }
    return FeedOffer(offered: .init(version: target.version, url: target.url), items: items)
  }
}
