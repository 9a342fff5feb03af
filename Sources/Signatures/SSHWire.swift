/// Reads the length-prefixed fields of SSH's wire format (RFC 4251 §5), never past the end.
struct SSHReader {
  private let bytes: [UInt8]
  private var offset = 0

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  var isAtEnd: Bool { offset == bytes.count }

  mutating func raw(_ count: Int) -> [UInt8]? {
    guard count >= 0, count <= bytes.count - offset else { return nil }
    defer { offset += count }
    return Array(bytes[offset..<offset + count])
  }

  mutating func uint32() -> UInt32? {
    raw(4)?.reduce(0) { $0 << 8 | UInt32($1) }
  }

  mutating func string() -> [UInt8]? {
    guard let count = uint32() else { return nil }
    return raw(Int(count))
  }

  mutating func text() -> String? {
    string().map { String(decoding: $0, as: UTF8.self) }
  }
}

/// Writes SSH's wire format.
struct SSHWriter {
  private(set) var bytes: [UInt8] = []

  mutating func raw(_ more: some Sequence<UInt8>) {
    bytes.append(contentsOf: more)
  }

  mutating func uint32(_ value: Int) {
    for shift in stride(from: 24, through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }

  mutating func string(_ content: some Collection<UInt8>) {
    uint32(content.count)
    raw(content)
  }

  mutating func string(_ text: String) { string(Array(text.utf8)) }
}
