internal import ReleaseModel

extension SparkleFeed {
  /// What would go wrong for users of Sparkle, WinSparkle and NetSparkle.
  package var findings: [FeedFinding] {
    var all = FindingCollector(["sparkle"])
    let known = Set(items.map(\.version))
    for item in items {
      let check = ItemCheck(item: item, place: places.place(of: item.range.lowerBound))
      check.download(&all)
      check.limits(&all)
      check.version(&all)
      check.deltas(&all, known: known)
    }
    for element in channel.children("item") {
      misplaced(element, &all)
      names(element, &all)
      links(element, &all)
    }
    all.addDuplicates(
      items.map { item in
        let key = [item.version, item.channel, item.minimumSystem, item.enclosure?.os]
          .compactMap(\.self).joined(separator: " ")
        return (key, places.place(of: item.range.lowerBound))
      },
      "Sparkle takes the first"
    )
    for item in items where signature != nil && item.notes != nil && item.notes?.edSignature == nil
    {
      all.add(
        "unsigned-notes",
        .warning,
        places.place(of: item.range.lowerBound),
        "\(item.shortVersion): the feed is signed and its release notes are not, so apps that require "
          + "signed feeds show none.",
        mend: "Add sparkle:edSignature to releaseNotesLink, made over the served notes."
      )
    }
    if items.isEmpty {
      all.add(
        "no-items",
        .warning,
        places.place(of: channel.range.lowerBound),
        "there are no items, so nobody is offered anything.",
        mend: "hotfix feed add FEED FILE --version …"
      )
    }
    addLostCriticality(&all)
    addLostKeys(&all)
    sameToSparkle(&all)
    return all.sorted
  }

  /// Reports elements in places where no updater looks for them.
  ///
  /// Sparkle 2.9.2 `SUAppcastItem.m` reads the phased rollout from the item alone (Sparkle issue
  /// #1736) and `sparkle:deltas` beside the enclosure, not inside it.
  private func misplaced(_ element: XMLElement, _ all: inout FindingCollector) {
    let place = places.place(of: element.range.lowerBound)
    if let enclosure = element.first("enclosure") {
      if enclosure.attribute("sparkle:phasedRolloutInterval") != nil {
        all.add(
          "misplaced-phasing",
          .error,
          place,
          "phasedRolloutInterval is an attribute of the enclosure, so nothing is phased.",
          mend: "Make it an element of the item."
        )
      }
      if enclosure.first("sparkle:deltas") != nil {
        all.add(
          "misplaced-deltas",
          .error,
          place,
          "sparkle:deltas stands inside of the enclosure, so no delta is used.",
          mend: "Put it beside the enclosure."
        )
      }
    }
  }

  private func names(_ element: XMLElement, _ all: inout FindingCollector) {
    let place = places.place(of: element.range.lowerBound)
    if let name = element.first("sparkle:channel").map({ trimmed($0.text) }), !name.isEmpty {
      let isKnown = items.contains { $0.range == element.range && $0.channel != nil }
      all.add(
        isKnown ? "channel-ignored" : "channel-name",
        isKnown ? .warning : .error,
        place,
        isKnown
          ? "WinSparkle and NetSparkle know no channels: they offer \(name) to everybody."
          : "the channel \"\(name)\" is no valid name, so the item goes to everybody.",
        mend: isKnown
          ? "Keep channels out of a feed that they read." : "Use letters, digits, _ . and - only.",
        clients: isKnown ? ["winsparkle", "netsparkle"] : ["sparkle"]
      )
    }
    // A name whose prefix is bound to another namespace only works by accident.
    if element.children.contains(where: { $0.isForeignSparkle }) {
      all.add(
        "wrong-namespace",
        .error,
        place,
        "the prefix sparkle: is not bound to \(XMLScanner.sparkleNamespace).",
        mend: "Declare xmlns:sparkle=\"\(XMLScanner.sparkleNamespace)\" on <rss>."
      )
    }
  }

  private func links(_ element: XMLElement, _ all: inout FindingCollector) {
    let place = places.place(of: element.range.lowerBound)
    if let notes = element.first("sparkle:releaseNotesLink")?.text, notes != trimmed(notes) {
      all.add(
        "notes-space",
        .warning,
        place,
        "white space stands around the release notes' URL, which Sparkle 2.9 does not trim.",
        mend: "Write the URL directly between the tags."
      )
    }
    if element.first("sparkle:informationalUpdate") != nil, element.first("link") == nil {
      all.add(
        "informational-link",
        .error,
        place,
        "an informational update needs a link to show.",
        mend: "Add <link>https://…</link> to the item."
      )
    }
  }

  /// The plain items above a critical one, each with the critical item that it hides.
  ///
  /// Sparkle offers the newest item whatever its urgency (2.9.2 `SUAppcastDriver.m`).
  var lostCriticality: [(item: SparkleItem, critical: SparkleItem)] {
    let open = items.filter { $0.channel == nil }
    let lowest = open.filter { $0.critical != .no }
      .min { SparkleVersionOrder.compare($0.version, $1.version) < 0 }
    guard let lowest else { return [] }
    return open.filter { item in
      item.critical == .no && SparkleVersionOrder.compare(lowest.version, item.version) < 0
    }.map { ($0, lowest) }
  }

  private func addLostCriticality(_ all: inout FindingCollector) {
    for (item, lost) in lostCriticality {
      all.add(
        "critical-lost",
        .warning,
        places.place(of: item.range.lowerBound),
        "\(item.shortVersion) is not critical, so users below the critical "
          + "\(lost.shortVersion) are not urged any more.",
        mend: "hotfix feed critical FEED --version \(OutsideText(item.version).word) "
          + "--below \(OutsideText(lost.version).word)"
      )
    }
  }

  /// Everything behind a dash is ignored, so two releases can be one version to Sparkle.
  private func sameToSparkle(_ all: inout FindingCollector) {
    var seen: [String: SparkleItem] = [:]
    for item in items {
      let key = SparkleVersionOrder.key(item.version)
      guard let twin = seen[key] else {
        seen[key] = item
        continue
      }
      guard twin.version != item.version,
        SparkleVersionOrder.compare(twin.version, item.version) == 0
      else { continue }
      all.add(
        "same-version",
        .error,
        places.place(of: item.range.lowerBound),
        "\(item.version) and \(twin.version) are the same version to Sparkle: users of either are "
          + "not offered the other.",
        mend: "Give each release a CFBundleVersion of its own that grows."
      )
    }
  }
}

/// What can be said of one item.
private struct ItemCheck {
  let item: SparkleItem
  let place: FeedPlace

  func download(_ all: inout FindingCollector) {
    guard let enclosure = item.enclosure else { return }
    let name = item.shortVersion
    if enclosure.edSignature == nil {
      all.add(
        "unsigned-enclosure",
        .error,
        place,
        "\(name): the download has no sparkle:edSignature.",
        mend: "Sign it:  hotfix signature sign FILE --key env:KEY"
      )
    } else if !isSignature(enclosure.edSignature ?? "") {
      all.add(
        "signature-form",
        .error,
        place,
        "\(name): sparkle:edSignature is not base64 of 64 bytes.",
        mend: "Sign it:  hotfix signature sign FILE --key env:KEY"
      )
    }
    if enclosure.length ?? 0 <= 0 {
      all.add(
        "length",
        .warning,
        place,
        "\(name): the download has no length that can be read.",
        mend: "Write its size in bytes."
      )
    }
    if enclosure.url.prefix(5).lowercased() == "http:", !enclosure.url.hasPrefix("http://127.0.0.1")
    {
      all.add(
        "plain-http",
        .warning,
        place,
        "\(name): the download's URL is http; macOS refuses it by default.",
        mend: "Serve it over https."
      )
    }
  }

  private func isSignature(_ text: String) -> Bool {
    let bytes = Array(trimmed(text).utf8)
    return bytes.count == 88 && bytes.suffix(2).elementsEqual("==".utf8)
      && bytes.dropLast(2).allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
          || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "/")
      }
  }

  func limits(_ all: inout FindingCollector) {
    if item.phasedSeconds != nil, item.pubDate.flatMap(Moment.init(rfc822:)) == nil {
      all.add(
        "phasing-date",
        .error,
        place,
        "\(item.shortVersion): the date cannot be read, so the rollout is not phased at all.",
        mend: "Write pubDate like: \(Moment(seconds: 0).rfc822)"
      )
    }
    if let maximum = item.maximumSystem, !maximum.contains("."), !maximum.isEmpty {
      all.add(
        "maximum-system",
        .warning,
        place,
        "\(item.shortVersion): maximum system \(maximum) excludes \(maximum).1 already.",
        mend: "Write \(maximum).99.99."
      )
    }
  }

  func version(_ all: inout FindingCollector) {
    if item.version.first.map({ $0.isLetter }) ?? false {
      all.add(
        "version-letter",
        .error,
        place,
        "\(item.shortVersion): version \(item.version) is older than any number to Sparkle.",
        mend: "Write the CFBundleVersion, which begins with a digit.",
        clients: ["sparkle", "winsparkle"]
      )
    } else if item.version.contains("-") {
      all.add(
        "version-dash",
        .warning,
        place,
        "\(item.version): Sparkle ignores everything behind the dash.",
        mend:
          "Use a number that grows with every build:  version: { build: git rev-list --count HEAD }"
      )
    }
  }

  func deltas(_ all: inout FindingCollector, known: Set<String>) {
    for delta in item.deltas {
      if delta.enclosure.edSignature == nil {
        all.add(
          "unsigned-delta",
          .error,
          place,
          "\(item.shortVersion): the delta from \(delta.from) is not signed, so it is never used.",
          mend: "Sign it:  hotfix signature sign FILE --key env:KEY"
        )
      }
      if !known.contains(delta.from) {
        all.add(
          "delta-unknown",
          .note,
          place,
          "\(item.shortVersion): a delta is from \(delta.from), which the feed does not know; it "
            + "has to be the exact CFBundleVersion.",
          mend: "Remove the delta, or mend sparkle:deltaFrom."
        )
      }
    }
  }
}
