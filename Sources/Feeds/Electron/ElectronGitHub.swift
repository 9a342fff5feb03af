// electron-updater's GitHub provider (`GitHubProvider.getLatestVersion`, 6.8.9):
//
// 1. Without `allowPrerelease` it follows `/releases/latest`, whatever the tags are called.
// 2. With it, and on a stable version, it takes the first entry of the Atom feed.
// 3. On a pre-release its channel is the first part behind the dash: `hotfix1` of 1.0.1-hotfix1.
//    Only alpha and beta users see stable releases; everybody else sees their own channel alone.
// 4. The channel file comes from the tag's channel; with `allowPrerelease` `latest.yml` is the
//    second choice.

internal import ReleaseModel

/// electron-updater against GitHub Releases.
package struct ElectronGitHub: Sendable {
  package struct Answer: Sendable {
    package var tag: String?
    /// What was asked for, in order: paths below the repository.
    package var requests: [String] = []
    package var offer: FeedOffer
  }

  private let releases: GitHubReleases
  private let content: @Sendable (_ tag: String, _ file: String) -> [UInt8]?

  /// `content` returns an asset's bytes, or nil where there is none.
  package init(
    _ releases: GitHubReleases,
    content: @escaping @Sendable (_ tag: String, _ file: String) -> [UInt8]?
  ) {
    self.releases = releases
    self.content = content
  }

  package func check(_ user: FeedUser, channel: String? = nil) -> Answer {
    guard let installed = try? ElectronVersionOrder.parsed(user.version) else {
      return failed("ERR_UPDATER_INVALID_VERSION", "\(user.version) is not semver", [])
    }
    let allowsPrerelease = user.allowsPrerelease ?? !installed.prerelease.isEmpty
    var requests = ["releases.atom"]
    guard !releases.visible.isEmpty else {
      return failed("ERR_XML_MISSED_ELEMENT", "nothing is published", requests)
    }
    let tag: String?
    if allowsPrerelease {
      tag = prereleaseTag(channel ?? Self.channel(installed))
    } else {
      requests.append("releases/latest")
      guard let latest = releases.latest else {
        return failed("ERR_UPDATER_INVALID_RELEASE_FEED", "no release is \"latest\"", requests)
      }
      tag = latest.tag
    }
    guard let tag else {
      return failed("ERR_UPDATER_NO_PUBLISHED_VERSIONS", "no release fits the channel", requests)
    }
    let platform = user.platform ?? FeedPlatform(.windows)
    var names = [ElectronFeed.fileName(channel: channel ?? "latest", platform: platform)]
    if allowsPrerelease {
      let own = (try? ElectronVersionOrder.parsed(tag)).flatMap(Self.channel)
      if let own { names[0] = ElectronFeed.fileName(channel: own, platform: platform) }
      names.append(ElectronFeed.fileName(channel: "latest", platform: platform))
    }
    for name in names {
      requests.append("releases/download/\(tag)/\(name)")
      guard let file = content(tag, name) else { continue }
      return Answer(
        tag: tag,
        requests: requests,
        offer: ElectronClient.offer(file, name: nil, to: user)
      )
    }
    return failed("ERR_UPDATER_CHANNEL_FILE_NOT_FOUND", "\(tag) has no \(names[0])", requests)
  }

  private func failed(_ code: String, _ why: String, _ requests: [String]) -> Answer {
    Answer(requests: requests, offer: FeedOffer(failure: .init(code, why)))
  }

  /// `semver.prerelease(version)[0]`; 0 and nothing are JavaScript's false.
  private static func channel(_ version: SemanticVersion) -> String? {
    version.prerelease.first.flatMap { $0 == "0" ? nil : String($0) }
  }

  private func prereleaseTag(_ current: String?) -> String? {
    guard let current else { return releases.visible.first?.tag }
    for release in releases.visible {
      let own = (try? ElectronVersionOrder.parsed(release.tag)).flatMap(Self.channel)
      let isCustom = own != nil && !["alpha", "beta"].contains(own)
      let goesDown = current == "beta" && own == "alpha"
      if ["alpha", "beta"].contains(current), !isCustom, !goesDown { return release.tag }
      if own != nil, own == current { return release.tag }
    }
    return nil
  }
}
