package import ReleaseModel

/// The release that a hotfix is made for: the newest one that all users have.
///
/// Pure: the tags on the remote, the releases on the host and what the feeds say go in.
package struct BaseChoice: Sendable, Hashable {
  /// A release that was not chosen, and why not.
  package struct PassedOver: Sendable, Hashable {
    package let tag: String
    /// What is so of it, after its name: `is a pre-release`.
    package let reason: String

    package init(_ tag: String, _ reason: String) {
      self.tag = tag
      self.reason = reason
    }

    package var words: String { "\(tag) \(reason)" }
  }

  /// The chosen release's tag; nil when there is none.
  package let tag: String?
  /// What is newer than the chosen one, newest first; everything where nothing was chosen.
  package let passedOver: [PassedOver]

  /// Chooses among the tags that `version` reads a version from.
  ///
  /// A tag counts as a release only where the host has one of that tag: always when
  /// `needsRelease`, as on GitHub; else as soon as the host has any release of these tags.
  /// `channels` names the channel of each version that the feeds list in a channel only.
  package init(
    tags: [String],
    releases: [HostedRelease],
    channels: [VersionName: String] = [:],
    needsRelease: Bool,
    version: (String) -> VersionName?
  ) {
    let hosted = Dictionary(releases.map { ($0.tag, $0) }) { first, _ in first }
    let onRemote = Set(tags)
    let needsRelease = needsRelease || onRemote.contains { hosted[$0] != nil }
    let named = onRemote.union(hosted.keys)
      .compactMap { tag in version(tag).map { (tag: tag, version: $0) } }
      .sorted { isOlder($1.version, than: $0.version) }
    var passedOver: [PassedOver] = []
    for (tag, version) in named {
      let reason = Self.reason(
        version,
        hosted[tag],
        channel: channels[version],
        isOnRemote: onRemote.contains(tag),
        needsRelease: needsRelease
      )
      guard let reason else {
        self.tag = tag
        self.passedOver = passedOver
        return
      }
      passedOver.append(PassedOver(tag, reason))
    }
    tag = nil
    self.passedOver = passedOver
  }

  /// Why not all users have a release; nil when they do.
  private static func reason(
    _ version: VersionName,
    _ release: HostedRelease?,
    channel: String?,
    isOnRemote: Bool,
    needsRelease: Bool
  ) -> String? {
    if release?.withdrawn != nil { return "was withdrawn" }
    if version.isPrerelease { return "is a pre-release" }
    if release?.isPrerelease == true { return "is marked as a pre-release on the release host" }
    if let channel { return "is offered in the channel \(channel) only" }
    if release == nil, needsRelease { return "is a tag without a release on the release host" }
    return isOnRemote ? nil : "is on the release host, and its tag is not on the remote"
  }

  /// The versions that feeds list, each in a channel of that name only; a version that any feed
  /// offers to everybody is left out.
  ///
  /// Each entry is a listed version by the name that people see, and its channel.
  package static func channels(
    _ entries: [(version: String, channel: String?)]
  ) -> [VersionName: String] {
    let forAll = Set(entries.filter { $0.channel == nil }.map(\.version))
    var channels: [VersionName: String] = [:]
    for entry in entries where !forAll.contains(entry.version) {
      channels[VersionName(entry.version)] = entry.channel
    }
    return channels
  }
}
