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
    var section = ["## [\(version)] - \(day)", "", "### \(heading)", ""]
    section += entries.map { "- \($0)" } + [""]
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
