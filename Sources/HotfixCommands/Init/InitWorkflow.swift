internal import ArgumentParser
internal import ReleaseModel
internal import Machine
internal import Runbook

extension InitCommand {
  /// Writes the release workflow; what it says follows from the settings.
  func writeWorkflow(_ root: FilePath) async throws {
    let settings = try await global.workspace(allowsCheckout: true)
      .onOneComponent("hotfix init --workflow").settings
    guard settings.github != nil else {
      throw Problem(
        "init.no-github",
        "The release host of hotfix.yml is not GitHub.",
        next: ["Set, in hotfix.yml:  host: { github: owner/name }"]
      )
    }
    let workflow = ReleaseWorkflow(settings)
    let content = workflow.text
    let file = root.pushing(FilePath(workflow.path))
    let there = try LiveFiles.files.read(file, 1 << 20).map { String(decoding: $0, as: UTF8.self) }
    guard print || there == nil || there == content else {
      throw Problem(
        "init.exists",
        "\(workflow.path) is there already, and is another.",
        next: [
          "\(workflow.initCommand) --print | diff \(workflow.path) -",
          "Remove it, then:  \(workflow.initCommand)",
        ]
      )
    }
    if !print { try LiveFiles.files.write(file, Array(content.utf8)) }
    let secrets = settings.shippingSecretNames.sorted()
    var next: [String] = []
    if settings.workflow == nil {
      let place = settings.component.map { ", in components.\($0)" } ?? ""
      next.append("Set, in hotfix.yml\(place):  ship: { workflow: \(workflow.fileName) }")
    }
    next.append("git add .github hotfix.yml && git commit, and push it to \(settings.main)")
    next += [
      "gh variable set HOTFIX_URL --body URL     where the program for the runner is",
      "gh variable set HOTFIX_SHA256 --body DIGEST",
    ]
    next += secrets.map { "gh secret set \($0)" }
    let lines = next.enumerated().map { ($0.offset == 0 ? "next:  " : "       ") + $0.element }
    try global.console.show(
      Result(file: workflow.path, found: secrets, content: content),
      print
        ? String(content.dropLast())
        : (["wrote \(workflow.path)"] + lines).joined(separator: "\n")
    )
  }
}
