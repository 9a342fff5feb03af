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

  init(_ file: [UInt8]) {
    let power = max(UInt64.bitWidth - (file.count * 4).leadingZeroBitCount, 10)
    shift = UInt64(UInt64.bitWidth - power)
    // Of less than eight bytes nothing is certain.
    bits = Array(repeating: file.count < 8 ? .max : 0, count: 1 << (power - 6))
    guard file.count >= 8 else { return }
    file.withUnsafeBytes { file in
      for place in 0...file.count - 8 { mark(Self.word(file, place)) }
      // The last two words end before eight bytes could be read there.
      let last = UInt64(
        littleEndian: file.loadUnaligned(fromByteOffset: file.count - 8, as: UInt64.self)
      )
      mark(last >> 8 & Self.mask)
      mark(last >> 16)
    }
  }

  /// `available` is how many bytes may be read at `bytes`; where that is less than eight, the answer is
  /// yes.
  @inline(__always)
  func mayHave(_ bytes: UnsafePointer<UInt8>, available: Int) -> Bool {
    guard available >= 8 else { return true }
    let hash = hash(Self.word(UnsafeRawBufferPointer(start: bytes, count: 8), 0))
    return bits[Int(hash &>> 6)] &>> (hash & 63) & 1 != 0
  }

  @inline(__always)
  private mutating func mark(_ word: UInt64) {
    let hash = hash(word)
    bits[Int(hash &>> 6)] |= 1 &<< (hash & 63)
  }

  @inline(__always)
  private func hash(_ word: UInt64) -> UInt64 { (word &* 0x9E37_79B9_7F4A_7C15) &>> shift }

  private static let mask: UInt64 = 0xFFFF_FFFF_FFFF

  @inline(__always)
  private static func word(_ bytes: UnsafeRawBufferPointer, _ place: Int) -> UInt64 {
    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)) & mask
  }
}
