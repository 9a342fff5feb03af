/// JSON as people write it: with comments, trailing commas, bare keys and single quotes (JSON5).
///
/// What cannot be read is null, since a survey goes on without it.
enum LooseJSON: Hashable {
  case object([String: LooseJSON])
  case list([LooseJSON])
  case text(String)
  case other(String)

  init?(_ text: String?) {
    guard let text else { return nil }
    var reader = Reader(bytes: Array(text.utf8))
    guard let value = reader.value(0) else { return nil }
    self = value
  }

  subscript(_ path: String...) -> LooseJSON? {
    path.reduce(self as LooseJSON?) { value, name in
      if case .object(let members)? = value { members[name] } else { nil }
    }
  }

  var string: String? { if case .text(let text) = self { text } else { nil } }
  var isTrue: Bool { self == .other("true") }
  var members: [String: LooseJSON] { if case .object(let members) = self { members } else { [:] } }
  var elements: [LooseJSON] { if case .list(let list) = self { list } else { [self] } }

  private struct Reader {
    private static let depthMax = 64
    let bytes: [UInt8]
    var at = 0

    private var byte: UInt8? { at < bytes.count ? bytes[at] : nil }

    private mutating func skip() {
      while let byte {
        if byte <= 0x20 || byte == 0xEF || byte == 0xBB || byte == 0xBF {
          at += 1
        } else if starts("//") {
          while let byte = self.byte, byte != 0x0A { _ = byte; at += 1 }
        } else if starts("/*") {
          at += 2
          while at < bytes.count, !starts("*/") { at += 1 }
          at = min(at + 2, bytes.count)
        } else {
          return
        }
      }
    }

    private func starts(_ text: StaticString) -> Bool {
      let second = at + 1
      return second < bytes.count && bytes[at] == text.utf8Start[0]
        && bytes[second] == text.utf8Start[1]
    }

    private mutating func take(_ character: Character) -> Bool {
      skip()
      guard byte == character.asciiValue else { return false }
      at += 1
      return true
    }

    mutating func value(_ depth: Int) -> LooseJSON? {
      guard depth < Self.depthMax else { return nil }
      if take("{") {
        var members: [String: LooseJSON] = [:]
        while !take("}") {
          guard let key = word(), take(":"), let value = value(depth + 1) else { return nil }
          members[key] = value
          _ = take(",")
        }
        return .object(members)
      }
      if take("[") {
        var list: [LooseJSON] = []
        while !take("]") {
          guard let value = value(depth + 1) else { return nil }
          list.append(value)
          _ = take(",")
        }
        return .list(list)
      }
      skip()
      let isText = byte == 0x22 || byte == 0x27
      return word().map { isText ? .text($0) : .other($0) }
    }

    /// A text in quotes, or a bare word.
    private mutating func word() -> String? {
      skip()
      guard let first = byte else { return nil }
      var taken: [UInt8] = []
      if first == 0x22 || first == 0x27 {
        at += 1
        while let byte, byte != first {
          at += 1
          if byte == 0x5C { taken += escaped() } else { taken.append(byte) }
        }
        guard byte == first else { return nil }
        at += 1
        return String(decoding: taken, as: UTF8.self)
      }
      while let byte, byte > 0x20, !",:{}[]\"'/".utf8.contains(byte) {
        taken.append(byte)
        at += 1
      }
      return taken.isEmpty ? nil : String(decoding: taken, as: UTF8.self)
    }

    private mutating func escaped() -> [UInt8] {
      guard let byte else { return [] }
      at += 1
      switch byte {
      case 0x6E: return [0x0A]
      case 0x74: return [0x09]
      case 0x75:
        let digits = String(decoding: bytes[at..<min(at + 4, bytes.count)], as: UTF8.self)
        at = min(at + 4, bytes.count)
        let scalar = UInt32(digits, radix: 16).flatMap(Unicode.Scalar.init)
        return Array(String(scalar.map(Character.init) ?? "?").utf8)
      default: return [byte]
      }
    }
  }
}
