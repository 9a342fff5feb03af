// Feeds, one after the other.
//
// 1. A feed as served is either the old one or the new one (invariant 5): compare-and-swap.
// 2. It never offers what cannot be downloaded: the release comes first, and is looked at again.
// 3. It never goes backwards: no version in use is offered less than before, by any updater.

internal import Record
internal import Feeds
internal import Git
internal import ReleaseModel
internal import Signatures

/// Puts a release into the feeds, and takes it out again.
struct FeedPublisher: Sendable {
  private let situation: Situation

  init(_ situation: Situation) {
    self.situation = situation
  }

  private var host: ReleaseHost { situation.toolbox.host }
  private var tellings: [FeedTelling] {
    situation.settings.feeds.map { FeedTelling(feed: $0, host: host) }
  }

  func finding(_ release: HostedRelease) async throws -> Finding {
    var evidence: [String] = []
    for telling in tellings {
      let feed = telling.feed
      guard let file = try await host.readFile(feed.path) else {
        return .lacking("\(feed.path) is not there")
      }
      guard try telling.offers(feed.kind.type.init(file), release) else {
        return .lacking("\(feed.path) does not offer \(release.version)")
      }
      let version = try telling.version(of: release)
      let build = version == release.version.text ? "" : " (\(version))"
      evidence.append("\(feed.path) offers \(release.version)\(build)")
    }
    return .holds(evidence)
  }

  /// One feed's change, worked out before anything is written.
  private struct Change: Sendable {
    let telling: FeedTelling
    let artifact: Artifact
    let old: [UInt8]?
    let new: [UInt8]
  }

  /// All feeds as one effect: each is written by compare-and-swap, so a crash between two of them
  /// leaves some done and the rest to be done.
  func effects() async throws -> [Effect] {
    guard let release = try await host.release(situation.opened.tag) else {
      throw Problem(
        "feed.no-release",
        "The release is not on the host, so no feed may offer it.",
        next: ["hotfix next"]
      )
    }
    if let reason = release.withdrawn {
      throw Problem(
        "release.withdrawn",
        "\(release.tag) was taken back.",
        why: reason,
        next: ["hotfix rollback --reason \"…\""]
      )
    }
    let notes = try await host.readFile(host.artifactPath(release.tag, "notes.md"))
    let inUse = try await VersionsInUse(situation).all()
    var changes: [Change] = []
    for telling in tellings {
      if let change = try await change(telling, release, notes: notes, inUse) {
        changes.append(change)
      }
    }
    guard !changes.isEmpty else { return [] }
    let materials = changes.map { ($0.telling.feed.path, ContentDigest.of($0.new).description) }
    let all = changes
    return [
      Effect(
        "feeds",
        says:
          "adds \(release.version) to \(changes.map(\.telling.feed.path).joined(separator: ", "))",
        materials: Dictionary(materials) { $1 },
        body: .outward {
          for change in all { try await write(change, release) }
          return .done(
            all.map { "\($0.telling.feed.path) is \(ContentDigest.of($0.new).short)…" }
              .joined(separator: ", ")
          )
        }
      )
    ]
  }

  /// The feeds as they are to be once the release is out, for hosts where both appear at once.
  ///
  /// Throws what `effects` throws: nothing is published that would take users backwards.
  func files(with release: HostedRelease, notes: String) async throws -> [String: [UInt8]] {
    let inUse = try await VersionsInUse(situation).all()
    var files: [String: [UInt8]] = [:]
    for telling in tellings {
      let change = try await change(telling, release, notes: Array(notes.utf8), inUse)
      // A feed that offers it already still has to move to the new release.
      let same = change == nil ? try await host.readFile(telling.feed.path) : nil
      files[telling.feed.path] = change?.new ?? same
    }
    return files
  }

  private func write(_ change: Change, _ release: HostedRelease) async throws {
    let path = change.telling.feed.path
    try await situation.toolbox.boundary("before feed \(path)")
    if let beside = change.telling.pathBeside(change.artifact) {
      try await host.place(release.tag, change.artifact, beside)
    }
    try await host.writeFile(path, change.old.map { ContentDigest.of($0) }, change.new)
  }

  private func change(
    _ telling: FeedTelling,
    _ release: HostedRelease,
    notes: [UInt8]?,
    _ inUse: [VersionsInUse.Used]
  ) async throws -> Change? {
    let feed = telling.feed
    let artifact = try telling.artifact(of: release)
    let old = try await host.readFile(feed.path)
    if old == nil { try refuseLost(telling, inUse) }
    let parsed = try old.map { try feed.kind.type.init($0) }
    if let parsed, try telling.offers(parsed, release) { return nil }
    var told = try telling.release(
      release,
      date: situation.toolbox.now(),
      criticalBelow: critical(try telling.version(of: release), parsed)
    )
    try sign(notes, of: feed, &told)
    let content =
      try parsed?.adding(told)
      ?? feed.kind.type.new(told, title: release.app, link: host.url(feed.path))
    let new = try signed(content, feed, like: parsed)
    let version = try telling.version(of: release)
    let said = try requireForwards(
      from: old,
      to: new,
      telling,
      version: version,
      artifact.platform,
      inUse
    )
    for line in said { situation.toolbox.say(.note(line)) }
    return Change(telling: telling, artifact: artifact, old: old, new: new)
  }

  /// An app that requires signed feeds requires signed notes too (Sparkle 2.9).
  private func sign(_ notes: [UInt8]?, of feed: Settings.Feed, _ told: inout FeedRelease) throws {
    guard feed.kind == .appcast, feed.isSigned, let source = situation.settings.updateKey,
      let notes
    else { return }
    let key = try UpdateKey(situation.toolbox.secret(source))
    told.notesSignature = try key.sign(notes)
    told.notesLength = notes.count
  }

  /// Critical for everyone below this release; or carried forward, because a plain item on top of
  /// a critical one would take its urgency away (Sparkle report §2).
  private func critical(_ version: String, _ feed: (any FeedFormat)?) -> String? {
    if situation.isCritical { return version }
    let earlier = (feed as? SparkleFeed)?.items.compactMap { item -> String? in
      switch item.critical {
      case .no: nil
      case .everyone: item.version
      case .below(let bound): bound
      }
    }
    return earlier?.filter { SparkleVersionOrder.compare($0, version) < 0 }
      .max { SparkleVersionOrder.compare($0, $1) < 0 }
  }

  private func signed(
    _ content: [UInt8],
    _ feed: Settings.Feed,
    like old: (any FeedFormat)?
  ) throws -> [UInt8] {
    guard feed.kind == .appcast, feed.isSigned || old?.signature != nil else { return content }
    guard let source = situation.settings.updateKey else {
      throw Problem(
        "feed.no-key",
        "\(feed.path) is signed, and there is no key to sign it again.",
        next: ["Set ship.sign.ed25519.key in hotfix.yml, then:  hotfix next"]
      )
    }
    let secret = try situation.toolbox.secret(source)
    return try UpdateKey(secret).signedFeed(content, replacing: old, at: feed.path)
  }

  /// Says what changes for whom, and refuses a feed that would offer anybody less than before.
  private func requireForwards(
    from old: [UInt8]?,
    to new: [UInt8],
    _ telling: FeedTelling,
    version: String,
    _ platform: Platform,
    _ inUse: [VersionsInUse.Used]
  ) throws -> [String] {
    let feed = telling.feed
    let now = situation.toolbox.now()
    var said: [(whom: [String], what: String)] = []
    for used in inUse {
      // A release that had nothing for this feed has no users who read it.
      guard let artifact = try? telling.artifact(of: used.release) else { continue }
      let installed = feed.version(of: artifact, named: used.version)
      let user = telling.user(on: installed, platform, now: now)
      for updater in feed.updaters {
        let before = old.flatMap { updater.offer?($0, feed.fileName, user) }?.offered
        let after = updater.offer?(new, feed.fileName, user) ?? FeedOffer()
        let from = before?.shortVersion ?? "nothing"
        let to = after.failure?.code ?? after.offered?.shortVersion ?? "nothing"
        let what = "users on \(used.version): \(to) instead of \(from)"
        if said.last?.what == what {
          said[said.count - 1].whom.append(updater.title)
        } else {
          said.append(([updater.title], what))
        }
        let isLess =
          before.map { ((try? updater.order($0.version, version)) ?? 1) > 0 } ?? false
        guard after.offered?.version == version, !isLess else {
          throw Problem(
            "feed.backwards",
            "The feed \(feed.path) would not bring users \(situation.version).",
            why: "\(updater.title) users on \(used.version) are offered \(from) now, and would be "
              + "offered \(to).",
            next: [
              "hotfix feed offer \(feed.path) --client \(updater.name) --from \(installed)",
              "hotfix abandon --reason \"…\"",
            ]
          )
        }
      }
    }
    return said.map { "\(feed.path): \($0.whom.joined(separator: ", ")) \($0.what)" }
  }

  /// A feed that vanished must not come back with one item: users below it would be stranded.
  private func refuseLost(_ telling: FeedTelling, _ inUse: [VersionsInUse.Used]) throws {
    let feed = telling.feed
    guard inUse.contains(where: { (try? telling.artifact(of: $0.release)) != nil }) else { return }
    throw Problem(
      "feed.missing",
      "The feed \(feed.path) is not on the host, and earlier releases are.",
      why: "A new feed with one item would hide the earlier ones.",
      next: [
        "Restore \(feed.path) from a backup, or mend `feeds` in hotfix.yml.",
        "hotfix feed add \(feed.path) … --new     begins a new one by hand",
      ]
    )
  }

  /// Proves, before anything irreversible, that the new item would be offered to everyone.
  func proveOffer(build: String) async throws {
    let inUse = try await VersionsInUse(situation).all()
    for telling in tellings {
      let feed = telling.feed
      guard let old = try await host.readFile(feed.path) else { continue }
      let version = feed.kind == .appcast ? build : situation.version.text
      let trial = try feed.kind.type.init(old).adding(trialRelease(telling, version))
      _ = try requireForwards(from: old, to: trial, telling, version: version, .any, inUse)
    }
  }

  /// The release as the feed would tell of it, with digests and signatures of nothing.
  private func trialRelease(_ telling: FeedTelling, _ version: String) -> FeedRelease {
    let name = telling.feed.artifact?.filled(["version": situation.version.text])
    let fallback = "\(situation.opened.app)-\(version)-full.nupkg"
    let files = FeedTelling.platforms(.any).map { platform in
      var file = FeedFile(
        name: name ?? fallback,
        url: telling.feed.wantsFileBeside ? name ?? fallback : host.url("new"),
        size: 1
      )
      file.sha1 = String(repeating: "0", count: 40)
      file.sha256 = ContentDigest.zero.hex
      file.sha512 = String(repeating: "A", count: 86) + "=="
      file.edSignature = "-"
      file.minisign = "-"
      file.platform = platform
      return file
    }
    var release = FeedRelease(
      app: situation.opened.app,
      version: version,
      name: situation.version.text,
      date: situation.toolbox.now(),
      files: telling.feed.kind == .tauri ? files : [files[0]]
    )
    release.minimumSystem = telling.feed.minimumSystem
    return release
  }

  /// The app's releases on the host, oldest first.
  private func releases() async throws -> [HostedRelease] {
    try await host.releases().filter { $0.app == situation.opened.app }
      .sorted { isOlder($0.version, than: $1.version) }
  }

  /// Takes a release out of every feed, and returns what users get from then on.
  func withdraw(_ release: HostedRelease) async throws -> [String] {
    let releases = try await releases()
    let last = releases.last { $0.tag != release.tag && $0.withdrawn == nil }
    var said: [String] = []
    for telling in tellings {
      let feed = telling.feed
      guard let old = try await host.readFile(feed.path) else { continue }
      let parsed = try feed.kind.type.init(old)
      let version = try telling.version(of: release)
      guard parsed.entries.contains(where: { $0.version == version }) else {
        said.append("\(feed.path) does not offer \(release.version)")
        continue
      }
      let restored = try last.flatMap { last in
        (try? telling.artifact(of: last)).map { _ in last }
      }.map { try telling.release($0, date: $0.published, criticalBelow: nil) }
      let new = try signed(
        parsed.withdrawing(version, restoring: restored),
        feed,
        like: parsed
      )
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
