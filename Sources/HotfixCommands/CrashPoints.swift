internal import Foundation
internal import Git
internal import ReleaseModel
internal import Runbook
internal import Synchronization

/// The numbered points at which a crash has to be survived.
///
/// Inert without HOTFIX_TEST_TOKEN. With it, HOTFIX_KILL_COUNTER names a file that counts points
/// over several processes, HOTFIX_KILL_AT the point at which this process kills itself, and
/// HOTFIX_FAIL_AT the one at which it throws.
struct CrashPoints: Sendable {
  private let counter: String?
  private let target: Int?
  private let failing: Int?

  init(environment: [String: String]) {
    let isTest = environment["HOTFIX_TEST_TOKEN"] != nil
    counter = isTest ? environment["HOTFIX_KILL_COUNTER"] : nil
    failing = isTest ? environment["HOTFIX_FAIL_AT"].flatMap { Int($0) } : nil
    target = isTest ? environment["HOTFIX_KILL_AT"].flatMap { Int($0) } : nil
  }

  /// Uploads run beside each other, and each counts its points.
  private static let counting = Mutex(())

  func boundary(_ name: String) async throws {
    guard let counter else { return }
    let number = Self.counting.withLock { _ in
      let text = (try? String(contentsOfFile: counter, encoding: .utf8)) ?? ""
      let number = text.lines().count + 1
      try? (text + "\(number) \(name)\n").write(
        toFile: counter,
        atomically: true,
        encoding: .utf8
      )
      return number
    }
    if number == target { kill(getpid(), SIGKILL) }
    if number == failing {
      throw Problem("test.fault", "A fault was asked for at \(name).", next: ["hotfix next"])
    }
  }

  /// A push has a point of its own on either side: before it, and applied but not acknowledged.
  func around(_ run: @escaping ProcessRunner) -> ProcessRunner {
    guard counter != nil else { return run }
    return { call in
      guard call.program == "git", call.arguments.contains("push") else {
        return try await run(call)
      }
      try await boundary("before push")
      let answer = try await run(call)
      try await boundary("inside push, not acknowledged")
      return answer
    }
  }
}
