internal import Synchronization

/// Tells how far a long work is, how fast it goes and how long it takes, at most once a second.
final class ProgressMeter: Sendable {
  private struct Work {
    var start = ContinuousClock.now
    var last = ContinuousClock.now
    var done = 0
  }

  private let work = Mutex(Work())

  /// Returns the line to show, or nil when it is not time for one.
  func line(_ done: Int, of total: Int, _ what: String = "") -> String? {
    let now = ContinuousClock.now
    let start: ContinuousClock.Instant? = work.withLock { work in
      // Less than before: something else began.
      if done < work.done { work = Work() }
      work.done = done
      guard now - work.last > .seconds(1) else { return nil }
      work.last = now
      return work.start
    }
    guard let start, done > 0, done < total else { return nil }
    let seconds = (now - start) / .seconds(1)
    // A server says what the total is, and can say anything.
    let left = Int(min(seconds / Double(done) * Double(total - done), 1e9))
    let rate = (Double(done) / seconds / 100_000).rounded() / 10
    return
      "\(what.isEmpty ? "" : "\(what): ")\(Int(Double(done) / Double(total) * 100)) % · \(rate) MB/s · \(left) s left"
  }
}
