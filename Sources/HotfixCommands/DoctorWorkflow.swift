internal import Git
internal import ReleaseModel
internal import Runbook

extension Doctor {
  func workflowFile() async throws -> Checkup {
    let path = ".github/workflows/\(settings.workflow ?? "")"
    let main = workspace.mainRef
    guard let bytes = try await workspace.git.file(path, at: main) else {
      return Checkup(
        "workflow",
        .bad,
        "\(path) is not on \(settings.main)",
        next: ["\(ReleaseWorkflow(settings).initCommand)     writes it; commit and push it"]
      )
    }
    let text = String(decoding: bytes, as: UTF8.self)
    guard let first = WorkflowCheck.findings(text).first else {
      let builder = CandidateJob(text) == nil ? "this machine" : "it"
      let says = "\(path) names only what is there; \(builder) builds the candidate"
      return Checkup("workflow", .good, says)
    }
    return Checkup(
      "workflow",
      .bad,
      "\(path):\(first.line): \(first.message)",
      next: ["$EDITOR \(path)"]
    )
  }
}
