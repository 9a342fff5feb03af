internal import ReleaseModel

/// A JSON value with its place in the file, so that edits keep every other byte.
package indirect enum JSONText: Sendable {
  package struct Member: Sendable {
    package let key: String
    /// From the key's quote to the end of the value.
    package let range: Range<Int>
    package let value: JSONText
  }

  case null(Range<Int>)
  case bool(Bool, Range<Int>)
  case number(String, Range<Int>)
  case string(String, Range<Int>)
  case array([JSONText], Range<Int>)
  case object([Member], Range<Int>)

  package var range: Range<Int> {
    switch self {
    case .null(let range), .bool(_, let range), .number(_, let range), .string(_, let range),
      .array(_, let range), .object(_, let range):
      range
    }
  }

  package var text: String? { if case .string(let text, _) = self { text } else { nil } }
  package var items: [JSONText]? { if case .array(let items, _) = self { items } else { nil } }
  package var members: [Member]? { if case .object(let all, _) = self { all } else { nil } }
  package var isNull: Bool { if case .null = self { true } else { false } }

  /// A number that is whole and fits.
  package var integer: Int? {
    if case .number(let text, _) = self { Int(text) } else { nil }
  }

  package subscript(_ key: String) -> JSONText? { members?.last { $0.key == key }?.value }

  /// As keys without case, as Velopack's clients read them.
  package func anyCase(_ key: String) -> JSONText? {
    members?.last { $0.key.lowercased() == key.lowercased() }?.value
  }
}

/// Reads JSON by RFC 8259, bounded; throws `feed.malformed` with line and column.
package struct JSONReader {
  package static let bytesMax = 16 << 20
  package static let depthMax = 64
  package static let valuesMax = 1_000_000

  private let bytes: [UInt8]
  private var offset = 0
  private var values = 0

  package static func document(_ bytes: [UInt8]) throws -> JSONText {
    guard bytes.count <= bytesMax else {
      throw malformed("it has more than \(bytesMax >> 20) MiB", bytes, 0)
    }
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw malformed("it is not UTF-8", bytes, 0)
    }
    guard !bytes.starts(with: [0xEF, 0xBB, 0xBF]) else {
      throw malformed("a byte-order mark stands in front, and updaters do not expect one", bytes, 0)
    }
    var reader = JSONReader(bytes: bytes)
    reader.skipSpace()
    let value = try reader.value(depth: 1)
    reader.skipSpace()
    guard reader.offset == bytes.count else { throw reader.fail("text follows the value") }
    return value
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  static func malformed(_ reason: String, _ bytes: [UInt8], _ offset: Int) -> Problem {
    .malformedFeed("not well-formed JSON", FeedPlace(of: offset, in: bytes), reason)
  }

  private func fail(_ reason: String) -> Problem { Self.malformed(reason, bytes, offset) }
  private var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  private mutating func skipSpace() {
    while let byte = peek, [0x20, 0x0A, 0x0D, 0x09].contains(byte) { offset += 1 }
  }

  private mutating func take(_ character: Character, _ reason: String) throws {
    guard peek == character.asciiValue else { throw fail(reason) }
    offset += 1
  }

  private mutating func value(depth: Int) throws -> JSONText {
    guard depth <= Self.depthMax else { throw fail("values are nested too deeply") }
    values += 1
    guard values <= Self.valuesMax else { throw fail("there are too many values") }
    let start = offset
    switch peek {
    case UInt8(ascii: "{"): return try object(depth)
    case UInt8(ascii: "["): return try array(depth)
    case UInt8(ascii: "\""): return .string(try string(), start..<offset)
    case let byte? where byte == UInt8(ascii: "-") || (0x30...0x39).contains(byte):
      return try number()
    default:
      for (word, value) in [("true", true), ("false", false)] where starts(word) {
        offset += word.utf8.count
        return .bool(value, start..<offset)
      }
      guard starts("null") else { throw fail("a value is missing") }
      offset += 4
      return .null(start..<offset)
    }
  }

  private func starts(_ word: String) -> Bool { bytes[offset...].starts(with: word.utf8) }

  private mutating func object(_ depth: Int) throws -> JSONText {
    let start = offset
    offset += 1
    var members: [JSONText.Member] = []
    skipSpace()
    while peek != UInt8(ascii: "}") {
      let from = offset
      guard peek == UInt8(ascii: "\"") else { throw fail("a key is missing") }
      let key = try string()
      skipSpace()
      try take(":", "a colon is missing behind \"\(key)\"")
      skipSpace()
      let value = try value(depth: depth + 1)
      members.append(.init(key: key, range: from..<offset, value: value))
      if try endsList(with: "}") { break }
    }
    if peek == UInt8(ascii: "}"), members.isEmpty { offset += 1 }
    return .object(members, start..<offset)
  }

  private mutating func array(_ depth: Int) throws -> JSONText {
    let start = offset
    offset += 1
    var items: [JSONText] = []
    skipSpace()
    while peek != UInt8(ascii: "]") {
      items.append(try value(depth: depth + 1))
      if try endsList(with: "]") { break }
    }
    if peek == UInt8(ascii: "]"), items.isEmpty { offset += 1 }
    return .array(items, start..<offset)
  }

  /// Takes a comma, or the end of the list; true when it ended.
  private mutating func endsList(with end: Character) throws -> Bool {
    skipSpace()
    if peek == end.asciiValue {
      offset += 1
      return true
    }
    try take(",", "a comma or \(end) is missing")
    skipSpace()
    guard peek != end.asciiValue else { throw fail("a comma stands before \(end)") }
    return false
  }

  private static let numberForm = Pattern(/-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/)

  private mutating func number() throws -> JSONText {
    let start = offset
    while let byte = peek, byte < 0x80, "+-.eE0123456789".utf8.contains(byte) { offset += 1 }
    let text = String(decoding: bytes[start..<offset], as: UTF8.self)
    guard Self.numberForm.matches(text) else {
      offset = start
      throw fail("\(text.prefix(20)) is no number")
    }
    return .number(text, start..<offset)
  }

  private mutating func string() throws -> String {
    offset += 1
    var units: [UInt8] = []
    while let byte = peek {
      offset += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: units, as: UTF8.self)
      case UInt8(ascii: "\\"): units += try escape()
      case 0..<0x20: throw fail("a control character stands in a text")
      default: units.append(byte)
      }
    }
    throw fail("a text does not end")
  }

  private mutating func escape() throws -> [UInt8] {
    guard let byte = peek else { throw fail("a text does not end") }
    offset += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [8]
    case UInt8(ascii: "f"): return [12]
    case UInt8(ascii: "n"): return [10]
    case UInt8(ascii: "r"): return [13]
    case UInt8(ascii: "t"): return [9]
    case UInt8(ascii: "u"):
      var units = [try hexUnit()]
      if UTF16.isLeadSurrogate(units[0]), starts("\\u") {
        offset += 2
        units.append(try hexUnit())
      }
      return Array(String(decoding: units, as: UTF16.self).utf8)
    default: throw fail("an escape is not known")
    }
  }

  private mutating func hexUnit() throws -> UInt16 {
    let digits = String(decoding: bytes[offset...].prefix(4), as: UTF8.self)
    guard digits.utf8.count == 4, digits.allSatisfy(\.isHexDigit),
      let unit = UInt16(digits, radix: 16)
    else { throw fail("\\u needs four digits") }
    offset += 4
    return unit
  }
}

/// Returns a text as JSON, with its quotes.
package func jsonQuoted(_ text: String) -> String {
  var quoted = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": quoted += "\\\""
    case "\\": quoted += "\\\\"
    case "\n": quoted += "\\n"
    case "\r": quoted += "\\r"
    case "\t": quoted += "\\t"
    default:
      if scalar.value < 0x20 {
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      } else {
        quoted.unicodeScalars.append(scalar)
      }
    }
  }
  return quoted + "\""
}
