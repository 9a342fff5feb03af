/// Chooses which bytes of the old file the new one is made of, so that the patch compresses best.
///
/// A patch replays stretches of the new file: each is the old file at some shift with a difference
/// added, or new bytes. Every choice has a price in bits, near to what a compressor pays for it: staying
/// at a shift is nearly free, a byte that differs costs more alone than beside another, a change of shift
/// costs an entry of the control block, less when the shift was used lately. A beam of the shifts in
/// play, with the cheapest way to each, finds a cheap whole (a Viterbi search; the principle is that of
/// minimum description length).
struct Aligner {
  /// A stretch of the new file, from `start` to the next one's.
  struct Stretch: Equatable {
    var start: Int
    /// The place in the old file minus that in the new one; nil for new bytes.
    var shift: Int?
  }

  /// Prices in 1/32 bit, fitted to what xz makes of real patches.
  struct Prices {
    var match = 1
    var mismatch = 320
    /// A byte that differs beside another.
    var mismatchAgain = 291
    /// A byte that differs by the same amount as the one that differed last.
    var mismatchRepeated = 208
    var extra = 160
    var enterExtra = 499
    var newShift = 3718
    var recentShift = 1800
  }

  private struct Lane {
    var shift = 0
    var cost = 0
    /// Where this lane took over, and the record of the one before.
    var entry = 0
    var parent: Int32 = -1
    /// The record of this take-over; −1 until one is needed.
    var record: Int32 = -1
    var price = 0
    var lastUse = 0
    var differed = false
    var lastDifference: UInt8 = 0
  }

  private struct Record {
    let start: Int32
    let parent: Int32
    let shift: Int
  }

  private static let width = 16
  private static let historySize = 256
  private static let extraShift = Int.max
  /// A run behind one differing byte that makes a search idle.
  private static let goodEnough = 16
  /// The shortest match that suggests a shift.
  private static let matchMin = WordFilter.length
  /// Places between searches where nothing fits.
  private static let searchStride = 2
  /// How far a match is compared; the walk goes on from there.
  private static let matchMax = 1 << 14
  /// A run that is skipped at once rather than walked.
  private static let longRun = 48

  private let old: UnsafePointer<UInt8>
  private let oldCount: Int
  private let new: UnsafePointer<UInt8>
  private let range: Range<Int>
  private let index: SuffixIndex
  private let prices: Prices

  /// Lane 0 is that of new bytes.
  private let lanes: UnsafeMutablePointer<Lane>
  private var laneCount = 1
  private var best = 0
  private var records: [Record] = []
  /// The cheapest way to each of the last places, as cost and record.
  private let history: UnsafeMutablePointer<(cost: Int, record: Int32)>
  private var historyStart: Int
  private var nextSearch: Int
  /// The shift that was the best one last.
  private var lastShift = 0

  init(
    old: UnsafeBufferPointer<UInt8>,
    new: UnsafeBufferPointer<UInt8>,
    range: Range<Int>,
    index: SuffixIndex,
    prices: Prices = Prices()
  ) {
    self.old = start(old)
    oldCount = old.count
    self.new = start(new)
    self.range = range
    self.index = index
    self.prices = prices
    lanes = .allocate(capacity: Self.width)
    lanes.initialize(repeating: Lane(), count: Self.width)
    history = .allocate(capacity: Self.historySize)
    history.initialize(repeating: (0, -1), count: Self.historySize)
    historyStart = range.lowerBound
    nextSearch = range.lowerBound
    lanes[0].shift = Self.extraShift
    lanes[0].entry = range.lowerBound
    lanes[0].price = prices.enterExtra
  }

  mutating func run() -> [Stretch] {
    defer {
      lanes.deallocate()
      history.deallocate()
    }
    var at = range.lowerBound
    var walkedUntil = at
    remember(at)
    addLane(shift: 0, at: at)
    while at < range.upperBound {
      if at >= walkedUntil, best > 0 {
        let run = runLength(lanes[best].shift, at)
        if run >= Self.longRun {
          skip(run, at)
          at += run
          nextSearch = max(nextSearch, at)
          continue
        }
        walkedUntil = at + run + 1
        // The way on is good enough: what a search finds would hardly be better.
        if at + run + 1 < range.upperBound {
          let ahead = runLength(lanes[best].shift, at + run + 1)
          if ahead >= Self.goodEnough { nextSearch = max(nextSearch, at + run + 1 + ahead) }
        }
      }
      if at >= nextSearch { search(at) }
      step(at)
      at += 1
    }
    return stretches()
  }

  @inline(__always)
  private func runLength(_ shift: Int, _ at: Int) -> Int {
    let place = at + shift
    guard place >= 0, place < oldCount else { return 0 }
    return commonPrefix(old + place, new + at, min(range.upperBound - at, oldCount - place))
  }

  // MARK: - Candidates

  private mutating func search(_ at: Int) {
    if best > 0 { lastShift = lanes[best].shift }
    guard index.words.mayHave(new + at, available: range.upperBound - at) else {
      nextSearch = at + Self.searchStride
      return
    }
    let match = index.longestMatch(
      of: new + at,
      limit: min(range.upperBound - at, Self.matchMax),
      in: old,
      near: at + lastShift
    )
    guard match.length >= Self.matchMin else {
      nextSearch = at + Self.searchStride
      return
    }
    nextSearch = at + match.length
    let shift = match.start - at
    for lane in 1..<laneCount where lanes[lane].shift == shift { return }
    addLane(shift: shift, at: at)
  }

  private mutating func addLane(shift: Int, at: Int) {
    var lane = Lane()
    lane.shift = shift
    lane.price = prices.newShift
    lane.lastUse = at
    // The take-over may pay earlier: walk back while the bytes fit.
    var behind = 0
    var place = at
    var lowest = Int.max
    while true {
      let way = history[place % Self.historySize]
      if way.cost + lane.price + behind < lowest {
        lowest = way.cost + lane.price + behind
        lane.entry = place
        lane.parent = way.record
      }
      guard place > historyStart, place + shift > 0, place + shift <= oldCount,
        behind < prices.newShift
      else { break }
      place -= 1
      behind += old[place + shift] == new[place] ? prices.match : prices.mismatch
    }
    lane.cost = lowest
    lanes[freeLane()] = lane
  }

  /// The place for one more lane.
  ///
  /// Of those that are as dear as if they began now, the one that was used least lately gives way; a lane
  /// that is on its way up stays.
  private mutating func freeLane() -> Int {
    if laneCount < Self.width {
      laneCount += 1
      return laneCount - 1
    }
    var victim = 0
    var victimScore = Int.min
    for lane in 1..<laneCount where lane != best {
      let gained = lanes[best].cost + lanes[lane].price - lanes[lane].cost
      let score = gained > 0 ? -gained : lanes[best].lastUse - lanes[lane].lastUse
      if score > victimScore {
        victim = lane
        victimScore = score
      }
    }
    return victim
  }

  // MARK: - The walk

  /// Prices one byte in every lane.
  private mutating func step(_ at: Int) {
    let byte = new[at]
    lanes[0].cost += prices.extra
    var cheapest = 0
    for index in 1..<max(laneCount, 1) {
      let place = at + lanes[index].shift
      guard place >= 0, place < oldCount else {
        lanes[index].cost += prices.newShift * 4
        continue
      }
      let difference = byte &- old[place]
      if difference == 0 {
        lanes[index].cost += prices.match
        lanes[index].differed = false
      } else {
        if difference == lanes[index].lastDifference {
          lanes[index].cost += prices.mismatchRepeated
        } else {
          lanes[index].cost += lanes[index].differed ? prices.mismatchAgain : prices.mismatch
        }
        lanes[index].differed = true
        lanes[index].lastDifference = difference
      }
      if lanes[index].cost < lanes[cheapest].cost { cheapest = index }
    }
    settle(at + 1, cheapest)
    remember(at + 1)
  }

  /// Takes a run that fits the best lane whole.
  private mutating func skip(_ run: Int, _ at: Int) {
    let end = at + run
    let start = lanes[best].cost
    let parent = record(best)
    lanes[best].cost += run * prices.match
    lanes[best].differed = false
    lanes[0].cost += run * prices.extra
    let priced = start + run * prices.match
    for lane in 1..<laneCount where lane != best {
      lanes[lane].cost += run * prices.match
      let limit = priced + lanes[lane].price - lanes[lane].cost
      let (differing, entry) = differences(lanes[lane].shift, at..<end, below: limit)
      lanes[lane].differed = false
      if differing < limit {
        lanes[lane].cost += differing
      } else {
        lanes[lane].cost = priced + lanes[lane].price
        lanes[lane].entry = entry
        lanes[lane].parent = parent
        lanes[lane].record = -1
      }
    }
    settle(end, best)
    historyStart = end
    remember(end)
  }

  /// The price of the bytes that differ, until it is not below a limit, and where the last is behind.
  private func differences(
    _ shift: Int,
    _ range: Range<Int>,
    below limit: Int
  ) -> (price: Int, entry: Int) {
    var price = 0
    var entry = range.lowerBound
    var at = range.upperBound
    while at > range.lowerBound {
      at -= 1
      let place = at + shift
      if place >= 0, place < oldCount, old[place] == new[at] { continue }
      if price == 0 { entry = at + 1 }
      price += prices.mismatch
      if price >= limit { break }
    }
    return (price, entry)
  }

  /// No lane is dearer than the best one and the price of changing to it.
  private mutating func settle(_ at: Int, _ cheapest: Int) {
    var cheapest = cheapest
    if lanes[0].cost < lanes[cheapest].cost { cheapest = 0 }
    best = cheapest
    lanes[best].lastUse = at
    if best > 0 { lanes[best].price = prices.recentShift }
    let cost = lanes[best].cost
    let parent = record(best)
    for lane in 0..<laneCount where lanes[lane].cost > cost + lanes[lane].price {
      lanes[lane].cost = cost + lanes[lane].price
      lanes[lane].entry = at
      lanes[lane].parent = parent
      lanes[lane].record = -1
    }
  }

  private mutating func remember(_ at: Int) {
    history[at % Self.historySize] = (lanes[best].cost, record(best))
    if at - historyStart >= Self.historySize { historyStart = at - Self.historySize + 1 }
  }

  private mutating func record(_ lane: Int) -> Int32 {
    if lanes[lane].record < 0 {
      lanes[lane].record = Int32(truncatingIfNeeded: records.count)
      records.append(
        Record(
          start: Int32(truncatingIfNeeded: lanes[lane].entry),
          parent: lanes[lane].parent,
          shift: lanes[lane].shift
        )
      )
    }
    return lanes[lane].record
  }

  private mutating func stretches() -> [Stretch] {
    var found: [Stretch] = []
    var next = record(best)
    var end = range.upperBound
    while next >= 0 {
      let record = records[Int(next)]
      let start = Int(record.start)
      if start < end {
        found.append(
          Stretch(start: start, shift: record.shift == Self.extraShift ? nil : record.shift)
        )
      }
      end = start
      next = record.parent
    }
    return found.reversed()
  }
}

private func start(_ bytes: UnsafeBufferPointer<UInt8>) -> UnsafePointer<UInt8> {
  guard let start = bytes.baseAddress else { preconditionFailure("neither file is empty") }
  return start
}
