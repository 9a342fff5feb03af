package import ReleaseModel

/// A CHANGELOG.md in the Keep a Changelog form (1.1.0), edited section by section.
///
/// Only the release's own section is touched; every other byte stays.
package struct Changelog: Sendable {
  private var lines: [String]

  package init(_ text: String) {
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  package var text: String { lines.joined(separator: "\n") }

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
    let body = lines[(range.lowerBound + 1)..<range.upperBound]
      .filter { !isLinkDefinition($0) }
    let text = body.joined(separator: "\n")
    return trimmedLines(text)
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
    let section = rest[range].filter { !isLinkDefinition($0) }
    rest.replaceSubrange(range, with: rest[range].filter(isLinkDefinition))
    guard rest.filter({ !$0.isEmpty }) == base.lines.filter({ !$0.isEmpty }) else { return nil }
    var changelog = self
    changelog.insert(section.last?.isEmpty == true ? section : section + [""])
    changelog.rename(version, to: name)
    return changelog
  }

  /// Puts another version into the heading of a section.
  package mutating func rename(_ version: VersionName, to name: VersionName) {
    guard version != name, let at = sectionRange(version)?.lowerBound,
      let text = lines[at].firstRange(of: version.text)
    else { return }
    lines[at].replaceSubrange(text, with: name.text)
  }

  /// Inserts a section above the newest release and below "Unreleased".
  private mutating func insert(_ section: [String]) {
    var section = section
    let first = lines.firstIndex { isHeading($0) && !$0.lowercased().contains("unreleased") }
    let at = first ?? lines.firstIndex(where: isLinkDefinition) ?? lines.count
    if at > 0, !lines[at - 1].isEmpty { section.insert("", at: 0) }
    lines.insert(contentsOf: section, at: at)
  }

  private func sectionRange(_ version: VersionName) -> Range<Int>? {
    let names = ["[\(version)]", "[v\(version)]", "\(version)", "v\(version)"]
    guard
      let start = lines.firstIndex(where: { line in
        isHeading(line)
          && names.contains(line.dropFirst(3).split(separator: " ").first.map(String.init) ?? "")
      })
    else { return nil }
    let end = lines[(start + 1)...].firstIndex(where: isHeading) ?? lines.count
    return start..<end
  }
}

private func isHeading(_ line: String) -> Bool { line.hasPrefix("## ") }

private func isLinkDefinition(_ line: String) -> Bool {
  line.hasPrefix("[") && line.contains("]: ")
}

private func trimmedLines(_ text: String) -> String {
  var rest = Substring(text)
  while rest.first?.isNewline == true { rest.removeFirst() }
  while rest.last?.isWhitespace == true { rest.removeLast() }
  return String(rest)
}
