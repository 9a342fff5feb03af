package import ReleaseModel

/// A changelog in the form that its file has, edited section by section.
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

  /// A changelog for a project that has none, by the file's name.
  package static func template(_ path: String) -> String {
    let name = path.lowercased()
    guard name.hasSuffix(".md") || name.hasSuffix(".markdown") else {
      return "Changelog\n=========\n\n"
    }
    return """
      # Changelog

      All notable changes to this project are documented in this file.
      The format is based on [Keep a Changelog](https://keepachangelog.com/en/1.1.0/).

      ## [Unreleased]

      """
  }

  /// Whether a file of that name is shown by a program that reads marks in it.
  package static func isMarkup(_ path: String) -> Bool {
    let name = path.split(separator: "/").last ?? ""
    guard let dot = name.lastIndex(of: ".") else { return false }
    return name[dot...].lowercased() != ".txt"
  }

  /// Returns a section as Markdown, for the notes of a release.
  ///
  /// A file without markup holds its entries as they were said, so their words are escaped here.
  package static func markdown(_ section: String, of path: String) -> String {
    guard !isMarkup(path) else { return section }
    return section.lines(omittingEmpty: false).map { line in
      let front = line.prefix { " -*+•".contains($0) }
      return front + OutsideText(line.dropFirst(front.count)).markdown
    }.joined(separator: "\n")
  }

  private var form: ChangelogForm { ChangelogForm(lines.map(\.text)) }

  /// Returns what the section of `version` says, without its heading; nil when there is none.
  package func section(_ version: VersionName) -> String? {
    let form = form
    return form.heading(of: version).map { text(form, $0) }
  }

  private func text(_ form: ChangelogForm, _ heading: ChangelogHeading) -> String {
    var body = form.body(heading).map { lines[$0] }.filter { !$0.isLinkDefinition }
    // Who wrote a Debian package and when is no part of what changed.
    if heading.style == .debian { body.removeAll { $0.text.hasPrefix(" -- ") } }
    return trimmedLines(body.map(\.text).joined(separator: "\n"))
  }

  /// Adds the section of a hotfix above the newest release and below what is not released.
  ///
  /// Returns whether the section is there. A form that is not understood is left as it is: one in
  /// which the new section, or any other, would not be read back as it was written.
  @discardableResult
  package mutating func add(_ entry: ChangelogEntry) -> Bool {
    let old = form
    if old.heading(of: entry.version) != nil { return true }
    guard let (section, at) = old.draft(entry) else { return false }
    var new = self
    new.insert(section, at: at)
    let form = new.form
    guard let heading = form.heading(of: entry.version),
      new.text(form, heading).contains(entry.text),
      form.releases.filter({ $0 != heading }).map({ new.text(form, $0) })
        == old.releases.map({ text(old, $0) })
    else { return false }
    self = new
    return true
  }

  /// Whether `add` can add an entry.
  package func takes(_ entry: ChangelogEntry) -> Bool {
    var changelog = self
    return changelog.add(entry)
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
    let theirs = other.form
    let own = form
    guard let heading = theirs.heading(of: version), own.heading(of: name) == nil else {
      return nil
    }
    let range = theirs.range(heading)
    var rest = other.lines
    let section = rest[range].filter { !$0.isLinkDefinition }.map(\.text)
    rest.replaceSubrange(range, with: rest[range].filter(\.isLinkDefinition))
    // How lines end does not count: git itself may have changed it at a checkout.
    guard rest.map(\.text).filter({ !$0.isEmpty }) == base.lines.map(\.text).filter({ !$0.isEmpty })
    else { return nil }
    var changelog = self
    changelog.insert(
      section.last?.isEmpty == true ? section : section + [""],
      at: own.place
    )
    guard changelog.form.heading(of: version) != nil else { return nil }
    changelog.rename(version, to: name)
    return changelog
  }

  /// Puts another version into the heading of a section.
  package mutating func rename(_ version: VersionName, to name: VersionName) {
    let form = form
    guard version != name, let heading = form.heading(of: version), let title = heading.title else {
      return
    }
    let text =
      heading.style == .debian
      ? heading.text.replacing(version.text, with: name.text) : title.renamed(name)
    let made = form.headingLines(heading, text)
    let first = heading.lines.upperBound - made.count
    for (index, line) in made.enumerated() where lines[first + index].text != line {
      lines[first + index] = Line(line, endsInReturn: lines[first + index].endsInReturn)
    }
  }

  private mutating func insert(_ section: [String], at: Int) {
    var section = section
    if at > 0, !lines[at - 1].isEmpty { section.insert("", at: 0) }
    if at == lines.count {
      while section.last?.isEmpty == true { section.removeLast() }
      section.append("")
    }
    let endsInReturn = lines[0].endsInReturn
    var new = section.map { Line($0, endsInReturn: endsInReturn) }
    if endsInReturn, at == lines.count {
      // The last line has no end; from now on it is another one.
      if !lines[at - 1].endsInReturn { lines[at - 1].bytes.append(0x0D) }
      new[new.count - 1].bytes.removeLast()
    }
    lines.insert(contentsOf: new, at: at)
  }
}

private func trimmedLines(_ text: String) -> String {
  var rest = Substring(text)
  while rest.first?.isNewline == true { rest.removeFirst() }
  while rest.last?.isWhitespace == true { rest.removeLast() }
  return String(rest)
}
