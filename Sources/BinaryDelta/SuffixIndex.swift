/// Finds the longest match of a text's bytes in the old file, by its sorted suffixes.
struct SuffixIndex: Sendable {
  struct Match {
    var start = 0
    var length = 0
  }

  private let parts: [SuffixPart]
  let words: WordFilter

  /// From here on, a file is sorted in two halves side by side, whatever the number of jobs.
  private static let halvedFrom = 1 << 20

  /// Sorts the old file's suffixes; takes five bytes of memory per byte at most.
  init(_ old: [UInt8], jobs: Int) async {
    let middle = old.count < Self.halvedFrom ? old.count : old.count / 2
    let ranges = [0..<middle, middle..<old.count].filter { !$0.isEmpty }
    parts = await eachOf(ranges, jobs: jobs) { SuffixPart(old, $0) }
    // Sorting takes most memory, so the filter comes behind it.
    words = await WordFilter(old, jobs: jobs)
  }

  /// Returns a match, of at most `limit` bytes, of what `bytes` points to: none in either half is longer.
  ///
  /// Of several that are equally long, one near to `target` is chosen: what lies together in one file
  /// does so in the other, and the next bytes will fit there too.
  func longestMatch(
    of bytes: UnsafePointer<UInt8>,
    limit: Int,
    in old: UnsafePointer<UInt8>,
    near target: Int
  ) -> Match {
    var best = Match()
    for part in parts {
      let match = part.longestMatch(
        of: bytes,
        limit: limit,
        in: old,
        near: target,
        atLeast: max(best.length, 2)
      )
      let isNearer = abs(match.start - target) < abs(best.start - target)
      if match.length > best.length || (match.length == best.length && isNearer) { best = match }
    }
    return best
  }
}

/// The sorted suffixes of a part of the old file.
private struct SuffixPart: Sendable {
  private let range: Range<Int>
  /// Where the suffixes start, counted from the part's beginning.
  private let suffixes: [Int32]
  /// Where the suffixes begin that start with two given bytes; one more at the end.
  private let pairs: [Int32]

  init(_ old: [UInt8], _ range: Range<Int>) {
    self.range = range
    (suffixes, pairs) = old.withUnsafeBufferPointer { old in
      let text = UnsafeBufferPointer(rebasing: old[range])
      let suffixes = [Int32](unsafeUninitializedCapacity: text.count) { buffer, count in
        guard let start = buffer.baseAddress else { return }
        SuffixSort.sort(text, into: start)
        count = text.count
      }
      return (suffixes, Self.pairs(text))
    }
  }

  private static func pairs(_ text: UnsafeBufferPointer<UInt8>) -> [Int32] {
    var pairs = [Int32](repeating: 0, count: 65537)
    let count = text.count
    guard count > 1 else { return pairs }
    for index in 0..<count - 1 { pairs[Int(text[index]) << 8 + Int(text[index + 1]) + 1] += 1 }
    for pair in 1...65536 { pairs[pair] += pairs[pair - 1] }
    // The last byte alone is a suffix too: the first of those that begin with it.
    for pair in (Int(text[count - 1]) << 8)...65536 { pairs[pair] += 1 }
    return pairs
  }

  /// How many entries on either side are looked at for a nearer match of the same length.
  private static let neighbours = 64
  /// A longer match is taken wherever it is.
  private static let ambiguousMax = 4096

  /// Returns a longest match as `SuffixIndex` does; nothing where that is shorter than `atLeast`.
  func longestMatch(
    of bytes: UnsafePointer<UInt8>,
    limit: Int,
    in old: UnsafePointer<UInt8>,
    near target: Int,
    atLeast: Int
  ) -> SuffixIndex.Match {
    guard limit > 1 else { return SuffixIndex.Match() }
    let text = old + range.lowerBound
    let pair = Int(bytes[0]) << 8 + Int(bytes[1])
    var low = Int(pairs[pair])
    var high = Int(pairs[pair + 1])
    // What the entries before `low` and from `high` on share with the text.
    var lowShared = 2
    var highShared = 2
    var best = SuffixIndex.Match()
    var found = 0
    while low < high {
      let middle = (low + high) / 2
      let start = Int(suffixes[middle])
      let room = min(limit, range.count - start)
      var shared = min(lowShared, highShared, room)
      shared += commonPrefix(text + start + shared, bytes + shared, room - shared)
      if shared > best.length {
        best = SuffixIndex.Match(start: start, length: shared)
        found = middle
      }
      if shared == limit { break }
      if shared == room || text[start + shared] < bytes[shared] {
        low = middle + 1
        lowShared = shared
      } else {
        high = middle
        highShared = shared
      }
    }
    guard best.length >= atLeast else { return SuffixIndex.Match() }
    if (4..<Self.ambiguousMax).contains(best.length) {
      best = nearest(to: target - range.lowerBound, like: best, at: found, bytes, in: text)
    }
    best.start += range.lowerBound
    return best
  }

  private func nearest(
    to target: Int,
    like match: SuffixIndex.Match,
    at found: Int,
    _ bytes: UnsafePointer<UInt8>,
    in text: UnsafePointer<UInt8>
  ) -> SuffixIndex.Match {
    var best = match
    for direction in [1, -1] {
      var index = found + direction
      var left = Self.neighbours
      while left > 0, index >= 0, index < range.count {
        let start = Int(suffixes[index])
        guard range.count - start >= match.length,
          commonPrefix(text + start, bytes, match.length) == match.length
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
