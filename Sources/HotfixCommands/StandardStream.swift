internal import Foundation
internal import Machine
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
      // What a work says that is being stopped would read as its result.
      guard failure == nil, !Interruption.hasCome else { return }
      do {
        try handle.write(contentsOf: Data(text.utf8))
      } catch {
        failure = error
      }
    }
  }

  /// Why a result did not reach its reader; nil also where the reader went away.
  var problem: Problem? {
    guard let failure = failure.withLock({ $0 }) else { return nil }
    let error = failure as NSError
    let cause = error.userInfo[NSUnderlyingErrorKey] as? NSError ?? error
    let code = cause.domain == NSPOSIXErrorDomain ? Int32(truncatingIfNeeded: cause.code) : EIO
    guard code != EPIPE else { return nil }
    let isFull = code == ENOSPC || code == EDQUOT
    return Problem(
      "output.lost",
      "What the command had to say could not be written.",
      why: strerror(code).map { String(cString: $0) } ?? "error \(code)",
      next: [
        "\(isFull ? "Make room" : "Look") where the output goes, and run the command again: "
          + "what was done stays done."
      ]
    )
  }

  /// Opens what is closed of stdin, stdout and stderr as `/dev/null`: else the next file that the
  /// program opens would take its place, and get its output.
  static func openMissing() {
    for number in Int32(0)...2 where fcntl(number, F_GETFD) == -1 {
      _ = open("/dev/null", O_RDWR)
    }
  }
}
