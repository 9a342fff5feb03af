internal import ReleaseModel

/// One `<item>` of an appcast, as Sparkle 2.9.2 reads it.
///
/// A class, because items are handed around a lot and never change.
package final class SparkleItem: Sendable {
  package enum Critical: Sendable, Hashable {
    case no, everyone
    case below(String)
  }

  package struct Enclosure: Sendable, Hashable {
    package let url: String
    package let length: Int?
    package let edSignature: String?
    package let os: String?
    package let installationType: String?
  }

  /// A binary delta from exactly one version.
  package struct Delta: Sendable, Hashable {
    package let from: String
    package let enclosure: Enclosure
  }

  package let version: String
  package let shortVersion: String
  package let title: String
  package let pubDate: String?
  package let link: String?
  package let notes: Notes?
  package let enclosure: Enclosure?
  package let isTopLevelDelta: Bool
  package let deltas: [Delta]
  package let minimumSystem: String?
  package let maximumSystem: String?
  package let minimumUpdate: String?
  package let minimumAutoupdate: String?
  package let channel: String?
  package let critical: Critical
  package let informational: Informational?
  package let phasedSeconds: Int?
  package let needsARM: Bool
  /// Where the item stands in the content.
  package let range: Range<Int>

  /// Release notes at an address of their own.
  package struct Notes: Sendable, Hashable {
    package let url: String
    package let edSignature: String?
  }

  package struct Informational: Sendable, Hashable {
    package let versions: [String]
    package let below: String?

    func holds(for host: String) -> Bool {
      if versions.isEmpty && below == nil { return true }
      if versions.contains(host) { return true }
      return below.map { SparkleVersionOrder.compare(host, $0) < 0 } ?? false
    }
  }

  package func isCritical(for host: String) -> Bool {
    switch critical {
    case .no: false
    case .everyone: true
    case .below(let version): SparkleVersionOrder.compare(host, version) < 0
    }
  }

  package func isInformational(for host: String) -> Bool {
    enclosure == nil || (link != nil && informational?.holds(for: host) ?? false)
  }

  package func isMajorUpgrade(for host: String) -> Bool {
    guard let minimumAutoupdate, !minimumAutoupdate.isEmpty else { return false }
    return SparkleVersionOrder.compare(host, minimumAutoupdate) < 0
  }

  init(_ element: XMLElement, feed bytes: [UInt8]) throws {
    func fail(_ reason: String) -> Problem {
      let place = FeedPlace(of: element.range.lowerBound, in: bytes)
      return Problem(
        "feed.item",
        "An item of the feed breaks the whole feed for every user.",
        why: "Line \(place.line): \(reason).",
        next: ["Mend or remove that item."]
      )
    }
    let enclosureElement = element.localised("enclosure")
    enclosure = try enclosureElement.map { try Self.enclosure($0, fail) }
    link = text(element, "link").flatMap { isWeb($0) ? $0 : nil }
    guard enclosure != nil || link != nil else {
      throw fail("it has neither an enclosure nor a link")
    }
    let elementVersion = text(element, "sparkle:version")
    guard
      let version = enclosureElement?.attribute("sparkle:version") ?? elementVersion
        ?? enclosure.flatMap({ versionInName($0.url) })
    else { throw fail("it has no sparkle:version") }
    self.version = version
    shortVersion =
      enclosureElement?.attribute("sparkle:shortVersionString")
      ?? text(element, "sparkle:shortVersionString") ?? version
    title = text(element, "title") ?? ""
    notes = element.localised("sparkle:releaseNotesLink").map {
      Notes(url: trimmed($0.text), edSignature: $0.attribute("sparkle:edSignature"))
    }
    pubDate = element.localised("pubDate")?.text
    isTopLevelDelta = enclosureElement?.attribute("sparkle:deltaFrom") != nil
    deltas = try Self.deltas(element, version: elementVersion, fail)
    minimumSystem = text(element, "sparkle:minimumSystemVersion")
    maximumSystem = text(element, "sparkle:maximumSystemVersion")
    minimumUpdate = text(element, "sparkle:minimumUpdateVersion")
    minimumAutoupdate = text(element, "sparkle:minimumAutoupdateVersion")
    channel = text(element, "sparkle:channel").flatMap { isChannel($0) ? $0 : nil }
    critical = Self.critical(element)
    informational = Self.informational(element)
    phasedSeconds = text(element, "sparkle:phasedRolloutInterval").map(leadingInteger)
    needsARM = Self.needsARM(element, minimumSystem: minimumSystem)
    range = element.range
  }

  private static func enclosure(
    _ element: XMLElement,
    _ fail: (String) -> Problem
  ) throws -> Enclosure {
    guard let url = element.attribute("url"), !url.isEmpty else {
      throw fail("its enclosure has no url")
    }
    guard isWeb(url) else { throw fail("its enclosure's url is neither http nor https: \(url)") }
    let type = element.attribute("sparkle:installationType")
    if let type, type != "application", type != "package" {
      throw fail("its installationType is \(type); Sparkle knows application and package")
    }
    return Enclosure(
      url: url.utf8.contains(0x20) ? url.replacing(" ", with: "%20") : url,
      length: element.attribute("length").flatMap { Int($0) },
      edSignature: element.attribute("sparkle:edSignature"),
      os: element.attribute("sparkle:os"),
      installationType: type
    )
  }

  /// Reads the deltas that Sparkle can use.
  ///
  /// A delta stands in the place of the item's enclosure, so a version that only the enclosure
  /// carries is lost to it, and Sparkle drops the delta without a word (`SUAppcastItem`).
  private static func deltas(
    _ element: XMLElement,
    version: String?,
    _ fail: (String) -> Problem
  ) throws -> [Delta] {
    guard let deltas = element.localised("sparkle:deltas") else { return [] }
    return try deltas.children("enclosure").compactMap { child in
      guard let from = child.attribute("sparkle:deltaFrom") else { return nil }
      let enclosure = try enclosure(child, fail)
      let own = child.attribute("sparkle:version") ?? version ?? versionInName(enclosure.url)
      return own.map { _ in Delta(from: from, enclosure: enclosure) }
    }
  }

  private static func critical(_ element: XMLElement) -> Critical {
    if let mark = element.localised("sparkle:criticalUpdate") {
      guard let version = mark.attribute("sparkle:version"), !version.isEmpty else {
        return .everyone
      }
      return .below(version)
    }
    let tags = element.localised("sparkle:tags")
    return tags?.first("sparkle:criticalUpdate") == nil ? .no : .everyone
  }

  private static func informational(_ element: XMLElement) -> Informational? {
    guard let mark = element.localised("sparkle:informationalUpdate") else { return nil }
    return Informational(
      versions: mark.children("sparkle:version").map { trimmed($0.text) },
      below: mark.children("sparkle:belowVersion").last.map { trimmed($0.text) }
    )
  }

  private static func needsARM(_ element: XMLElement, minimumSystem: String?) -> Bool {
    let listed =
      text(element, "sparkle:hardwareRequirements")?.lowercased()
      .split { $0 == "," || $0.isWhitespace }.contains("arm64") ?? false
    // macOS 27 runs on Apple silicon only, so a minimum of 27 implies it (Sparkle 2.9).
    let implied = minimumSystem.map { SparkleVersionOrder.compare($0, "27.0") >= 0 } ?? false
    return listed || implied
  }
}

extension XMLElement {
  /// Of several elements with one name, the English one: no `xml:lang` counts as English.
  fileprivate func localised(_ name: String) -> XMLElement? {
    var first: XMLElement?
    for child in children where child.name.utf8.count == name.utf8.count && child.name == name {
      if child.attributes.isEmpty { return child }
      if (child.attribute("xml:lang") ?? "en").hasPrefix("en") { return child }
      first = first ?? child
    }
    return first
  }
}

private func text(_ element: XMLElement, _ name: String) -> String? {
  element.localised(name).map { trimmed($0.text) }
}

package func trimmed(_ text: String) -> String {
  let isPlain = { (byte: UInt8) in byte > 0x20 && byte < 0x7F }
  if let first = text.utf8.first, let last = text.utf8.last, isPlain(first), isPlain(last) {
    return text
  }
  var view = Substring(text)
  while let first = view.first, first.isWhitespace { view.removeFirst() }
  while let last = view.last, last.isWhitespace { view.removeLast() }
  return String(view)
}

/// A relative URL is taken against the feed's own, which is http or https.
private func isWeb(_ url: String) -> Bool {
  if url.hasPrefix("https://") || url.hasPrefix("http://") { return true }
  guard let colon = url.firstIndex(of: ":") else { return true }
  let scheme = url[..<colon].lowercased()
  if scheme.contains("/") || scheme.contains("?") { return true }
  return scheme == "http" || scheme == "https"
}

/// Returns true for the name of a channel; Sparkle offers items of any other name to everybody.
func isChannel(_ name: String) -> Bool {
  !name.isEmpty
    && name.unicodeScalars.allSatisfy {
      $0.properties.isAlphabetic || $0.properties.numericType != nil
        || "_.-".unicodeScalars.contains($0)
    }
}

private func versionInName(_ url: String) -> String? {
  guard let name = url.split(separator: "/").last, let bar = name.lastIndex(of: "_"),
    let dot = name.lastIndex(of: "."), bar < dot
  else { return nil }
  let version = name[name.index(after: bar)..<dot]
  return version.isEmpty ? nil : String(version)
}

/// The digits in front, as Foundation's `integerValue` takes them; garbage is 0.
private func leadingInteger(_ text: String) -> Int {
  let negative = text.hasPrefix("-")
  let digits = text.drop { $0 == "-" || $0 == "+" }.prefix { $0.isASCII && $0.isNumber }
  return (Int(digits) ?? (digits.isEmpty ? 0 : .max)) * (negative ? -1 : 1)
}
