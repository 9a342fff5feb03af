internal import Foundation
internal import ReleaseModel

/// Trouble on order: `hotfix drill --fault STEP` makes that step fail once.
struct Fault: Sendable {
  private let step: String?
  private let marker: String?

  init(environment: [String: String]) {
    step = environment["HOTFIX_DRILL_FAULT"]
    marker = environment["HOTFIX_DRILL_FAULT_MARKER"]
  }

  func strike(at boundary: String) throws {
    guard let step, let marker, boundary == "perform \(step)",
      !FileManager.default.fileExists(atPath: marker)
    else { return }
    _ = FileManager.default.createFile(atPath: marker, contents: nil)
    throw Problem(
      "drill.fault",
      "Step \(step) failed, because the drill was told to let it fail once.",
      next: ["hotfix next     goes on where it stopped"]
    )
  }
}
