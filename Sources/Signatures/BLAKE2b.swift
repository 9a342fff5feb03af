/// BLAKE2b without a key, digests of 1 to 64 bytes (RFC 7693).
///
/// Our own, because swift-crypto has none; minisign hashes with it, and electron-updater's block maps.
package struct BLAKE2b: Sendable {
  private static let initial: [UInt64] = [
    0x6A09_E667_F3BC_C908, 0xBB67_AE85_84CA_A73B, 0x3C6E_F372_FE94_F82B, 0xA54F_F53A_5F1D_36F1,
    0x510E_527F_ADE6_82D1, 0x9B05_688C_2B3E_6C1F, 0x1F83_D9AB_FB41_BD6B, 0x5BE0_CD19_137E_2179,
  ]

  private static let sigma: [[Int]] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
    [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
    [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
    [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
    [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
    [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
    [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
    [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
    [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
  ]

  private let size: Int
  private var state: [UInt64]
  private var work = [UInt64](repeating: 0, count: 16)
  private var words = [UInt64](repeating: 0, count: 16)
  /// What came and is not compressed yet: the last block is another than those before it.
  private var block: [UInt8] = []
  private var count: UInt64 = 0

  private init(size: Int) {
    precondition((1...64).contains(size), "A BLAKE2b digest has 1 to 64 bytes.")
    self.size = size
    state = Self.initial
    state[0] ^= 0x0101_0000 ^ UInt64(size)
  }

  /// Returns the digest of `bytes`; `size` is 1 to 64 bytes.
  package static func digest(_ bytes: some Collection<UInt8>, size: Int = 64) -> [UInt8] {
    var hash = BLAKE2b(size: size)
    Array(bytes).withUnsafeBytes { hash.update($0) }
    return hash.finish()
  }

  package static func digest(_ content: Content, size: Int = 64) throws -> [UInt8] {
    var hash = BLAKE2b(size: size)
    try content.forEachPiece { hash.update($0) }
    return hash.finish()
  }

  private mutating func update(_ bytes: UnsafeRawBufferPointer) {
    var start = 0
    if !block.isEmpty {
      start = min(128 - block.count, bytes.count)
      block.append(contentsOf: bytes[..<start])
      guard start < bytes.count else { return }
      count += 128
      let whole = block
      whole.withUnsafeBytes { compress($0, isLast: false) }
      block = []
    }
    while bytes.count - start > 128 {
      count += 128
      compress(UnsafeRawBufferPointer(rebasing: bytes[start..<start + 128]), isLast: false)
      start += 128
    }
    block.append(contentsOf: bytes[start...])
  }

  private mutating func finish() -> [UInt8] {
    count += UInt64(block.count)
    let last = block + [UInt8](repeating: 0, count: 128 - block.count)
    last.withUnsafeBytes { compress($0, isLast: true) }
    let whole = state.flatMap { word in
      (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
    }
    return Array(whole.prefix(size))
  }

  private mutating func compress(_ block: UnsafeRawBufferPointer, isLast: Bool) {
    for index in 0..<16 {
      let word = block.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self)
      words[index] = UInt64(littleEndian: word)
    }
    for index in 0..<8 {
      work[index] = state[index]
      work[index + 8] = Self.initial[index]
    }
    work[12] ^= count
    if isLast { work[14] = ~work[14] }
    for round in 0..<12 {
      let order = Self.sigma[round % 10]
      for column in 0..<4 {
        mix(column, column + 4, column + 8, column + 12, order[2 * column], order[2 * column + 1])
      }
      for line in 0..<4 {
        let b = 4 + (line + 1) % 4
        let c = 8 + (line + 2) % 4
        let d = 12 + (line + 3) % 4
        mix(line, b, c, d, order[8 + 2 * line], order[9 + 2 * line])
      }
    }
    for index in 0..<8 { state[index] ^= work[index] ^ work[index + 8] }
  }

  private mutating func mix(_ a: Int, _ b: Int, _ c: Int, _ d: Int, _ x: Int, _ y: Int) {
    work[a] = work[a] &+ work[b] &+ words[x]
    work[d] = rotated(work[d] ^ work[a], 32)
    work[c] = work[c] &+ work[d]
    work[b] = rotated(work[b] ^ work[c], 24)
    work[a] = work[a] &+ work[b] &+ words[y]
    work[d] = rotated(work[d] ^ work[a], 16)
    work[c] = work[c] &+ work[d]
    work[b] = rotated(work[b] ^ work[c], 63)
  }
}

private func rotated(_ value: UInt64, _ count: UInt64) -> UInt64 {
  value >> count | value << (64 - count)
}
