extension [UInt8] {
  /// The little-endian 16-bit number at an offset, or nil when it is not wholly inside.
  func unsigned16(at offset: Int) -> Int? { unsigned(2, at: offset) }

  /// The little-endian 32-bit number at an offset, or nil when it is not wholly inside.
  func unsigned32(at offset: Int) -> Int? { unsigned(4, at: offset) }

  /// The big-endian number of 1 to 8 bytes at an offset, or nil when it is not inside or above `Int.max`.
  func bigEndian(_ width: Int, at offset: Int) -> Int? {
    guard (1...8).contains(width), offset >= 0, offset <= count - width else { return nil }
    let number = self[offset..<offset + width].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return Int(exactly: number)
  }

  private func unsigned(_ width: Int, at offset: Int) -> Int? {
    guard offset >= 0, offset <= count - width else { return nil }
    return self[offset..<offset + width].reversed().reduce(0) { $0 << 8 | Int($1) }
  }
}
