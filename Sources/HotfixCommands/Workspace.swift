internal import Archives
internal import Channels
internal import Forges
internal import Foundation
internal import Git
internal import Machine
internal import Record
internal import ReleaseModel
internal import Runbook
internal import Signatures

/// The composition root: one repository, its settings, and the edges put together.
struct Workspace: Sendable {
  let root: FilePath
  let settings: Settings
  let toolbox: Toolbox
  let git: Git
  /// What the user's git says of remotes and of who signs.
  let config: [String: String]
  let store: RecordStore
  let console: Console
  let environment: [String: String]
  /// Nil on a plain host.
  let github: GitHubClient?
  private let memo = Memo()
  private let early: EarlyFetch?

  static let settingsFile = "hotfix.yml"

  /// The project's main branch as last fetched.
  var mainRef: String { "refs/remotes/\(git.remote)/\(settings.main)" }

  /// Finds the repository around a folder; `fetches` says that `fetch` will be called.
  ///
  /// Throws `repository.none`, `settings.…`, `remote.none`.
  static func find(
    from folder: FilePath,
    environment: [String: String],
    console: Console,
    fetches: Bool = false
  ) async throws -> Workspace {
    let run = LiveProcesses.runner(inherited: environment)
    let begun = fetches ? EarlyFetch(folder, environment, run) : nil
    // Two questions at once: each command begins with both.
    async let asked = Git(directory: folder, run: run).config(
      "user\\.(name|email|signingkey)|gpg\\.format|remote\\..*\\.url"
    )
    let repository = try await repository(folder, run)
    let (root, common) = (repository.root, repository.common)
    let early = await begun?.confirmed(by: root)
    let settings = try early?.settings ?? readSettings(root, environment)
    let crash = CrashPoints(environment: environment)
    let git = live(repository, settings, crash.around(run), environment)
    git.warmUp()
    let config = try await asked
    guard config["remote.\(settings.remote).url"] != nil else {
      throw Problem(
        "remote.none",
        "The repository has no remote called \(settings.remote).",
        why: "The record travels by push and fetch.",
        next: ["git remote add \(settings.remote) URL", "or set `remote` in hotfix.yml"]
      )
    }
    let scratch = common.appending("hotfix").appending("scratch")
    try LiveFiles.files.makeFolder(scratch)
    let boundary: @Sendable (String) async throws -> Void = { name in
      try await crash.boundary(name)
      try Fault(environment: environment).strike(at: name)
    }
    let (toolbox, github) = try live(
      settings,
      root: root,
      scratch: scratch,
      run: git.run,
      boundary: boundary,
      environment: environment,
      console: console
    )
    return Workspace(
      root: root,
      settings: settings,
      toolbox: toolbox,
      git: git,
      config: config,
      store: RecordStore(git: git, commonDirectory: common, sha256: repository.sha256),
      console: console,
      environment: environment,
      github: github,
      early: early
    )
  }

  private static func live(
    _ repository: (root: FilePath, common: FilePath, objects: FilePath, sha256: Bool),
    _ settings: Settings,
    _ run: @escaping ProcessRunner,
    _ environment: [String: String]
  ) -> Git {
    Git(
      directory: repository.root,
      remote: settings.remote,
      run: run,
      open: LiveDialogue.opener(inherited: environment),
      writer: LooseObjectWriter(
        folder: repository.objects,
        sha256: repository.sha256,
        put: LiveFiles.putObject
      ),
      common: repository.common
    )
  }

  static func readSettings(
    _ root: FilePath,
    _ environment: [String: String]
  ) throws -> Settings {
    // A drill's branch carries the project's own settings; the rehearsal must never follow them.
    let file =
      environment["HOTFIX_DRILL_SETTINGS"].map { FilePath($0) } ?? root.appending(settingsFile)
    guard let bytes = try LiveFiles.files.read(file, 1 << 20) else {
      throw Problem(
        "settings.missing",
        "This repository has no \(settingsFile).",
        next: ["hotfix init     looks at the project and writes one"]
      )
    }
    return try Settings.read(String(decoding: bytes, as: UTF8.self))
  }

  static func repository(
    _ folder: FilePath,
    _ run: @escaping ProcessRunner
  ) async throws -> (root: FilePath, common: FilePath, objects: FilePath, sha256: Bool) {
    let probe = Git(directory: folder, run: run)
    let answer: ProcessAnswer?
    do {
      answer = try await probe.answer([
        "rev-parse", "--path-format=absolute", "--show-toplevel", "--git-common-dir",
        "--git-path", "objects", "--show-object-format",
      ])
    } catch {
      answer = nil
    }
    let lines = answer?.text.split(separator: "\n").map(String.init) ?? []
    guard let answer, answer.succeeded, lines.count == 4 else {
      throw Problem(
        "repository.none",
        "\(folder.string) is not inside a git repository.",
        why: answer?.errors ?? "The folder cannot be entered.",
        next: ["cd into the project's checkout, or name it:  hotfix -C DIR …"]
      )
    }
    return (FilePath(lines[0]), FilePath(lines[1]), FilePath(lines[2]), lines[3] == "sha256")
  }

  private static func live(
    _ settings: Settings,
    root: FilePath,
    scratch: FilePath,
    run: @escaping ProcessRunner,
    boundary: @escaping @Sendable (String) async throws -> Void,
    environment: [String: String],
    console: Console
  ) throws -> (Toolbox, GitHubClient?) {
    let isTest = environment["HOTFIX_TEST_TOKEN"] != nil
    let pause: @Sendable (Int) async throws -> Void = { seconds in
      try await Task.sleep(for: isTest ? .milliseconds(seconds) : .seconds(seconds))
    }
    let edges = try HostEdges.live(
      settings,
      root: root,
      scratch: scratch,
      run: run,
      boundary: boundary,
      environment: environment,
      pause: pause,
      say: { console.narrate($0) }
    )
    let start = ContinuousClock.now
    var toolbox = Toolbox(
      now: { clock(environment) },
      milliseconds: {
        let length = ContinuousClock.now - start
        return Int(length.components.seconds * 1000)
          + Int(length.components.attoseconds / 1_000_000_000_000_000)
      },
      random: { count in
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
      },
      environment: { environment[$0] },
      run: run,
      files: LiveFiles.files,
      http: LiveHTTP.http,
      host: edges.host,
      forge: edges.forge,
      deliver: { _ in .unknown("no channel") },
      unpack: { try Unpacking.unpack($0, into: $1) },
      makeDelta: { try await DeltaEdge.make(from: $0, to: $1, at: $2) },
      applyDelta: { try await DeltaEdge.apply($0, to: $1, at: $2) },
      scratch: scratch,
      boundary: boundary,
      say: { console.narrate($0) }
    )
    toolbox.pause = pause
    toolbox.secretNames = settings.secretNames.union(edges.secretNames)
    let channels = ChannelDelivery(toolbox: toolbox, root: root)
    toolbox.deliver = { await channels.deliver($0) }
    return (toolbox, edges.client)
  }

  /// The wall clock; tests and drills may shift it by whole seconds to let deadlines pass.
  private static func clock(_ environment: [String: String]) -> Moment {
    let shift =
      environment["HOTFIX_TEST_TOKEN"] == nil
      ? 0 : environment["HOTFIX_CLOCK_SHIFT"].flatMap { Int($0) } ?? 0
    return Moment(seconds: Moment.now.seconds + shift)
  }

  /// The list of those who may sign: from main on the remote, else from the checkout.
  func signersText() async throws -> String {
    try await memo.answer("signers") { [try await readSigners()] }.first ?? ""
  }

  private func readSigners() async throws -> String {
    let path = settings.reviewersPath
    if let bytes = try await git.file(path, at: mainRef) {
      return String(decoding: bytes, as: UTF8.self)
    }
    guard let bytes = try toolbox.files.read(root.pushing(FilePath(path)), 1 << 20) else {
      throw Problem(
        "signers.missing",
        "The list of those who may sign, \(path), is not there.",
        next: [
          "echo \"$(git config user.email) $(cat ~/.ssh/id_ed25519.pub)\" >> \(path)",
          "git add \(path) && git commit && git push",
        ]
      )
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Whoever only looks, as a build machine or somebody on call, needs no key of the list.
  func signerOrNobody() async -> Signer {
    (try? await signer())
      ?? Signer(
        person: "nobody",
        identity: "nobody <>",
        format: .none,
        directory: root,
        run: toolbox.run
      )
  }

  func signer() async throws -> Signer {
    try await Identity(workspace: self).signer()
  }

  /// Opens one run, fetched and verified; `fetches` false works from what this clone knows, and
  /// `signs` false is for those who only look.
  func engine(_ name: String?, fetches: Bool = true, signs: Bool = true) async throws -> Engine {
    if fetches {
      async let ahead: Void = RunIndex(workspace: self).readAhead()
      try await fetch()
      await ahead
    }
    let chain = try await chain(name)
    return Engine(
      procedure: Procedure.steps,
      settings: settings,
      toolbox: toolbox,
      store: store,
      signer: signs ? try await signer() : await signerOrNobody(),
      chain: chain
    )
  }

  func fetch() async throws {
    do {
      // Another process of this clone may hold a ref's lock for a moment.
      for _ in 0..<5 {
        do {
          if try await early?.finish() != true { try await git.fetch() }
          return
        } catch let failure as Git.Failure where failure.answer.errors.contains("cannot lock ref") {
          try await Task.sleep(for: .milliseconds(100))
        }
      }
      try await git.fetch()
    } catch let failure as Git.Failure {
      throw Problem(
        "remote.unreachable",
        "The remote \(git.remote) could not be read.",
        why: failure.answer.errors,
        next: ["git fetch \(git.remote)     shows it again", "hotfix status     works offline"]
      )
    }
  }

  func read(_ run: String, refs: [String: String]? = nil) async throws -> Chain {
    do {
      return try await store.read(run, refs: refs)
    } catch let fault as RecordFault {
      throw fault.problem(run: run)
    }
  }

  /// The versions that runs have taken, released or not.
  func takenVersions() async throws -> [VersionName] {
    try await RunIndex(workspace: self).entries().filter { $0.state != "abandoned" }
      .map { VersionName($0.version) }
  }

  func open(_ request: OpenRequest) async throws -> Opening.Opened {
    try await Opening(
      settings: settings,
      toolbox: toolbox,
      store: store,
      signer: try await signer(),
      signers: try await signersText(),
      taken: try await takenVersions()
    ).open(request)
  }

  /// The newest run that released something, for when none is open.
  func newestReleased() async throws -> String? {
    try await RunIndex(workspace: self).entries().filter(\.released)
      .max { $0.opened < $1.opened }?.run
  }

  private func chain(_ name: String?) async throws -> Chain {
    var run = name
    var known: Chain?
    if name?.hasPrefix("hf-") != true {
      let candidates = try await RunIndex(workspace: self).entries().filter { entry in
        name.map { $0 == entry.tag || $0 == entry.version } ?? (entry.state == "open")
      }
      guard let first = candidates.first else { throw noRun(name) }
      guard candidates.count == 1 else {
        throw Problem(
          "run.several",
          name.map { "Several runs are named \($0)." } ?? "Several runs are open.",
          why: candidates.map { "\($0.run) \($0.tag) \($0.title)" }.joined(separator: "\n"),
          next: ["hotfix status \(first.run)     and so on: name the run by its id"]
        )
      }
      run = first.run
      known = store.verifiedChain(first.run)
    }
    let chain = if let known { known } else { try await read(run ?? "") }
    guard !chain.events.isEmpty else { throw noRun(name) }
    try await requireKnownSigners(chain)
    return chain
  }

  private func noRun(_ name: String?) -> Problem {
    Problem(
      "run.none",
      name.map { "There is no run \($0)." } ?? "No hotfix is open.",
      next: ["hotfix log     lists all runs", "hotfix open \"what is broken\"     opens one"]
    )
  }

  /// A run may not bring its own list of signers: everybody in it has to be in the project's list.
  func requireKnownSigners(_ chain: Chain) async throws {
    guard let policy = Progress(run: chain.run, events: chain.events).policy else { return }
    if try await signersText() == policy.signers { return }
    // The list may have changed since: what main ever had is what somebody reviewed.
    var known = try AllowedSigners(await signersText()).entries
    let path = settings.reviewersPath
    for commit in try await git.commits(touching: path, on: mainRef) {
      guard let bytes = try await git.file(path, at: commit.name) else { continue }
      let text = String(decoding: bytes, as: UTF8.self)
      if text == policy.signers { return }
      known += (try? AllowedSigners(text).entries) ?? []
    }
    let unknown = try AllowedSigners(policy.signers).entries.filter { entry in
      !known.contains { $0.key == entry.key && $0.person == entry.person }
    }
    guard let stranger = unknown.first else { return }
    throw Problem(
      "record.signers",
      "The record of \(chain.run) trusts a key that the project does not list.",
      why: "\(stranger.person) \(stranger.key.fingerprint) is not in \(settings.reviewersPath) "
        + "on \(settings.main).",
      next: ["Ask who opened \(chain.run); do not release on it."]
    )
  }
}

extension Moment {
  /// The wall clock.
  static var now: Moment { Moment(seconds: Int(Date().timeIntervalSince1970)) }
}
