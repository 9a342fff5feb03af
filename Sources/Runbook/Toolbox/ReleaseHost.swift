package import ReleaseModel

/// A release as its host has it.
package struct HostedRelease: Sendable, Hashable, Codable {
  package var schema = "hotfix.release/1"
  package var app: String
  package var tag: String
  package var version: VersionName
  package var commit: String
  package var published: Moment
  package var artifacts: [Artifact]
  /// Why the release was taken back; nil while it stands.
  package var withdrawn: String?

  package init(
    app: String,
    tag: String,
    version: VersionName,
    commit: String,
    published: Moment,
    artifacts: [Artifact],
    withdrawn: String? = nil
  ) {
    self.app = app
    self.tag = tag
    self.version = version
    self.commit = commit
    self.published = published
    self.artifacts = artifacts
    self.withdrawn = withdrawn
  }
}

extension HostedRelease {
  /// Whether every name can be a file of one folder: what a server sends is not to be believed.
  package var isSane: Bool {
    let names = artifacts.map(\.name)
    return Set(names).count == names.count && artifacts.count <= 1000
      && (names + [tag, version.text]).allSatisfy { name in
        isSaneName(name.replacing(" ", with: "_")) && !name.contains("/")
      }
  }
}

/// A release on its way to the host.
package struct Publication: Sendable {
  package let release: HostedRelease
  package let notes: String
  /// Where the artifacts lie.
  package let folder: FilePath
  /// Feeds that have to appear together with the release, by path.
  package let feeds: [String: [UInt8]]

  package init(
    release: HostedRelease,
    notes: String,
    folder: FilePath,
    feeds: [String: [UInt8]] = [:]
  ) {
    self.release = release
    self.notes = notes
    self.folder = folder
    self.feeds = feeds
  }

  /// `SHA256SUMS`, as sha256sum writes it.
  package var checksums: String {
    release.artifacts.map { "\($0.digest.hex)  \($0.name)\n" }.joined()
  }
}

/// Where releases and feeds are published.
package struct ReleaseHost: Sendable {
  /// Returns the release as the host's owner sees it, or nil.
  package var release: @Sendable (_ tag: String) async throws -> HostedRelease?
  package var releases: @Sendable () async throws -> [HostedRelease]
  /// Publishes a release whole or not at all, and once: a second one of that tag is refused.
  package var publish: @Sendable (Publication) async throws -> Void
  /// The release's notes as they are now, whoever edited them.
  package var notes: @Sendable (_ tag: String) async throws -> String?
  /// Says on the release that it was taken back; its files stay for those who look into it.
  package var markWithdrawn: @Sendable (_ tag: String, _ reason: String) async throws -> Void
  package var readFile: @Sendable (_ path: String) async throws -> [UInt8]?
  /// Replaces a feed by compare-and-swap; throws `feed.moved` when it is no longer `old`.
  package var writeFile:
    @Sendable (_ path: String, _ old: ContentDigest?, _ new: [UInt8]) async throws -> Void
  /// Lays a release's artifact beside a feed, for updaters that look for it there.
  package var place:
    @Sendable (_ tag: String, _ artifact: Artifact, _ path: String) async throws -> Void
  /// Copies a published artifact into a file; false when the host does not have it.
  package var fetch:
    @Sendable (_ tag: String, _ name: String, _ file: FilePath) async throws -> Bool
  /// Where users reach a path of the host.
  package var url: @Sendable (_ path: String) -> String
  /// Where users reach an artifact.
  package var artifactPath: @Sendable (_ tag: String, _ name: String) -> String
  /// Where people read about a release.
  package var page: @Sendable (_ tag: String) -> String
  /// Whether feeds are part of a release, so that both appear at once.
  package var feedsTravelWithRelease: Bool
  /// How long it may take until a feed that was written is served, in seconds.
  package var feedDelaySecondsMax: Int
  /// Makes the host reachable for verification; serves a loopback address if nobody does, for as
  /// long as this process runs.
  package var reach: @Sendable () async throws -> Void

  package init(
    release: @escaping @Sendable (String) async throws -> HostedRelease?,
    releases: @escaping @Sendable () async throws -> [HostedRelease],
    publish: @escaping @Sendable (Publication) async throws -> Void,
    notes: @escaping @Sendable (String) async throws -> String?,
    markWithdrawn: @escaping @Sendable (String, String) async throws -> Void,
    readFile: @escaping @Sendable (String) async throws -> [UInt8]?,
    writeFile: @escaping @Sendable (String, ContentDigest?, [UInt8]) async throws -> Void,
    place: @escaping @Sendable (String, Artifact, String) async throws -> Void,
    fetch: @escaping @Sendable (String, String, FilePath) async throws -> Bool,
    url: @escaping @Sendable (String) -> String,
    artifactPath: @escaping @Sendable (String, String) -> String,
    page: @escaping @Sendable (String) -> String,
    feedsTravelWithRelease: Bool = false,
    feedDelaySecondsMax: Int = 0,
    reach: @escaping @Sendable () async throws -> Void
  ) {
    self.release = release
    self.releases = releases
    self.publish = publish
    self.notes = notes
    self.markWithdrawn = markWithdrawn
    self.readFile = readFile
    self.writeFile = writeFile
    self.place = place
    self.fetch = fetch
    self.url = url
    self.artifactPath = artifactPath
    self.page = page
    self.feedsTravelWithRelease = feedsTravelWithRelease
    self.feedDelaySecondsMax = feedDelaySecondsMax
    self.reach = reach
  }
}
