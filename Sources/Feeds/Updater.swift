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

  package static let all: [Updater] = [
    Updater(
      "sparkle",
      "Sparkle",
      SparkleVersionOrder.compare,
      check: DownloadCheck.edSignature,
      rollout: .groups,
      offer: { SparkleClient.offer($0, to: $2) }
    ),
    Updater(
      "winsparkle",
      "WinSparkle",
      WinSparkleVersionOrder.compare,
      check: DownloadCheck.edSignature,
      offer: { WinSparkleClient.offer($0, to: $2) }
    ),
    Updater(
      "netsparkle",
      "NetSparkle",
      NetSparkleVersionOrder.compare,
      check: DownloadCheck.edSignature,
      offer: { NetSparkleClient.offer($0, to: $2) }
    ),
    Updater(
      "electron-updater",
      "electron-updater",
      ElectronVersionOrder.compare,
      check: DownloadCheck.electron,
      stranding: ElectronClient.stranding,
      rollout: .percent,
      offer: { ElectronClient.offer($0, name: $1, to: $2) }
    ),
    Updater(
      "tauri",
      "Tauri",
      TauriVersionOrder.compare,
      check: DownloadCheck.tauri,
      offer: { TauriClient.offer($0, to: $2) }
    ),
    Updater(
      "velopack-rust",
      "Velopack (Rust core)",
      VelopackVersionOrder.compareRust,
      check: DownloadCheck.digests,
      offer: { VelopackClient.offer($0, name: $1, to: $2, .rust) }
    ),
    Updater(
      "velopack-cs",
      "Velopack (C#)",
      VelopackVersionOrder.compareCS,
      check: DownloadCheck.digests,
      offer: { VelopackClient.offer($0, name: $1, to: $2, .cs) }
    ),
    Updater(
      "squirrel-windows",
      "Squirrel.Windows",
      SquirrelVersionOrder.compareWindows,
      check: DownloadCheck.digests,
      rollout: .percent,
      offer: { SquirrelClient.offerWindows($0, to: $2) }
    ),
    Updater(
      "squirrel-mac",
      "Squirrel.Mac",
      SquirrelVersionOrder.compareMac,
      check: DownloadCheck.none,
      offer: { SquirrelClient.offerMac($0, to: $2) }
    ),
    Updater(
      "appstream",
      "AppStream",
      AppStreamVersionOrder.compare,
      check: DownloadCheck.none,
      offer: { AppStreamClient.offer($0, to: $2) }
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
    offer: Offer? = nil
  ) {
    self.name = name
    self.title = title
    self.order = order
    self.offer = offer
    refusal = check
    self.stranding = stranding
    self.rollout = rollout
  }
}
