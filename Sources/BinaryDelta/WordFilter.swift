/// Says of six bytes that a file certainly does not have them, or that it may: a Bloom filter with one
/// hash.
///
/// Most searches for a match find less than six bytes; asking here first costs one look at memory and
/// not twenty.
struct WordFilter: Sendable {
  static let length = 6

  /// Four to eight bits for each byte of the file, in two tables that two jobs fill side by side.
  private var low: [UInt64]
  private var high: [UInt64]
  private let shift: UInt64

  init(_ file: [UInt8], jobs: Int) async {
    let power = max(UInt64.bitWidth - (file.count * 4).leadingZeroBitCount, 10)
    let shift = UInt64(UInt64.bitWidth - power)
    self.shift = shift
    let count = 1 << (power - 7)
    // Of less than eight bytes nothing is certain.
    guard file.count >= 8 else {
      (low, high) = (Array(repeating: .max, count: count), Array(repeating: .max, count: count))
      return
    }
    let tables = await eachOf([0, count], jobs: jobs) { Self.table(file, shift, $0, count: count) }
    (low, high) = (tables[0], tables[1])
    // The last two words end before eight bytes could be read there.
    let last = file.withUnsafeBytes { file in
      UInt64(littleEndian: file.loadUnaligned(fromByteOffset: file.count - 8, as: UInt64.self))
    }
    for word in [last >> 8 & Self.mask, last >> 16] {
      let hash = Self.hash(word, shift)
      let index = Int(hash &>> 6)
      if index < count {
        low[index] |= 1 &<< (hash & 63)
      } else {
        high[index - count] |= 1 &<< (hash & 63)
      }
    }
  }

  /// The table whose first word is `start`: each job goes through the whole file.
  private static func table(
    _ file: [UInt8],
    _ shift: UInt64,
    _ start: Int,
    count: Int
  ) -> [UInt64] {
    [UInt64](unsafeUninitializedCapacity: count) { table, initialized in
      table.initialize(repeating: 0)
      initialized = count
      file.withUnsafeBytes { file in
        for place in 0..<file.count - 7 {
          let hash = hash(word(file, place), shift)
          let index = Int(hash &>> 6) &- start
          if index >= 0 && index < count { table[index] |= 1 &<< (hash & 63) }
        }
      }
    }
  }

  /// `available` is how many bytes may be read at `bytes`; where that is less than eight, the answer is
  /// yes.
  @inline(__always)
  func mayHave(_ bytes: UnsafePointer<UInt8>, available: Int) -> Bool {
    guard available >= 8 else { return true }
    let hash = Self.hash(Self.word(UnsafeRawBufferPointer(start: bytes, count: 8), 0), shift)
    let index = Int(hash &>> 6)
    let word = index < low.count ? low[index] : high[index &- low.count]
    return word &>> (hash & 63) & 1 != 0
  }

  @inline(__always)
  private static func hash(_ word: UInt64, _ shift: UInt64) -> UInt64 {
    (word &* 0x9E37_79B9_7F4A_7C15) &>> shift
  }

  private static let mask: UInt64 = 0xFFFF_FFFF_FFFF

  @inline(__always)
  private static func word(_ bytes: UnsafeRawBufferPointer, _ place: Int) -> UInt64 {
    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)) & mask
  }
}
