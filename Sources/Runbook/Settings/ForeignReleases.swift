package import ReleaseModel

/// A file of a release as its host lists it.
package struct ListedFile: Sendable, Hashable {
  package let name: String
  package let size: Int
  /// Nil where the host tells none.
  package let digest: ContentDigest?

  package init(name: String, size: Int, digest: ContentDigest? = nil) {
    self.name = name
    self.size = size
    self.digest = digest
  }
}

/// How releases are named, and how those that another tool made are described.
///
/// The release hosts get it from the settings: they hold no rule of their own.
package struct ForeignReleases: Sendable {
  /// Reads the version out of a tag's name; nil where the tag is no release.
  package let version: @Sendable (_ tag: String) -> VersionName?
  /// Describes a release by what its host lists; nil where the tag is no release.
  package let release:
    @Sendable (_ tag: String, _ files: [ListedFile], _ published: Moment) -> HostedRelease?

  package init(
    version: @escaping @Sendable (String) -> VersionName?,
    release: @escaping @Sendable (String, [ListedFile], Moment) -> HostedRelease?
  ) {
    self.version = version
    self.release = release
  }
}

extension Settings {
  package var foreignReleases: ForeignReleases {
    ForeignReleases(
      version: { version(ofTag: $0) },
      release: { foreignRelease($0, $1, published: $2) }
    )
  }

  /// A release of another tool: all its downloads, those that `ship.artifacts` names first.
  private func foreignRelease(
    _ tag: String,
    _ files: [ListedFile],
    published: Moment
  ) -> HostedRelease? {
    guard let version = version(ofTag: tag) else { return nil }
    let feedNames = Set(feeds.map(\.fileName))
    let named = artifacts.map { artifact in
      let path = artifact.path.filled(["version": version.text])
      return (name: path.split(separator: "/").last.map(String.init), platform: artifact.platform)
    }
    let downloads = files.filter { file in
      isSaneName(file.name.replacing(" ", with: "_")) && !file.name.contains("/")
        && !feedNames.contains(file.name) && !isCompanionFile(file.name)
    }
    let found = downloads.map { file in
      let place = named.firstIndex { $0.name == file.name }
      let artifact = ReleaseModel.Artifact(
        name: file.name,
        size: file.size,
        digest: file.digest,
        platform: place.map { named[$0].platform } ?? Platform(ofFile: file.name)
      )
      return (place: place ?? named.count, artifact: artifact)
    }
    var release = HostedRelease(
      app: app,
      tag: tag,
      version: version,
      commit: "",
      published: published,
      artifacts: found.sorted { ($0.place, $0.artifact.name) < ($1.place, $1.artifact.name) }
        .prefix(1000).map(\.artifact)
    )
    release.isForeign = true
    return release
  }
}

/// Returns the releases of a long list that are looked at, newest first.
///
/// The newest `countMax` by version; of these the newest quarter of those for all users is always
/// there, so that no number of nightly builds hides what most people have. What has no version comes
/// last.
package func newestReleases<Listed>(
  _ all: [Listed],
  countMax: Int = 200,
  version: (Listed) -> VersionName?,
  isForAllUsers: (Listed) -> Bool
) -> [Listed] {
  let sorted = all.map { (version($0), $0) }.sorted { a, b in
    guard let older = b.0 else { return a.0 != nil }
    return a.0.map { isOlder(older, than: $0) } ?? false
  }
  var isChosen = [Bool](repeating: false, count: sorted.count)
  let stable = sorted.indices.filter { sorted[$0].0 != nil && isForAllUsers(sorted[$0].1) }
  for index in stable.prefix(countMax / 4) { isChosen[index] = true }
  var left = countMax - isChosen.count { $0 }
  for index in sorted.indices where !isChosen[index] && left > 0 {
    isChosen[index] = true
    left -= 1
  }
  return sorted.indices.filter { isChosen[$0] }.map { sorted[$0].1 }
}
