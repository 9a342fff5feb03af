internal import ReleaseModel

/// The `<releases>` of an AppStream metainfo file, which software centres show.
///
/// Format: AppStream 1.0 specification, "Release Information".
package struct AppStreamFeed: Sendable {
  package struct Release: Sendable, Hashable {
    package let version: String?
    package let date: String?
    package let type: String?
    package let urgency: String?
    package let url: String?
    package let checksumTypes: [String]
    package let range: Range<Int>
    /// Where an attribute can be added.
    package let nameEnd: Int
    package let urgencyRange: Range<Int>?
  }

  package let bytes: [UInt8]
  package let releases: [Release]
  let list: XMLElement

  /// Throws `feed.malformed`.
  package init(_ file: [UInt8]) throws {
    bytes = file
    let root = try XMLScanner.document(file)
    let found = root.name == "releases" ? root : root.first("releases")
    guard let list = found, root.name == "releases" || root.name == "component" else {
      throw XMLScanner.malformed("there is no <component> with <releases>", file, 0)
    }
    self.list = list
    releases = list.children("release").map { element in
      Release(
        version: element.attribute("version"),
        date: element.attribute("date") ?? element.attribute("timestamp"),
        type: element.attribute("type"),
        urgency: element.attribute("urgency"),
        url: element.first("url").map { trimmed($0.text) },
        checksumTypes: element.first("artifacts")?.children.flatMap { $0.children("checksum") }
          .compactMap { $0.attribute("type") } ?? [],
        range: element.range,
        nameEnd: element.nameEnd,
        urgencyRange: element.attributes.first { $0.name == "urgency" }?.valueRange
      )
    }
  }
}

/// What a software centre says of an AppStream file: it shows, and never installs by it.
package enum AppStreamClient {
  package static func offer(_ file: [UInt8], to user: FeedUser) -> FeedOffer {
    offer(Result { try AppStreamFeed(file) }, to: user)
  }

  static func offer(_ read: Result<AppStreamFeed, any Error>, to user: FeedUser) -> FeedOffer {
    guard let feed = try? read.get() else {
      return FeedOffer(failure: .init("feed.malformed", "it is no AppStream file with releases"))
    }
    let stable = feed.releases.filter { ($0.type ?? "stable") == "stable" }
    let newest = stable.max {
      AppStreamVersionOrder.compare($0.version ?? "", $1.version ?? "") < 0
    }
    let target = newest.flatMap {
      AppStreamVersionOrder.compare($0.version ?? "", user.version) > 0 ? $0 : nil
    }
    var answer = FeedOffer()
    answer.items = feed.releases.map { release in
      let version = release.version ?? ""
      if release == target { return .init(version, .offered, "shown as the newest release") }
      if (release.type ?? "stable") != "stable" {
        return .init(version, .channel, "it is a \(release.type ?? "") release")
      }
      return AppStreamVersionOrder.compare(version, user.version) > 0
        ? .init(version, .superseded, "a newer release is shown")
        : .init(version, .older, "\(version) is not newer than \(user.version)")
    }
    if let target, let version = target.version {
      var offered = FeedOffer.Offered(version: version, url: target.url ?? "")
      offered.critical = target.urgency == "critical"
      offered.informational = true
      answer.offered = offered
    }
    return answer
  }
}
