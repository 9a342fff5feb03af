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
  let test: String?

  private var ana: DrillPerson { scene.author }

  /// What the project brings to its rehearsal.
  private struct Project {
    let settings: Settings
    let approvers: [DrillPerson]
    let base: String
    /// The commit to pick as the fix.
    let fix: String?
  }

  func run() async throws -> DrillOutcome {
    let found = try await global.workspace(allowsCheckout: true)
    let workspace = try found.onOneComponent("hotfix drill --here")
    let settings = workspace.settings
    // The tags alone say which release is the base: the project's own host is not asked.
    let base = try await BaseSearch(settings: settings, toolbox: workspace.toolbox)
      .newest(byTagsAlone: workspace.git.localTags())
    let fix = try await fix(workspace)
    let copied = try DrillSettings(
      workspace.source.text,
      settings,
      url: url,
      home: workspace.toolbox.home,
      missing: missing(workspace)
    )
    var outcome = DrillOutcome(reports: [])
    outcome.replaced = copied.replaced
    outcome.notRehearsed = copied.notRehearsed
    if fix == nil {
      outcome.notRehearsed.append(
        "proof, tests-written – no fix with a test was named; "
          + "`hotfix drill --here --pick COMMIT` rehearses them with a real one"
      )
    }
    do {
      let approvers = try await approvers(settings.approvals)
      try await copy(workspace, for: approvers)
      try await prepare(workspace, copied.text, approvers)
      try await sign(base)
      scene.console.narrate("the copy is ready; \(base) is shipped to the scratch host first")
      try await must(ana, "ship", base)
      try await carry(
        Project(settings: settings, approvers: approvers, base: base, fix: fix)
      )
      try await scene.git(ana, "switch", "--quiet", settings.main)
      try await scene.git(ana, "pull", "--quiet", "--ff-only")
      outcome.reports = try reports(settings)
    } catch { outcome.failure = error }
    return outcome
  }

  /// The commit to pick; the run would wait for a person to write its test, or to say which it is.
  ///
  /// Throws `drill.pick-test`.
  private func fix(_ workspace: Workspace) async throws -> String? {
    guard let pick else { return nil }
    let git = workspace.git
    guard let fix = try await git.resolve(pick + "^{commit}") else {
      throw Problem(
        "pick.missing",
        "\(pick), which is to be picked, is no commit of this clone.",
        next: ["git fetch", "hotfix drill --here --pick COMMIT"]
      )
    }
    guard let parent = try await git.resolve(fix + "^") else { return fix }
    let tests = try await git.changes(from: parent, to: fix)
      .filter { ($0.added ?? 1) > 0 }.map(\.path).filter(workspace.settings.isTest)
    guard test == nil && tests.count != 1 || tests.isEmpty else { return fix }
    let name = OutsideText(pick).word
    guard let first = tests.first else {
      throw Problem(
        "drill.pick-test",
        "\(pick) brings no test, so the run would wait for one.",
        next: [
          "hotfix drill --here --pick COMMIT     of a commit that brings a test",
          "Add to hotfix.yml, where it has a test:  test: { files: [ PATTERN ] }",
        ]
      )
    }
    throw Problem(
      "drill.pick-test",
      "\(pick) brings \(tests.count) tests: \(tests.prefix(9).joined(separator: ", ")).",
      why: "Only a person knows which of them shows the fault.",
      next: [
        "hotfix drill --here --pick \(name) --test \(OutsideText(Proving.name(ofTest: first)).word)"
      ]
    )
  }

  private func reports(_ settings: Settings) throws -> [String] {
    guard let documents = settings.documents else { return [] }
    let papers = ana.clone.pushing(FilePath(documents))
    return try LiveFiles.files.list(papers).filter {
      $0.contains("hotfix") || $0.hasSuffix(".html")
    }
    .map { papers.appending($0).string }
  }

  /// As many people as the project's policy needs besides the author.
  private func approvers(_ count: Int) async throws -> [DrillPerson] {
    var people: [DrillPerson] = []
    for number in 0..<count {
      people.append(number == 0 ? scene.approver : try await scene.another(number + 1))
    }
    return people
  }

  /// The signing secrets that are not here, each with what is said of it.
  private func missing(_ workspace: Workspace) -> [String: String] {
    var missing: [String: String] = [:]
    for (key, source) in workspace.settings.secretSources where key.hasPrefix("ship.") {
      do { _ = try workspace.toolbox.secret(source) } catch let problem as Problem {
        missing[key] = problem.what
      } catch { missing[key] = "\(source.name) cannot be read: \(error)" }
    }
    return missing
  }

  /// A bare copy as the remote, and a clone for each person; the project itself is only read.
  private func copy(_ workspace: Workspace, for approvers: [DrillPerson]) async throws {
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
    for person in [ana] + approvers {
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
  private func prepare(
    _ workspace: Workspace,
    _ settings: String,
    _ approvers: [DrillPerson]
  ) async throws {
    let lines = try ([ana] + approvers).map(scene.signerLine)
    try scene.write(
      ana,
      [SettingsSource.file: settings, workspace.settings.reviewersPath: lines.joined()]
    )
    // A stranger's project may ignore what it does not know yet.
    try await scene.git(
      ana,
      "add",
      "--force",
      SettingsSource.file,
      workspace.settings.reviewersPath
    )
    try await scene.git(ana, "commit", "--quiet", "--allow-empty", "-m", "Prepare the drill")
    try await scene.git(ana, "push", "--quiet", "origin", workspace.settings.main)
    for person in approvers { try await scene.git(person, "pull", "--quiet", "--ff-only") }
  }

  /// In the copy the drill's people are the list, so one of them signs the release.
  private func sign(_ base: String) async throws {
    let arguments = ["tag", "--sign", "--force", "-m", "Release \(base)", base, "\(base)^{commit}"]
    try await scene.shell(ana, "git", arguments, in: ana.clone)
    try await scene.git(ana, "push", "--quiet", "--force", "origin", "refs/tags/\(base)")
  }

  private func carry(_ project: Project) async throws {
    let approvers = project.approvers
    let component = project.settings.component.map { ["--component", $0] } ?? []
    let picks = project.fix.map { ["--pick", $0] } ?? []
    let arguments = [
      "open", "Rehearsal of a hotfix", "--kind", "data-loss", "--impact", "data-loss", "--reach",
      "many", "--because", "it is a drill", "--workaround", "none", "--base", project.base,
      "--unsigned-base",
    ]
    guard await scene.hotfix(ana, arguments + picks + component) == 0 else {
      throw Waiting.refused
    }
    for person in approvers { try await must(person, "approve") }
    var status = try await next(test.map { ["--test", $0] } ?? [])
    if project.fix == nil {
      let name = try await change(in: project.settings)
      try scene.write(ana, [name: "A rehearsal; this change means nothing.\n"])
      try await scene.git(ana, "add", "--force", name)
      try await scene.git(ana, "commit", "--quiet", "-m", "Rehearse a hotfix")
      _ = try await next()
      let steps = ["tests-written", "proof"] + (project.settings.owns(name) ? [] : ["minimal"])
      for step in steps {
        for person in ([ana] + approvers).prefix(project.settings.waivers ?? 1) {
          try await must(person, "waive", step, "--reason", "a rehearsal's change mends nothing")
        }
      }
      status = try await next()
    }
    if status == HotfixProgram.Status.waiting {
      for person in approvers { try await must(person, "approve", "--reason", "a rehearsal") }
      status = try await next()
    }
    guard status == 0 else {
      throw Problem(
        "drill.waits",
        "The run waits for something that a rehearsal cannot do.",
        why: "What it waits for is said above. The scratch world is kept in "
          + "\(scene.folder.string).",
        next: ["hotfix drill --here     goes without a fix of the project's own"]
      )
    }
    try await must(ana, "close")
  }

  /// The file that a rehearsal changes: in a folder of the component where it has one, and no test.
  private func change(in settings: Settings) async throws -> String {
    let name = "HOTFIX-DRILL.txt"
    for folder in settings.paths.map({ FilePath($0).string })
    where !settings.isTest("\(folder)/\(name)") {
      let entry = try await scene.git(ana, "ls-tree", "HEAD", "--", folder)
      if !entry.contains(" blob ") { return "\(folder)/\(name)" }
    }
    return name
  }

  /// Runs hotfix; what it refuses it has said itself.
  private func must(_ person: DrillPerson, _ arguments: String...) async throws {
    guard await scene.hotfix(person, arguments) == 0 else { throw Waiting.refused }
  }

  /// Goes on until somebody has to do something, or everything is done.
  private func next(_ arguments: [String] = []) async throws -> Int32 {
    let status = await scene.next(ana, arguments)
    guard status == 0 || status == HotfixProgram.Status.waiting else { throw Waiting.refused }
    return status
  }
}
