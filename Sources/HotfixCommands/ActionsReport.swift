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
    var lines = ["## \(tag) is shipped", "", "| step | evidence |", "|---|---|"]
    for row in rows {
      lines.append("| \(row.step) | \(row.evidence.map(Self.cell).joined(separator: "<br>")) |")
    }
    append(lines.joined(separator: "\n") + "\n", to: "GITHUB_STEP_SUMMARY")
    if let checksums { append("checksums=\(checksums)\n", to: "GITHUB_OUTPUT") }
  }

  /// Returns the line by which the runner shows a problem on the run's page.
  func failed(_ problem: Problem) -> String {
    append(
      "## Failed: \(Self.cell(problem.what))\n\n```\n\(problem.text)\n```\n",
      to: "GITHUB_STEP_SUMMARY"
    )
    return
      "::error title=\(Self.property(problem.code))::\(Self.data(problem.what + " " + problem.why))"
  }

  private static func cell(_ text: String) -> String {
    text.replacing("|", with: "\\|").replacing("<", with: "&lt;").replacing("\n", with: " ")
  }

  private static func data(_ text: String) -> String {
    text.replacing("%", with: "%25").replacing("\r", with: "%0D").replacing("\n", with: "%0A")
  }

  private static func property(_ text: String) -> String {
    data(text).replacing(":", with: "%3A").replacing(",", with: "%2C")
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
