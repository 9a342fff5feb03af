internal import Foundation

/// What a command finds around itself.
///
/// The drill puts its people's surroundings here.
struct Surroundings: Sendable {
  @TaskLocal static var current = Surroundings(environment: nil, console: nil)

  /// Nil: the process's own.
  let environment: [String: String]?
  /// Nil: stdout and stderr.
  let console: Console?

  var values: [String: String] { environment ?? ProcessInfo.processInfo.environment }
}
