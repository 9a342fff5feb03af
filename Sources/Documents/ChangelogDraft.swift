package import ReleaseModel

/// What a changelog says of a hotfix.
package struct ChangelogEntry: Sendable, Hashable {
  /// The kind of change, in the words of Keep a Changelog.
  package enum Kind: String, Sendable, Hashable {
    case fixed = "Fixed"
    case security = "Security"
    case changed = "Changed"

    /// What files call such changes, in lower case and letters alone.
    var names: Set<String> {
      switch self {
      case .fixed:
        [
          "fixed", "fixes", "fix", "bug fixes", "bugfixes", "bug fix", "bugfix", "fixed bugs",
          "bugs fixed", "patch changes",
        ]
      case .security: ["security", "security fixes", "security updates"]
      case .changed: ["changed", "changes"]
      }
    }
  }

  package let version: VersionName
  package let at: Moment
  /// Who writes it, as `Name <email>`; Debian's changelogs name them.
  package let author: String
  package let kind: Kind
  package let text: String

  package init(version: VersionName, at: Moment, author: String, kind: Kind, text: String) {
    self.version = version
    self.at = at
    self.author = author
    self.kind = kind
    self.text = text
  }
}

extension ChangelogForm {
  /// Returns the lines of a new section and where they go; nil where the form is not understood.
  func draft(_ entry: ChangelogEntry) -> (lines: [String], at: Int)? {
    guard let sample else { return beginning(entry) }
    guard isNewestFirst else { return nil }
    let at = place
    if sample.style == .debian { return (debian(entry, like: sample) + gap, at) }
    let body = content(entry, like: sample)
    return (heading(entry, like: sample) + body + gap, at)
  }

  /// Where a new section goes: above the newest release, and below what is not released.
  var place: Int {
    if let newest = released.first { return newest.lines.lowerBound }
    return end(of: sample.map(range) ?? 0..<lines.count)
  }

  /// The first section of a file that has none.
  private func beginning(_ entry: ChangelogEntry) -> (lines: [String], at: Int)? {
    let unreleased = headings.first { $0.text.lowercased().contains("unreleased") }
    let intro = lines[..<(unreleased?.line ?? lines.count)]
    let first = lines.firstIndex { !$0.trimmed.isEmpty } ?? 0
    let words = intro.filter { !$0.trimmed.isEmpty }
    // A version there, unless it is in a link's line, is one of a form that we do not read, and a
    // long text or an instruction is no beginning.
    guard words.count <= 12, words.isEmpty || headings.first?.lines.contains(first) == true,
      words.allSatisfy({
        !$0.hasPrefix(".. ") && ($0.contains("://") || !$0.contains(#/\d\.\d/#))
      })
    else { return nil }
    let at = place
    if let style = (unreleased ?? headings.first)?.style, case .underlined(let mark, _) = style {
      let title = "\(entry.version) (\(entry.at.day))"
      let own = unreleased == nil ? (mark == "-" ? "~" : "-") : mark
      let row = String(repeating: own, count: title.count)
      return ([title, row, "", "- \(entry.text)", ""], at)
    }
    let heading = "## [\(entry.version)] - \(entry.at.day)"
    return ([heading, "", "### \(entry.kind.rawValue)", "", "- \(entry.text)", ""], at)
  }

  /// Above the links that end a file.
  private func end(of range: Range<Int>) -> Int {
    let link = range.first { lines[$0].hasPrefix("[") && lines[$0].contains("]: ") }
    return link ?? range.upperBound
  }

  /// The empty lines between two sections.
  private var gap: [String] {
    let counts = releases.lazy.map(range)
      .filter { $0.upperBound < lines.count }
      .map { lines[..<$0.upperBound].reversed().prefix { $0.trimmed.isEmpty }.count }
    return blank(counts.first ?? 1)
  }

  private func blank(_ count: Int) -> [String] { Array(repeating: "", count: min(count, 4)) }

  /// How many empty lines follow a line.
  private func blanks(after index: Int) -> Int {
    lines[min(index + 1, lines.count)...].prefix { $0.trimmed.isEmpty }.count
  }

  // MARK: the heading

  private func heading(_ entry: ChangelogEntry, like sample: ChangelogHeading) -> [String] {
    guard let title = sample.title else { return [] }
    let known = releases.lazy.compactMap(date)
    let unclear = title.date?.isUnclear == true
    let form = unclear ? known.first { !$0.isUnclear } ?? title.date : title.date
    let previous = released.lazy.compactMap(\.title?.version)
      .first { isOlder(VersionName($0), than: entry.version) }
    let text = title.text(entry.version, after: previous, at: entry.at, dated: form ?? .iso)
    var heading = headingLines(sample, text)
    let last = sample.lines.upperBound - 1
    heading += blank(blanks(after: last))
    if title.date == nil, let index = dateLine(sample),
      let found = ChangelogDate.first(in: lines[index])
    {
      let line = lines[index].replacingCharacters(found.range, with: found.date.text(entry.at))
      heading += [line] + blank(max(1, blanks(after: index)))
    }
    return heading
  }

  /// The lines of a heading with another text.
  func headingLines(_ sample: ChangelogHeading, _ text: String) -> [String] {
    let line = sample.front + text + sample.back
    guard case .underlined(let mark, let overlined) = sample.style else { return [line] }
    let old = lines[sample.line + 1]
    let length = lines[sample.line].count
    // A row of reStructuredText is never shorter than the text; those of Markdown may be.
    let isFixed = old.trimmed.count < length || old.trimmed.count > length + 2
    let width =
      old.trimmed.count == length ? line.count : max(old.trimmed.count, isFixed ? 0 : line.count)
    let row = String(repeating: mark, count: width)
    return overlined ? [row, line, row] : [line, row]
  }

  // MARK: what it says

  private func content(_ entry: ChangelogEntry, like sample: ChangelogHeading) -> [String] {
    let subheadings = subheadings
    let heading = subheading(entry.kind, of: subheadings, like: sample)
    return heading + [(bullet(subheadings) ?? "- ") + entry.text]
  }

  /// What is in front of the entries of this file: a bullet, or spaces where they are paragraphs.
  private func bullet(_ subheadings: [Subheading]) -> String? {
    let sections = released.prefix(20)
    let bodies = sections.map(body)
    let others = Set(subheadings.flatMap(\.lines) + sections.compactMap(dateLine))
    for index in bodies.joined() where !others.contains(index) {
      if let match = lines[index].prefixMatch(of: #/ {0,6}[-*+•][ \t]+(?=\S)/#) {
        return String(match.0)
      }
    }
    let first = bodies.joined().first { !lines[$0].trimmed.isEmpty && !others.contains($0) }
    return first.map { String(lines[$0].prefix { $0 == " " || $0 == "\t" }) }
  }

  private struct Subheading {
    let lines: Range<Int>
    /// Index of the line with the words.
    let line: Int
    let front: String
    let words: String
    let back: String
  }

  /// The headings inside of sections, also those that are a bold word or one with a colon.
  private var subheadings: [Subheading] {
    var found: [Subheading] = []
    for release in released.prefix(20) {
      let body = body(release)
      for heading in headings where body.contains(heading.line) && heading.style != .plain {
        found.append(
          Subheading(
            lines: heading.line..<heading.lines.upperBound,
            line: heading.line,
            front: heading.front,
            words: heading.text,
            back: heading.back
          )
        )
      }
      for index in body {
        guard
          let match = lines[index].wholeMatch(
            of: #/(\*\*|__|)([A-Za-z][A-Za-z &\/]{2,30})(:?(?:\*\*|__):?|:)\s*/#
          ), match.1.isEmpty == !match.3.contains(#/[*_]/#)
        else { continue }
        found.append(
          Subheading(
            lines: index..<(index + 1),
            line: index,
            front: String(match.1),
            words: String(match.2),
            back: String(match.3)
          )
        )
      }
    }
    return found.sorted { $0.line < $1.line }
  }

  private func subheading(
    _ kind: ChangelogEntry.Kind,
    of all: [Subheading],
    like sample: ChangelogHeading
  ) -> [String] {
    func letters(_ text: String) -> String {
      String(text.map { $0.isLetter ? $0 : " " }).lowercased()
        .split(separator: " ").joined(separator: " ")
    }
    if let own = all.first(where: { kind.names.contains(letters($0.words)) }) {
      return lines[own.lines] + blank(blanks(after: own.lines.upperBound - 1))
    }
    guard let other = all.first else {
      // The form of Keep a Changelog has them always.
      let isKept =
        sample.style == .marked("#") && sample.front == "## "
        && sample.title?.prefix.contains("[") == true && sample.title?.isPlain == true
      return isKept ? ["### \(kind.rawValue)", ""] : []
    }
    var made = [other.front + kind.rawValue + other.back]
    if other.lines.count > 1, let mark = lines[other.lines.upperBound - 1].first {
      made.append(String(repeating: mark, count: max(made[0].count, 3)))
    }
    return made + blank(blanks(after: other.lines.upperBound - 1))
  }

  // MARK: Debian

  private func debian(_ entry: ChangelogEntry, like sample: ChangelogHeading) -> [String] {
    let version = DebianVersion(sample.text).first(of: entry.version)
    return [
      sample.front + version + sample.back, "", "  * \(entry.text)", "",
      " -- \(entry.author)  \(entry.at.rfc822)",
    ]
  }
}

extension String {
  fileprivate func replacingCharacters(_ range: Range<String.Index>, with text: String) -> String {
    self[..<range.lowerBound] + text + self[range.upperBound...]
  }
}
