internal import Foundation
internal import ReleaseModel

/// What `hotfix ship` leaves behind inside GitHub Actions: a job summary, outputs, annotations.
///
/// The files are those that the runner names (docs.github.com, workflow commands).
struct ActionsReport: Sendable {
  private let environment: [String: String]

  /// Nil anywhere else.
  init?(_ environment: [String: String]) {
    guard environment["GITHUB_ACTIONS"] == "true" else { return nil }
    self.environment = environment
  }

  func shipped(_ tag: String, _ rows: [TagRun.Row], checksums: String?) {
    var lines = [
      "## \(OutsideText(tag).markdown) is shipped", "", "| step | evidence |", "|---|---|",
    ]
    for row in rows {
      let cell = row.evidence.map { OutsideText($0).markdown }.joined(separator: "<br>")
      lines.append("| \(row.step) | \(cell) |")
    }
    append(lines.joined(separator: "\n") + "\n", to: "GITHUB_STEP_SUMMARY")
    if let checksums { append("checksums=\(checksums)\n", to: "GITHUB_OUTPUT") }
  }

  /// Returns the line by which the runner shows a problem on the run's page.
  func failed(_ problem: Problem) -> String {
    append(
      "## Failed: \(OutsideText(problem.what).markdown)\n\n\(OutsideText(problem.text).codeBlock)\n",
      to: "GITHUB_STEP_SUMMARY"
    )
    return
      "::error title=\(OutsideText(problem.code).runnerProperty)"
      + "::\(OutsideText(problem.what + " " + problem.why).runnerData)"
  }

  private func append(_ text: String, to variable: String) {
    guard let path = environment[variable], let file = FileHandle(forUpdatingAtPath: path) else {
      return
    }
    defer { try? file.close() }
    _ = try? file.seekToEnd()
    try? file.write(contentsOf: Data(text.utf8))
  }
}
