/// Finds the longest match of a text's bytes in the old file, by its sorted suffixes.
///
/// Unchecked: what the pointers hold is written by the initialiser alone.
final class SuffixIndex: @unchecked Sendable {
  struct Match {
    var start = 0
    var length = 0
  }

  private let count: Int
  private let suffixes: UnsafeMutablePointer<Int32>
  /// Where the suffixes begin that start with two given bytes; one more at the end.
  private let pairs: UnsafeMutablePointer<Int32>
  let words: WordFilter

  /// Sorts the old file's suffixes; takes five bytes of memory per byte at most.
  init(_ old: [UInt8]) {
    count = old.count
    suffixes = .allocate(capacity: max(old.count, 1))
    pairs = .allocate(capacity: 65537)
    pairs.initialize(repeating: 0, count: 65537)
    words = WordFilter(old)
    old.withUnsafeBufferPointer { SuffixSort.sort($0, into: suffixes) }
    fillPairs(old)
  }

  deinit {
    suffixes.deallocate()
    pairs.deallocate()
  }

  private func fillPairs(_ old: [UInt8]) {
    guard count > 1 else { return }
    for index in 0..<count - 1 { pairs[Int(old[index]) << 8 + Int(old[index + 1]) + 1] += 1 }
    for pair in 1...65536 { pairs[pair] += pairs[pair - 1] }
    // The last byte alone is a suffix too: the first of those that begin with it.
    for pair in (Int(old[count - 1]) << 8)...65536 { pairs[pair] += 1 }
  }

  /// How many entries on either side are looked at for a nearer match of the same length.
  private static let neighbours = 64
  /// A longer match is taken wherever it is.
  private static let ambiguousMax = 4096

  /// Returns a longest match, of at most `limit` bytes, of what `bytes` points to.
  ///
  /// Of several that are equally long, one near to `target` is chosen: what lies together in one file
  /// does so in the other, and the next bytes will fit there too.
  func longestMatch(
    of bytes: UnsafePointer<UInt8>,
    limit: Int,
    in old: UnsafePointer<UInt8>,
    near target: Int
  ) -> Match {
    guard limit > 1 else { return Match() }
    let pair = Int(bytes[0]) << 8 + Int(bytes[1])
    var low = Int(pairs[pair])
    var high = Int(pairs[pair + 1])
    guard low < high else { return Match() }
    // What the entries before `low` and from `high` on share with the text.
    var lowShared = 2
    var highShared = 2
    var best = Match()
    var found = 0
    while low < high {
      let middle = (low + high) / 2
      let start = Int(suffixes[middle])
      let room = min(limit, count - start)
      var shared = min(lowShared, highShared, room)
      shared += commonPrefix(old + start + shared, bytes + shared, room - shared)
      if shared > best.length {
        best = Match(start: start, length: shared)
        found = middle
      }
      if shared == limit { break }
      if shared == room || old[start + shared] < bytes[shared] {
        low = middle + 1
        lowShared = shared
      } else {
        high = middle
        highShared = shared
      }
    }
    guard (4..<Self.ambiguousMax).contains(best.length) else { return best }
    return nearest(to: target, like: best, at: found, bytes, in: old)
  }

  private func nearest(
    to target: Int,
    like match: Match,
    at found: Int,
    _ bytes: UnsafePointer<UInt8>,
    in old: UnsafePointer<UInt8>
  ) -> Match {
    var best = match
    for direction in [1, -1] {
      var index = found + direction
      var left = Self.neighbours
      while left > 0, index >= 0, index < count {
        let start = Int(suffixes[index])
        guard count - start >= match.length,
          commonPrefix(old + start, bytes, match.length) == match.length
        else { break }
        if abs(start - target) < abs(best.start - target) { best.start = start }
        index += direction
        left -= 1
      }
    }
    return best
  }
}

/// How many bytes two places have in common, at most `limit`.
@inline(__always)
func commonPrefix(_ a: UnsafePointer<UInt8>, _ b: UnsafePointer<UInt8>, _ limit: Int) -> Int {
  var length = 0
  while length + 8 <= limit {
    let difference = word(a + length) ^ word(b + length)
    if difference != 0 { return length + difference.trailingZeroBitCount / 8 }
    length += 8
  }
  while length < limit && a[length] == b[length] { length += 1 }
  return length
}

/// Eight bytes from anywhere, the first in the lowest bits.
@inline(__always)
private func word(_ bytes: UnsafePointer<UInt8>) -> UInt64 {
  UInt64(littleEndian: UnsafeRawPointer(bytes).loadUnaligned(as: UInt64.self))
}
