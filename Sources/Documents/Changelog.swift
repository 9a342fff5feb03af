package import ReleaseModel

/// A CHANGELOG.md in the Keep a Changelog form (1.1.0), edited section by section.
///
/// Only the release's own section is touched; every other byte stays, whatever its encoding, and new
/// lines end as the first line does.
package struct Changelog: Sendable {
  private var lines: [Line]
  /// The byte order mark, if the file begins with one.
  private let mark: [UInt8]

  private struct Line: Sendable, Hashable {
    /// Without the line feed.
    var bytes: [UInt8]

    init(bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

    init(_ text: String, endsInReturn: Bool) {
      bytes = Array(text.utf8) + (endsInReturn ? [0x0D] : [])
    }

    var endsInReturn: Bool { bytes.last == 0x0D }
    var text: String {
      String(decoding: endsInReturn ? bytes[..<(bytes.count - 1)] : bytes[...], as: UTF8.self)
    }
    var isEmpty: Bool { text.isEmpty }
    var isHeading: Bool { text.hasPrefix("## ") }
    var isLinkDefinition: Bool { text.hasPrefix("[") && text.contains("]: ") }
  }

  package init(_ bytes: [UInt8]) {
    mark = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes[..<3]) : []
    lines = bytes[mark.count...].split(separator: 0x0A, omittingEmptySubsequences: false)
      .map { Line(bytes: $0) }
  }

  package init(_ text: String) { self.init(Array(text.utf8)) }

  package var bytes: [UInt8] { mark + lines.map(\.bytes).joined(separator: [0x0A]) }

  package var text: String { String(decoding: bytes, as: UTF8.self) }

  /// A changelog for a project that has none.
  package static let template = """
    # Changelog

    All notable changes to this project are documented in this file.
    The format is based on [Keep a Changelog](https://keepachangelog.com/en/1.1.0/).

    ## [Unreleased]

    """

  /// Returns what the section of `version` says, without its heading; nil when there is none.
  package func section(_ version: VersionName) -> String? {
    guard let range = sectionRange(version) else { return nil }
    let body = lines[(range.lowerBound + 1)..<range.upperBound].filter { !$0.isLinkDefinition }
    return trimmedLines(body.map(\.text).joined(separator: "\n"))
  }

  /// Adds the section of a hotfix above the newest release and below "Unreleased".
  package mutating func add(
    _ version: VersionName,
    day: String,
    heading: String,
    entries: [String]
  ) {
    guard sectionRange(version) == nil else { return }
    insert(
      ["## [\(version)] - \(day)", "", "### \(heading)", ""] + entries.map { "- \($0)" } + [""]
    )
  }

  /// Returns this changelog with another one's section of `version` on top, under the name `name`.
  ///
  /// Nil where `other` differs from `base`, out of which it was made, in more than that section.
  package func adding(
    _ version: VersionName,
    as name: VersionName,
    from other: Changelog,
    over base: Changelog
  ) -> Changelog? {
    guard let range = other.sectionRange(version), sectionRange(name) == nil else { return nil }
    var rest = other.lines
    let section = rest[range].filter { !$0.isLinkDefinition }.map(\.text)
    rest.replaceSubrange(range, with: rest[range].filter(\.isLinkDefinition))
    // How lines end does not count: git itself may have changed it at a checkout.
    guard rest.map(\.text).filter({ !$0.isEmpty }) == base.lines.map(\.text).filter({ !$0.isEmpty })
    else { return nil }
    var changelog = self
    changelog.insert(section.last?.isEmpty == true ? section : section + [""])
    changelog.rename(version, to: name)
    return changelog
  }

  /// Puts another version into the heading of a section.
  package mutating func rename(_ version: VersionName, to name: VersionName) {
    guard version != name, let at = sectionRange(version)?.lowerBound,
      let text = lines[at].bytes.firstRange(of: version.text.utf8)
    else { return }
    lines[at].bytes.replaceSubrange(text, with: name.text.utf8)
  }

  /// Inserts a section above the newest release and below "Unreleased".
  private mutating func insert(_ section: [String]) {
    var section = section
    let first = lines.firstIndex {
      $0.isHeading && !$0.text.lowercased().contains("unreleased")
    }
    // Without a release it goes to the end, above the link definitions that are all that follows.
    let text = lines.lastIndex { !$0.isEmpty && !$0.isLinkDefinition } ?? -1
    let at = first ?? lines[(text + 1)...].firstIndex(where: \.isLinkDefinition) ?? lines.count
    if at > 0, !lines[at - 1].isEmpty { section.insert("", at: 0) }
    let endsInReturn = lines[0].endsInReturn
    var new = section.map { Line($0, endsInReturn: endsInReturn) }
    if endsInReturn, at == lines.count {
      // The last line has no end; from now on it is another one.
      if !lines[at - 1].endsInReturn { lines[at - 1].bytes.append(0x0D) }
      new[new.count - 1].bytes.removeLast()
    }
    lines.insert(contentsOf: new, at: at)
  }

  private func sectionRange(_ version: VersionName) -> Range<Int>? {
    let names = ["[\(version)]", "[v\(version)]", "\(version)", "v\(version)"]
    guard
      let start = lines.firstIndex(where: { line in
        line.isHeading
          && names.contains(
            line.text.dropFirst(3).split(separator: " ").first.map(String.init) ?? ""
          )
      })
    else { return nil }
    let end = lines[(start + 1)...].firstIndex(where: \.isHeading) ?? lines.count
    return start..<end
  }
}

private func trimmedLines(_ text: String) -> String {
  var rest = Substring(text)
  while rest.first?.isNewline == true { rest.removeFirst() }
  while rest.last?.isWhitespace == true { rest.removeLast() }
  return String(rest)
}
