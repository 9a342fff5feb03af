internal import ReleaseModel

/// A finding about a feed.
package struct FeedFinding: Sendable, Hashable {
  package enum Severity: String, Sendable, Hashable, Comparable {
    case error, warning, note

    package static func < (a: Severity, b: Severity) -> Bool { a.rank < b.rank }
    private var rank: Int { self == .error ? 0 : self == .warning ? 1 : 2 }
  }

  package let rule: String
  package let severity: Severity
  package let place: FeedPlace
  package let message: String
  package let mend: String

  package init(
    rule: String,
    severity: Severity,
    place: FeedPlace,
    message: String,
    mend: String
  ) {
    self.rule = rule
    self.severity = severity
    self.place = place
    self.message = message
    self.mend = mend
  }
}

/// What can be said about an appcast from its bytes alone.
package enum SparkleLint {
  package static func findings(_ file: [UInt8]) -> [FeedFinding] {
    let feed: SparkleFeed
    do {
      feed = try SparkleFeed(file)
    } catch let problem as Problem {
      return [
        FeedFinding(
          rule: problem.code,
          severity: .error,
          place: place(in: problem.why),
          message: "\(problem.what) \(problem.why)",
          mend: problem.next.joined(separator: " ")
        )
      ]
    } catch {
      return []
    }
    var findings = feed.items.flatMap { check($0, feed.content) }
    findings += duplicates(feed)
    findings += lostCriticality(feed)
    return findings.sorted { ($0.place.line, $0.rule) < ($1.place.line, $1.rule) }
  }

  /// Gathers the findings about one item.
  private struct Collector {
    let item: SparkleItem
    let place: FeedPlace
    var findings: [FeedFinding] = []

    mutating func add(
      _ rule: String,
      _ severity: FeedFinding.Severity,
      _ message: String,
      _ mend: String
    ) {
      findings.append(
        FeedFinding(
          rule: rule,
          severity: severity,
          place: place,
          message: "\(item.shortVersion): \(message)",
          mend: mend
        )
      )
    }
  }

  private static func check(_ item: SparkleItem, _ bytes: [UInt8]) -> [FeedFinding] {
    let place = FeedPlace(of: item.range.lowerBound, in: bytes)
    var collector = Collector(item: item, place: place)
    checkDownload(item, &collector)
    checkLimits(item, &collector)
    return collector.findings
  }

  private static func checkDownload(_ item: SparkleItem, _ collector: inout Collector) {
    if let enclosure = item.enclosure {
      if enclosure.edSignature == nil {
        collector.add(
          "unsigned-enclosure",
          .error,
          "the download has no sparkle:edSignature.",
          "Sign it: hotfix signature sign FILE --key env:KEY"
        )
      }
      if enclosure.length ?? 0 <= 0 {
        collector.add("length", .warning, "the download has no length.", "Write its size in bytes.")
      }
      if enclosure.url.hasPrefix("http:"), !enclosure.url.hasPrefix("http://127.0.0.1") {
        collector.add(
          "plain-http",
          .warning,
          "the download's URL is http; macOS refuses it by default.",
          "Serve it over https."
        )
      }
    }
  }

  private static func checkLimits(_ item: SparkleItem, _ collector: inout Collector) {
    if item.phasedSeconds != nil, item.pubDate.flatMap(Moment.init(rfc822:)) == nil {
      collector.add(
        "phasing-date",
        .error,
        "the date cannot be read, so the rollout is not phased at all.",
        "Write pubDate like: \(Moment(seconds: 0).rfc822)"
      )
    }
    if let maximum = item.maximumSystem, !maximum.contains("."), !maximum.isEmpty {
      collector.add(
        "maximum-system",
        .warning,
        "maximum system \(maximum) excludes \(maximum).1 already.",
        "Write \(maximum).99.99."
      )
    }
    if item.version.hasPrefix("v") {
      collector.add(
        "version-v",
        .error,
        "version \(item.version) is older than any number to Sparkle.",
        "Write the CFBundleVersion without the v."
      )
    }
  }

  private static func duplicates(_ feed: SparkleFeed) -> [FeedFinding] {
    var seen: Set<String> = []
    return feed.items.compactMap { item in
      let key =
        "\(item.version) \(item.channel ?? "") \(item.minimumSystem ?? "")"
        + " \(item.enclosure?.os ?? "")"
      guard !seen.insert(key).inserted else { return nil }
      return FeedFinding(
        rule: "duplicate-version",
        severity: .warning,
        place: FeedPlace(of: item.range.lowerBound, in: feed.content),
        message: "\(item.version) stands twice; Sparkle takes the first.",
        mend: "Remove one: hotfix feed remove FILE --version \(item.version)"
      )
    }
  }

  /// Being newest wins, so a plain update over a critical one hides the urgency (report §2).
  private static func lostCriticality(_ feed: SparkleFeed) -> [FeedFinding] {
    let critical = feed.items.filter { $0.critical != .no }
    return feed.items.compactMap { item in
      guard item.critical == .no, item.channel == nil,
        let lost = critical.first(where: {
          $0.channel == nil && SparkleVersionOrder.compare($0.version, item.version) < 0
        })
      else { return nil }
      return FeedFinding(
        rule: "critical-lost",
        severity: .warning,
        place: FeedPlace(of: item.range.lowerBound, in: feed.content),
        message: "\(item.shortVersion) is not critical, so users below the critical "
          + "\(lost.shortVersion) are not urged any more.",
        mend: "Add <sparkle:criticalUpdate sparkle:version=\"\(lost.version)\"/> to the item."
      )
    }
  }

  private static func place(in why: String) -> FeedPlace {
    let numbers = why.split { !$0.isNumber }.compactMap { Int($0) }
    return FeedPlace(
      line: numbers.first ?? 1,
      column: why.contains("column") ? numbers.dropFirst().first ?? 1 : 1
    )
  }
}
