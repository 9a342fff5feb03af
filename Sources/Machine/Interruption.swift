// What Ctrl-C does, and a `kill`:
//
// 1. The program ends within a second, whatever it waits for: a server, a child, a lock, a disk.
// 2. Its children end before it, their process groups too: first asked, then killed.
// 3. Nothing new is begun, and nothing more is said but one message about the state that is left.
// 4. It is a crash like any other: the record is written whole or not, and `next` goes on from it.

internal import Foundation
internal import ProcessSafety
internal import Synchronization

package enum Interruption {
  private struct State {
    var signal: Int32?
    var step: String?
  }

  private static let state = Mutex(State())

  /// Whether the program is about to end.
  package static var hasCome: Bool { state.withLock { $0.signal != nil } }

  /// Names the step that acts now, for the message; nil when none does.
  package static func noteStep(_ name: String?) {
    state.withLock { $0.step = name }
  }

  /// Ends the program at the first signal that would end it.
  ///
  /// `says` shows the message: it gets the signal's number and the step that acted.
  package static func watch(_ says: @escaping @Sendable (Int32, String?) -> Void) {
    let signals = process_catch_signals()
    guard signals >= 0 else { return }
    let thread = Thread {
      var byte: UInt8 = 0
      while read(signals, &byte, 1) != 1 {}
      let step = state.withLock { state in
        state.signal = Int32(byte)
        return state.step
      }
      // Whoever cannot wait half a second gets what they want.
      for number in [SIGINT, SIGTERM, SIGHUP] { signal(number, SIG_DFL) }
      stopChildren()
      says(Int32(byte), step)
      _exit(128 + Int32(byte))
    }
    thread.start()
  }

  /// Waits for the end that `watch` has begun, so that nothing else is said.
  package static func finish() {
    while hasCome { pause() }
  }

  /// Every child leads a process group.
  private static func stopChildren() {
    var seen: Set<Int32> = []
    // git needs a moment to take its lock files away.
    for _ in 0..<25 {
      let children = living()
      for child in children where seen.insert(child).inserted {
        if kill(-child, SIGTERM) != 0 { kill(child, SIGTERM) }
      }
      guard !children.isEmpty else { break }
      usleep(20_000)
    }
    for child in seen { kill(-child, SIGKILL) }
    for child in living() { kill(child, SIGKILL) }
  }

  private static func living() -> [Int32] {
    var children = [Int32](repeating: 0, count: 1024)
    let count = process_children(&children, 1024)
    return Array(children.prefix(Int(count)))
  }
}
