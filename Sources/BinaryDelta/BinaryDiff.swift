/// Makes the patch from one file to another.
package enum BinaryDiff {
  /// How much of the new file is aligned as one part at the most, whatever the number of jobs, so that the
  /// patch is the same with any.
  private static let partMax = 4 << 20

  /// Returns the patch that turns `old` into `new`; both are at most `BinaryPatch.fileMax` long.
  ///
  /// Peak memory: seven times the old file, beside the new one. `progress` is told of the bytes of `new`
  /// that are done since it was told last.
  package static func patch(
    from old: [UInt8],
    to new: [UInt8],
    jobs: Int,
    progress: @escaping @Sendable (Int) async -> Void = { _ in }
  ) async -> BinaryPatch {
    let stretches = await stretches(old, new, jobs: max(jobs, 1), progress)
    return patch(old, new, stretches)
  }

  private static func stretches(
    _ old: [UInt8],
    _ new: [UInt8],
    jobs: Int,
    _ progress: @escaping @Sendable (Int) async -> Void
  ) async -> [Aligner.Stretch] {
    guard !new.isEmpty else { return [] }
    guard !old.isEmpty else { return [Aligner.Stretch(start: 0, shift: nil)] }
    let index = await SuffixIndex(old, jobs: jobs)
    let partSize = evenPart(of: new.count, atMost: partMax)
    let starts = Array(stride(from: 0, to: new.count, by: partSize))
    let parts = await eachOf(starts, jobs: jobs) { start in
      let range = start..<min(start + partSize, new.count)
      let found = old.withUnsafeBufferPointer { old in
        new.withUnsafeBufferPointer { new in
          var aligner = Aligner(old: old, new: new, range: range, index: index)
          return aligner.run()
        }
      }
      await progress(range.count)
      return found
    }
    return Array(parts.joined())
  }

  private static func patch(
    _ old: [UInt8],
    _ new: [UInt8],
    _ stretches: [Aligner.Stretch]
  ) -> BinaryPatch {
    var steps: [BinaryPatch.Step] = []
    var difference: [UInt8] = []
    var extra: [UInt8] = []
    difference.reserveCapacity(new.count)
    var current = BinaryPatch.Step(add: 0, copy: 0, seek: 0)
    var position = 0
    var shift: Int?
    for (number, stretch) in stretches.enumerated() {
      let end = number + 1 < stretches.count ? stretches[number + 1].start : new.count
      guard let next = stretch.shift else {
        extra += new[stretch.start..<end]
        current.copy += end - stretch.start
        continue
      }
      if current.copy > 0 || shift != next {
        current.seek = stretch.start + next - position
        if number > 0 || current.seek != 0 { steps.append(current) }
        current = BinaryPatch.Step(add: 0, copy: 0, seek: 0)
        position = stretch.start + next
        shift = next
      }
      for place in stretch.start..<end { difference.append(new[place] &- old[place + next]) }
      current.add += end - stretch.start
      position += end - stretch.start
    }
    if current.add + current.copy > 0 { steps.append(current) }
    return BinaryPatch(steps: steps, difference: difference, extra: extra)
  }
}

/// The size of equal parts, of `most` bytes at the most and even in number: then two jobs have the same to do.
func evenPart(of size: Int, atMost most: Int) -> Int {
  guard size > most / 4 else { return most }
  let pairs = (size + 2 * most - 1) / (2 * most)
  return (size + 2 * pairs - 1) / (2 * pairs)
}

/// Works on every element, a few at a time, and returns the results in order.
///
/// The next one waits until its weight and those under way are at most `atMost`, or it is alone.
package func eachOf<Element: Sendable, Result: Sendable>(
  _ elements: [Element],
  jobs: Int,
  weights: [Int]? = nil,
  atMost: Int = .max,
  _ work: @escaping @Sendable (Element) async -> Result
) async -> [Result] {
  await withTaskGroup(of: (Int, Result).self) { group in
    var results = [Result?](repeating: nil, count: elements.count)
    var next = 0
    var running = 0
    var weight = 0
    while next < elements.count || running > 0 {
      while next < elements.count, running < max(jobs, 1),
        running == 0 || weight + (weights?[next] ?? 0) <= atMost
      {
        let number = next
        let element = elements[number]
        group.addTask { (number, await work(element)) }
        weight += weights?[number] ?? 0
        running += 1
        next += 1
      }
      guard let (number, result) = await group.next() else { break }
      results[number] = result
      weight -= weights?[number] ?? 0
      running -= 1
    }
    return results.compactMap(\.self)
  }
}
