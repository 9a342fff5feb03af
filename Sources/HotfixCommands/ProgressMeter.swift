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
    let left = Int(seconds / Double(done) * Double(total - done))
    let rate = (Double(done) / seconds / 100_000).rounded() / 10
    return
      "\(what.isEmpty ? "" : "\(what): ")\(done * 100 / total) % · \(rate) MB/s · \(left) s left"
  }
}
