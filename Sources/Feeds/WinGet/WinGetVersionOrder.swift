/// How WinGet orders versions: parts between dots, each a number and the text behind it
/// (`AppInstallerVersions.cpp`, 2026-08).
package enum WinGetVersionOrder {
  private struct Part {
    var number: UInt64 = 0
    var text = ""
  }

  private struct Parsed {
    /// −1 for "Unknown", 1 for "Latest".
    var rank = 0
    /// −1 for `< x`, 1 for `> x`.
    var side = 0
    var parts: [Part] = []
  }

  package static func compare(_ a: String, _ b: String) -> Int {
    let left = parsed(a)
    let right = parsed(b)
    if left.rank != right.rank { return sign(left.rank, right.rank) }
    for index in 0..<max(left.parts.count, right.parts.count) {
      let x = index < left.parts.count ? left.parts[index] : Part()
      let y = index < right.parts.count ? right.parts[index] : Part()
      let order = order(x, y)
      if order != 0 { return order }
    }
    return sign(left.side, right.side)
  }

  private static func order(_ x: Part, _ y: Part) -> Int {
    if x.number != y.number { return sign(x.number, y.number) }
    // A part with text behind its number comes before the plain number.
    if x.text.isEmpty || y.text.isEmpty {
      return sign(x.text.isEmpty ? 1 : 0, y.text.isEmpty ? 1 : 0)
    }
    return byteOrder(x.text, y.text)
  }

  private static func parsed(_ version: String) -> Parsed {
    var parsed = Parsed()
    var text = trimmedSubstring(version)
    if text.hasPrefix("<") || text.hasPrefix(">") {
      parsed.side = text.hasPrefix("<") ? -1 : 1
      text = trimmedSubstring(String(text.dropFirst()))
    }
    switch text.lowercased() {
    case "latest": parsed.rank = 1
    case "unknown": parsed.rank = -1
    default:
      // Letters in front of the first digit, as in v1.0, are not part of the version.
      if let digit = text.firstIndex(where: \.isASCIIDigit), !text[..<digit].contains(".") {
        text = text[digit...]
      }
      parsed.parts =
        text.isEmpty
        ? []
        : text.split(separator: ".", omittingEmptySubsequences: false)
          .map(part)
    }
    return parsed
  }

  private static func part(_ text: Substring) -> Part {
    let trimmed = trimmedSubstring(String(text))
    let digits = trimmed.prefix(while: \.isASCIIDigit)
    return Part(
      number: digits.isEmpty ? 0 : UInt64(digits) ?? .max,
      text: trimmed.dropFirst(digits.count).lowercased()
    )
  }
}
