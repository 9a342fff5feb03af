package import Git
package import ReleaseModel

/// Who has a fault: the releases that contain the commit which brought it in, and how often users
/// downloaded them.
package struct Reach: Sendable, Hashable {
  package struct Release: Sendable, Hashable {
    package let version: VersionName
    package let tag: String
    package let hasFault: Bool
    /// Nil where the host does not count.
    package let downloads: Int?

    package init(version: VersionName, tag: String, hasFault: Bool, downloads: Int?) {
      self.version = version
      self.tag = tag
      self.hasFault = hasFault
      self.downloads = downloads
    }
  }

  /// Every release of the tag's scheme, oldest first.
  package let releases: [Release]

  package init(releases: [Release]) {
    self.releases = releases
  }

  package var affected: [VersionName] { releases.filter(\.hasFault).map(\.version) }

  /// The share of downloads that have the fault; nil where nothing is counted.
  package var share: Double? {
    let all = releases.compactMap(\.downloads).reduce(0, +)
    guard all > 0 else { return nil }
    let faulty = releases.filter(\.hasFault).compactMap(\.downloads).reduce(0, +)
    return Double(faulty) / Double(all)
  }

  /// The answer to the assessment's question of reach: many from 10 %, some from 1 %, else few.
  package var answer: String? {
    share.map { $0 >= 0.1 ? "many" : $0 >= 0.01 ? "some" : "few" }
  }

  /// Looks at the tags on the remote, and at the host's counts.
  package static func find(
    introducedBy commit: String,
    git: Git,
    settings: Settings,
    toolbox: Toolbox
  ) async throws -> Reach {
    let faulty = Set(try await git.tags(containing: commit).map(\.name))
    var counts: [String: [String: Int]]?
    do {
      counts = try await toolbox.forge?.publicity.downloads()
    } catch let problem as Problem {
      // What git knows is enough to say who has the fault.
      toolbox.say(.note("downloads are not counted: \(problem.what) \(problem.why)"))
    }
    let releases = try await git.tags().compactMap { tag -> Release? in
      guard let version = settings.version(ofTag: tag.name) else { return nil }
      return Release(
        version: version,
        tag: tag.name,
        hasFault: faulty.contains(tag.name),
        downloads: counts.map { downloads($0[tag.name] ?? [:], settings) }
      )
    }
    return Reach(releases: releases.sorted { isOlder($0.version, than: $1.version) })
  }

  /// What people downloaded; feeds and the tool's own additions are fetched by machines.
  static func downloads(_ assets: [String: Int], _ settings: Settings) -> Int {
    let own = Set(["SHA256SUMS", "notes.md", "release.json"] + settings.feeds.map(\.fileName))
    return assets.filter { !own.contains($0.key) }.values.reduce(0, +)
  }
}
