/// How a hotfix is named after the release that it mends.
package enum VersionScheme: String, Sendable, Hashable, Codable, CaseIterable {
  /// `1.0.1-hotfix1` over 1.0.0, as the runbook has it.
  case suffix
  /// `1.0.1` over 1.0.0.
  case patch
}

/// The name of a version, for example `1.0.0` or `1.0.1-hotfix2`.
package struct VersionName: Sendable, Hashable, Codable, CustomStringConvertible {
  package let text: String

  package init(_ text: String) {
    self.text = text
  }

  package init(from decoder: any Decoder) throws {
    text = try decoder.singleValueContainer().decode(String.self)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }

  package var description: String { text }

  /// The dotted numbers in front, or nil when there are none.
  package var numbers: [Int]? {
    let front = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    let parts = front.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
    guard !parts.isEmpty, parts.allSatisfy({ $0 != nil }) else { return nil }
    return parts.compactMap(\.self)
  }

  /// Whether the version is on the release line of a version prefix: 1.2.3 is on "1" and on "1.2".
  package func isOn(line: String) -> Bool {
    guard let own = numbers, let prefix = VersionName(line).numbers else { return false }
    return own.starts(with: prefix)
  }

  /// Whether the text is a version prefix that names a release line: dotted numbers and no more.
  package var isLine: Bool {
    numbers != nil && text.allSatisfy { $0.isASCII && ($0.isNumber || $0 == ".") }
  }

  /// The number after `-hotfix`, or nil.
  package var hotfixNumber: Int? {
    guard let range = text.ranges(of: "-hotfix").last else { return nil }
    return Int(text[range.upperBound...])
  }

  /// Whether the name is a pre-release: not every user gets it.
  ///
  /// By Semantic Versioning (§9) whatever follows a hyphen; by PEP 440 and by Debian also `2.0rc1` and
  /// `2.0~rc1`. The runbook's own suffix, `-hotfix1`, goes to every user and counts for nothing.
  package var isPrerelease: Bool {
    var rest = text.prefix { $0 != "+" }
    if let first = rest.first, "vV".contains(first) { rest = rest.dropFirst() }
    if let suffix = rest.ranges(of: "-hotfix").last, Int(rest[suffix.upperBound...]) != nil {
      rest = rest[..<suffix.lowerBound]
    }
    rest = rest.drop { $0.isASCII && ($0.isNumber || $0 == ".") }
    guard let first = rest.first else { return false }
    if "-~".contains(first) { return true }
    let word = rest.drop { $0 == "_" }.prefix { $0.isLetter }.lowercased()
    let isNumbered = rest.drop { !$0.isNumber }.first != nil
    // A letter alone is a patch of some projects (OpenSSL 1.1.1b) and a phase only with its number.
    return ["a", "b", "c"].contains(word)
      ? isNumbered : ["alpha", "beta", "rc", "pre", "preview", "dev"].contains(word)
  }

  /// Returns the first name over `self` that `taken` does not hold.
  ///
  /// A suffix name over another suffix name keeps its numbers: `1.0.1-hotfix1` is followed by
  /// `1.0.1-hotfix2`.
  package func next(_ scheme: VersionScheme, taken: Set<String>) -> VersionName? {
    guard var numbers else { return nil }
    while numbers.count < 3 { numbers.append(0) }
    let last = numbers.count - 1
    switch scheme {
    case .suffix:
      if hotfixNumber == nil { numbers[last] += 1 }
      let stem = numbers.map(String.init).joined(separator: ".")
      let first = hotfixNumber ?? 0
      guard (0..<1_000_000_000).contains(first) else { return nil }
      for n in (first + 1)..<(first + 1000) where !taken.contains("\(stem)-hotfix\(n)") {
        return VersionName("\(stem)-hotfix\(n)")
      }
      return nil
    case .patch:
      for _ in 0..<999 {
        numbers[last] += 1
        let name = numbers.map(String.init).joined(separator: ".")
        if !taken.contains(name) { return VersionName(name) }
      }
      return nil
    }
  }

  /// The next regular release on the same line: 1.0.1 after 1.0.1-hotfix1, 1.0.2 after 1.0.1.
  package var nextRegular: VersionName? {
    guard var numbers else { return nil }
    while numbers.count < 3 { numbers.append(0) }
    if hotfixNumber == nil { numbers[numbers.count - 1] += 1 }
    return VersionName(numbers.map(String.init).joined(separator: "."))
  }
}

/// Orders version names for people: dotted numbers, then plain above pre-release, then hotfix number.
///
/// No updater is asked here; `Feeds` has their rules.
package func isOlder(_ a: VersionName, than b: VersionName) -> Bool {
  let x = a.numbers ?? []
  let y = b.numbers ?? []
  for index in 0..<max(x.count, y.count) {
    let left = index < x.count ? x[index] : 0
    let right = index < y.count ? y[index] : 0
    if left != right { return left < right }
  }
  let left = a.hotfixNumber ?? (a.isPrerelease ? 0 : Int.max)
  let right = b.hotfixNumber ?? (b.isPrerelease ? 0 : Int.max)
  return left != right ? left < right : a.text < b.text
}
