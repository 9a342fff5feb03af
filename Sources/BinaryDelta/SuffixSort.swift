/// Sorts all suffixes of a text by induced sorting, in linear time.
///
/// Nong, Zhang, Chan: "Two Efficient Algorithms for Linear Time Suffix Array Construction" (2011).
/// A suffix is of type S when it is smaller than the one behind it, else of type L; a leftmost S
/// ("LMS") stands behind an L. Entries are marked by their complement instead of looking types up
/// again, as Mori's implementation does. Beside text and result, memory is needed for one bucket per
/// symbol of the text that is being sorted.
enum SuffixSort {
  /// Writes the starts of the text's suffixes in lexicographic order.
  static func sort(_ text: UnsafeBufferPointer<UInt8>, into suffixes: UnsafeMutablePointer<Int32>) {
    guard let start = text.baseAddress, text.count > 0 else { return }
    guard text.count > 1 else {
      suffixes[0] = 0
      return
    }
    let buckets = UnsafeMutablePointer<Int32>.allocate(capacity: 256)
    defer { buckets.deallocate() }
    InducedSort(
      text: start,
      count: text.count,
      suffixes: suffixes,
      buckets: buckets,
      symbols: 256
    ).run()
  }
}

private struct InducedSort<Symbol: FixedWidthInteger> {
  let text: UnsafePointer<Symbol>
  let count: Int
  let suffixes: UnsafeMutablePointer<Int32>
  let buckets: UnsafeMutablePointer<Int32>
  let symbols: Int

  func run() {
    suffixes.update(repeating: 0, count: count)
    fillBuckets(ends: true)
    var found = 0
    forEachLMS { place in
      push(place, at: place)
      found += 1
    }
    var names = found
    if found > 1 {
      sortSubstrings()
      names = nameSubstrings(found)
    } else {
      forEachLMS { suffixes[0] = Int32(truncatingIfNeeded: $0) }
    }
    if names < found { sortReduced(found, names) }
    for index in found..<count { suffixes[index] = 0 }
    fillBuckets(ends: true)
    for index in stride(from: found - 1, through: 0, by: -1) {
      let place = Int(suffixes[index])
      suffixes[index] = 0
      push(place, at: place)
    }
    induce()
  }

  /// Visits the leftmost S from the right.
  @inline(__always)
  private func forEachLMS(_ body: (Int) -> Void) {
    var isS = false
    var place = count - 1
    while place > 0 {
      let before = text[place - 1]
      let here = text[place]
      let beforeIsS = before < here || (before == here && isS)
      if isS && !beforeIsS { body(place) }
      isS = beforeIsS
      place -= 1
    }
  }

  /// Fills the buckets with the place where each symbol's suffixes begin, or behind where they end.
  private func fillBuckets(ends: Bool) {
    buckets.update(repeating: 0, count: symbols)
    for index in 0..<count { buckets[Int(text[index])] += 1 }
    var sum: Int32 = 0
    for symbol in 0..<symbols {
      let size = buckets[symbol]
      sum += size
      buckets[symbol] = ends ? sum : sum - size
    }
  }

  /// Puts an entry in front of those at the end of its symbol's bucket.
  @inline(__always)
  private func push(_ entry: Int, at place: Int) {
    let symbol = Int(text[place])
    buckets[symbol] -= 1
    suffixes[Int(buckets[symbol])] = Int32(truncatingIfNeeded: entry)
  }

  /// Puts an entry behind those at the beginning of its symbol's bucket.
  @inline(__always)
  private func append(_ entry: Int, at place: Int) {
    let symbol = Int(text[place])
    suffixes[Int(buckets[symbol])] = Int32(truncatingIfNeeded: entry)
    buckets[symbol] += 1
  }

  /// Marks a suffix of type L when the one before it is of type S, so no more L is induced by it.
  @inline(__always)
  private func markedL(_ place: Int) -> Int {
    place > 0 && text[place - 1] < text[place] ? ~place : place
  }

  /// Sorts the LMS substrings; they remain as complements, all else as zero.
  private func sortSubstrings() {
    fillBuckets(ends: false)
    append(markedL(count - 1), at: count - 1)
    for index in 0..<count {
      let entry = Int(suffixes[index])
      if entry > 0 {
        append(markedL(entry - 1), at: entry - 1)
        suffixes[index] = 0
      } else if entry < 0 {
        suffixes[index] = Int32(truncatingIfNeeded: ~entry)
      }
    }
    fillBuckets(ends: true)
    for index in stride(from: count - 1, through: 0, by: -1) {
      let entry = Int(suffixes[index])
      guard entry > 0 else { continue }
      let place = entry - 1
      let isLMS = place > 0 && text[place - 1] > text[place]
      push(isLMS ? ~place : place, at: place)
      suffixes[index] = 0
    }
  }

  /// Names the sorted substrings by their rank; returns how many names there are.
  ///
  /// The sorted substrings come to the front; behind them, at half of each one's place, is its name.
  private func nameSubstrings(_ found: Int) -> Int {
    var next = 0
    for index in 0..<count where suffixes[index] < 0 {
      let place = ~suffixes[index]
      suffixes[index] = 0
      suffixes[next] = place
      next += 1
    }
    for index in found..<count { suffixes[index] = 0 }
    var following = count
    forEachLMS { place in
      suffixes[found + place / 2] = Int32(truncatingIfNeeded: following - place + 1)
      following = place
    }
    var names = 0
    var last = 0
    var lastLength = 0
    for index in 0..<found {
      let place = Int(suffixes[index])
      let length = Int(suffixes[found + place / 2])
      // The substring that ends with the text is like no other.
      let reachesEnd = place + length > count || last + length > count
      if length != lastLength || reachesEnd || !isEqual(last, place, length) {
        names += 1
        last = place
        lastLength = length
      }
      suffixes[found + place / 2] = Int32(truncatingIfNeeded: names)
    }
    return names
  }

  @inline(__always)
  private func isEqual(_ a: Int, _ b: Int, _ length: Int) -> Bool {
    for index in 0..<length where text[a + index] != text[b + index] { return false }
    return true
  }

  /// Sorts the LMS suffixes as the suffixes of the text that their names make.
  private func sortReduced(_ found: Int, _ names: Int) {
    let reduced = suffixes + (count - found)
    var next = found - 1
    for index in stride(from: found + count / 2 - 1, through: found, by: -1)
    where suffixes[index] != 0 {
      reduced[next] = suffixes[index] - 1
      next -= 1
    }
    // Between the result and the reduced text is room, often enough for the buckets.
    let free = count - 2 * found
    let buckets =
      names <= free ? suffixes + found : UnsafeMutablePointer<Int32>.allocate(capacity: names)
    InducedSort<Int32>(
      text: reduced,
      count: found,
      suffixes: suffixes,
      buckets: buckets,
      symbols: names
    ).run()
    if names > free { buckets.deallocate() }
    next = found - 1
    forEachLMS { place in
      reduced[next] = Int32(truncatingIfNeeded: place)
      next -= 1
    }
    for index in 0..<found { suffixes[index] = reduced[Int(suffixes[index])] }
  }

  /// Sorts all suffixes from the sorted LMS suffixes at the ends of their buckets.
  private func induce() {
    fillBuckets(ends: false)
    append(markedL(count - 1), at: count - 1)
    for index in 0..<count {
      let entry = Int(suffixes[index])
      suffixes[index] = Int32(truncatingIfNeeded: ~entry)
      if entry > 0 { append(markedL(entry - 1), at: entry - 1) }
    }
    fillBuckets(ends: true)
    for index in stride(from: count - 1, through: 0, by: -1) {
      let entry = Int(suffixes[index])
      guard entry > 0 else {
        suffixes[index] = Int32(truncatingIfNeeded: ~entry)
        continue
      }
      let place = entry - 1
      let beforeIsL = place == 0 || text[place - 1] > text[place]
      push(beforeIsL ? ~place : place, at: place)
    }
  }
}
