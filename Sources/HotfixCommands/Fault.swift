internal import Machine
internal import ReleaseModel
internal import Runbook

/// Trouble on order: `hotfix drill --fault STEP` makes that step fail once.
struct Fault: Sendable {
  private let steps: Set<String>
  /// Holds a file for each step that has failed.
  private let struck: FilePath?

  init(environment: [String: String]) {
    steps = Set((environment["HOTFIX_DRILL_FAULT"] ?? "").split(separator: ",").map(String.init))
    struck = environment["HOTFIX_DRILL_STRUCK"].map { FilePath($0) }
  }

  func strike(at boundary: String) throws {
    guard let struck, boundary.hasPrefix("perform ") else { return }
    let step = String(boundary.dropFirst("perform ".count))
    let marker = struck.appending(step)
    guard steps.contains(step), !LiveFiles.files.exists(marker) else { return }
    try LiveFiles.files.write(marker, [])
    throw Problem(
      "drill.fault",
      "Step \(step) failed, because the drill was told to let it fail once.",
      next: ["hotfix next     goes on where it stopped"]
    )
  }
}
