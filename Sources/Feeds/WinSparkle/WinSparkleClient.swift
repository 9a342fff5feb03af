internal import ReleaseModel

/// One user's WinSparkle 0.9.4.
package enum WinSparkleClient {
  static let dialect = AppcastDialect(
    order: WinSparkleVersionOrder.compare,
    fits: block,
    isCriticalSticky: false
  )

  package static func offer(_ file: [UInt8], to user: FeedUser) -> FeedOffer {
    dialect.offer(file, to: user)
  }

  @Sendable private static func block(_ item: DialectItem, _ user: FeedUser) -> FeedOffer.Item? {
    let names: [FeedPlatform.Processor: String] = [
      .x64: "windows-x64", .x86: "windows-x86", .arm64: "windows-arm64",
    ]
    let own = ["windows", names[user.platform?.processor ?? .x64] ?? "windows"]
    if let os = item.os, !os.isEmpty, !own.contains(os) {
      return .init(item.version, .platform, "it is for \(os)")
    }
    // The default system is a Mac's; Windows is asked about only where it was named.
    if let minimum = item.minimumSystem, user.platform?.system == .windows,
      WinSparkleVersionOrder.compare(minimum, user.system) > 0
    {
      return .init(item.version, .system, "it needs Windows \(minimum)")
    }
    return nil
  }
}
