internal import Foundation
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
  /// The host's own mark: not every user gets the release.
  package var isPrerelease = false
  /// Whether another tool made it: it has no `release.json`, and less is known of its artifacts.
  package var isForeign = false
  /// Why less is known of it than should be, as one sentence; nil where nothing is wrong.
  package var note: String?

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
  /// The form of `release.json`: a flag that does not hold is not written, and what was only seen on
  /// the host never is.
  private enum Name: String, CodingKey {
    case schema, app, tag, version, commit, published, artifacts, withdrawn, prerelease
  }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Name.self)
    schema = try values.decode(String.self, forKey: .schema)
    app = try values.decode(String.self, forKey: .app)
    tag = try values.decode(String.self, forKey: .tag)
    version = try values.decode(VersionName.self, forKey: .version)
    commit = try values.decode(String.self, forKey: .commit)
    published = try values.decode(Moment.self, forKey: .published)
    artifacts = try values.decode([Artifact].self, forKey: .artifacts)
    withdrawn = try values.decodeIfPresent(String.self, forKey: .withdrawn)
    isPrerelease = try values.decodeIfPresent(Bool.self, forKey: .prerelease) ?? false
  }

  package func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Name.self)
    try values.encode(schema, forKey: .schema)
    try values.encode(app, forKey: .app)
    try values.encode(tag, forKey: .tag)
    try values.encode(version, forKey: .version)
    try values.encode(commit, forKey: .commit)
    try values.encode(published, forKey: .published)
    try values.encode(artifacts, forKey: .artifacts)
    try values.encodeIfPresent(withdrawn, forKey: .withdrawn)
    if isPrerelease { try values.encode(true, forKey: .prerelease) }
  }

  /// Whether all users get it, as far as its name and its host tell.
  package var isForAllUsers: Bool { !isPrerelease && !version.isPrerelease }

  /// Reads a `release.json`; nil: the file is another tool's that has the same name.
  ///
  /// Throws `host.unreadable`.
  package static func read(
    _ bytes: [UInt8],
    tag: String,
    at place: String
  ) throws -> HostedRelease? {
    struct Form: Decodable {
      let schema: String?
    }
    do {
      let form = try JSONDecoder().decode(Form.self, from: Data(bytes))
      guard form.schema?.hasPrefix("hotfix.release/") == true else { return nil }
      let release = try JSONDecoder().decode(HostedRelease.self, from: Data(bytes))
      guard release.isSane else { throw Mistake("a name in it cannot be a file's name") }
      guard release.tag == tag else { throw Mistake("it is of \(release.tag)") }
      return release
    } catch {
      throw Problem(
        "host.unreadable",
        "The release.json of \(tag) on the host cannot be read.",
        why: "\(error)",
        next: ["Restore \(place) from a backup."]
      )
    }
  }

  /// What is wrong with a file that is well-formed.
  private struct Mistake: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
      self.description = description
    }
  }

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
    release.artifacts.compactMap { artifact in
      artifact.digest.map { "\($0.hex)  \(artifact.name)\n" }
    }.joined()
  }
}

/// Where releases and feeds are published.
package struct ReleaseHost: Sendable {
  /// Returns the release as the host's owner sees it, or nil.
  package var release: @Sendable (_ tag: String) async throws -> HostedRelease?
  /// The releases that the host lists, whoever made them, oldest version first.
  ///
  /// Bounded, newest first: see `newestReleases`.
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
  /// Throws when `writeFile` could not change a feed, whatever its content.
  package var requireChangeable: @Sendable (_ feed: String) async throws -> Void = { _ in }
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

extension ReleaseHost {
  /// A host that no setting names: everything that is asked of it throws.
  package static func missing(_ problem: Problem) -> ReleaseHost {
    ReleaseHost(
      release: { _ in throw problem },
      releases: { throw problem },
      publish: { _ in throw problem },
      notes: { _ in throw problem },
      markWithdrawn: { _, _ in throw problem },
      readFile: { _ in throw problem },
      writeFile: { _, _, _ in throw problem },
      place: { _, _, _ in throw problem },
      fetch: { _, _, _ in throw problem },
      url: { $0 },
      artifactPath: { "\($0)/\($1)" },
      page: { $0 },
      reach: { throw problem }
    )
  }
}
