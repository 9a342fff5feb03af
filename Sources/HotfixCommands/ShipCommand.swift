internal import ArgumentParser
internal import Git
internal import Record
internal import ReleaseModel
internal import Runbook

struct ShipCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ship",
    abstract: "Build, sign, notarize, publish and feed one tag",
    discussion: """
      The release workflow itself, the same in CI and on a laptop. Runs again where it stopped;
      what is published already is not made twice. With --candidate it builds what an open run
      would release, and rehearses the release on a private copy of the host.

      $ hotfix ship v1.0.0
        ✓ build           Lantern-1.0.0.zip: 18233 bytes, 7d1c0f2a9b3e…
        ✓ sign            Lantern-1.0.0.zip: Ed25519 holds
        ✓ publish         Lantern-1.0.0.zip: 18233 bytes, 7d1c0f2a9b3e…
        ✓ feeds           appcast.xml offers 1.0.0 (12)
      """
  )

  @Argument(help: "The tag, which has to be on the remote; with --candidate a run.")
  var tag: String

  @Flag(help: "Build and rehearse the candidate of an open run; publish nothing.")
  var candidate = false

  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let workspace = try await global.workspace(.always, allowsCheckout: true)
    let actions = ActionsReport(workspace.environment)
    do {
      if candidate { return try await CandidateRun(workspace: workspace, name: tag).run() }
      let rows = try await TagRun(workspace: workspace, tag: tag).run(
        ["build", "sign", "notarize", "publish", "feeds"],
        schema: "hotfix.shipped/1"
      )
      try await actions?.shipped(tag, rows, checksums: checksums(workspace))
    } catch let problem as Problem {
      // The runner reads its commands from stdout.
      if let actions, !workspace.console.json { workspace.console.out(actions.failed(problem)) }
      throw problem
    }
  }

  /// A file of the artifacts' digests, for whoever attests them.
  private func checksums(_ workspace: Workspace) async throws -> String? {
    guard let release = try await workspace.toolbox.host.release(tag) else { return nil }
    let publication = Publication(release: release, notes: "", folder: workspace.toolbox.scratch)
    let file = workspace.toolbox.scratch.appending("SHA256SUMS-\(tag)")
    try workspace.toolbox.files.write(file, Array(publication.checksums.utf8))
    return file.string
  }
}

struct VerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check a release from outside, as strangers and updaters do",
    discussion: """
      Works on any release, also one that hotfix did not make.

      $ hotfix verify v1.0.1-hotfix1
        ✓ artifacts       Lantern-1.0.1-hotfix1.zip: 18310 bytes, 90c4f6d1a2b7… as built
        ✓ update          1.0.0 (12) → 1.0.1-hotfix1 (15) by appcast.xml, full download, …
      """
  )

  @Argument(help: "The tag; default the open run's.")
  var tag: String?

  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let workspace = try await global.workspace(.always)
    let name: String
    if let tag {
      name = tag
    } else {
      name = try await workspace.engine(nil).situation().opened.tag
    }
    try await TagRun(workspace: workspace, tag: name).run(
      [
        "release", "artifacts", "notes", "feeds-live", "install", "fix-works", "update",
      ],
      schema: "hotfix.verified/1",
      looksAtRefs: true
    )
  }
}

/// Runs steps on a tag without a run's record: the same steps, nothing recorded.
struct TagRun: Sendable {
  let workspace: Workspace
  let tag: String

  private struct Result: Encodable {
    struct Row: Encodable {
      let step: String
      let evidence: [String]
    }

    let schema: String
    let tag: String
    let steps: [Row]
  }

  /// Runs the steps; `looksAtRefs` holds the tag against what a run of it recorded first.
  @discardableResult
  func run(
    _ names: [String],
    schema: String,
    looksAtRefs: Bool = false
  ) async throws -> [(step: String, evidence: [String])] {
    let situation = try await situation()
    if looksAtRefs { try await ReleasedRefs(situation).requireTag() }
    var rows: [Result.Row] = []
    for name in names {
      let step = try Noting.step(name)
      if let reason = step.notNeeded(situation) {
        workspace.console.narrate("  – \(name.padded(15)) \(reason)")
        continue
      }
      let start = workspace.toolbox.milliseconds()
      let evidence = try await Self.hold(step, situation)
      let commands = await situation.meter.take()
      let tool = max(0, workspace.toolbox.milliseconds() - start - commands)
      workspace.toolbox.say(
        .holds(
          step: name,
          evidence: evidence,
          toolMilliseconds: tool,
          commandMilliseconds: commands
        )
      )
      rows.append(Result.Row(step: name, evidence: evidence))
    }
    try workspace.console.show(Result(schema: schema, tag: tag, steps: rows), "")
    return rows.map { ($0.step, $0.evidence) }
  }

  /// Makes a step hold without a record, and returns its evidence.
  static func hold(_ step: Step, _ situation: Situation) async throws -> [String] {
    if case .holds(let evidence, _) = try await step.observe(situation) { return evidence }
    for effect in try await step.perform(situation) {
      situation.toolbox.say(.acting(step: step.name, says: effect.says))
      try await effect.performUnrecorded()
    }
    switch try await step.observe(situation) {
    case .holds(let evidence, _): return evidence
    case .refused(let problem): throw problem
    case .lacking(let why):
      throw Problem(
        "step.no-effect",
        "Step \(step.name) acted, and still does not hold.",
        why: why,
        next: ["hotfix help \(step.name)"]
      )
    case .waiting(let wait):
      throw Problem(
        "step.waits",
        "\(wait.whom): \(wait.what)",
        next: wait.commands + ["hotfix status"]
      )
    }
  }

  /// A situation for a tag alone: its commit, its version, and no record; a run of that tag, when
  /// there is one, lends its base and what it recorded.
  private func situation() async throws -> Situation {
    let git = workspace.git
    guard let tag = try await git.tags().first(where: { $0.name == self.tag }) else {
      throw Problem(
        "tag.missing",
        "The tag \(self.tag) is not on the remote.",
        next: ["git push \(git.remote) \(self.tag)", "git ls-remote --tags \(git.remote)"]
      )
    }
    // A build machine has no person's key, and nothing is signed in the record here.
    let signer = await workspace.signerOrNobody()
    var refs = RefView()
    refs.fix = tag.commit
    refs.fixTree = try await git.tree(of: tag.commit)
    let view = RefView.GitTagView(
      object: tag.object,
      commit: tag.commit,
      isAnnotated: tag.isAnnotated
    )
    refs.remoteTag = view
    let chain = try await recorded() ?? Chain(run: "tag-\(workspace.toolbox.makeKey())")
    let progress = Progress(run: chain.run, events: chain.events)
    var toolbox = workspace.toolbox
    toolbox.scratch = toolbox.scratch.appending("tag-\(toolbox.makeKey())")
    try toolbox.files.makeFolder(toolbox.scratch)
    let opened = try await opened(tag)
    return Situation(
      progress: progress,
      opened: progress.opened ?? opened,
      settings: workspace.settings,
      toolbox: toolbox,
      git: git,
      refs: refs,
      signer: signer,
      recordDigests: chain.digests,
      meter: Meter(),
      memo: Memo(),
      served: Served(),
      shipsHere: true
    )
  }

  private func recorded() async throws -> Chain? {
    let entry = try await RunIndex(workspace: workspace).entries().first {
      $0.tag == tag && $0.state != "abandoned"
    }
    guard let entry else { return nil }
    return try await workspace.read(entry.run)
  }

  private func opened(_ tag: GitTag) async throws -> RunOpened {
    let settings = workspace.settings
    let version = settings.version(ofTag: tag.name) ?? VersionName(tag.name)
    let lists = try? await workspace.signerLists()
    return RunOpened(
      title: "\(settings.app) \(version)",
      app: settings.app,
      base: BaseRelease(tag: tag.name, commit: tag.commit, version: version),
      version: version,
      branch: "",
      tag: tag.name,
      main: settings.main,
      policy: settings.policy(lists ?? SignerLists(signers: ""))
    )
  }
}
