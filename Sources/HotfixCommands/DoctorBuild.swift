internal import Git
internal import ReleaseModel
internal import Runbook

extension Doctor {
  /// Builds and tries the newest release again, as a candidate is.
  func build() async throws -> Checkup {
    let tags = try await workspace.git.tags()
    let name = try await BaseSearch(settings: settings, toolbox: toolbox)
      .newest(tags: tags.map(\.name))
    let situation = try await TagRun(workspace: workspace, tag: name).situation()
    let folder = toolbox.scratch.appending("doctor-\(name)")
    defer {
      // The log stays, for who reads why it failed.
      try? toolbox.files.remove(folder)
      try? toolbox.files.remove(situation.toolbox.scratch)
    }
    do {
      let evidence = try await ReleaseTrial(situation, folder: folder).run()
      try toolbox.files.remove(FilePath("\(folder.string).log"))
      return Checkup("build", .good, "\(name): \(evidence.joined(separator: "; "))")
    } catch let problem as Problem {
      let again = problem.next.map {
        $0.replacing("hotfix next", with: "hotfix doctor --build")
          .replacing("hotfix ship \(name)", with: "hotfix doctor --build")
      }
      let why = problem.why.isEmpty ? "" : " \(problem.why)"
      return Checkup("build", .bad, "\(name): \(problem.what)\(why)", next: again)
    }
  }
}
