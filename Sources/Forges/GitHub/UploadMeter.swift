internal import Runbook
internal import Synchronization

/// Adds up what parallel uploads have sent.
final class UploadMeter: Sendable {
  private let total: Int
  private let say: @Sendable (Narration) -> Void
  private let done = Mutex(0)

  init(total: Int, say: @escaping @Sendable (Narration) -> Void) {
    self.total = total
    self.say = say
  }

  func add(_ bytes: Int) {
    let now = done.withLock { done in
      // A file that is sent again counts again, and there is never more than all.
      done = min(done + bytes, total)
      return done
    }
    say(.progress(what: "uploading", done: now, total: total))
  }
}
