internal import ReleaseModel

/// How a changelog is written: which of its headings name releases, and what a section looks like.
struct ChangelogForm {
  let lines: [String]
  /// All headings, in order.
  let headings: [ChangelogHeading]
  /// Those that name releases.
  let releases: [ChangelogHeading]
  private let releaseLines: Set<Int>

  init(_ lines: [String]) {
    self.lines = lines
    headings = ChangelogHeadings(lines).found
    releases = Self.releases(headings)
    releaseLines = Set(releases.map(\.line))
  }

  /// Headings of releases have one style and one wording; the most frequent ones are taken.
  private static func releases(_ headings: [ChangelogHeading]) -> [ChangelogHeading] {
    let named = headings.filter { $0.title != nil }
    let structured = named.filter { $0.style != .plain }
    let all = structured.isEmpty ? named : structured
    let groups = Dictionary(grouping: all) { Wording($0) }
    let best = groups.min { a, b in
      if a.value.count != b.value.count { return a.value.count > b.value.count }
      let (x, y) = (
        a.key.words.split(separator: " ").count, b.key.words.split(separator: " ").count
      )
      return x != y ? x < y : a.value[0].line < b.value[0].line
    }
    guard let best else { return [] }
    // Somebody writes a version alone also where the others have a word in front.
    let bare = Wording(style: best.key.style, words: "")
    return all.filter { Wording($0) == best.key || Wording($0) == bare }
  }

  private struct Wording: Hashable {
    let style: ChangelogHeading.Style
    let words: String

    init(style: ChangelogHeading.Style, words: String) {
      self.style = style
      self.words = words
    }

    init(_ heading: ChangelogHeading) {
      self.init(style: heading.style, words: heading.title?.words ?? "")
    }
  }

  // MARK: sections

  func heading(of version: VersionName) -> ChangelogHeading? {
    releases.first { names($0, version) }
  }

  private func names(_ heading: ChangelogHeading, _ version: VersionName) -> Bool {
    guard let title = heading.title else { return false }
    guard heading.style == .debian else { return title.version == version.text }
    return DebianVersion(heading.text).upstream == version.text
  }

  /// The lines of a section, with its heading.
  func range(_ heading: ChangelogHeading) -> Range<Int> {
    let end = headings.first {
      $0.line > heading.line && (heading.ends(at: $0) || releaseLines.contains($0.line))
    }
    return heading.lines.lowerBound..<(end?.lines.lowerBound ?? lines.count)
  }

  /// The lines of a section without its heading.
  func body(_ heading: ChangelogHeading) -> Range<Int> {
    heading.lines.upperBound..<max(heading.lines.upperBound, range(heading).upperBound)
  }

  /// Whether a heading is about work that no user has yet.
  func isUnreleased(_ heading: ChangelogHeading) -> Bool {
    if heading.title?.isUnreleased == true { return true }
    if heading.style == .debian { return heading.back.contains("UNRELEASED") }
    let first = body(heading).first { !lines[$0].trimmed.isEmpty }
    return first.map { lines[$0].trimmed.lowercased() == "unreleased" } ?? false
  }

  var released: [ChangelogHeading] { releases.filter { !isUnreleased($0) } }

  /// The section that a new one is written like.
  var sample: ChangelogHeading? {
    let released = Array(released.prefix(12))
    let dated = released.filter { date($0) != nil }
    var pool = dated.count * 2 >= released.count && !dated.isEmpty ? dated : released
    let plain = pool.filter {
      $0.title?.isPlain == true && !VersionName($0.title?.version ?? "").isPrerelease
    }
    if !plain.isEmpty { pool = plain }
    // Some tools write patch releases one level lower.
    if Set(pool.map(\.level)).count > 1,
      let patch = pool.first(where: { VersionName($0.title?.version ?? "").numbers?.last != 0 })
    {
      return patch
    }
    return pool.first ?? releases.first
  }

  /// The date of a release, in its heading or right beneath.
  func date(_ heading: ChangelogHeading) -> ChangelogDate? {
    heading.title?.date ?? dateLine(heading).flatMap { ChangelogDate.first(in: lines[$0])?.date }
  }

  /// The line of a section that says when it was released, and nothing else.
  func dateLine(_ heading: ChangelogHeading) -> Int? {
    guard let index = body(heading).first(where: { !lines[$0].trimmed.isEmpty }) else { return nil }
    guard let found = ChangelogDate.first(in: lines[index]) else { return nil }
    var rest = lines[index]
    rest.removeSubrange(found.range)
    let words = rest.lowercased().split { !$0.isLetter }
    let isDate = words.allSatisfy { ["released", "release", "date", "on"].contains($0) }
    return isDate && !rest.contains(where: \.isNumber) ? index : nil
  }

  /// Whether the newest release is on top; nobody knows where a section goes otherwise.
  var isNewestFirst: Bool {
    var (rising, falling) = (0, 0)
    for (above, below) in zip(released, released.dropFirst()) {
      if isEarlier(above, than: below) { rising += 1 }
      if isEarlier(below, than: above) { falling += 1 }
    }
    return falling >= rising
  }

  /// Whether a release came out before another one, by their dates or else by their versions.
  private func isEarlier(_ a: ChangelogHeading, than b: ChangelogHeading) -> Bool {
    if let x = date(a)?.numbers, let y = date(b)?.numbers, x != y {
      return x.lexicographicallyPrecedes(y)
    }
    return isOlder(VersionName(a.title?.version ?? ""), than: VersionName(b.title?.version ?? ""))
  }
}

/// A version of a Debian package: `1:2.0-3`.
struct DebianVersion {
  let epoch: String
  let upstream: String
  private let revision: String

  init(_ text: String) {
    var rest = text[...]
    if let colon = rest.firstIndex(of: ":") {
      epoch = String(rest[...colon])
      rest = rest[rest.index(after: colon)...]
    } else {
      epoch = ""
    }
    if let hyphen = rest.lastIndex(of: "-"), rest[hyphen...].contains(#/^-\d/#) {
      revision = String(rest[hyphen...])
      rest = rest[..<hyphen]
    } else {
      revision = ""
    }
    upstream = String(rest)
  }

  /// The first package of another upstream version.
  func first(of version: VersionName) -> String {
    let first = revision.isEmpty ? "" : revision.hasPrefix("-0ubuntu") ? "-0ubuntu1" : "-1"
    return epoch + version.text + first
  }
}
