internal import Git
internal import ReleaseModel
internal import Runbook

extension Doctor {
  /// Whether the next hotfix can be made over the newest release as it is.
  func base() async throws -> Checkup {
    let tags = try await workspace.git.tags()
    let name = try await BaseSearch(settings: settings, toolbox: toolbox)
      .newest(tags: tags.map(\.name))
    guard let tag = tags.first(where: { $0.name == name }) else {
      return Checkup(
        "base",
        .bad,
        "\(name) is released, and its tag is not on \(workspace.git.remote)",
        next: ["git push \(workspace.git.remote) \(name)"]
      )
    }
    let signature = TagSignature(git: workspace.git, people: try await workspace.people())
    do {
      let signer = try await signature.signer(of: .init(tag), named: name)
      return Checkup("base", .good, "\(name), signed by \(signer)")
    } catch let problem as Problem where problem.code.hasPrefix("tag.") {
      let why = problem.why.isEmpty ? "" : " \(problem.why)"
      return Checkup(
        "base",
        .warning,
        "\(problem.what)\(why)",
        next: problem.next + ["hotfix open … --unsigned-base     works over it as it is"]
      )
    }
  }
}
