internal import ReleaseModel

/// Reads XML into elements with byte ranges: UTF-8, no document type definitions, bounded.
///
/// Our own, because feeds are edited byte-preservingly: a person's comments, order and white space
/// stay as they are. Throws `feed.malformed` with line and column.
package struct XMLScanner {
  package static let bytesMax = 16 << 20
  package static let depthMax = 64
  package static let elementsMax = 200_000
  /// Each element that binds a prefix copies those in scope.
  package static let prefixesMax = 256
  /// Each attribute is compared with those before it in its element.
  package static let attributesMax = 256
  package static let sparkleNamespace = "http://www.andymatuschak.org/xml-namespaces/sparkle"

  private let bytes: [UInt8]
  private var offset = 0
  private var elements = 0
  /// Prefix → namespace, innermost last; an element that binds none shares its parent's.
  private var scopes: [[String: String]] = [[:]] {
    didSet { sparkleIsBound = scopes.last?["sparkle"] == Self.sparkleNamespace }
  }
  private var sparkleIsBound = false
  /// Names that were seen lately, each in the slot of its hash, so that most are made once.
  private var names = [(range: Range<Int>, name: String)](repeating: (0..<0, ""), count: 256)

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
    if let at = firstControl(in: bytes) {
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

  private static func firstControl(in bytes: [UInt8]) -> Int? {
    var first: Int?
    bytes.forEachIndex(ofByteBelow: 0x20) { if first == nil && !isSpace(bytes[$0]) { first = $0 } }
    return first
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
    let first = text.withUTF8Buffer { $0[0] }
    var end = offset + length
    while end < bytes.count {
      if bytes[end] == first {
        offset = end
        if starts(text) {
          offset += text.utf8CodeUnitCount
          return
        }
      }
      end += 1
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
    var end = start
    var hash = 0
    while end < bytes.count, !endsName(bytes[end]) {
      hash = (hash &* 31) &+ Int(bytes[end])
      end += 1
    }
    guard end > start else { throw fail("a name is missing") }
    offset = end
    let slot = hash & 255
    if equal(names[slot].range, start..<end) { return names[slot].name }
    let name = text(start..<end)
    names[slot] = (start..<end, name)
    return name
  }

  private func text(_ range: Range<Int>) -> String {
    String(decoding: bytes[range], as: UTF8.self)
  }

  private func equal(_ a: Range<Int>, _ b: Range<Int>) -> Bool {
    guard a.count == b.count else { return false }
    for index in 0..<a.count where bytes[a.lowerBound + index] != bytes[b.lowerBound + index] {
      return false
    }
    return true
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
    let nameRange = start + 1..<offset
    var (attributes, selfClosing) = try startTagRest()
    let outer = scopes.count
    try bind(attributes)
    defer { if scopes.count > outer { scopes.removeLast() } }
    for index in attributes.indices where attributes[index].name.utf8.contains(colon) {
      let old = attributes[index]
      attributes[index] = .init(
        name: normalised(old.name),
        value: old.value,
        valueRange: old.valueRange
      )
    }
    let name = normalised(rawName)
    let isForeign = rawName.hasPrefix("sparkle:") && !sparkleIsBound
    let content = selfClosing ? XMLElement.Content() : try content(of: nameRange, depth: depth)
    return XMLElement(
      document: bytes,
      name: name,
      attributes: attributes,
      content: content,
      range: start..<offset,
      nameEnd: nameRange.upperBound,
      isForeignSparkle: isForeign
    )
  }

  /// Opens a scope for the prefixes that the attributes bind, if any.
  private mutating func bind(_ attributes: [XMLElement.Attribute]) throws {
    guard attributes.contains(where: { $0.name.hasPrefix("xmlns:") }) else { return }
    var scope = scopes.last ?? [:]
    for attribute in attributes where attribute.name.hasPrefix("xmlns:") {
      scope[String(attribute.name.dropFirst(6))] = attribute.value
    }
    guard scope.count <= Self.prefixesMax else { throw fail("it binds too many prefixes") }
    scopes.append(scope)
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
      guard attributes.count < Self.attributesMax else { throw fail("it has too many attributes") }
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
      var isPlain = true
      while end < bytes.count, bytes[end] != quote, bytes[end] != UInt8(ascii: "<") {
        if bytes[end] == UInt8(ascii: "&") { isPlain = false }
        end += 1
      }
      guard end < bytes.count else { throw fail("the value of \(name) does not end") }
      guard bytes[end] == quote else { throw fail("the value of \(name) holds a <") }
      guard !attributes.contains(where: { $0.name == name }) else {
        throw fail("attribute \(name) stands twice")
      }
      offset = start
      let value = isPlain ? text(start..<end) : try resolved(start..<end)
      attributes.append(.init(name: name, value: value, valueRange: start..<end))
      offset = end + 1
    }
  }

  private mutating func content(of name: Range<Int>, depth: Int) throws -> XMLElement.Content {
    var found = XMLElement.Content()
    let start = offset
    while let byte = peek {
      if byte != UInt8(ascii: "<") {
        found.add(try characters())
      } else if starts("</") {
        found.range = start..<offset
        offset += 2
        let end = offset..<offset + name.count
        guard end.upperBound < bytes.count, equal(name, end), endsName(bytes[end.upperBound]) else {
          let other = try self.name()
          throw fail("</\(other)> ends <\(text(name))>")
        }
        offset = end.upperBound
        skipSpace()
        guard peek == UInt8(ascii: ">") else { throw fail("</\(text(name)) is not closed") }
        offset += 1
        return found
      } else if starts("<!--") {
        try comment()
      } else if starts("<![CDATA[") {
        let inside = offset + 9
        try skip(past: "]]>", from: 9, what: "the CDATA section")
        found.add(.plain(inside..<offset - 3))
      } else if starts("<?") {
        try skip(past: "?>", from: 2, what: "the processing instruction")
      } else {
        found.children.append(try element(depth: depth + 1))
      }
    }
    throw fail("<\(text(name))> is not closed")
  }

  private mutating func characters() throws -> XMLElement.Text {
    let start = offset
    var end = start
    var isPlain = true
    while end < bytes.count, bytes[end] != UInt8(ascii: "<") {
      if bytes[end] == UInt8(ascii: "&") { isPlain = false }
      end += 1
    }
    offset = end
    return isPlain ? .plain(start..<end) : .resolved(try resolved(start..<end))
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

  private func normalised(_ name: String) -> String {
    if sparkleIsBound && name.hasPrefix("sparkle:") { return name }
    guard let colon = name.utf8.firstIndex(of: colon) else { return name }
    let namespace = scopes.last?[String(name[..<colon])]
    return namespace == Self.sparkleNamespace ? "sparkle" + name[colon...] : name
  }

  private func resolved(_ range: Range<Int>) throws -> String {
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
