// What Tauri's updater plugin does with `latest.json`:
//
// 1. The document is read whole: a bad date, URL or key on any platform ends the check for all.
// 2. The platform's entry is looked for before the version: one that is missing is an error.
// 3. `<os>-<arch>-<bundle>` comes before `<os>-<arch>`.
// 4. Offered when newer by Rust's semver; build metadata counts. There is no staging.
// 5. A signature whose trusted comment carries `version:` has to say the version of the feed.

internal import ReleaseModel

/// One user's Tauri updater.
package enum TauriClient {
  package static func offer(_ file: [UInt8], to user: FeedUser) -> FeedOffer {
    offer(Result { try TauriFeed(file) }, to: user)
  }

  static func offer(_ read: Result<TauriFeed, any Error>, to user: FeedUser) -> FeedOffer {
    guard let installed = try? TauriVersionOrder.parsed(user.version) else {
      return FeedOffer(failure: .init("Semver", "the installed \(user.version) is not semver"))
    }
    let feed: TauriFeed
    do {
      feed = try read.get()
    } catch {
      return FeedOffer(failure: .init("Serialization", (error as? Problem)?.why ?? "\(error)"))
    }
    let target = TauriFeed.target(user.platform ?? FeedPlatform(.linux))
    guard let entry = entry(of: feed, target) else {
      let names = feed.platformEntries.map(\.platform).joined(separator: ", ")
      return FeedOffer(
        failure: .init("TargetsNotFound", "there is no entry for \(target), only \(names)")
      )
    }
    let version = String(feed.version.drop { $0 == "v" })
    let order = (try? TauriVersionOrder.parsed(version).order(installed)) ?? 0
    guard order > 0 || (order < 0 && user.allowsDowngrade) else {
      let why =
        order == 0
        ? "\(version) is the same as \(user.version)" : "\(version) is older than \(user.version)"
      return FeedOffer(items: [.init(version, .older, why)])
    }
    var offered = FeedOffer.Offered(version: version, url: entry.url)
    offered.downgrade = order < 0
    return FeedOffer(
      offered: offered,
      items: [.init(version, .offered, "\(version) is newer than \(user.version)")]
    )
  }

  package static func entry(of feed: TauriFeed, _ target: String) -> TauriFeed.Entry? {
    feed.platformEntries.first { $0.platform.hasPrefix(target + "-") }
      ?? feed.platformEntries.first { $0.platform == target || $0.platform.isEmpty }
  }

  /// Why the client would refuse the download because of the signature's version, or nil.
  ///
  /// `requireSignedVersion` is the app's setting (plugin 2.12, CVE-2026-95625).
  package static func versionRefusal(
    trustedComment: String,
    feedVersion: String,
    requireSignedVersion: Bool
  ) -> String? {
    let field = trustedComment.split(separator: "\t").first { $0.hasPrefix("version:") }
    guard let field else {
      return requireSignedVersion ? "MissingSignedVersion" : nil
    }
    let signed = field.dropFirst("version:".count).drop { $0 == "v" }
    return signed == feedVersion.drop { $0 == "v" } ? nil : "SignedVersionMismatch"
  }
}
