internal import ArgumentParser
internal import Foundation
internal import Git
internal import Machine
internal import ReleaseModel
internal import Runbook

struct InitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Look at the project and write hotfix.yml",
    discussion: """
      $ hotfix init
      found: 12 tags like v1.2.3; Makefile with test and dist; appcast.xml
      wrote hotfix.yml; read it, then:  hotfix doctor
      $ hotfix init --workflow
      wrote .github/workflows/hotfix.yml
      """
  )

  @Flag(help: "Write the release workflow of GitHub Actions, from the hotfix.yml that is there.")
  var workflow = false

  @Flag(help: "Print the file instead of writing it.")
  var print = false

  @OptionGroup var global: GlobalOptions

  private struct Result: Encodable {
    let schema = "hotfix.init/1"
    let file: String
    let found: [String]
    let content: String
  }

  func run() async throws {
    let run = LiveProcesses.runner(
      inherited: global.environment,
      withheld: Workspace.secretNames(above: global.folder)
    )
    let root = try await Workspace.repository(global.folder, run).root
    if workflow { return try await writeWorkflow(root) }
    let file = root.appending(SettingsSource.file)
    guard print || !LiveFiles.files.exists(file) else {
      throw Problem(
        "init.exists",
        "hotfix.yml is there already.",
        next: ["hotfix doctor     checks it", "hotfix init --print     shows a fresh one"]
      )
    }
    let git = Git(directory: root, run: run)
    let tracked = Set(
      try await git.text(["ls-files", "-z"]).split(separator: "\0").map(String.init)
    )
    let tags = try await git.localTags()
    let head = try await git.head()?.split(separator: "/").last.map(String.init)
    let name = root.lastComponent?.string ?? "App"
    let project = ProjectSurvey(
      name: name,
      files: tracked,
      tags: tags,
      mainBranch: head ?? "main",
      remote: try? await git.text(["config", "--get", "remote.origin.url"]),
      read: { path in
        (try? LiveFiles.files.read(root.pushing(FilePath(path)), 1 << 20))?.map { $0 }
          .map { String(decoding: $0, as: UTF8.self) }
      }
    )
    let content = project.settings
    // What init writes has to be accepted by everything that reads it.
    _ = try Settings.read(content)
    if !print { try LiveFiles.files.write(file, Array(content.utf8)) }
    try global.console.show(
      Result(file: SettingsSource.file, found: project.found, content: content),
      print
        ? String(content.dropLast())
        : """
        found: \(project.found.joined(separator: "; "))
        wrote hotfix.yml; read it, then:  hotfix doctor
        """
    )
  }

  /// Writes the release workflow; what it says follows from the settings.
  private func writeWorkflow(_ root: FilePath) async throws {
    let settings = try await global.workspace(allowsCheckout: true).settings
    guard settings.github != nil else {
      throw Problem(
        "init.no-github",
        "The release host of hotfix.yml is not GitHub.",
        next: ["Set, in hotfix.yml:  host: { github: owner/name }"]
      )
    }
    let content = ReleaseWorkflow(settings).text
    let file = root.pushing(FilePath(ReleaseWorkflow.path))
    let there = try LiveFiles.files.read(file, 1 << 20).map { String(decoding: $0, as: UTF8.self) }
    guard print || there == nil || there == content else {
      throw Problem(
        "init.exists",
        "\(ReleaseWorkflow.path) is there already, and is another.",
        next: [
          "hotfix init --workflow --print | diff \(ReleaseWorkflow.path) -",
          "Remove it, then:  hotfix init --workflow",
        ]
      )
    }
    if !print { try LiveFiles.files.write(file, Array(content.utf8)) }
    let secrets = settings.shippingSecretNames.sorted()
    var next: [String] = []
    if settings.workflow == nil {
      next.append("Set, in hotfix.yml:  ship: { workflow: \(ReleaseWorkflow.fileName) }")
    }
    next.append("git add .github hotfix.yml && git commit, and push it to \(settings.main)")
    next += [
      "gh variable set HOTFIX_URL --body URL     where the program for the runner is",
      "gh variable set HOTFIX_SHA256 --body DIGEST",
    ]
    next += secrets.map { "gh secret set \($0)" }
    let lines = next.enumerated().map { ($0.offset == 0 ? "next:  " : "       ") + $0.element }
    try global.console.show(
      Result(file: ReleaseWorkflow.path, found: secrets, content: content),
      print
        ? String(content.dropLast())
        : (["wrote \(ReleaseWorkflow.path)"] + lines).joined(separator: "\n")
    )
  }
}
