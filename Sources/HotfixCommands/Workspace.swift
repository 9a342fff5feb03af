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
  let place: Place
  /// The settings of the chosen component; the file's own where none is chosen or there are none.
  var settings: Settings
  /// The text of the settings, and where it was read.
  let source: SettingsSource.Found
  var toolbox: Toolbox
  let git: Git
  /// What the user's git says of remotes and of who signs.
  let config: [String: String]
  let store: RecordStore
  let console: Console
  let environment: [String: String]
  /// Nil on a plain host.
  var github: GitHubClient?
  let secrets: SecretNames
  /// Whether the remote answered, where it was asked.
  let isOnline: Bool
  private let memo = Memo()

  /// Whether a command asks the remote before it looks.
  enum Fetching: Sendable {
    case no, always
    /// Goes on with what this clone knows when the remote cannot be reached.
    case ifReachable
    /// As `ifReachable`, where the last fetch is older than a minute.
    case ifOld
  }

  var root: FilePath { place.root }

  /// The project's main branch as last fetched.
  var mainRef: String { "refs/remotes/\(git.remote)/\(settings.main)" }

  private static let askedOfConfig =
    "user\\.(name|email|signingkey)|gpg\\.(format|ssh\\.revocationfile)|remote\\..*\\.url"

  /// Finds the repository around a folder; `fetching` brings it up to date with the remote first.
  ///
  /// Throws `repository.none`, `settings.…`, `remote.none`, `remote.unreachable`.
  static func find(
    from folder: FilePath,
    environment: [String: String],
    console: Console,
    _ fetching: Fetching = .no,
    settings request: SettingsSource.Request = .init()
  ) async throws -> Workspace {
    let secrets = secretNames(above: folder)
    let run = LiveProcesses.runner(inherited: environment, withheld: secrets)
    // Two questions at once: each command begins with both.
    async let asked = Git(directory: folder, run: run).config(askedOfConfig)
    let place = try await repository(folder, run)
    let config = try await asked
    let early = secrets.all
    let runner = GitNetwork(config: config, environment: environment)
      .around(CrashPoints(environment: environment).around(run))
    var git = git(place, runner, environment, secrets)
    let source = SettingsSource(
      git: git,
      root: place.root,
      remotes: remoteNames(config),
      request: request,
      secrets: secrets
    )
    git.remote = try await source.remoteToFetch()
    let store = RecordStore(place, git)
    let isOnline = try await fetch(fetching, git, store, place.scratch, console)
    let found = try await source.find()
    if fetching != .no { await learnSecrets(ofBranches: git, secrets) }
    // The git that stays was started with what only these settings call a secret.
    if secrets.all != early { git = self.git(place, git.run, environment, secrets) }
    git.remote = found.settings.remote
    try found.tell(console, among: source.remotes)
    var (toolbox, github) = try live(
      found.settings,
      home: place.home,
      scratch: place.scratch,
      run: git.run,
      secrets: secrets,
      environment: environment,
      console: console
    )
    toolbox.revoked = try await .configured(config, environment, root: place.root, run)
    return try Workspace(
      place: place,
      settings: found.settings,
      source: found,
      toolbox: toolbox,
      git: git,
      config: config,
      store: store.judging(git, by: judge(found.settings, git)),
      console: console,
      environment: environment,
      github: github,
      secrets: secrets,
      isOnline: isOnline
    ).choosing(request.component)
  }

  private static func remoteNames(_ config: [String: String]) -> [String] {
    config.keys.compactMap { $0.wholeMatch(of: /remote\.(.+)\.url/)?.1 }.map(String.init).sorted()
  }

  /// Returns the judge of what records say of main and of tags.
  private static func judge(_ settings: Settings, _ git: Git) -> RecordStore.Judge {
    let check = RecordCheck(git: git, main: "refs/remotes/\(git.remote)/\(settings.main)")
    return { try await check.require($0) }
  }

  private static func git(
    _ place: Place,
    _ run: @escaping ProcessRunner,
    _ environment: [String: String],
    _ secrets: SecretNames
  ) -> Git {
    let git = Git(
      directory: place.root,
      run: run,
      open: LiveDialogue.opener(inherited: environment, withheld: secrets),
      writer: LooseObjectWriter(
        folder: place.objects,
        sha256: place.isSHA256,
        put: LiveFiles.putObject
      ),
      common: place.common
    )
    git.warmUp()
    return git
  }

  /// Where git says that a repository is.
  struct Place: Sendable {
    /// The checkout, which may be a linked worktree.
    let root: FilePath
    let common: FilePath
    let objects: FilePath
    let isSHA256: Bool
    /// The folder that was looked from, below the root and with a `/` behind it.
    let prefix: String

    /// A folder whose content may go at any time.
    var scratch: FilePath { common.appending("hotfix").appending("scratch") }

    /// The folder that paths of `hotfix.yml` start from: the main checkout, also in a linked worktree.
    var home: FilePath {
      common.lastComponent?.string == ".git" ? common.removingLastComponent() : root
    }
  }

  static func repository(
    _ folder: FilePath,
    _ run: @escaping ProcessRunner
  ) async throws -> Place {
    let probe = Git(directory: folder, run: run)
    let answer: ProcessAnswer?
    do {
      answer = try await probe.answer([
        "rev-parse", "--path-format=absolute", "--show-toplevel", "--git-common-dir",
        "--git-path", "objects", "--show-prefix", "--show-object-format",
      ])
    } catch {
      answer = nil
    }
    let lines = (answer?.output.textOfLine.lines(omittingEmpty: false) ?? []).map(String.init)
    guard let answer, answer.succeeded, lines.count == 5 else {
      throw Problem(
        "repository.none",
        "\(folder.string) is not inside a git repository.",
        why: answer?.errors ?? "The folder cannot be entered.",
        next: ["cd into the project's checkout, or name it:  hotfix -C DIR …"]
      )
    }
    return Place(
      root: FilePath(lines[0]),
      common: FilePath(lines[1]),
      objects: FilePath(lines[2]),
      isSHA256: lines[4] == "sha256",
      prefix: lines[3]
    )
  }

  /// The lists of those who may sign: main's, like the settings.
  func signerLists() async throws -> SignerLists {
    try await memo.answer("signers") { try await readSignerLists() }
  }

  /// The people of main's policy.
  func people() async throws -> People {
    try toolbox.people(of: settings.policy(await signerLists()))
  }

  private func readSignerLists() async throws -> SignerLists {
    if let lists = try await SignerLists.read(settings, at: mainRef, git) { return lists }
    let path = settings.reviewersPath
    func text(_ path: String) throws -> String? {
      try toolbox.files.read(root.pushing(FilePath(path)), 1 << 20)
        .map { String(decoding: $0, as: UTF8.self) }
    }
    if source.origin == .checkout, let signers = try text(path) {
      guard let path = settings.revocationPath else { return SignerLists(signers: signers) }
      guard let revoked = try text(path) else { throw SignerLists.missingRevocation(path) }
      return SignerLists(signers: signers, revoked: revoked)
    }
    throw signersMissing(path)
  }

  /// Main's lists alone, whatever is checked out.
  func signerListsOfMain() async throws -> SignerLists {
    if let lists = try await SignerLists.read(settings, at: mainRef, git) { return lists }
    throw signersMissing(settings.reviewersPath)
  }

  private func signersMissing(_ path: String) -> Problem {
    Problem(
      "signers.missing",
      "The list of those who may sign, \(path), is not on \(git.remote)/\(settings.main).",
      next: ["echo \"$(git config user.email) $(cat ~/.ssh/id_ed25519.pub)\" >> \(path)"]
        + SettingsSource.publish(remote: git.remote, main: settings.main, reviewers: path)
    )
  }

  /// Whoever only looks, as a build machine or somebody on call, needs no listed key.
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

  /// Opens one run as this clone knows it, verified; `signs` false is for those who only look.
  func engine(_ name: String?, signs: Bool = true) async throws -> Engine {
    let chain = try await chain(name)
    let opened = Progress(run: chain.run, events: chain.events).opened
    if let opened { await learnSecrets(of: opened) }
    let own = try choosing(opened?.component)
    return Engine(
      procedure: Procedure.steps,
      settings: own.settings,
      toolbox: own.toolbox,
      store: store,
      signer: signs ? try await signer() : await signerOrNobody(),
      chain: chain,
      preface: preface
    )
  }

  /// What a command says in the record before anything else: that its settings are not main's.
  private var preface: [Fact] {
    guard case .file(let file) = source.origin else { return [] }
    let digest = ContentDigest.of(Array(source.text.utf8))
    return [.noted(Noted(text: "settings from \(file.string), \(digest)"))]
  }

  func read(_ run: String, refs: [String: String]? = nil) async throws -> Chain {
    do {
      return try await store.read(run, refs: refs)
    } catch let fault as RecordFault {
      throw fault.problem(run: run)
    }
  }

  func open(_ request: OpenRequest) async throws -> Opening.Opened {
    try await opening().open(request)
  }

  /// What opens a run; throws for whoever may not, and while main has no policy.
  func opening() async throws -> Opening {
    Opening(
      settings: settings,
      toolbox: toolbox,
      store: store,
      signer: try await signer(),
      policy: try await mainPolicy(),
      runs: { fetches in
        if fetches { try await fetch() }
        return try await RunIndex(workspace: self).entries().map(\.known)
      },
      preface: preface
    )
  }

  /// What decides what counts in a run: main's, also with `--settings`.
  private func mainPolicy() async throws -> MainPolicy.Pinned {
    if let pinned = try await MainPolicy(git: git, main: mainRef).newest() { return pinned }
    guard let text = try await git.file(SettingsSource.file, at: mainRef) else {
      throw SettingsSource.notOnMain(remote: git.remote, main: settings.main)
    }
    throw signersMissing(try Settings.read(String(decoding: text, as: UTF8.self)).reviewersPath)
  }

  /// The newest run that released something, for when none is open.
  func newestReleased() async throws -> String? {
    try await RunIndex(workspace: self).entries()
      .filter { $0.released && $0.isOf(settings.component) }
      .max { $0.opened < $1.opened }?.run
  }

  private func chain(_ name: String?) async throws -> Chain {
    var run = name
    var known: Chain?
    if name?.hasPrefix("hf-") != true {
      let survey = try await RunIndex(workspace: self).survey()
      let candidates = survey.entries.filter { entry in
        name.map { $0 == entry.tag || $0 == entry.version || entry.names.contains($0) }
          ?? (entry.state == "open" && entry.isOf(settings.component))
      }
      guard let first = candidates.first else {
        throw survey.leftOut.isEmpty ? noRun(name) : survey.problem(name)
      }
      guard candidates.count == 1 else {
        throw await OpenRuns(workspace: self).several(candidates.map(\.known), named: name)
      }
      run = first.run
      // Only what was read now was judged now.
      known = first.state == "open" ? store.verifiedChain(first.run) : nil
    }
    let chain = if let known { known } else { try await read(run ?? "") }
    guard !chain.events.isEmpty else { throw noRun(name) }
    let now = toolbox.now()
    if let event = EventTimes(chain.events).ahead(of: now) {
      console.narrate(console.yellow("warning: \(event.aheadText(of: now)) [clock.behind]"))
    }
    return chain
  }

  private func noRun(_ name: String?) -> Problem {
    Problem(
      "run.none",
      name.map { "There is no run \($0)." } ?? "No hotfix is open.",
      next: ["hotfix log     lists all runs", "hotfix open \"what is broken\"     opens one"]
    )
  }
}

extension RecordStore {
  fileprivate init(_ place: Workspace.Place, _ git: Git) {
    self.init(git: git, commonDirectory: place.common, sha256: place.isSHA256)
  }
}
