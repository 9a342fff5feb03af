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
      let earlier = releases.filter { other in
        other.tag != release.tag && other.withdrawn == nil && other.isForAllUsers
          && (feed.line.map { other.version.isOn(line: $0) } ?? true)
          && (try? telling.artifact(of: other)) != nil
      }
      let new = try signed(without(version, parsed, telling, earlier), feed, like: parsed)
      try FeedGuard(plan).checkWithdrawal(served, to: new, of: version)
      try await situation.toolbox.boundary("withdraw \(feed.path)")
      try await host.writeFile(feed.path, ContentDigest.of(old), new)
      said += changes(telling, from: old, to: new, releases)
    }
    return said
  }

  /// The feed's content without a version; a feed that names one version names the newest of the
  /// earlier releases of which all is known that it has to say.
  private func without(
    _ version: String,
    _ parsed: any FeedFormat,
    _ telling: FeedTelling,
    _ earlier: [HostedRelease]
  ) throws -> [UInt8] {
    var first: (any Error)?
    for last in earlier.reversed() {
      do {
        let restored = try telling.release(last, date: last.published, criticalBelow: nil)
        return try parsed.withdrawing(version, restoring: restored)
      } catch {
        first = first ?? error
      }
    }
    if let first { throw first }
    return try parsed.withdrawing(version, restoring: nil)
  }

  /// Puts the feeds right on a host where they travel with the newest release, once another release
  /// is the newest: feeds that other lines have changed since keep what they had, and a feed that
  /// still offers the withdrawn release is edited.
  func settle(_ release: HostedRelease, since before: [String: [UInt8]]) async throws -> [String] {
    var said: [String] = []
    do {
      let now = try await feeds()
      for telling in tellings {
        let path = telling.feed.path
        guard let old = before[path], now[path] != old,
          let parsed = try? telling.feed.kind.type.init(old),
          !parsed.entries.contains(where: { $0.shortVersion == release.version.text })
        else { continue }
        try await host.writeFile(path, now[path].map { ContentDigest.of($0) }, old)
      }
      let offering = try await feeds().contains { path, bytes in
        let kind = tellings.first { $0.feed.path == path }?.feed.kind
        let entries = (try? kind?.type.init(bytes))?.entries ?? []
        return entries.contains { $0.shortVersion == release.version.text }
      }
      if offering { said += try await withdraw(release) }
    } catch let problem as Problem {
      // The brake holds as far as it can; what is left is told.
      said.append("a feed is left to be put right: \(problem.what) \(problem.why)")
    }
    return try await said + changes(since: before)
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
