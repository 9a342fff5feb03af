internal import Feeds
internal import Record
internal import ReleaseModel
internal import Signatures

/// Takes releases out of feeds.
extension FeedPublisher {
  /// The app's releases on the host, oldest first.
  private func releases() async throws -> [HostedRelease] {
    try await host.releases().filter { $0.app == situation.opened.app }
      .sorted { isOlder($0.version, than: $1.version) }
  }

  /// Takes a release out of every feed, and returns what users get from then on.
  func withdraw(_ release: HostedRelease) async throws -> [String] {
    let releases = try await releases()
    let plan = try await FeedPlan.make(situation)
    var said: [String] = []
    for served in plan.feeds {
      let (telling, feed) = (served.telling, served.feed)
      guard let old = served.bytes, let parsed = served.parsed else { continue }
      guard let version = try? telling.version(of: release),
        parsed.entries.contains(where: { $0.version == version })
      else {
        said.append("\(feed.path) does not offer \(release.version)")
        continue
      }
      let last = releases.last { other in
        other.tag != release.tag && other.withdrawn == nil && other.isForAllUsers
          && (feed.line.map { other.version.isOn(line: $0) } ?? true)
          && (try? telling.artifact(of: other)) != nil
      }
      let restored = try last.map {
        try telling.release($0, date: $0.published, criticalBelow: nil)
      }
      let new = try signed(
        parsed.withdrawing(version, restoring: restored),
        feed,
        like: parsed
      )
      try FeedGuard(plan).checkWithdrawal(served, to: new, of: version)
      try await situation.toolbox.boundary("withdraw \(feed.path)")
      try await host.writeFile(feed.path, ContentDigest.of(old), new)
      said += changes(telling, from: old, to: new, releases)
    }
    return said
  }

  /// What each feed's users get now and got before.
  private func changes(
    _ telling: FeedTelling,
    from old: [UInt8],
    to new: [UInt8],
    _ releases: [HostedRelease]
  ) -> [String] {
    let feed = telling.feed
    let words = FeedDiff.changes(
      from: old,
      to: new,
      feed.kind,
      versions: releases.compactMap { try? telling.version(of: $0) },
      clients: feed.updaters.map(\.name),
      now: situation.toolbox.now()
    ).map(\.words)
    return words.isEmpty
      ? ["\(feed.path) does not offer \(situation.version) any more"]
      : words.map { "\(feed.path): \($0)" }
  }

  /// The feeds as they are on the host.
  func feeds() async throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for telling in tellings {
      files[telling.feed.path] = try await host.readFile(telling.feed.path)
    }
    return files
  }

  func changes(since before: [String: [UInt8]]) async throws -> [String] {
    let now = try await feeds()
    let releases = try await releases()
    var said: [String] = []
    for telling in tellings {
      let path = telling.feed.path
      guard let old = before[path] else { continue }
      guard let new = now[path] else {
        said.append("\(path) is gone: no release is left that carries it")
        continue
      }
      if old != new { said += changes(telling, from: old, to: new, releases) }
    }
    return said
  }
}
