/// Says of six bytes that a file certainly does not have them, or that it may: a Bloom filter with one
/// hash.
///
/// Three of four searches for a match find less than six bytes; asking here first costs one look at
/// memory and not twenty. Unchecked: what the pointer holds is written by the initialiser alone.
final class WordFilter: @unchecked Sendable {
  static let length = 6

  /// Four to eight bits for each byte of the file.
  private let bits: UnsafeMutablePointer<UInt64>
  private let shift: UInt64

  init(_ file: [UInt8]) {
    let power = max(UInt64.bitWidth - (file.count * 4).leadingZeroBitCount, 10)
    shift = UInt64(UInt64.bitWidth - power)
    bits = .allocate(capacity: 1 << (power - 6))
    // Of less than eight bytes nothing is certain.
    bits.initialize(repeating: file.count < 8 ? .max : 0, count: 1 << (power - 6))
    guard file.count >= 8 else { return }
    file.withUnsafeBytes { file in
      guard let start = file.baseAddress else { return }
      for place in 0...file.count - 8 { mark(Self.word(start + place)) }
      // The last two words end before eight bytes could be read there.
      let last = UInt64(littleEndian: (start + file.count - 8).loadUnaligned(as: UInt64.self))
      mark(last >> 8 & Self.mask)
      mark(last >> 16)
    }
  }

  deinit { bits.deallocate() }

  /// `available` is how many bytes may be read at `bytes`; where that is less than eight, the answer is
  /// yes.
  @inline(__always)
  func mayHave(_ bytes: UnsafePointer<UInt8>, available: Int) -> Bool {
    guard available >= 8 else { return true }
    let hash = hash(Self.word(bytes))
    return bits[Int(hash &>> 6)] &>> (hash & 63) & 1 != 0
  }

  @inline(__always)
  private func mark(_ word: UInt64) {
    let hash = hash(word)
    bits[Int(hash &>> 6)] |= 1 &<< (hash & 63)
  }

  @inline(__always)
  private func hash(_ word: UInt64) -> UInt64 { (word &* 0x9E37_79B9_7F4A_7C15) &>> shift }

  private static let mask: UInt64 = 0xFFFF_FFFF_FFFF

  @inline(__always)
  private static func word(_ bytes: UnsafeRawPointer) -> UInt64 {
    UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self)) & mask
  }
}
