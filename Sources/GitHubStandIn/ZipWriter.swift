/// Writes zip archives of stored, uncompressed entries.
struct ZipWriter {
  private var body: [UInt8] = []
  private var directory: [UInt8] = []
  private var entries = 0

  mutating func add(_ name: String, _ content: [UInt8]) {
    let start = body.count
    let bytes = Array(name.utf8)
    var head: [UInt8] = []
    // Version 2.0, names in UTF-8, stored, at midnight of 1 January 1980.
    for field in [20, 0x0800, 0, 0, 0x21] { head += Self.little(field, 2) }
    head += Self.little(Int(Self.checksum(content)), 4)
    head += Self.little(content.count, 4) + Self.little(content.count, 4)
    head += Self.little(bytes.count, 2) + Self.little(0, 2)
    body += [0x50, 0x4b, 3, 4] + head + bytes + content
    directory += [0x50, 0x4b, 1, 2] + Self.little(20, 2) + head
    for field in [0, 0, 0] { directory += Self.little(field, 2) }
    directory += Self.little(0, 4) + Self.little(start, 4) + bytes
    entries += 1
  }

  func finished() -> [UInt8] {
    var end: [UInt8] = [0x50, 0x4b, 5, 6] + Self.little(0, 4)
    end += Self.little(entries, 2) + Self.little(entries, 2)
    end += Self.little(directory.count, 4) + Self.little(body.count, 4) + Self.little(0, 2)
    return body + directory + end
  }

  private static func little(_ value: Int, _ bytes: Int) -> [UInt8] {
    (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in
      value & 1 == 1 ? (value >> 1) ^ 0xEDB8_8320 : value >> 1
    }
  }

  static func checksum(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(0xFFFF_FFFF as UInt32) { sum, byte in
      (sum >> 8) ^ table[Int(UInt8(truncatingIfNeeded: sum) ^ byte)]
    }
  }
}
