internal import Foundation
internal import ReleaseModel
internal import Synchronization

/// stdout or stderr of this process.
///
/// Nobody may be reading any more (`hotfix log | head -1`): that ends the output, not the work, which
/// may be halfway through a release. What could not be written is told when the command ends.
final class StandardStream: Sendable {
  static let output = StandardStream(FileHandle.standardOutput)
  static let error = StandardStream(FileHandle.standardError)

  private let handle: FileHandle
  private let failure = Mutex<(any Error)?>(nil)

  private init(_ handle: FileHandle) { self.handle = handle }

  func write(_ text: String) {
    failure.withLock { failure in
      guard failure == nil else { return }
      do {
        try handle.write(contentsOf: Data(text.utf8))
      } catch {
        failure = error
      }
    }
  }

  /// Why a result did not reach its reader; nil also where the reader went away.
  var problem: Problem? {
    guard let failure = failure.withLock({ $0 }), !Self.isClosedPipe(failure) else { return nil }
    return Problem(
      "output.lost",
      "What the command had to say could not be written.",
      why: "\((failure as NSError).localizedFailureReason ?? "\(failure)")",
      next: [
        "Make room where the output goes, and run the command again: what was done stays done."
      ]
    )
  }

  private static func isClosedPipe(_ failure: any Error) -> Bool {
    let error = failure as NSError
    let cause = error.userInfo[NSUnderlyingErrorKey] as? NSError ?? error
    return cause.domain == NSPOSIXErrorDomain && cause.code == Int(EPIPE)
  }
}
