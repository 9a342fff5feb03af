/// The least that a transfer has to move, so that a server that drips cannot hold a command.
///
/// The field's limits: curl's `--speed-limit` and `--speed-time`, git's `http.lowSpeedLimit` and
/// `http.lowSpeedTime`.
package struct LowestRate: Sendable, Hashable {
  package let bytes: Int
  package let seconds: Int

  /// At least 1 kB/s, averaged over half a minute.
  package static let standard = LowestRate(bytes: 30_000, seconds: 30)

  package init(bytes: Int, seconds: Int) {
    self.bytes = bytes
    self.seconds = seconds
  }
}

/// How one HTTP exchange gets on; pure, so it is told the time.
///
/// 1. Whoever waits for a peer waits for a limited time.
/// 2. What moves, moves at the lowest rate or faster.
/// 3. The whole has a deadline: the waiting time, and the most that may come at 64 KiB/s.
package struct TransferPace: Sendable {
  private let lowest: LowestRate
  private let deadline: Duration
  private let waitMax: Duration
  /// Nil while bytes move.
  private var waitsSince: Duration?
  private var windowStart: Duration
  private var windowBytes = 0

  /// The exchange begins at `now`, and waits at first.
  package init(lowest: LowestRate, waitSeconds: Int, bytesMax: Int, now: Duration) {
    self.lowest = lowest
    waitMax = .seconds(waitSeconds)
    deadline = now + .seconds(waitSeconds) + .seconds(bytesMax >> 16)
    waitsSince = now
    windowStart = now
  }

  package mutating func waits(at now: Duration) {
    waitsSince = now
  }

  package mutating func moved(_ bytes: Int, at now: Duration) {
    if waitsSince != nil {
      waitsSince = nil
      windowStart = now
      windowBytes = 0
    }
    windowBytes += bytes
  }

  /// Returns why the exchange has to end, or nil; looks at one window after the other.
  package mutating func fault(at now: Duration) -> String? {
    guard now < deadline else { return "the exchange took too long" }
    if let waitsSince {
      return now - waitsSince < waitMax
        ? nil : "no answer came in \(waitMax.components.seconds) s"
    }
    guard now - windowStart >= .seconds(lowest.seconds) else { return nil }
    guard windowBytes >= lowest.bytes else {
      return "fewer than \(lowest.bytes) bytes moved in \(lowest.seconds) s"
    }
    windowStart = now
    windowBytes = 0
    return nil
  }
}
