internal import ProcessSafety
package import ReleaseModel

/// What the system grants this process.
package enum ProcessLimits {
  /// git, the network and a file or two at once; below it, the libraries stop the program.
  private static let openFilesMin = 128

  /// Makes room for what a release opens at once, or tells why there is none.
  package static func problem() -> Problem? {
    let granted = process_open_files(1024)
    guard granted < openFilesMin else { return nil }
    return Problem(
      "system.files",
      "This process may open too few files.",
      why: "The limit is \(granted); hotfix needs \(openFilesMin).",
      next: ["ulimit -n 1024     raises it for this shell; then repeat the command"]
    )
  }

  /// Keeps the children of this process, and what they start, from reading its environment.
  package static func refuseInspection() {
    process_refuse_inspection()
  }
}
