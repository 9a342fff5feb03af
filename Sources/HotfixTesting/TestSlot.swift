internal import Synchronization

/// One of the few places for tests that run many processes.
///
/// The runner starts all tests at once. Each would then take minutes, and the time limits of what is
/// tested would be met by waiting for the processor alone.
package final class TestSlot: Sendable {
  private static let places = Mutex((free: 6, waiting: [CheckedContinuation<Void, Never>]()))

  /// Waits for a place; it is free again when the returned value is gone.
  package static func take() async -> TestSlot {
    await withCheckedContinuation { waiter in
      let isFree = places.withLock { places in
        guard places.free == 0 else {
          places.free -= 1
          return true
        }
        places.waiting.append(waiter)
        return false
      }
      if isFree { waiter.resume() }
    }
    return TestSlot()
  }

  private init() {}

  deinit {
    let next = Self.places.withLock { places in
      guard places.waiting.isEmpty else {
        return places.waiting.removeFirst() as CheckedContinuation?
      }
      places.free += 1
      return nil
    }
    next?.resume()
  }
}
