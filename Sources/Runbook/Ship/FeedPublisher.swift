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
  let situation: Situation

  init(_ situation: Situation) {
    self.situation = situation
  }

  var host: ReleaseHost { situation.toolbox.host }
  var tellings: [FeedTelling] {
    situation.settings.feeds.map { FeedTelling(feed: $0, host: host) }
  }

  func finding(_ release: HostedRelease) async throws -> Finding {
    let plan = try await FeedPlan.make(situation)
    var evidence: [String] = []
    for served in plan.feeds {
      let path = served.feed.path
      switch try plan.role(of: served, { try entry(of: release, served) }) {
      case .leftAlone(let why): evidence.append("\(path) is left alone: \(why)")
      case .takesIt(let rule):
        guard let parsed = served.parsed else { return .lacking("\(path) is not there") }
        guard try served.telling.offers(parsed, release) else {
          return .lacking("\(path) does not offer \(release.version)")
        }
        let version = try served.telling.version(of: release)
        let build = version == release.version.text ? "" : " (\(version))"
        evidence.append(
          "\(path) offers \(release.version)\(build)" + (rule.map { "; \($0)" } ?? "")
        )
      }
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
    let plan = try await FeedPlan.make(situation)
    let changes = try plan.feeds.compactMap { try change($0, plan, release, notes: notes) }
    guard !changes.isEmpty else { return [] }
    let materials = changes.map { ($0.telling.feed.path, ContentDigest.of($0.new).description) }
    return [
      Effect(
        "feeds",
        says:
          "adds \(release.version) to \(changes.map(\.telling.feed.path).joined(separator: ", "))",
        materials: Dictionary(materials) { $1 },
        body: .outward {
          for change in changes { try await write(change, release) }
          return .done(
            changes.map { "\($0.telling.feed.path) is \(ContentDigest.of($0.new).short)…" }
              .joined(separator: ", ")
          )
        }
      )
    ]
  }

  /// The feeds as they are to be once the release is out, for hosts where both appear at once.
  ///
  /// Every feed moves to the newest release; an older line's release carries none, and changes its
  /// own feeds where they are. Throws what `effects` throws: nothing is published that would take
  /// users backwards.
  func files(with release: HostedRelease, notes: String) async throws -> [String: [UInt8]] {
    let plan = try await FeedPlan.make(situation)
    if let newest = plan.newest(), isOlder(release.version, than: newest) { return [:] }
    var files: [String: [UInt8]] = [:]
    for served in plan.feeds {
      let change = try change(served, plan, release, notes: Array(notes.utf8))
      files[served.feed.path] = change?.new ?? served.bytes
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

  /// What a feed says of the release.
  private func entry(of release: HostedRelease, _ served: ServedFeed) throws -> FeedRelease {
    let version = try served.telling.version(of: release)
    var told = try served.telling.release(
      release,
      date: situation.toolbox.now(),
      criticalBelow: critical(version, served.parsed)
    )
    told.channel = channel(in: served)
    return told
  }

  /// The channel of the release that is fixed: its users have the fix there, and nobody else.
  private func channel(in served: ServedFeed) -> String? {
    let base = situation.opened.base.version.text
    let items = (served.parsed?.entries ?? []).filter {
      $0.shortVersion == base && base != situation.version.text
    }
    return items.contains { $0.channel == nil } ? nil : items.first?.channel
  }

  private func change(
    _ served: ServedFeed,
    _ plan: FeedPlan,
    _ release: HostedRelease,
    notes: [UInt8]?
  ) throws -> Change? {
    let (telling, feed) = (served.telling, served.feed)
    guard
      case .takesIt = try plan.role(of: served, { try entry(of: release, served) })
    else { return nil }
    if served.bytes == nil { try refuseLost(telling, plan) }
    if let parsed = served.parsed, try telling.offers(parsed, release) { return nil }
    let artifact = try telling.artifact(of: release)
    var told = try entry(of: release, served)
    try sign(notes, of: feed, &told)
    let content =
      try served.parsed?.adding(told)
      ?? feed.kind.type.new(told, title: release.app, link: host.url(feed.path))
    let new = try signed(content, feed, like: served.parsed)
    let said = try FeedGuard(plan).check(served, to: new, try telling.version(of: release))
    for line in said { situation.toolbox.say(.note(line)) }
    return Change(telling: telling, artifact: artifact, old: served.bytes, new: new)
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
  /// a critical one would take its urgency away (Sparkle 2.9.2 `SUAppcastDriver.m`).
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

  func signed(
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

  /// A feed that vanished must not come back with one item: users below it would be stranded.
  private func refuseLost(_ telling: FeedTelling, _ plan: FeedPlan) throws {
    let feed = telling.feed
    // A line's own feed begins with the first release that is meant for it.
    guard feed.line == nil else { return }
    let hasUsers = plan.used.contains { used in
      isOlder(used.version, than: situation.version)
        && used.release.map { !$0.isForeign && (try? telling.artifact(of: $0)) != nil } ?? false
    }
    guard hasUsers else { return }
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

  /// Why a feed is not touched by a release that is on the host; nil: it has to offer it.
  func leftAlone(
    _ served: ServedFeed,
    _ plan: FeedPlan,
    _ release: HostedRelease
  ) throws -> String? {
    let role = try plan.role(of: served, { try entry(of: release, served) })
    if case .leftAlone(let why) = role { return why }
    return nil
  }

  /// What would become of a feed, before anything is built.
  func trialRole(_ served: ServedFeed, _ plan: FeedPlan, version: String) throws -> FeedPlan.Role {
    try plan.role(of: served) { trial(served, version) }
  }

  private func trial(_ served: ServedFeed, _ version: String) -> FeedRelease {
    var told = trialRelease(served.telling, version)
    told.channel = channel(in: served)
    return told
  }

  /// Proves, before anything irreversible, that every feed would bring the release to those who need
  /// it and take nothing from anybody; returns what becomes of each feed.
  func prove(_ plan: FeedPlan, build: String) throws -> [String] {
    var said: [String] = []
    for served in plan.feeds {
      let feed = served.feed
      let version = feed.kind == .appcast ? build : situation.version.text
      let told = trial(served, version)
      switch try plan.role(of: served, { told }) {
      case .leftAlone(let why): said.append("\(feed.path) is left alone: \(why)")
      case .takesIt(let rule):
        if let rule { said.append("\(feed.path): \(rule)") }
        guard let parsed = served.parsed else {
          try refuseLost(served.telling, plan)
          continue
        }
        if parsed.entries.contains(where: { $0.shortVersion == situation.version.text }) {
          continue
        }
        said += try FeedGuard(plan).check(served, to: try parsed.adding(told), version)
      }
    }
    return said
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
    release.minimumSystem = telling.feed.minimumSystem.on(situation.version)
    return release
  }
}
