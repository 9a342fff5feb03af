// Feeds, one after the other.
//
// 1. A feed as served is either the old one or the new one (invariant 5): compare-and-swap.
// 2. It never offers what cannot be downloaded: the release comes first, and is looked at again.
// 3. It never goes backwards: no version in use is offered less than before.

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

  func finding(_ release: HostedRelease) async throws -> Finding {
    var evidence: [String] = []
    for feed in situation.settings.feeds {
      let artifact = try artifact(for: feed, release)
      guard let file = try await host.readFile(feed.path) else {
        return .lacking("\(feed.path) is not there")
      }
      let parsed = try SparkleFeed(file)
      guard let item = parsed.items.first(where: { isItem($0, of: artifact, release) }) else {
        return .lacking("\(feed.path) does not offer \(release.version)")
      }
      evidence.append("\(feed.path) offers \(item.shortVersion) (\(item.version))")
    }
    return .holds(evidence)
  }

  private func isItem(
    _ item: SparkleItem,
    of artifact: Artifact,
    _ release: HostedRelease
  ) -> Bool {
    item.version == artifact.bundleVersion ?? release.version.text
      && item.enclosure?.url == url(artifact, release)
  }

  private func url(_ artifact: Artifact, _ release: HostedRelease) -> String {
    host.url(host.artifactPath(release.tag, artifact.name))
  }

  private func artifact(
    for feed: Settings.Feed,
    _ release: HostedRelease
  ) throws -> Artifact {
    let wanted = feed.artifact?.filled(["version": release.version.text])
    let found = release.artifacts.first { artifact in
      wanted.map { $0 == artifact.name } ?? [.macos, .any].contains(artifact.platform)
    }
    guard let found else {
      throw Problem(
        "feed.no-artifact",
        "No artifact of \(release.tag) is for the feed \(feed.path).",
        why: "The release has \(release.artifacts.map(\.name).joined(separator: ", ")).",
        next: ["Name it in hotfix.yml:  feeds: [ { sparkle: \(feed.path), artifact: … } ]"]
      )
    }
    return found
  }

  func effects() async throws -> [Effect] {
    guard let release = try await host.release(situation.opened.tag) else {
      throw Problem(
        "feed.no-release",
        "The release is not on the host, so no feed may offer it.",
        next: ["hotfix next"]
      )
    }
    var effects: [Effect] = []
    if let reason = release.withdrawn {
      throw Problem(
        "release.withdrawn",
        "\(release.tag) was taken back.",
        why: reason,
        next: ["hotfix rollback --reason \"…\""]
      )
    }
    for feed in situation.settings.feeds {
      let artifact = try artifact(for: feed, release)
      let old = try await host.readFile(feed.path)
      try await refuseLost(feed, isThere: old != nil)
      let parsed = try SparkleFeed(
        old ?? SparkleFeed.empty(title: release.app, link: host.url(feed.path))
      )
      if parsed.items.contains(where: { isItem($0, of: artifact, release) }) { continue }
      let new = try signed(
        parsed.adding(try item(artifact, release, feed, parsed)),
        feed,
        like: parsed
      )
      try await refuseBackwards(from: parsed, to: new, feed)
      effects.append(
        Effect(
          feed.path,
          says: "adds \(release.version) to \(feed.path)",
          materials: ["digest": ContentDigest.of(new).description],
          body: .outward {
            try await host.writeFile(feed.path, old.map { ContentDigest.of($0) }, new)
            return .done("\(feed.path) is \(ContentDigest.of(new).short)…")
          }
        )
      )
    }
    return effects
  }

  private func item(
    _ artifact: Artifact,
    _ release: HostedRelease,
    _ feed: Settings.Feed,
    _ parsed: SparkleFeed
  ) throws -> SparkleFeed.NewItem {
    guard let signature = artifact.edSignature else {
      throw Problem(
        "feed.unsigned",
        "\(artifact.name) has no update signature, so Sparkle would refuse it.",
        next: ["Set ship.sign.ed25519.key in hotfix.yml, then:  hotfix next"]
      )
    }
    let version = artifact.bundleVersion ?? release.version.text
    return SparkleFeed.NewItem(
      title: "\(release.app) \(release.version)",
      version: version,
      shortVersion: release.version.text,
      pubDate: situation.toolbox.now(),
      notesURL: host.url(host.artifactPath(release.tag, "notes.md")),
      minimumSystem: feed.minimumSystem,
      criticalBelow: critical(version, parsed),
      url: url(artifact, release),
      length: artifact.size,
      edSignature: signature
    )
  }

  /// Critical for everyone below this release; or carried forward, because a plain item on top of
  /// a critical one would take its urgency away (Sparkle report §2).
  private func critical(_ version: String, _ feed: SparkleFeed) -> String? {
    if situation.isCritical { return version }
    let earlier = feed.items.compactMap { item -> String? in
      switch item.critical {
      case .no: nil
      case .everyone: item.version
      case .below(let bound): bound
      }
    }
    return earlier.filter { SparkleVersionOrder.compare($0, version) < 0 }
      .max { SparkleVersionOrder.compare($0, $1) < 0 }
  }

  private func signed(
    _ content: [UInt8],
    _ feed: Settings.Feed,
    like old: SparkleFeed
  ) throws -> [UInt8] {
    guard feed.isSigned || old.signature != nil else { return content }
    guard let source = situation.settings.updateKey else {
      throw Problem(
        "feed.no-key",
        "\(feed.path) is signed, and there is no key to sign it again.",
        next: ["Set ship.sign.ed25519.key in hotfix.yml, then:  hotfix next"]
      )
    }
    let secret = try situation.toolbox.secret(source, root: situation.git.directory)
    let key = try UpdateKey(secret)
    if let signature = old.signature,
      !edSignatureHolds(signature, over: old.content, publicKey: key.publicKey)
    {
      throw Problem(
        "feed.wrong-key",
        "\(feed.path) is not signed by the key at hand, so it was not touched.",
        why: "Either the key is the wrong one, or somebody changed the feed.",
        next: ["hotfix doctor     compares the keys", "hotfix feed show \(feed.path)"]
      )
    }
    return SparkleFeed.file(content: content, signature: try key.sign(content))
  }

  /// Shows what changes for whom, and refuses a feed that would offer anybody less than before.
  private func refuseBackwards(
    from old: SparkleFeed,
    to file: [UInt8],
    _ feed: Settings.Feed
  ) async throws {
    let new = try SparkleFeed(file)
    for used in try await VersionsInUse(situation).all() {
      let host = used.release.artifacts.compactMap(\.bundleVersion).first ?? used.version.text
      let client = SparkleClient(host: host, now: situation.toolbox.now())
      let before = client.offer(old).offered
      let after = client.offer(new).offered
      let from = before?.shortVersion ?? "nothing"
      let to = after?.shortVersion ?? "nothing"
      situation.toolbox.say(.note("\(feed.path): users on \(used.version) get \(to), not \(from)"))
      let isNew = after?.shortVersion == situation.version.text
      if !isNew
        || before.map({ b in
          after.map { SparkleVersionOrder.compare($0.version, b.version) < 0 } ?? true
        }) == true
      {
        throw Problem(
          "feed.backwards",
          "The feed \(feed.path) would not bring users \(situation.version).",
          why: "Users on \(used.version) are offered \(from) now, and would be offered \(to).",
          next: ["hotfix feed offer \(feed.path) --from \(host)", "hotfix abandon --reason \"…\""]
        )
      }
    }
  }

  /// A feed that vanished must not come back with one item: users below it would be stranded.
  private func refuseLost(_ feed: Settings.Feed, isThere: Bool) async throws {
    guard !isThere, try await !VersionsInUse(situation).all().isEmpty else { return }
    throw Problem(
      "feed.missing",
      "The feed \(feed.path) is not on the host, and earlier releases are.",
      why: "A new feed with one item would hide the earlier ones.",
      next: [
        "Restore \(feed.path) from a backup, or mend `feeds` in hotfix.yml.",
        "hotfix feed add \(feed.path) …     begins a new one by hand",
      ]
    )
  }

  /// Proves, before anything irreversible, that the new item would be offered to everyone.
  func proveOffer(build: String) async throws {
    for feed in situation.settings.feeds {
      guard let old = try await host.readFile(feed.path) else { continue }
      let parsed = try SparkleFeed(old)
      let item = SparkleFeed.NewItem(
        title: "",
        version: build,
        shortVersion: situation.version.text,
        pubDate: situation.toolbox.now(),
        notesURL: nil,
        minimumSystem: feed.minimumSystem,
        criticalBelow: nil,
        url: host.url("new"),
        length: 1,
        edSignature: "-"
      )
      try await refuseBackwards(from: parsed, to: parsed.adding(item), feed)
    }
  }

  /// Takes a release out of every feed, and returns what users get from then on.
  func withdraw(_ release: HostedRelease) async throws -> [String] {
    var said: [String] = []
    for feed in situation.settings.feeds {
      guard let old = try await host.readFile(feed.path) else { continue }
      let parsed = try SparkleFeed(old)
      let artifact = try artifact(for: feed, release)
      let version = artifact.bundleVersion ?? release.version.text
      guard parsed.items.contains(where: { $0.version == version }) else {
        said.append("\(feed.path) does not offer \(release.version)")
        continue
      }
      let new = try signed(
        parsed.removing(version: version),
        feed,
        like: parsed
      )
      try await situation.toolbox.boundary("withdraw \(feed.path)")
      try await host.writeFile(feed.path, ContentDigest.of(old), new)
      let now = try SparkleFeed(new)
      let newest = SparkleClient(host: "0", now: situation.toolbox.now()).offer(now).offered
      said.append(
        "\(feed.path) offers \(newest?.shortVersion ?? "nothing") instead of \(release.version)"
      )
    }
    return said
  }
}
