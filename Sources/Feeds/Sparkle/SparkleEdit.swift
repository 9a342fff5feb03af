internal import ReleaseModel

extension SparkleFeed: FeedFormat {
  package var entries: [FeedEntry] {
    items.map { item in
      var entry = FeedEntry(
        version: item.version,
        shortVersion: item.shortVersion,
        place: places.place(of: item.range.lowerBound)
      )
      entry.title = item.title
      entry.url = item.enclosure?.url ?? item.link
      entry.size = item.enclosure?.length
      entry.channel = item.channel
      entry.edSignature = item.enclosure?.edSignature
      entry.platform = item.enclosure?.os
      switch item.critical {
      case .no: break
      case .everyone: entry.critical = "for everyone"
      case .below(let version): entry.critical = "below \(version)"
      }
      return entry
    }
  }

  package static func new(_ release: FeedRelease, title: String, link: String) throws -> [UInt8] {
    try SparkleFeed(empty(title: title, link: link)).adding(release)
  }

  package func adding(_ release: FeedRelease) throws -> [UInt8] {
    guard let file = release.files.first, let signature = file.edSignature else {
      throw Problem(
        "feed.unsigned",
        "\(release.files.first?.name ?? release.name) has no update signature, so Sparkle would "
          + "refuse it.",
        next: ["Set ship.sign.ed25519.key in hotfix.yml, then:  hotfix next"]
      )
    }
    if let channel = release.channel, !isChannel(channel) {
      throw Problem(
        "feed.channel",
        "\"\(channel)\" is no name of a channel.",
        why: "Sparkle would offer \(release.name) to everybody.",
        next: ["Use letters, digits, _ . and - only."]
      )
    }
    var item = NewItem(
      title: "\(release.app) \(release.name)",
      version: release.version,
      shortVersion: release.name,
      pubDate: release.date,
      notesURL: release.notesURL,
      minimumSystem: release.minimumSystem,
      criticalBelow: release.criticalBelow,
      url: file.url,
      length: file.size,
      edSignature: signature
    )
    item.channel = release.channel
    item.carried = carried(to: release)
    item.notesSignature = release.notesSignature
    item.notesLength = release.notesLength
    item.deltas = file.deltas
    return adding(item)
  }

  package func withdrawing(_ version: String, restoring last: FeedRelease?) throws -> [UInt8] {
    try require(version)
    return removing(version: version)
  }

  package func changing(_ change: FeedChange, of version: String) throws -> [UInt8] {
    switch change {
    case .critical(let below):
      let bound = below.map { " sparkle:version=\"\(xmlEscaped($0))\"" } ?? ""
      return try setting("sparkle:criticalUpdate", "<sparkle:criticalUpdate\(bound)/>", of: version)
    case .stageInterval(let seconds, let from):
      let staged = try setting(
        "sparkle:phasedRolloutInterval",
        "<sparkle:phasedRolloutInterval>\(seconds)</sparkle:phasedRolloutInterval>",
        of: version
      )
      return try SparkleFeed(staged)
        .setting("pubDate", "<pubDate>\(from.rfc822)</pubDate>", of: version)
    case .stagePercent:
      throw FeedKind.noMechanism(
        "spread by percent",
        .appcast,
        "Sparkle has seven groups:  hotfix feed stage FEED --version \(version) --interval 86400"
      )
    case .halt: return try halting(version)
    case .resume: return try resuming(version)
    }
  }

  /// Replaces an element of the items of `version`, or adds it as their last one.
  private func setting(_ name: String, _ text: String, of version: String) throws -> [UInt8] {
    try require(version)
    var edit = ByteEdit(content)
    let ranges = Set(items.filter { $0.version == version }.map(\.range))
    for element in channel.children("item") where ranges.contains(element.range) {
      if let old = element.first(name) {
        edit.replace(old.range, by: text)
      } else if let last = element.children.last {
        let space = edit.whitespace(before: last.range.lowerBound)
        edit.insert(space + text, at: last.range.upperBound)
      }
    }
    return try edit.result()
  }

  private static func mark(_ version: String) -> String {
    "<!-- hotfix: \(version) is halted; hotfix feed resume puts it back\n"
  }

  /// Sparkle has no switch, so the item becomes a comment: out of every updater's sight, and back
  /// byte for byte.
  private func halting(_ version: String) throws -> [UInt8] {
    let text = String(decoding: content, as: UTF8.self)
    if items.allSatisfy({ $0.version != version }), text.contains(Self.mark(version)) {
      return content
    }
    try require(version)
    var edit = ByteEdit(content)
    for item in items where item.version == version {
      let text = String(decoding: content[item.range], as: UTF8.self)
      guard !text.contains("--"), !version.contains("--") else {
        throw Problem(
          "feed.form",
          "The item of \(version) cannot become a comment.",
          why: "It holds \"--\", which XML does not allow inside of one.",
          next: ["hotfix feed remove FEED --version \(OutsideText(version).word)"]
        )
      }
      edit.replace(item.range, by: Self.mark(version) + text + "\n-->")
    }
    return try edit.result()
  }

  private func resuming(_ version: String) throws -> [UInt8] {
    var text = String(decoding: content, as: UTF8.self)
    let mark = Self.mark(version)
    var isHalted = false
    while let start = text.firstRange(of: mark),
      let end = text[start.upperBound...].firstRange(of: "\n-->")
    {
      isHalted = true
      text.removeSubrange(end)
      text.removeSubrange(start)
    }
    if isHalted { return Array(text.utf8) }
    return try unstaging(version)
  }

  /// Lets a phased item go to everybody at once.
  private func unstaging(_ version: String) throws -> [UInt8] {
    let ranges = Set(items.filter { $0.version == version && $0.phasedSeconds != nil }.map(\.range))
    guard !ranges.isEmpty else {
      throw Problem(
        "feed.not-halted",
        "\(version) is neither halted nor staged in this feed.",
        why: "It has \(items.map(\.version).joined(separator: ", ")).",
        next: ["hotfix feed show FEED"]
      )
    }
    var edit = ByteEdit(content)
    for element in channel.children("item") where ranges.contains(element.range) {
      for phase in element.children("sparkle:phasedRolloutInterval") {
        let space = edit.whitespace(before: phase.range.lowerBound)
        edit.replace(
          (phase.range.lowerBound - space.utf8.count)..<phase.range.upperBound,
          by: ""
        )
      }
    }
    return try edit.result()
  }
}
