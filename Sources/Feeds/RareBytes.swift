extension [UInt8] {
  /// Calls `body` with the place of every byte below `limit`, which is at most 0x80.
  ///
  /// Eight bytes at a time, because control characters and line ends are rare in a feed. The test for
  /// a word that holds such a byte is "hasless" of Anderson's *Bit Twiddling Hacks*.
  func forEachIndex(ofByteBelow limit: UInt8, _ body: (Int) -> Void) {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let limits = ones &* UInt64(limit)
    let words = count / 8
    withUnsafeBytes { bytes in
      for word in 0..<words {
        let value = bytes.loadUnaligned(fromByteOffset: word * 8, as: UInt64.self)
        guard (value &- limits) & ~value & (ones &* 0x80) != 0 else { continue }
        for index in word * 8..<word * 8 + 8 where bytes[index] < limit { body(index) }
      }
    }
    for index in words * 8..<count where self[index] < limit { body(index) }
  }
}
