package import ReleaseModel

/// A release on GitHub, as far as updaters look at it.
package struct GitHubRelease: Sendable, Hashable {
  package var tag: String
  package var isDraft = false
  package var isPrerelease = false
  /// Published releases of such a repository can never gain, change or lose an asset.
  package var isImmutable = false
  /// The names of the assets that are completely uploaded.
  package var assets: Set<String>
  /// When the tagged commit was made: GitHub's own order where nobody chose "latest".
  package var commitDate: Moment

  package init(tag: String, assets: Set<String> = [], commitDate: Moment = Moment(seconds: 0)) {
    self.tag = tag
    self.assets = assets
    self.commitDate = commitDate
  }
}

/// GitHub's list of releases and its "latest": one pointer for all of a project's lines.
///
/// Source: GitHub REST API, "Create a release", `make_latest`.
package struct GitHubReleases: Sendable, Hashable {
  /// `make_latest` of a publication.
  package enum MakeLatest: String, Sendable, Hashable {
    case yes = "true"
    case no = "false"
    /// By the commits' dates, then by semver.
    case legacy
  }

  /// Newest first, as they are listed.
  package private(set) var all: [GitHubRelease]
  /// The tag that was made latest explicitly; nil: GitHub decides.
  package private(set) var chosen: String?

  package init(_ all: [GitHubRelease], latest: String? = nil) {
    self.all = all
    chosen = latest
  }

  /// What strangers see: drafts are invisible.
  package var visible: [GitHubRelease] { all.filter { !$0.isDraft } }

  /// The release that `/releases/latest` leads to; drafts and pre-releases never are.
  package var latest: GitHubRelease? {
    let candidates = visible.filter { !$0.isPrerelease }
    if let chosen, let release = candidates.first(where: { $0.tag == chosen }) { return release }
    return candidates.max { a, b in
      a.commitDate != b.commitDate
        ? a.commitDate < b.commitDate
        : ((try? ElectronVersionOrder.compare(a.tag, b.tag)) ?? 0) < 0
    }
  }

  /// Returns the list once `release` is published on top.
  package func publishing(_ release: GitHubRelease, makeLatest: MakeLatest = .yes) -> GitHubReleases
  {
    var next = self
    var published = release
    published.isDraft = false
    next.all.removeAll { $0.tag == release.tag }
    next.all.insert(published, at: 0)
    switch makeLatest {
    case .yes: if !release.isPrerelease { next.chosen = release.tag }
    case .no: if next.chosen == nil { next.chosen = latest?.tag }
    case .legacy: next.chosen = nil
    }
    return next
  }

  /// Whether publishing `tag` should take "latest": only when no stable release is above it.
  ///
  /// "Latest" is one pointer for every line; a hotfix of an old line that takes it hides the newest
  /// release from everybody (GitHub's REST API, "Create a release", `make_latest`).
  package func makeLatest(for tag: String) -> MakeLatest {
    let above = visible.filter { !$0.isPrerelease }.contains { other in
      ((try? ElectronVersionOrder.compare(other.tag, tag)) ?? 0) > 0
    }
    return above ? .no : .yes
  }

  /// The assets that a release lacks before it may be published.
  package func missing(_ needed: Set<String>, in tag: String) -> Set<String> {
    needed.subtracting(all.first { $0.tag == tag }?.assets ?? [])
  }
}
