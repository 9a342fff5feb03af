/// A version by the letter of Semantic Versioning 2.0.0: three numbers, pre-release, build.
struct SemanticVersion: Sendable, Hashable {
  /// Decimal digits without leading zeros, as they stand.
  let numbers: [Substring]
  let prerelease: [Substring]
  let build: [Substring]

  /// Returns nil where the specification's grammar does not match.
  init?(_ text: Substring) {
    var rest = text
    var build: Substring?
    if let plus = rest.firstIndex(of: "+") {
      build = rest[rest.index(after: plus)...]
      rest = rest[..<plus]
    }
    var prerelease: Substring?
    if let dash = rest.firstIndex(of: "-") {
      prerelease = rest[rest.index(after: dash)...]
      rest = rest[..<dash]
    }
    func parts(_ text: Substring?) -> [Substring] {
      text?.split(separator: ".", omittingEmptySubsequences: false) ?? []
    }
    numbers = parts(rest)
    self.prerelease = parts(prerelease)
    self.build = parts(build)
    guard numbers.count == 3, numbers.allSatisfy(Self.isNumber),
      self.prerelease.allSatisfy({ Self.isName($0) && (!$0.isDigits || Self.isNumber($0)) }),
      self.build.allSatisfy(Self.isName)
    else { return nil }
  }

  private static func isNumber(_ part: Substring) -> Bool {
    part.isDigits && (part.count == 1 || part.first != "0")
  }

  private static func isName(_ part: Substring) -> Bool {
    !part.isEmpty && part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
  }

  /// Returns the precedence (§11); build metadata does not count.
  func order(_ other: SemanticVersion) -> Int {
    let front = lexicographicOrder(numbers, other.numbers) { digitsOrder($0, $1) }
    if front != 0 { return front }
    if prerelease.isEmpty || other.prerelease.isEmpty {
      return sign(prerelease.isEmpty ? 1 : 0, other.prerelease.isEmpty ? 1 : 0)
    }
    return lexicographicOrder(prerelease, other.prerelease, Self.identifierOrder)
  }

  static func identifierOrder(_ a: Substring, _ b: Substring) -> Int {
    switch (a.isDigits, b.isDigits) {
    case (true, true): digitsOrder(a, b)
    case (true, false): -1
    case (false, true): 1
    case (false, false): byteOrder(a, b)
    }
  }
}

/// A version as Rust's `semver` crate 1.0 reads and orders it: build metadata counts.
///
/// Used by Tauri's plugin and by Velopack's Rust core.
struct RustVersion: Sendable, Hashable {
  let version: SemanticVersion

  init(_ text: Substring, of whole: String) throws {
    guard let version = SemanticVersion(text),
      version.numbers.allSatisfy({ UInt64($0) != nil })
    else { throw VersionRefused(whole, "it is not MAJOR.MINOR.PATCH of semantic versioning") }
    self.version = version
  }

  func order(_ other: RustVersion) -> Int {
    let precedence = version.order(other.version)
    if precedence != 0 { return precedence }
    return lexicographicOrder(version.build, other.version.build) { a, b in
      let order = SemanticVersion.identifierOrder(a, b)
      // "01" is above "1": the value first, then the length (`impl Ord for BuildMetadata`).
      return order == 0 ? sign(a.count, b.count) : order
    }
  }
}
