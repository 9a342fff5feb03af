internal import ReleaseModel

/// A place in a feed, counted from 1.
package struct FeedPlace: Sendable, Hashable {
  package let line: Int
  package let column: Int

  package init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  package init(of offset: Int, in bytes: [UInt8]) {
    let before = bytes[..<min(offset, bytes.count)]
    let start = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    line = before.count { $0 == 0x0A } + 1
    column = before.count - start + 1
  }
}

/// An element of an XML document, with the byte ranges that an edit needs.
package struct XMLElement: Sendable {
  package struct Attribute: Sendable {
    package let name: String
    package let value: String
    /// Where the value stands, between its quotes.
    package let valueRange: Range<Int>
  }

  /// The name with Sparkle's namespace written as `sparkle:`, whatever the prefix in the file.
  package let name: String
  package fileprivate(set) var attributes: [Attribute]
  package fileprivate(set) var children: [XMLElement] = []
  /// All character data inside, CDATA sections and entities resolved.
  package fileprivate(set) var text = ""
  /// From `<` to the `>` of the end tag.
  package fileprivate(set) var range: Range<Int>
  /// Between the start tag and the end tag; nil for `<name/>`.
  package fileprivate(set) var contentRange: Range<Int>?
  /// Just behind the name in the start tag, where an attribute can be added.
  package fileprivate(set) var nameEnd: Int
  /// The prefix is literally `sparkle`, and not bound to Sparkle's namespace.
  package fileprivate(set) var isForeignSparkle = false

  package func children(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }
  package func first(_ name: String) -> XMLElement? { children.first { $0.name == name } }
  package func attribute(_ name: String) -> String? {
    attributes.first { $0.name == name }?.value
  }
}

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
  /// Prefix → namespace, innermost last.
  private var scopes: [[String: String]] = [[:]]

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
    let place = FeedPlace(of: offset, in: bytes)
    return Problem(
      "feed.malformed",
      "The feed is not well-formed XML.",
      why: "Line \(place.line), column \(place.column): \(reason).",
      next: ["Mend that line; every user's updater refuses the whole feed until then."]
    )
  }

  private func fail(_ reason: String) -> Problem { Self.malformed(reason, bytes, offset) }
  private var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  private func starts(_ text: StaticString) -> Bool {
    text.withUTF8Buffer { wanted in
      bytes.count - offset >= wanted.count
        && zip(bytes[offset...], wanted).allSatisfy { $0 == $1 }
    }
  }

  private mutating func skip(past text: StaticString, from length: Int, what: String) throws {
    let start = offset
    offset += length
    while offset < bytes.count {
      if starts(text) {
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
        try skip(past: "-->", from: 4, what: "the comment")
      } else if starts("<!DOCTYPE") {
        throw fail("document types are not allowed in a feed")
      } else {
        return
      }
    }
  }

  private mutating func name() throws -> String {
    let start = offset
    while let byte = peek, !isSpace(byte), !"=/><\"'".utf8.contains(byte) { offset += 1 }
    guard offset > start else { throw fail("a name is missing") }
    return String(decoding: bytes[start..<offset], as: UTF8.self)
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
    var scope = scopes.last ?? [:]
    for attribute in attributes where attribute.name.hasPrefix("xmlns:") {
      scope[String(attribute.name.dropFirst(6))] = attribute.value
    }
    scopes.append(scope)
    defer { scopes.removeLast() }
    attributes = attributes.map {
      .init(name: normalised($0.name), value: $0.value, valueRange: $0.valueRange)
    }
    var element = XMLElement(
      name: normalised(rawName),
      attributes: attributes,
      range: start..<offset,
      nameEnd: nameEnd
    )
    element.isForeignSparkle =
      rawName.hasPrefix("sparkle:") && scope["sparkle"] != Self.sparkleNamespace
    if !selfClosing { try content(of: &element, rawName: rawName, depth: depth) }
    element.range = start..<offset
    return element
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
      guard let end = bytes[start...].firstIndex(of: quote) else {
        throw fail("the value of \(name) does not end")
      }
      guard !bytes[start..<end].contains(UInt8(ascii: "<")) else {
        throw fail("the value of \(name) holds a <")
      }
      guard !attributes.contains(where: { $0.name == name }) else {
        throw fail("attribute \(name) stands twice")
      }
      offset = start
      let value = try resolved(start..<end)
      attributes.append(.init(name: name, value: value, valueRange: start..<end))
      offset = end + 1
    }
  }

  private mutating func content(
    of element: inout XMLElement,
    rawName: String,
    depth: Int
  ) throws {
    let start = offset
    while let byte = peek {
      if starts("</") {
        element.contentRange = start..<offset
        offset += 2
        let end = try name()
        guard end == rawName else { throw fail("</\(end)> ends <\(rawName)>") }
        skipSpace()
        guard peek == UInt8(ascii: ">") else { throw fail("</\(end) is not closed") }
        offset += 1
        return
      }
      if starts("<!--") {
        try skip(past: "-->", from: 4, what: "the comment")
      } else if starts("<![CDATA[") {
        let inside = offset + 9
        try skip(past: "]]>", from: 9, what: "the CDATA section")
        element.text += String(decoding: bytes[inside..<offset - 3], as: UTF8.self)
      } else if starts("<?") {
        try skip(past: "?>", from: 2, what: "the processing instruction")
      } else if byte == UInt8(ascii: "<") {
        element.children.append(try self.element(depth: depth + 1))
      } else {
        let end = bytes[offset...].firstIndex(of: UInt8(ascii: "<")) ?? bytes.count
        element.text += try resolved(offset..<end)
        offset = end
      }
    }
    throw fail("<\(rawName)> is not closed")
  }

  private func normalised(_ name: String) -> String {
    guard let colon = name.firstIndex(of: ":") else { return name }
    let prefix = String(name[..<colon])
    return scopes.last?[prefix] == Self.sparkleNamespace
      ? "sparkle" + name[colon...] : name
  }

  private func resolved(_ range: Range<Int>) throws -> String {
    guard bytes[range].contains(UInt8(ascii: "&")) else {
      return String(decoding: bytes[range], as: UTF8.self)
    }
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
