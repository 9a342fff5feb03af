internal import ReleaseModel

/// The text of a heading that names a release: `Version 1.2.3 (2026-11-22)`, `[1.2.3](URL) - …`.
struct ChangelogTitle: Sendable, Hashable {
  /// What is in front of the version, with its `v` and its bracket.
  let prefix: String
  let version: String
  /// Brackets and emphasis right after the version.
  private let close: String
  /// The address that the version leads to, without its parentheses.
  private let link: String?
  private let rest: String

  /// The prefix's words, without `v`: the same in all headings of a file.
  let words: String

  /// Nil where the text does not name a release.
  init?(_ text: String) {
    let characters = Array(text)
    guard characters.count <= 400, let start = characters.firstIndex(where: \.isDigit) else {
      return nil
    }
    var end = start
    while end < characters.count, characters[end].isOfVersion { end += 1 }
    while end > start, ".-+~_".contains(characters[end - 1]) { end -= 1 }
    let version = String(characters[start..<end])
    var front = characters[..<start]
    let isMarked = front.last.map { "vV".contains($0) } ?? false
    if isMarked { front.removeLast() }
    if let last = front.last, last.isLetter || last.isNumber || last == "." { return nil }
    guard version.contains(#/^\d+\.\d/#) || (isMarked && version.allSatisfy(\.isDigit)) else {
      return nil
    }
    self.version = version
    prefix = String(characters[..<start])
    words = String(front.map { $0.isLetter ? $0 : " " }).lowercased()
      .split(separator: " ").joined(separator: " ")
    guard !prefix.contains("://"), !prefix.contains(": "), words.split(separator: " ").count <= 5
    else { return nil }
    var close = ""
    while end < characters.count, "])`*_".contains(characters[end]) {
      close.append(characters[end])
      end += 1
    }
    var link: String?
    if close.hasPrefix("]"), end < characters.count, "([".contains(characters[end]),
      let last = characters[end...].firstIndex(of: characters[end] == "(" ? ")" : "]")
    {
      if characters[end] == "(" { link = String(characters[(end + 1)..<last]) }
      end = last + 1
    }
    self.close = close
    self.link = link
    rest = String(characters[end...])
    guard isAboutRelease else { return nil }
  }

  /// Whether nothing but a date and words of releases follows the version, or something after a
  /// separator: "2.0 breaks the interface" is a sentence.
  private var isAboutRelease: Bool {
    guard let first = rest.first(where: { !$0.isWhitespace }) else { return true }
    if !first.isLetter && !first.isNumber { return true }
    if let found = ChangelogDate.first(in: rest), rest[..<found.range.lowerBound].isOfRelease {
      return true
    }
    return rest.isOfRelease
  }

  var date: ChangelogDate? { ChangelogDate.first(in: rest)?.date }

  var isUnreleased: Bool {
    let words = rest.lowercased().split { !$0.isLetter && $0 != "?" }
    return words.contains {
      ["unreleased", "unpublished", "upcoming", "development", "tbd", "tba", "xx"].contains($0)
        || $0.hasPrefix("??")
    }
  }

  /// Whether a new heading can be made of it without leaving anything out.
  var isPlain: Bool {
    guard let found = ChangelogDate.first(in: rest) else {
      return rest.allSatisfy { !$0.isLetter && !$0.isNumber }
    }
    return rest[..<found.range.lowerBound].isOfRelease
      && rest[found.range.upperBound...].allSatisfy { !$0.isLetter && !$0.isNumber }
  }

  /// Whether it could be a line of text that stands for a heading: no sentence, no markup.
  var isLine: Bool {
    prefix.allSatisfy { $0.isLetter || " [(*_".contains($0) }
      && (isPlain || rest.trimmed.contains(#/^[(\[].*[)\]]$/#))
  }

  /// Returns the heading of another release in the same form.
  ///
  /// `previous` is the version that a link of two versions compares with.
  func text(
    _ name: VersionName,
    after previous: String?,
    at moment: Moment,
    dated form: ChangelogDate?
  ) -> String {
    prefix + name.text + close + linked(name, previous ?? version) + tail(moment, form)
  }

  /// Returns the same heading with another version, and everything else as it is.
  func renamed(_ name: VersionName) -> String {
    let link = link.map { "(\($0.replacing(version, with: name.text)))" } ?? ""
    return prefix + name.text + close + link + rest
  }

  private func linked(_ name: VersionName, _ previous: String) -> String {
    guard let link, link.contains(version) else { return "" }
    guard let dots = link.ranges(of: "...").last, link[dots.upperBound...].contains(version),
      let slash = link[..<dots.lowerBound].lastIndex(of: "/")
    else { return "(\(link.replacing(version, with: name.text)))" }
    let tag = link[dots.upperBound...]
    let (old, new) = (
      tag.replacing(version, with: previous), tag.replacing(version, with: name.text)
    )
    return "(\(link[...slash])\(old)...\(new))"
  }

  private func tail(_ moment: Moment, _ form: ChangelogDate?) -> String {
    guard let found = ChangelogDate.first(in: rest) else {
      if let word = rest.firstRange(of: #/[Uu]nreleased|UNRELEASED/#), let form {
        return rest[..<word.lowerBound] + form.text(moment) + rest[word.upperBound...].closing
      }
      return rest.allSatisfy { ":*_` ".contains($0) } ? rest.trimmed : ""
    }
    let front = rest[..<found.range.lowerBound]
    var between = String(front)
    if !front.isOfRelease { between = front.contains("(") ? " (" : " - " }
    var after = rest[found.range.upperBound...].closing
    if between.contains("("), !after.hasPrefix(")") { after = ")" }
    let date = form ?? found.date
    return between + date.text(moment) + after
  }
}

extension Character {
  fileprivate var isDigit: Bool { isASCII && isNumber }
  fileprivate var isOfVersion: Bool { isASCII && (isLetter || isNumber || "._+~-".contains(self)) }
}

extension StringProtocol {
  /// Whether its words, if any, are those that say when something was released.
  fileprivate var isOfRelease: Bool {
    let words = self.lowercased().split { !$0.isLetter && !$0.isNumber }
    return words.allSatisfy {
      ["released", "release", "date", "on", "unreleased", "beta", "alpha", "final", "stable"]
        .contains($0)
    }
  }

  /// The brackets and marks that its beginning closes.
  fileprivate var closing: String { String(self.prefix { ")]*_`:.".contains($0) }) }

  var trimmed: String {
    var rest = self[...]
    while rest.first?.isWhitespace == true { rest.removeFirst() }
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return String(rest)
  }
}
