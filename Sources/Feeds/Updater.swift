/// An updater, as a value: its name in options and JSON, and its rules.
///
/// Adding one is a folder beside this file, a line in `all`, and a file of vectors.
package struct Updater: Sendable {
  package let name: String
  package let title: String
  /// Returns −1, 0 or 1 as the first version is older than, the same as, or newer than the second.
  ///
  /// Throws `VersionRefused` where the updater's own parser gives up.
  package let order: @Sendable (_ a: String, _ b: String) throws -> Int
  /// What it offers a user from a feed; nil: it is no updater of its own, only an order.
  package let offer: Offer?
  /// The offers to several users from a feed that is read once, without a word on each item; nil
  /// where `offer` is nil.
  package let offers: Offers?

  /// Returns why it would refuse to install a download, or nil.
  package let refusal: @Sendable (FeedEntry, FeedDownload) -> String?

  /// Why users of a version of this name would never see the regular releases again, or nil.
  package let stranding: @Sendable (_ version: String) -> String?

  /// How it spreads a release slowly, if at all.
  package let rollout: Rollout

  package enum Rollout: Sendable {
    case none
    /// In groups, one after the other.
    case groups
    /// To so many percent of the users, drawn by an id.
    case percent
  }

  /// `name` is the feed's file name, where it matters which file a client asks for.
  package typealias Offer = @Sendable (_ feed: [UInt8], _ name: String?, FeedUser) -> FeedOffer

  /// One offer for each user, in their order.
  package typealias Offers = @Sendable (_ feed: [UInt8], _ users: [FeedUser]) -> [FeedOffer]

  package static let all: [Updater] = [
    Updater(
      "sparkle",
      "Sparkle",
      SparkleVersionOrder.compare,
      check: DownloadCheck.edSignature,
      rollout: .groups,
      offer: { SparkleClient.offer($0, to: $2) },
      offers: SparkleClient.offers
    ),
    Updater(
      "winsparkle",
      "WinSparkle",
      WinSparkleVersionOrder.compare,
      check: DownloadCheck.edSignature,
      offer: { WinSparkleClient.offer($0, to: $2) },
      offers: { WinSparkleClient.dialect.offers($0, to: $1) }
    ),
    Updater(
      "netsparkle",
      "NetSparkle",
      NetSparkleVersionOrder.compare,
      check: DownloadCheck.edSignature,
      offer: { NetSparkleClient.offer($0, to: $2) },
      offers: { NetSparkleClient.dialect.offers($0, to: $1) }
    ),
    Updater(
      "electron-updater",
      "electron-updater",
      ElectronVersionOrder.compare,
      check: DownloadCheck.electron,
      stranding: ElectronClient.stranding,
      rollout: .percent,
      offer: { ElectronClient.offer($0, name: $1, to: $2) },
      offers: each({ try ElectronFeed($0) }) { ElectronClient.offer($0, to: $1) }
    ),
    Updater(
      "tauri",
      "Tauri",
      TauriVersionOrder.compare,
      check: DownloadCheck.tauri,
      offer: { TauriClient.offer($0, to: $2) },
      offers: each({ try TauriFeed($0) }) { TauriClient.offer($0, to: $1) }
    ),
    Updater(
      "velopack-rust",
      "Velopack (Rust core)",
      VelopackVersionOrder.compareRust,
      check: DownloadCheck.digests,
      offer: { VelopackClient.offer($0, name: $1, to: $2, .rust) },
      offers: each({ try VelopackClient.read($0, .rust) }) {
        VelopackClient.offer($0, to: $1, .rust)
      }
    ),
    Updater(
      "velopack-cs",
      "Velopack (C#)",
      VelopackVersionOrder.compareCS,
      check: DownloadCheck.digests,
      offer: { VelopackClient.offer($0, name: $1, to: $2, .cs) },
      offers: each({ try VelopackClient.read($0, .cs) }) {
        VelopackClient.offer($0, to: $1, .cs)
      }
    ),
    Updater(
      "squirrel-windows",
      "Squirrel.Windows",
      SquirrelVersionOrder.compareWindows,
      check: DownloadCheck.digests,
      rollout: .percent,
      offer: { SquirrelClient.offerWindows($0, to: $2) },
      offers: each({ try SquirrelWindowsFeed($0) }) { SquirrelClient.offerWindows($0, to: $1) }
    ),
    Updater(
      "squirrel-mac",
      "Squirrel.Mac",
      SquirrelVersionOrder.compareMac,
      check: DownloadCheck.none,
      offer: { SquirrelClient.offerMac($0, to: $2) },
      offers: each({ try SquirrelMacFeed($0) }) { SquirrelClient.offerMac($0, to: $1) }
    ),
    Updater(
      "appstream",
      "AppStream",
      AppStreamVersionOrder.compare,
      check: DownloadCheck.none,
      offer: { AppStreamClient.offer($0, to: $2) },
      offers: each({ try AppStreamFeed($0) }) { AppStreamClient.offer($0, to: $1) }
    ),
    Updater("dpkg", "dpkg and apt", DebianVersionOrder.compare),
    Updater("homebrew", "Homebrew", HomebrewVersionOrder.compare),
    Updater("winget", "WinGet", WinGetVersionOrder.compare),
  ]

  package static func named(_ name: String) -> Updater? { all.first { $0.name == name } }

  private init(
    _ name: String,
    _ title: String,
    _ order: @escaping @Sendable (String, String) throws -> Int,
    check: @escaping @Sendable (FeedEntry, FeedDownload) -> String? = DownloadCheck.none,
    stranding: @escaping @Sendable (String) -> String? = { _ in nil },
    rollout: Rollout = .none,
    offer: Offer? = nil,
    offers: Offers? = nil
  ) {
    self.name = name
    self.title = title
    self.order = order
    self.offer = offer
    self.offers = offers
    refusal = check
    self.stranding = stranding
    self.rollout = rollout
  }

  /// Reads a feed once for all users, and drops the words on each item, which cost the most.
  private static func each<Feed: Sendable>(
    _ read: @escaping @Sendable ([UInt8]) throws -> Feed,
    _ offer: @escaping @Sendable (Result<Feed, any Error>, FeedUser) -> FeedOffer
  ) -> Offers {
    { file, users in
      let feed = Result { try read(file) }
      return users.map { user in
        var answer = offer(feed, user)
        answer.items = []
        return answer
      }
    }
  }
}
