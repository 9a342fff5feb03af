/// How Homebrew orders versions: `Library/Homebrew/version.rb` (2026-08).
///
/// A cask is outdated when its version *differs*; this order is what `brew livecheck` uses.
package enum HomebrewVersionOrder {
  /// Pre-release kinds in their order; a patch and a post release stand above the plain version.
  private enum Kind: Int {
    case alpha, beta, pre, rc, patch, post
  }

  private enum Token: Hashable {
    case null
    case number(String)
    case text(String)
    case composite(Kind, revision: String, text: String)
  }

  /// Returns −1, 0 or 1.
  ///
  /// Throws `VersionRefused` for an empty version.
  package static func compare(_ a: String, _ b: String) throws -> Int {
    for version in [a, b] where version.isEmpty { throw VersionRefused(version, "it is empty") }
    if a == b { return 0 }
    if isHead(a) || isHead(b) { return sign(isHead(a) ? 1 : 0, isHead(b) ? 1 : 0) }
    let left = tokens(a)
    let right = tokens(b)
    var l = 0
    var r = 0
    while l < max(left.count, right.count) {
      let x = l < left.count ? left[l] : .null
      let y = r < right.count ? right[r] : .null
      let order = order(x, y)
      if order == 0 {
        l += 1
        r += 1
      } else if isNumber(x), !isNumber(y) {
        if Self.order(x, .null) > 0 { return 1 }
        l += 1
      } else if !isNumber(x), isNumber(y) {
        if Self.order(y, .null) > 0 { return -1 }
        r += 1
      } else {
        return order
      }
    }
    return 0
  }

  private static func isHead(_ version: String) -> Bool {
    version == "HEAD" || version.hasPrefix("HEAD-")
  }

  private static func isNumber(_ token: Token) -> Bool {
    if case .number = token { true } else { false }
  }

  private static func tokens(_ version: String) -> [Token] {
    let pattern =
      /alpha[0-9]*|a[0-9]+|beta[0-9]*|b[0-9]+|pre[0-9]*|rc[0-9]*|p[0-9]*|.post[0-9]+|[0-9]+|[a-z]+/
      .ignoresCase()
    return version.matches(of: pattern).map { token(String($0.0)) }
  }

  private static func token(_ text: String) -> Token {
    let digits = text.drop { !$0.isASCIIDigit }.prefix(while: \.isASCIIDigit)
    func composite(_ kind: Kind) -> Token {
      .composite(kind, revision: digits.isEmpty ? "0" : String(digits), text: text)
    }
    let lower = text.lowercased()
    if lower.isDigits { return .number(text) }
    if lower.wholeMatch(of: /alpha[0-9]*|a[0-9]+/) != nil { return composite(.alpha) }
    if lower.wholeMatch(of: /beta[0-9]*|b[0-9]+/) != nil { return composite(.beta) }
    if lower.wholeMatch(of: /rc[0-9]*/) != nil { return composite(.rc) }
    if lower.wholeMatch(of: /pre[0-9]*/) != nil { return composite(.pre) }
    if lower.wholeMatch(of: /p[0-9]*/) != nil { return composite(.patch) }
    if lower.wholeMatch(of: /.post[0-9]+/) != nil { return composite(.post) }
    return .text(text)
  }

  private static func order(_ a: Token, _ b: Token) -> Int {
    switch (a, b) {
    case (.null, .null): return 0
    case (.null, .number(let value)): return value.allSatisfy { $0 == "0" } ? 0 : -1
    case (.null, .composite(let kind, _, _)):
      return kind.rawValue <= Kind.rc.rawValue ? 1 : -1
    case (.null, .text): return -1
    case (_, .null): return -order(b, a)
    case (.number(let x), .number(let y)): return digitsOrder(x, y)
    case (.number, _): return 1
    case (_, .number): return -1
    case (.composite(let x, let m, let text), .composite(let y, let n, let other)):
      if x == y { return digitsOrder(m, n) }
      // Neither of patch and post knows the other, so their texts decide.
      if x.rawValue >= Kind.patch.rawValue, y.rawValue >= Kind.patch.rawValue {
        return byteOrder(text, other)
      }
      return sign(x.rawValue, y.rawValue)
    default: return byteOrder(text(a), text(b))
    }
  }

  private static func text(_ token: Token) -> String {
    switch token {
    case .null: ""
    case .number(let text), .text(let text), .composite(_, _, let text): text
    }
  }
}
