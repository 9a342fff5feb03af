internal import ReleaseModel

/// Reads XML into elements with byte ranges: UTF-8, no document type definitions, bounded.
///
/// Our own, because feeds are edited byte-preservingly: a person's comments, order and white space
/// stay as they are. Throws `feed.malformed` with line and column.
package struct XMLScanner {
  package static let bytesMax = 16 << 20
  package static let depthMax = 64
  package static let elementsMax = 200_000
  package static let sparkleNamespace = "http://www.andymatuschak.org/xml-namespaces/sparkle"

  private let bytes: [UInt8]
  private var offset = 0
  private var elements = 0
  /// Prefix → namespace, innermost last; an element that binds none shares its parent's.
  private var scopes: [[String: String]] = [[:]]
  /// Names that were seen, so that each is made a string once.
  private var names: [Int: [(range: Range<Int>, name: String)]] = [:]
  /// Names with their namespace, as long as the scope is the same.
  private var known: [String: String] = [:]

  private init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  package static func document(_ bytes: [UInt8]) throws -> XMLElement {
    guard bytes.count <= bytesMax else {
      throw malformed("it has more than \(bytesMax >> 20) MiB", bytes, 0)
    }
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw malformed("it is not UTF-8", bytes, 0)
    }
    // XML 1.0 §2.2: no other control characters, and strict parsers refuse them.
    if let at = bytes.firstIndex(where: { $0 < 0x20 && !isSpace($0) }) {
      throw malformed("a control character stands in it", bytes, at)
    }
    var scanner = XMLScanner(bytes)
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { scanner.offset = 3 }
    try scanner.skipMisc()
    guard scanner.peek == UInt8(ascii: "<") else { throw scanner.fail("there is no root element") }
    let root = try scanner.element(depth: 1)
    try scanner.skipMisc()
    guard scanner.offset == bytes.count else { throw scanner.fail("text follows the root element") }
    return root
  }

  static func malformed(_ reason: String, _ bytes: [UInt8], _ offset: Int) -> Problem {
    .malformedFeed("not well-formed XML", FeedPlace(of: offset, in: bytes), reason)
  }

  private func fail(_ reason: String) -> Problem { Self.malformed(reason, bytes, offset) }
  private var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  private func starts(_ text: StaticString) -> Bool {
    text.withUTF8Buffer { wanted in
      guard bytes.count - offset >= wanted.count else { return false }
      for index in 0..<wanted.count where bytes[offset + index] != wanted[index] { return false }
      return true
    }
  }

  private mutating func skip(past text: StaticString, from length: Int, what: String) throws {
    let start = offset
    let last = text.withUTF8Buffer { $0[0] }
    offset += length
    while offset < bytes.count {
      if bytes[offset] == last, starts(text) {
        offset += text.utf8CodeUnitCount
        return
      }
      offset += 1
    }
    offset = start
    throw fail("\(what) does not end")
  }

  private mutating func skipMisc() throws {
    while let byte = peek {
      if isSpace(byte) {
        offset += 1
      } else if starts("<?") {
        try skip(past: "?>", from: 2, what: "the processing instruction")
      } else if starts("<!--") {
        try comment()
      } else if starts("<!DOCTYPE") {
        throw fail("document types are not allowed in a feed")
      } else {
        return
      }
    }
  }

  private mutating func name() throws -> String {
    let start = offset
    var key = 0
    while offset < bytes.count, !endsName(bytes[offset]) {
      key = (key &* 31) &+ Int(bytes[offset])
      offset += 1
    }
    guard offset > start else { throw fail("a name is missing") }
    let range = start..<offset
    for seen in names[key] ?? [] where bytes[seen.range].elementsEqual(bytes[range]) {
      return seen.name
    }
    let name = String(decoding: bytes[range], as: UTF8.self)
    names[key, default: []].append((range, name))
    return name
  }

  private mutating func skipSpace() {
    while let byte = peek, isSpace(byte) { offset += 1 }
  }

  private mutating func element(depth: Int) throws -> XMLElement {
    guard depth <= Self.depthMax else { throw fail("elements are nested too deeply") }
    elements += 1
    guard elements <= Self.elementsMax else { throw fail("there are too many elements") }
    let start = offset
    offset += 1
    let rawName = try name()
    let nameEnd = offset
    var (attributes, selfClosing) = try startTagRest()
    let binds = attributes.contains { $0.name.hasPrefix("xmlns:") }
    if binds {
      var scope = scopes.last ?? [:]
      for attribute in attributes where attribute.name.hasPrefix("xmlns:") {
        scope[String(attribute.name.dropFirst(6))] = attribute.value
      }
      scopes.append(scope)
      known = [:]
    }
    defer {
      if binds {
        scopes.removeLast()
        known = [:]
      }
    }
    for index in attributes.indices where attributes[index].name.utf8.contains(colon) {
      let old = attributes[index]
      attributes[index] = .init(
        name: normalised(old.name),
        value: old.value,
        valueRange: old.valueRange
      )
    }
    let content =
      selfClosing ? XMLElement.Content() : try content(rawName: rawName, depth: depth)
    return XMLElement(
      name: normalised(rawName),
      attributes: attributes,
      content: content,
      range: start..<offset,
      nameEnd: nameEnd,
      isForeignSparkle: rawName.hasPrefix("sparkle:")
        && scopes.last?["sparkle"] != Self.sparkleNamespace
    )
  }

  private mutating func startTagRest() throws -> ([XMLElement.Attribute], selfClosing: Bool) {
    var attributes: [XMLElement.Attribute] = []
    while true {
      skipSpace()
      if starts("/>") {
        offset += 2
        return (attributes, true)
      }
      if peek == UInt8(ascii: ">") {
        offset += 1
        return (attributes, false)
      }
      let name = try name()
      skipSpace()
      guard peek == UInt8(ascii: "=") else { throw fail("attribute \(name) has no value") }
      offset += 1
      skipSpace()
      guard let quote = peek, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
        throw fail("the value of \(name) is not quoted")
      }
      let start = offset + 1
      var end = start
      while end < bytes.count, bytes[end] != quote, bytes[end] != UInt8(ascii: "<") { end += 1 }
      guard end < bytes.count else { throw fail("the value of \(name) does not end") }
      guard bytes[end] == quote else { throw fail("the value of \(name) holds a <") }
      guard !attributes.contains(where: { $0.name == name }) else {
        throw fail("attribute \(name) stands twice")
      }
      offset = start
      let value = try resolved(start..<end)
      attributes.append(.init(name: name, value: value, valueRange: start..<end))
      offset = end + 1
    }
  }

  private mutating func content(rawName: String, depth: Int) throws -> XMLElement.Content {
    var found = XMLElement.Content()
    let start = offset
    while let byte = peek {
      if byte != UInt8(ascii: "<") {
        let end = endOfText()
        found.text += try resolved(offset..<end)
        offset = end
      } else if starts("</") {
        found.range = start..<offset
        offset += 2
        let end = try name()
        guard end == rawName else { throw fail("</\(end)> ends <\(rawName)>") }
        skipSpace()
        guard peek == UInt8(ascii: ">") else { throw fail("</\(end) is not closed") }
        offset += 1
        return found
      } else if starts("<!--") {
        try comment()
      } else if starts("<![CDATA[") {
        let inside = offset + 9
        try skip(past: "]]>", from: 9, what: "the CDATA section")
        found.text += String(decoding: bytes[inside..<offset - 3], as: UTF8.self)
      } else if starts("<?") {
        try skip(past: "?>", from: 2, what: "the processing instruction")
      } else {
        found.children.append(try self.element(depth: depth + 1))
      }
    }
    throw fail("<\(rawName)> is not closed")
  }

  private func endOfText() -> Int {
    var end = offset
    while end < bytes.count, bytes[end] != UInt8(ascii: "<") { end += 1 }
    return end
  }

  /// "--" may not stand inside of a comment (XML 1.0 §2.5), and strict parsers refuse the file.
  private mutating func comment() throws {
    let start = offset
    try skip(past: "--", from: 4, what: "the comment")
    guard peek == UInt8(ascii: ">") else {
      offset = start
      throw fail("a comment holds \"--\"")
    }
    offset += 1
  }

  private mutating func normalised(_ name: String) -> String {
    guard let colon = name.utf8.firstIndex(of: colon) else { return name }
    if let seen = known[name] { return seen }
    let prefix = String(name[..<colon])
    let full = scopes.last?[prefix] == Self.sparkleNamespace ? "sparkle" + name[colon...] : name
    known[name] = full
    return full
  }

  private func resolved(_ range: Range<Int>) throws -> String {
    var isPlain = true
    for index in range where bytes[index] == UInt8(ascii: "&") {
      isPlain = false
      break
    }
    if isPlain { return String(decoding: bytes[range], as: UTF8.self) }
    var text = ""
    var rest = bytes[range]
    while let at = rest.firstIndex(of: UInt8(ascii: "&")) {
      text += String(decoding: rest[..<at], as: UTF8.self)
      guard let end = rest[at...].prefix(12).firstIndex(of: UInt8(ascii: ";")) else {
        throw Self.malformed("an & stands alone; write &amp;", bytes, at)
      }
      let name = String(decoding: rest[(at + 1)..<end], as: UTF8.self)
      guard let character = entity(name) else {
        throw Self.malformed("&\(name); is not known", bytes, at)
      }
      text += character
      rest = rest[(end + 1)...]
    }
    return text + String(decoding: rest, as: UTF8.self)
  }
}

private func isSpace(_ byte: UInt8) -> Bool {
  byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
}

private let colon = UInt8(ascii: ":")

private func endsName(_ byte: UInt8) -> Bool {
  switch byte {
  case 0x20, 0x0A, 0x0D, 0x09, UInt8(ascii: "="), UInt8(ascii: "/"), UInt8(ascii: ">"),
    UInt8(ascii: "<"), UInt8(ascii: "\""), UInt8(ascii: "'"):
    true
  default: false
  }
}

private func entity(_ name: String) -> String? {
  switch name {
  case "amp": return "&"
  case "lt": return "<"
  case "gt": return ">"
  case "quot": return "\""
  case "apos": return "'"
  default:
    guard name.hasPrefix("#") else { return nil }
    let digits = name.dropFirst()
    let code =
      digits.hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits, radix: 10)
    return code.flatMap(Unicode.Scalar.init).map { String(Character($0)) }
  }
}

/// Returns `text` as XML character data, fit for attributes too.
package func xmlEscaped(_ text: String) -> String {
  var escaped = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": escaped += "&amp;"
    case "<": escaped += "&lt;"
    case ">": escaped += "&gt;"
    case "\"": escaped += "&quot;"
    case "\t", "\n", "\r": escaped.unicodeScalars.append(scalar)
    default: if scalar.value >= 0x20 { escaped.unicodeScalars.append(scalar) }
    }
  }
  return escaped
}
