/// How WinSparkle 0.9.4 orders versions: its own port of an old Sparkle comparator
/// (`UpdateChecker::CompareVersions`), to which dashes and `+` are letters.
package enum WinSparkleVersionOrder {
  private enum Kind { case number, period, string }

  private static func kind(_ byte: UInt8) -> Kind {
    switch byte {
    case UInt8(ascii: "."): .period
    case UInt8(ascii: "0")...UInt8(ascii: "9"): .number
    default: .string
    }
  }

  private static func split(_ version: String) -> [(kind: Kind, text: String)] {
    var parts: [(Kind, [UInt8])] = []
    for byte in version.utf8 {
      let next = kind(byte)
      if let last = parts.last, last.0 == next, next != .period {
        parts[parts.count - 1].1.append(byte)
      } else {
        parts.append((next, [byte]))
      }
    }
    return parts.map { ($0.0, String(decoding: $0.1, as: UTF8.self)) }
  }

  package static func compare(_ a: String, _ b: String) -> Int {
    let left = split(a)
    let right = split(b)
    for (x, y) in zip(left, right) {
      if x.kind == y.kind {
        let order =
          x.kind == .number ? digitsOrder(x.text, y.text) : byteOrder(x.text, y.text)
        if order != 0 { return order }
      } else if x.kind == .string || y.kind == .string {
        return x.kind == .string ? -1 : 1
      } else {
        return x.kind == .number ? 1 : -1
      }
    }
    guard left.count != right.count else { return 0 }
    let longerIsLeft = left.count > right.count
    let next = longerIsLeft ? left[right.count] : right[left.count]
    return longerIsLeft == (next.kind != .string) ? 1 : -1
  }
}
