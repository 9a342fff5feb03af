/// Says of six bytes that a file certainly does not have them, or that it may: a Bloom filter with one
/// hash.
///
/// Most searches for a match find less than six bytes; asking here first costs one look at memory and
/// not twenty.
struct WordFilter: Sendable {
  static let length = 6

  /// Four to eight bits for each byte of the file.
  private var bits: [UInt64]
  private let shift: UInt64

  init(_ file: [UInt8], jobs: Int) async {
    let power = max(UInt64.bitWidth - (file.count * 4).leadingZeroBitCount, 10)
    let shift = UInt64(UInt64.bitWidth - power)
    self.shift = shift
    let count = 1 << (power - 6)
    // Of less than eight bytes nothing is certain.
    bits = file.count < 8 ? Array(repeating: .max, count: count) : []
    guard file.count >= 8 else { return }
    // The last two words end before eight bytes could be read there.
    let places = file.count - 7
    // Each share has a table of its own; two at once are as much memory as there is to spare.
    let shares = min(max(jobs, 1), 2)
    let middle = places / shares
    let ranges = [0..<middle, middle..<places].prefix(shares)
    var tables = await eachOf(Array(ranges), jobs: jobs) {
      Self.bits(file, $0, shift, count: count)
    }
    bits = tables.removeFirst()
    for table in tables {
      for (index, word) in table.enumerated() { bits[index] |= word }
    }
    let last = file.withUnsafeBytes { file in
      UInt64(littleEndian: file.loadUnaligned(fromByteOffset: file.count - 8, as: UInt64.self))
    }
    for word in [last >> 8 & Self.mask, last >> 16] {
      let hash = Self.hash(word, shift)
      bits[Int(hash &>> 6)] |= 1 &<< (hash & 63)
    }
  }

  /// The bits of the words that begin in a range.
  private static func bits(
    _ file: [UInt8],
    _ range: Range<Int>,
    _ shift: UInt64,
    count: Int
  ) -> [UInt64] {
    [UInt64](unsafeUninitializedCapacity: count) { bits, initialized in
      bits.initialize(repeating: 0)
      initialized = count
      file.withUnsafeBytes { file in
        for place in range {
          let hash = hash(word(file, place), shift)
          bits[Int(hash &>> 6)] |= 1 &<< (hash & 63)
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
    return bits[Int(hash &>> 6)] &>> (hash & 63) & 1 != 0
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
