internal import Git
internal import Record
internal import ReleaseModel
internal import Runbook

/// Runs steps on a tag that is on the remote: the same steps as in a run, nothing recorded.
///
/// The tag comes first: nothing is built from one that anybody who may push could have made.
struct TagRun: Sendable {
  let workspace: Workspace
  let tag: String

  struct Row: Sendable, Encodable {
    let step: String
    let evidence: [String]
    /// Why the tag does not hold, where the other steps were looked at all the same.
    var problem: Problem?
  }

  private struct Result: Encodable {
    let schema: String
    let tag: String
    /// The run that made the tag; nil, and left out, where none did.
    let run: String?
    let steps: [Row]
  }

  /// Runs the steps, the tag first.
  ///
  /// With `onlyLooks` what is wrong with a tag that no run answers for is told, and the rest is
  /// looked at before it fails.
  @discardableResult
  func run(_ names: [String], schema: String, onlyLooks: Bool = false) async throws -> [Row] {
    let found = try await gitTag()
    let owner = try await TagOwner.find(tag, object: found.object, workspace)
    let situation = try await situation(found, owner)
    var rows = [try await checked(found, owner, situation, onlyLooks: onlyLooks)]
    do {
      for name in names {
        if let row = try await row(name, situation) { rows.append(row) }
      }
    } catch let problem as Problem {
      guard let first = rows[0].problem else { throw problem }
      throw Problems([first, problem])
    }
    let problem = rows[0].problem
    if problem == nil || workspace.console.json {
      try workspace.console.show(
        Result(schema: schema, tag: tag, run: owner.run, steps: rows),
        ""
      )
    }
    guard let problem else { return rows }
    throw workspace.console.json ? Waiting.refused : problem
  }

  private func row(_ name: String, _ situation: Situation) async throws -> Row? {
    let step = try Noting.step(name)
    if let reason = step.notNeeded(situation) {
      workspace.console.narrate("  – \(name.padded(15)) \(reason)")
      return nil
    }
    let start = workspace.toolbox.milliseconds()
    let evidence = try await Self.hold(step, situation)
    let commands = await situation.meter.take()
    tell(name, evidence, since: start, commands: commands)
    return Row(step: name, evidence: evidence)
  }

  private func tell(_ name: String, _ evidence: [String], since start: Int, commands: Int = 0) {
    workspace.toolbox.say(
      .holds(
        step: name,
        evidence: evidence,
        toolMilliseconds: max(0, workspace.toolbox.milliseconds() - start - commands),
        commandMilliseconds: commands
      )
    )
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

  // MARK: the tag

  private func checked(
    _ found: GitTag,
    _ owner: TagOwner,
    _ situation: Situation,
    onlyLooks: Bool
  ) async throws -> Row {
    let start = workspace.toolbox.milliseconds()
    do {
      let evidence = try await evidence(found, owner, situation, onlyLooks: onlyLooks)
      tell("tag", evidence, since: start)
      return Row(step: "tag", evidence: evidence)
    } catch let problem as Problem where onlyLooks && owner.run == nil {
      workspace.toolbox.say(.failed(step: "tag", problem: problem))
      return Row(step: "tag", evidence: [], problem: problem)
    }
  }

  private func evidence(
    _ found: GitTag,
    _ owner: TagOwner,
    _ situation: Situation,
    onlyLooks: Bool
  ) async throws -> [String] {
    switch owner {
    case .run: return try await ReleasableTag(situation).evidence()
    case .givenUp(let problem): throw problem
    case .nobody:
      let policy = workspace.settings.policy(try await workspace.signerListsOfMain())
      let signature = TagSignature(
        git: workspace.git,
        people: try situation.toolbox.people(of: policy)
      )
      let answers: String
      do {
        let person = try await signature.signer(of: RefView.GitTagView(found), named: tag)
        answers = "signed by \(person)"
      } catch let problem as Problem
        where !onlyLooks && ["tag.lightweight", "tag.unsigned"].contains(problem.code)
      {
        answers = try await whoAnswers(for: found, problem)
      }
      return [
        "\(tag) names \(found.commit.prefix(12))", answers,
        "no record: no run of hotfix made this tag",
      ]
    }
  }

  /// The listed person who ships an unsigned tag from their own clone, where its commit is main's.
  ///
  /// Throws `problem` for everybody else, and on every build machine: it has no person's key.
  private func whoAnswers(for found: GitTag, _ problem: Problem) async throws -> String {
    let git = workspace.git
    guard try await git.resolve("refs/tags/\(tag)") == found.object,
      try await git.isAncestor(found.commit, of: workspace.mainRef)
    else { throw problem }
    do {
      let signer = try await workspace.signer()
      _ = try await signer.sign(Array("ship \(tag) \(found.commit)".utf8), namespace: "hotfix-ship")
      return "not signed; \(signer.person) ships it from their own clone"
    } catch let own as Problem where own.code.hasPrefix("identity.") {
      throw problem
    }
  }

  private func gitTag() async throws -> GitTag {
    let git = workspace.git
    if let tag = try await git.tags().first(where: { $0.name == self.tag }) { return tag }
    throw Problem(
      "tag.missing",
      "The tag \(self.tag) is not on the remote.",
      next: ["git push \(git.remote) \(self.tag)", "git ls-remote --tags \(git.remote)"]
    )
  }

  /// A situation for a tag alone: its commit, its version, and no record; a run of that tag, when
  /// there is one, lends its base and what it recorded.
  private func situation(_ tag: GitTag, _ owner: TagOwner) async throws -> Situation {
    let git = workspace.git
    await workspace.learnSecrets(at: [tag.commit])
    // A build machine has no person's key, and nothing is signed in the record here.
    let signer = await workspace.signerOrNobody()
    var refs = RefView()
    refs.fix = tag.commit
    refs.fixTree = try await git.tree(of: tag.commit)
    refs.remoteTag = RefView.GitTagView(tag)
    let chain = owner.chain ?? Chain(run: "tag-\(workspace.toolbox.makeKey())")
    let progress = Progress(run: chain.run, events: chain.events)
    var toolbox = workspace.toolbox
    toolbox.scratch = toolbox.scratch.appending("tag-\(toolbox.makeKey())")
    try toolbox.files.makeFolder(toolbox.scratch)
    let opened = try await opened(tag)
    return try await Situation(
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
    ).knowingAuthors()
  }

  /// The situation of the tag by itself, whatever run made it.
  func situation() async throws -> Situation { try await situation(gitTag(), .nobody) }

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

/// Who answers for a tag's name.
enum TagOwner: Sendable {
  /// The run that releases under it.
  case run(Chain)
  /// A run that had the name and does not release under it, or whose record cannot be read.
  case givenUp(Problem)
  case nobody

  var chain: Chain? {
    if case .run(let chain) = self { chain } else { nil }
  }

  var run: String? { chain?.run }

  /// Looks for the run of a tag; `object` is what the tag's ref names.
  static func find(_ tag: String, object: String, _ workspace: Workspace) async throws -> TagOwner {
    let entries = try await RunIndex(workspace: workspace).entries()
      .filter { $0.names.contains(tag) }
    if let entry = entries.first(where: { $0.tag == tag && $0.state != "abandoned" }) {
      let chain = try await workspace.read(entry.run)
      return .run(chain)
    }
    if let entry = entries.first { return .givenUp(try await givenUp(tag, entry, workspace)) }
    // Nobody gets past the record by deleting or breaking it: the name, and the tag, remember it.
    let isReserved = try await workspace.git.takenNames().contains(tag)
    let content = try await workspace.git.object(object)?.content ?? []
    guard isReserved || TagObject(content).anchor != nil else { return .nobody }
    return .givenUp(
      Problem(
        "tag.no-record",
        "The tag \(tag) belongs to a run whose record is missing or does not hold.",
        why: isReserved
          ? "The name is reserved for a run." : "The tag's message names a record.",
        next: [
          "hotfix record verify     tells which record does not hold",
          "git ls-remote \(workspace.git.remote) 'refs/hotfix/*'",
        ]
      )
    )
  }

  private static func givenUp(
    _ tag: String,
    _ entry: RunIndex.Entry,
    _ workspace: Workspace
  ) async throws -> Problem {
    let chain = try await workspace.read(entry.run)
    let progress = Progress(run: entry.run, events: chain.events)
    let why =
      if case .abandoned(let reason)? = progress.ending {
        "\(entry.run) was abandoned: \(reason)"
      } else {
        "\(entry.run) is \(entry.tag) by now."
      }
    return Problem(
      "tag.given-up",
      "The name \(tag) was given up by its run; nothing is released under it.",
      why: why,
      next: [
        "hotfix log \(entry.run)     tells how it went",
        "git push \(workspace.git.remote) :refs/tags/\(tag)     takes the tag away",
      ]
    )
  }
}
