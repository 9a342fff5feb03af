internal import ReleaseModel

/// One user's NetSparkle.
package enum NetSparkleClient {
  static let dialect = AppcastDialect(
    order: NetSparkleVersionOrder.compare,
    fits: block,
    isCriticalSticky: true
  )

  package static func offer(_ file: [UInt8], to user: FeedUser) -> FeedOffer {
    dialect.offer(file, to: user)
  }

  /// Looks for parts of words, as the client does: "darwin" holds "win".
  @Sendable private static func block(_ item: DialectItem, _ user: FeedUser) -> FeedOffer.Item? {
    let os = (item.os ?? "windows").lowercased()
    let isFitting =
      switch user.platform?.system ?? .windows {
      case .windows: os.contains("win")
      case .macos: os.contains("mac") || os.contains("osx")
      case .linux: os.contains("linux")
      }
    return isFitting ? nil : .init(item.version, .platform, "it is for \(os)")
  }
}
