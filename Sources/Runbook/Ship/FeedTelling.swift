internal import Feeds
internal import ReleaseModel

/// What one feed says of a release: which artifact, under which version and address.
struct FeedTelling: Sendable {
  let feed: Settings.Feed
  let host: ReleaseHost

  /// The artifact that the feed offers.
  ///
  /// Throws `feed.no-artifact`.
  func artifact(of release: HostedRelease) throws -> Artifact {
    let wanted = feed.artifact?.filled(["version": release.version.text])
    let found = release.artifacts.filter { artifact in
      artifact.delta == nil
        && (wanted.map { $0 == artifact.name }
          ?? (feed.platform.map { [$0, .any].contains(artifact.platform) } ?? true))
    }
    // Of another tool's files the platform is guessed: one whose name says it goes first.
    let sure = release.isForeign ? found.first { $0.platform == feed.platform } : nil
    guard let found = sure ?? found.first else {
      throw Problem(
        "feed.no-artifact",
        "No artifact of \(release.tag) is for the feed \(feed.path).",
        why: "The release has \(release.artifacts.map(\.name).joined(separator: ", ")).",
        next: [
          "Name it in hotfix.yml:  feeds: [ { \(feed.reader.rawValue): \(feed.path), artifact: … } ]"
        ]
      )
    }
    return found
  }

  /// Where the updater downloads it: an address, or a name beside the feed.
  func url(_ artifact: Artifact, _ release: HostedRelease) -> String {
    feed.wantsFileBeside ? artifact.name : host.url(host.artifactPath(release.tag, artifact.name))
  }

  /// The artifact's path on the host when it has to lie beside the feed.
  func pathBeside(_ artifact: Artifact) -> String? {
    guard feed.wantsFileBeside else { return nil }
    let folder = feed.path.split(separator: "/").dropLast().joined(separator: "/")
    return folder.isEmpty ? artifact.name : "\(folder)/\(artifact.name)"
  }

  func version(of release: HostedRelease) throws -> String {
    feed.version(of: try artifact(of: release), named: release.version)
  }

  func release(
    _ release: HostedRelease,
    date: Moment,
    criticalBelow: String?
  ) throws -> FeedRelease {
    let artifact = try artifact(of: release)
    var file = FeedFile(name: artifact.name, url: url(artifact, release), size: artifact.size)
    file.sha256 = artifact.digest?.hex ?? ""
    file.sha1 = artifact.sha1 ?? ""
    file.sha512 = artifact.sha512 ?? ""
    file.edSignature = artifact.edSignature
    file.minisign = artifact.minisign
    file.deltas = deltas(to: artifact, of: release)
    let platforms = FeedTelling.platforms(artifact.platform)
    file.platform = platforms.first
    var files = [file]
    if feed.kind == .tauri {
      files = platforms.map { platform in
        var own = file
        own.platform = platform
        return own
      }
    }
    var made = FeedRelease(
      app: release.app,
      version: feed.version(of: artifact, named: release.version),
      name: release.version.text,
      date: date,
      files: files
    )
    made.notesURL = host.url(host.artifactPath(release.tag, "notes.md"))
    made.minimumSystem = feed.minimumSystem.on(release.version) ?? artifact.minimumSystem
    made.criticalBelow = criticalBelow
    return made
  }

  /// The binary deltas that stand for the download where an updater has the old bundle.
  private func deltas(to full: Artifact, of release: HostedRelease) -> [FeedFile.Delta] {
    guard feed.reader == .sparkle else { return [] }
    return release.artifacts.compactMap { artifact in
      guard let delta = artifact.delta, delta.fullName == full.name,
        let signature = artifact.edSignature
      else { return nil }
      return FeedFile.Delta(
        from: delta.bundleVersion,
        url: url(artifact, release),
        size: artifact.size,
        edSignature: signature
      )
    }
  }

  /// The platforms that an artifact serves, in Tauri's sense.
  static func platforms(_ platform: Platform) -> [FeedPlatform] {
    let mac = [FeedPlatform(.macos, .arm64), FeedPlatform(.macos)]
    return switch platform {
    case .linux: [FeedPlatform(.linux)]
    case .windows: [FeedPlatform(.windows)]
    case .macos: mac
    case .any: [FeedPlatform(.linux), FeedPlatform(.windows)] + mac
    }
  }

  /// A user of a version of the app, as this feed's updaters see them.
  func user(on version: String, _ platform: Platform, now: Moment) -> FeedUser {
    var user = FeedUser(version: version, now: now)
    switch feed.reader {
    case .electron: user.platform = ElectronFeed.platform(ofName: feed.fileName)
    case .tauri: user.platform = Self.platforms(platform).first
    default: break
    }
    return user
  }

  /// Whether a feed has an entry of just this release.
  func offers(_ parsed: any FeedFormat, _ release: HostedRelease) throws -> Bool {
    let artifact = try artifact(of: release)
    let version = feed.version(of: artifact, named: release.version)
    return parsed.entries.contains { entry in
      entry.version == version
        && (feed.kind == .appstream || entry.url == url(artifact, release))
    }
  }
}
