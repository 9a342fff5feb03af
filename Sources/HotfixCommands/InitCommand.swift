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
      """
  )

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
    let run = LiveProcesses.runner(inherited: global.environment)
    let (root, _, _) = try await Workspace.repository(global.folder, run)
    let file = root.appending(Workspace.settingsFile)
    guard print || !LiveFiles.files.exists(file) else {
      throw Problem(
        "init.exists",
        "hotfix.yml is there already.",
        next: ["hotfix doctor     checks it", "hotfix init --print     shows a fresh one"]
      )
    }
    let git = Git(directory: root, run: run)
    let tracked = Set(try await git.text(["ls-files"]).split(separator: "\n").map(String.init))
    let tags = try await git.text(["tag", "--list", "--sort=creatordate"])
      .split(separator: "\n").map(String.init)
    let head = try await git.head()?.split(separator: "/").last.map(String.init)
    let name = root.lastComponent?.string ?? "App"
    let project = ProjectSurvey(
      name: name,
      files: tracked,
      tags: tags,
      mainBranch: head ?? "main",
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
      Result(file: Workspace.settingsFile, found: project.found, content: content),
      print
        ? String(content.dropLast())
        : """
        found: \(project.found.joined(separator: "; "))
        wrote hotfix.yml; read it, then:  hotfix doctor
        """
    )
  }
}
