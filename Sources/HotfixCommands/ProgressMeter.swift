internal import ReleaseModel
internal import Synchronization

/// Tells how far a long work is, how fast it goes and how long it takes, at most once a second.
package final class ProgressMeter: Sendable {
  private struct Work {
    let what: String
    let total: Int
    let start: ContinuousClock.Instant
    /// How much was there when it was first seen.
    let first: Int
    var done: Int
    var last: ContinuousClock.Instant
  }

  /// What is left is a guess before so much time was measured.
  private static let measured = Duration.seconds(2)

  private let work = Mutex<Work?>(nil)

  package init() {}

  /// Returns the line to show, or nil when it is not time for one.
  package func line(
    _ done: Int,
    of total: Int,
    _ what: String = "",
    at now: ContinuousClock.Instant = .now
  ) -> String? {
    let seen = work.withLock { work -> Work? in
      guard var known = work, known.what == what, known.total == total, known.done <= done else {
        // What was waited for before it began does not count.
        work = Work(what: what, total: total, start: now, first: done, done: done, last: now)
        return nil
      }
      known.done = done
      let isTime = now - known.last > .seconds(1)
      if isTime { known.last = now }
      work = known
      return isTime ? known : nil
    }
    guard let seen, seen.first < done, done < total else { return nil }
    let length = now - seen.start
    let rate = Double(done - seen.first) / (length / .seconds(1))
    var parts = ["\(Int(Double(done) / Double(total) * 100)) %", Self.spoken(rate)]
    if length >= Self.measured {
      // A server says what the total is, and can say anything.
      parts.append(
        "\(ReleaseModel.spoken(seconds: Int(min(Double(total - done) / rate, 1e9)))) left"
      )
    }
    return (what.isEmpty ? "" : "\(what): ") + parts.joined(separator: " · ")
  }

  private static func spoken(_ bytesPerSecond: Double) -> String {
    guard bytesPerSecond < 1e6 else {
      return "\((bytesPerSecond / 1e5).rounded() / 10) MB/s"
    }
    return "\(Int((bytesPerSecond / 1000).rounded(.up))) kB/s"
  }
}
