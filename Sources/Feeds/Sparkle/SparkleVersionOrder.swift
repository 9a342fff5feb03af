/// How Sparkle orders versions: `SUStandardVersionComparator` of Sparkle 2.9.2.
///
/// Everything behind the first dash is ignored; letters, `+` and `~` mean "before"; any separator
/// with something behind it means "after".
package enum SparkleVersionOrder {
  /// Returns −1, 0 or 1 as `a` is older than, the same as, or newer than `b`.
  package static func compare(_ a: String, _ b: String) -> Int {
    if let order = plainOrder(a, b) { return order }
    var left = split(a)
    var right = split(b)
    balance(&left, &right)
    for (x, y) in zip(left, right) {
      let order = compare(x, y)
      if order != 0 { return order }
    }
    guard left.count != right.count else { return 0 }
    let longerIsLeft = left.count > right.count
    let next = longerIsLeft ? left[right.count] : right[left.count]
    let longerWins = next.kind != .string
    return longerIsLeft == longerWins ? 1 : -1
  }

  /// The order of two dotted numbers, which most versions are; nil for anything else.
  private static func plainOrder(_ a: String, _ b: String) -> Int? {
    var left = a.utf8.makeIterator()
    var right = b.utf8.makeIterator()
    var order = 0
    var leftEnded = false
    var rightEnded = false
    while !leftEnded || !rightEnded {
      // A side that has ended is filled with zeros.
      guard let x = leftEnded ? 0 : plainNumber(&left, &leftEnded),
        let y = rightEnded ? 0 : plainNumber(&right, &rightEnded)
      else { return nil }
      if order == 0 { order = x == y ? 0 : x < y ? -1 : 1 }
    }
    return order
  }

  /// Returns true for dotted numbers, with or without something after a dash: the order of such
  /// versions is total, so that they can be sorted.
  static func isPlain(_ version: String) -> Bool {
    plainOrder(String(version.prefix { $0 != "-" }), "0") != nil
  }

  /// Reads a number of at most 18 digits and the dot behind it.
  private static func plainNumber(
    _ bytes: inout String.UTF8View.Iterator,
    _ ended: inout Bool
  ) -> Int? {
    var value = 0
    var digits = 0
    while let byte = bytes.next() {
      if byte == UInt8(ascii: ".") { return digits > 0 ? value : nil }
      guard (0x30...0x39).contains(byte), digits < 18 else { return nil }
      value = value * 10 + Int(byte - 0x30)
      digits += 1
    }
    ended = true
    return digits > 0 ? value : nil
  }

  /// The same text for versions that compare as equal, as a rule: to look for twins in one pass.
  static func key(_ version: String) -> String {
    var key: [UInt8] = []
    /// The key without the zero numbers at the end of the dotted front.
    var kept = 0
    var isNumberStart = true
    var rest = version.utf8[...]
    while let byte = rest.first, (0x30...0x39).contains(byte) || byte == UInt8(ascii: ".") {
      if !isNumberStart || byte != 0x30 { key.append(byte) }
      let isDot = byte == UInt8(ascii: ".")
      if !isDot && key.last != UInt8(ascii: ".") && !key.isEmpty { kept = key.count }
      isNumberStart = isDot || (isNumberStart && byte == 0x30)
      rest.removeFirst()
    }
    key.removeSubrange(kept...)
    key.append(UInt8(ascii: "|"))
    key.append(contentsOf: rest.prefix { $0 != UInt8(ascii: "-") })
    return String(decoding: key, as: UTF8.self)
  }

  private enum Kind {
    case number, string, separator, dash
  }

  private struct Part {
    let kind: Kind
    let units: [UInt16]
    /// Whether the part belongs to the dotted front that is balanced with zeros.
    var isFront: Bool { kind == .number || (kind == .separator && units == [0x2E]) }
  }

  private static func kind(_ unit: UInt16) -> Kind {
    if unit == 0x2E { return .separator }
    if unit == 0x2D { return .dash }
    guard let scalar = Unicode.Scalar(unit) else { return .string }
    let properties = scalar.properties
    if properties.generalCategory == .decimalNumber { return .number }
    if properties.isWhitespace { return .separator }
    switch properties.generalCategory {
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
      .initialPunctuation, .finalPunctuation, .otherPunctuation:
      return .separator
    default: return .string
    }
  }

  private static func split(_ version: String) -> [Part] {
    let units = Array(version.utf16)
    guard let first = units.first else { return [] }
    var parts: [Part] = []
    var current = [first]
    var currentKind = kind(first)
    for unit in units.dropFirst() {
      let next = kind(unit)
      if next == .dash { break }
      if next != currentKind || currentKind == .separator {
        parts.append(Part(kind: currentKind, units: current))
        current = [unit]
        currentKind = next
      } else {
        current.append(unit)
      }
    }
    parts.append(Part(kind: currentKind, units: current))
    return parts
  }

  /// Fills the shorter dotted front with the other's shape: "1.1" beside "1.0.0" is "1.1.0".
  private static func balance(_ a: inout [Part], _ b: inout [Part]) {
    let left = a.prefix { $0.isFront }.count
    let right = b.prefix { $0.isFront }.count
    if left < right {
      a.insert(contentsOf: filling(b[left..<right]), at: left)
    } else if right < left {
      b.insert(contentsOf: filling(a[right..<left]), at: right)
    }
  }

  private static func filling(_ parts: ArraySlice<Part>) -> [Part] {
    parts.map { $0.kind == .number ? Part(kind: .number, units: [0x30]) : $0 }
  }

  private static func compare(_ a: Part, _ b: Part) -> Int {
    if a.kind == b.kind {
      switch a.kind {
      case .separator, .dash: return 0
      case .number:
        let x = value(a.units)
        let y = value(b.units)
        return x == y ? 0 : x < y ? -1 : 1
      case .string:
        if a.units == b.units { return 0 }
        return a.units.lexicographicallyPrecedes(b.units) ? -1 : 1
      }
    }
    if a.kind == .string { return -1 }
    if b.kind == .string { return 1 }
    return a.kind == .number ? 1 : -1
  }

  /// The number, saturating at 64 bits as `longLongValue` does.
  private static func value(_ units: [UInt16]) -> Int64 {
    var value: Int64 = 0
    for unit in units {
      let digit = Unicode.Scalar(unit)?.properties.numericValue.map { Int64($0) } ?? 0
      let (times, over) = value.multipliedReportingOverflow(by: 10)
      let (sum, overAgain) = times.addingReportingOverflow(digit)
      if over || overAgain { return .max }
      value = sum
    }
    return value
  }
}
