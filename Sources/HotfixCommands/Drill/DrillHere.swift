internal import ArgumentParser
internal import Foundation
internal import Git
internal import Machine
internal import ReleaseModel
internal import Runbook

/// The drill on a copy of the user's own project.
struct DrillHere: Sendable {
  let scene: DrillScene
  let url: String
  let global: GlobalOptions
  let pick: String?

  private var ana: DrillPerson { scene.author }
  private var ben: DrillPerson { scene.approver }

  func run() async throws -> [String] {
    let workspace = try await global.workspace(allowsCheckout: true)
    let base = try await newestTag(workspace)
    try await copy(workspace)
    let settings = workspace.settings
    let commit = try await prepare(workspace)
    try await sign(base)
    scene.console.narrate("the copy is ready; \(base) is shipped to the scratch host first")
    try await scene.must(ana, "ship", base)
    try await carry(base: base, fix: commit, ownsKey: ownsKey(workspace))
    try await scene.git(ana, "switch", "--quiet", settings.main)
    try await scene.git(ana, "pull", "--quiet", "--ff-only")
    guard let documents = settings.documents else { return [] }
    let papers = ana.clone.pushing(FilePath(documents))
    return try LiveFiles.files.list(papers).filter {
      $0.contains("hotfix") || $0.hasSuffix(".html")
    }
    .map { papers.appending($0).string }
  }

  /// The project's newest release that all users have.
  private func newestTag(_ workspace: Workspace) async throws -> String {
    let tags = try await workspace.git.localTags()
    let search = BaseSearch(settings: workspace.settings, toolbox: workspace.toolbox)
    do {
      return try await search.newest(tags: tags)
    } catch let problem as Problem where problem.code != "base.missing" {
      // A rehearsal works without the network, and says what it went by.
      scene.console.narrate("the release host cannot be read, so the tags count: \(problem.what)")
      return try search.newest(byTagsAlone: tags)
    }
  }

  /// A bare copy as the remote, and a clone for each person; the project itself is only read.
  private func copy(_ workspace: Workspace) async throws {
    let main = workspace.settings.main
    try await scene.shell(
      ana,
      "git",
      ["clone", "--quiet", "--bare", "--no-local", workspace.root.string, scene.remote.string],
      in: scene.folder
    )
    // What the project's remote has as main, whatever is checked out or lags behind here.
    let tracked = "refs/remotes/\(workspace.git.remote)/\(main)"
    if try await workspace.git.resolve(tracked) != nil {
      try await remote("fetch", "--quiet", workspace.root.string, "+\(tracked):refs/heads/\(main)")
    }
    try await remote("symbolic-ref", "HEAD", "refs/heads/\(main)")
    for person in [ana, ben] {
      try await scene.shell(
        person,
        "git",
        ["clone", "--quiet", "-b", main, scene.remote.string, person.clone.string],
        in: scene.folder
      )
    }
  }

  private func remote(_ arguments: String...) async throws {
    try await scene.shell(ana, "git", ["-C", scene.remote.string] + arguments, in: scene.folder)
  }

  /// Points the copy at the scratch host, the drill's people and a channel that is only a file.
  private func prepare(_ workspace: Workspace) async throws -> String? {
    let settings = try DrillSettings.rewritten(
      workspace.source.text,
      url: url,
      ownsKey: ownsKey(workspace)
    )
    try scene.write(
      ana,
      [
        SettingsSource.file: settings,
        workspace.settings.reviewersPath: try scene.signerLine(ana) + scene.signerLine(ben),
      ]
    )
    try await scene.git(ana, "add", "-A")
    try await scene.git(ana, "commit", "--quiet", "--allow-empty", "-m", "Prepare the drill")
    try await scene.git(ana, "push", "--quiet", "origin", workspace.settings.main)
    try await scene.git(ben, "pull", "--quiet", "--ff-only")
    guard let pick else { return nil }
    return try await workspace.git.text(["rev-parse", pick + "^{commit}"])
  }

  /// In the copy the drill's people are the list, so one of them signs the release.
  private func sign(_ base: String) async throws {
    let arguments = ["tag", "--sign", "--force", "-m", "Release \(base)", base, "\(base)^{commit}"]
    try await scene.shell(ana, "git", arguments, in: ana.clone)
    try await scene.git(ana, "push", "--quiet", "--force", "origin", "refs/tags/\(base)")
  }

  /// Whether the project's own update key is at hand.
  private func ownsKey(_ workspace: Workspace) -> Bool {
    guard let source = workspace.settings.updateKey else { return true }
    return (try? workspace.toolbox.secret(source)) != nil
  }

  private func carry(base: String, fix: String?, ownsKey: Bool) async throws {
    let picks = fix.map { ["--pick", $0] } ?? []
    let opened = await scene.hotfix(
      ana,
      [
        "open", "Rehearsal of a hotfix", "--kind", "data-loss", "--impact", "data-loss", "--reach",
        "many", "--because", "it is a drill", "--workaround", "none", "--base", base,
        "--unsigned-base",
      ] + picks
    )
    guard opened == 0 else { throw Waiting.refused }
    try await scene.must(ben, "approve")
    _ = await next()
    if !ownsKey {
      scene.console.narrate(
        "the project's update key is not here: this rehearsal goes without feeds"
      )
    }
    if fix == nil {
      try scene.write(ana, ["HOTFIX-DRILL.txt": "A rehearsal; this change means nothing.\n"])
      try await scene.git(ana, "add", "HOTFIX-DRILL.txt")
      try await scene.git(ana, "commit", "--quiet", "-m", "Rehearse a hotfix")
      _ = await next()
      for step in ["tests-written", "proof"] {
        try await scene.must(
          ana,
          "waive",
          step,
          "--reason",
          "a rehearsal's change has no test"
        )
      }
    }
    guard await next() == 3 else { throw Waiting.refused }
    try await scene.must(ben, "approve", "--reason", "a rehearsal")
    guard await next() == 0 else { throw Waiting.refused }
    try await scene.must(ana, "close")
  }

  private func next() async -> Int32 { await scene.next(ana) }
}
