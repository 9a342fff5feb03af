/// A heading of a changelog.
struct ChangelogHeading: Sendable, Hashable {
  enum Style: Sendable, Hashable {
    /// `## text`, or `== text` of AsciiDoc and RDoc.
    case marked(Character)
    /// A text with a row of one character beneath, and perhaps above.
    case underlined(Character, overlined: Bool)
    /// `* Changes in release 1.2`, as GNU's NEWS is written.
    case outline
    /// A line that is nothing but a version and a date.
    case plain
    /// `name (1.2-1) unstable; urgency=medium`.
    case debian
  }

  let style: Style
  /// How many characters mark it; 0 where none do.
  let level: Int
  /// All its lines, with the anchors above it.
  let lines: Range<Int>
  /// The line with its text.
  let line: Int
  /// What is in front of and after its text on this line.
  let front: String
  let back: String
  let text: String
  /// What it says of a release; nil where it names none.
  let title: ChangelogTitle?

  /// Whether a section under this heading ends at another one.
  func ends(at other: ChangelogHeading) -> Bool {
    switch (style, other.style) {
    case (.marked(let mine), .marked(let theirs)): mine == theirs && other.level <= level
    case (.outline, .outline): other.level <= level
    case (.plain, .plain): other.title != nil
    default: style == other.style
    }
  }
}

/// Finds the headings of a changelog, whatever it is written in.
///
/// What is in code, in comments and in front matter is no heading.
struct ChangelogHeadings {
  private let lines: [String]
  private(set) var found: [ChangelogHeading] = []

  init(_ lines: [String]) {
    self.lines = lines
    var index = Self.afterFrontMatter(lines)
    var fence: String?
    var isComment = false
    while index < lines.count {
      let line = lines[index]
      if let mark = fence {
        if line.trimmed == mark { fence = nil }
      } else if isComment {
        isComment = !line.contains("-->")
      } else if line.hasPrefix("```") || line.hasPrefix("~~~") {
        fence = String(line.prefix(3))
      } else if line.hasPrefix("<!--") {
        isComment = !line.contains("-->")
      } else if let heading = heading(at: index) {
        found.append(heading)
        index = heading.lines.upperBound
        continue
      }
      index += 1
    }
  }

  private static func afterFrontMatter(_ lines: [String]) -> Int {
    guard lines.first == "---", let end = lines.dropFirst().firstIndex(of: "---") else { return 0 }
    return end + 1
  }

  private func heading(at index: Int) -> ChangelogHeading? {
    let line = lines[index]
    guard let first = line.first else { return nil }
    if first == "#" || first == "=", let heading = marked(index, first) { return heading }
    if let heading = underlined(index) { return heading }
    if first == "*", let heading = outline(index) { return heading }
    if let heading = debian(index) { return heading }
    return plain(index)
  }

  private func marked(_ index: Int, _ mark: Character) -> ChangelogHeading? {
    let line = lines[index]
    let level = line.prefix { $0 == mark }.count
    let rest = line.dropFirst(level)
    guard level <= 6, rest.first == " " else { return nil }
    let front = String(line.prefix(level)) + rest.prefix { $0 == " " }
    var text = String(line.dropFirst(front.count))
    var back = ""
    if let closing = text.firstMatch(of: #/\s+[#=]+\s*$|\s+$/#) {
      back = String(closing.0)
      text = String(text[..<closing.range.lowerBound])
    }
    guard !text.isEmpty else { return nil }
    return heading(index..<(index + 1), index, .marked(mark), level, (front, text, back))
  }

  private func underlined(_ index: Int) -> ChangelogHeading? {
    if let over = rule(index), index + 2 < lines.count, rule(index + 2) == over,
      !lines[index + 1].trimmed.isEmpty, rule(index + 1) == nil
    {
      return underlined(index..<(index + 3), index + 1, over, overlined: true)
    }
    guard index + 1 < lines.count, let mark = rule(index + 1), rule(index) == nil,
      let first = lines[index].first, !first.isWhitespace,
      !lines[index].contains(#/^[-*+•] /#)
    else { return nil }
    return underlined(index..<(index + 2), index, mark, overlined: false)
  }

  private func underlined(
    _ range: Range<Int>,
    _ line: Int,
    _ mark: Character,
    overlined: Bool
  ) -> ChangelogHeading {
    let text = lines[line].trimmed
    let front = String(lines[line].prefix { $0.isWhitespace })
    return heading(range, line, .underlined(mark, overlined: overlined), 0, (front, text, ""))
  }

  /// The character of a row, as under a heading.
  private func rule(_ index: Int) -> Character? {
    let line = lines[index].trimmed
    guard let mark = line.first, line.count >= 3, "=-~^\"'*+#_`:.".contains(mark),
      line.allSatisfy({ $0 == mark }), lines[index].first == mark
    else { return nil }
    return mark
  }

  private func outline(_ index: Int) -> ChangelogHeading? {
    let line = lines[index]
    let level = line.prefix { $0 == "*" }.count
    guard line.dropFirst(level).first == " " else { return nil }
    let text = line.dropFirst(level + 1).trimmed
    if level == 1 {
      // With one star it is a list's entry but for these words.
      guard let words = ChangelogTitle(text)?.words.split(separator: " "),
        words.contains(where: { ["release", "version", "changes"].contains($0) })
      else { return nil }
    }
    let front = String(line.prefix(level + 1))
    return heading(index..<(index + 1), index, .outline, level, (front, text, ""))
  }

  private func debian(_ index: Int) -> ChangelogHeading? {
    let line = lines[index]
    guard line.contains(";"),
      let match = line.wholeMatch(
        of: #/([a-z0-9][a-z0-9+.-]*) \(([^ ()]+)\)( [A-Za-z0-9 +.~-]+;.*)/#
      )
    else { return nil }
    return heading(
      index..<(index + 1),
      index,
      .debian,
      0,
      (String(match.1) + " (", String(match.2), ")" + match.3)
    )
  }

  private func plain(_ index: Int) -> ChangelogHeading? {
    let line = lines[index]
    guard index == 0 || lines[index - 1].trimmed.isEmpty, line.first?.isWhitespace == false,
      line.count <= 80, !line.contains(#/^[-+•|>] |^\* /#), let title = ChangelogTitle(line),
      title.isLine, title.words.split(separator: " ").count <= 3
    else { return nil }
    return heading(index..<(index + 1), index, .plain, 0, ("", line, ""))
  }

  private func heading(
    _ range: Range<Int>,
    _ line: Int,
    _ style: ChangelogHeading.Style,
    _ level: Int,
    _ parts: (front: String, text: String, back: String)
  ) -> ChangelogHeading {
    var start = range.lowerBound
    let isTarget = { (line: String) in line.hasPrefix("<a ") || line.hasPrefix(".. _") }
    // A target belongs to the heading beneath, also past an empty line.
    while start > 0 {
      let blanks = lines[..<start].reversed().prefix { $0.trimmed.isEmpty }.count
      guard blanks <= 1, start - blanks > 0, isTarget(lines[start - blanks - 1]) else { break }
      start -= blanks + 1
    }
    return ChangelogHeading(
      style: style,
      level: level,
      lines: start..<range.upperBound,
      line: line,
      front: parts.front,
      back: parts.back,
      text: parts.text,
      title: ChangelogTitle(style == .debian ? DebianVersion(parts.text).upstream : parts.text)
    )
  }
}
