internal import Forges
internal import Foundation
internal import Git
package import GitHubStandIn
internal import HotfixCommands
internal import Machine
package import ReleaseModel
internal import Runbook
internal import Signatures
internal import Synchronization

/// A sealed scratch world: a bare remote, a release host on loopback, people with keys and clones,
/// and a small app, Wick, whose release 1.0.0 loses a word.
///
/// Real git, real signatures, real HTTP; nothing of the developer's own is read.
package final class World: Sendable {
  package struct Person: Sendable {
    package let name: String
    package let clone: FilePath
    package let environment: [String: String]

    /// The same person in another folder.
    package func elsewhere(_ path: String) -> Person {
      Person(name: name, clone: FilePath(path), environment: environment)
    }
  }

  package struct Outcome: Sendable {
    package let status: Int32
    package let out: String
    package let err: String
    package var all: String { out + "\n" + err }
  }

  package let folder: ScratchFolder
  package let ana: Person
  package let ben: Person
  /// The same two on another machine.
  package let ana2: Person
  package let ben2: Person
  /// Somebody with a key that is in no list.
  package let eve: Person
  package let url: String
  /// The stand-in for GitHub that the world lives on; nil: a plain remote and a folder.
  package let github: GitHubStandIn?
  private let slot: TestSlot
  private let run: ProcessRunner
  private let serving: HTTP.Serving

  /// The repository on the stand-in, which belongs to ana; ben may write to it.
  package static let repository = "ana/wick"

  deinit {
    let (stop, github) = (serving.stop, github)
    Task {
      await stop()
      await github?.stop()
    }
  }

  /// Stops the world's own web server; hotfix then serves the loopback address itself.
  package func stopServing() async { await serving.stop() }

  package var path: FilePath { folder.path }
  package var remote: FilePath { path.appending("remote.git") }
  /// What people clone.
  package var address: String {
    github.map { "\($0.url)/\(Self.repository).git" } ?? remote.string
  }
  package var site: FilePath { path.appending("site") }

  /// Makes the world; `edit` changes its `hotfix.yml`, `workflow` is its release workflow on GitHub, and
  /// `files` are in it from the first release on.
  package init(
    keyType: String = "ed25519",
    onGitHub: Bool = false,
    workflow: String? = nil,
    files: [String: String] = [:],
    settings edit: @Sendable (String) -> String = { $0 }
  ) async throws {
    slot = await TestSlot.take()
    folder = ScratchFolder("hotfix-world")
    let path = folder.path
    let key = try UpdateKey.make(seed: [UInt8](repeating: 7, count: 32))
    let minisign = try MinisignKey.make(
      seed: [UInt8](repeating: 9, count: 32),
      keyNumber: [1, 2, 3, 4, 5, 6, 7, 8]
    )
    let environment = [
      "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
      "GIT_CONFIG_NOSYSTEM": "1", "WICK_KEY": key.secret.reveal(), "LC_ALL": "C",
      "WICK_MINISIGN": minisign.secret.reveal(), "WICK_HOOK": "http://127.0.0.1:1/",
      "HOTFIX_TEST_TOKEN": "1",
    ]
    run = LiveProcesses.runner(inherited: environment)
    try LiveFiles.files.makeFolder(path.appending("site"))
    serving = try await FileServer.serve(path.appending("site"), 0)
    url = "http://127.0.0.1:\(serving.port)"
    github = onGitHub ? try await Self.gitHub(in: path.appending("github")) : nil
    let server = github?.url
    func person(_ name: String, key: String? = nil) -> Person {
      var own = environment
      own["HOME"] = path.appending("\(key ?? name)-home").string
      own["GIT_CONFIG_GLOBAL"] = path.appending("\(key ?? name)-home").appending("gitconfig").string
      if let server {
        own["GITHUB_SERVER_URL"] = server
        own["GITHUB_TOKEN"] = "\(key ?? name)-token"
      }
      return Person(name: name, clone: path.appending(name), environment: own)
    }
    ana = person("ana")
    ben = person("ben")
    ana2 = person("ana2", key: "ana")
    ben2 = person("ben2", key: "ben")
    eve = person("eve")
    for person in [ana, ben, eve] { try await makeHome(person, keyType) }
    try await makeProject(edit, workflow, files, publicKey: key.key.publicKey)
  }

  /// Where the built programs are.
  package static var tools: FilePath {
    FilePath(FileManager.default.currentDirectoryPath)
      .pushing(FilePath(CommandLine.arguments[0])).removingLastComponent()
  }

  private static func gitHub(in folder: FilePath) async throws -> GitHubStandIn {
    let usual = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    let path = ["PATH": "\(tools.string):\(usual)"]
    try LiveFiles.files.makeFolder(folder)
    let standIn = try await GitHubStandIn.start(in: folder, environment: path)
    for login in ["ana", "ben", "eve"] {
      await standIn.addUser(login, token: "\(login)-token")
    }
    _ = try await standIn.addRepository(repository, collaborators: ["ben": .write])
    return standIn
  }

  private func makeHome(_ person: Person, _ keyType: String) async throws {
    let home = FilePath(person.environment["HOME"] ?? "")
    try LiveFiles.files.makeFolder(home)
    _ = try await run(
      ProcessCall(
        "ssh-keygen",
        ["-q", "-t", keyType, "-N", "", "-C", person.name, "-f", home.appending("key").string],
        in: home
      )
    )
    let config = """
      [user]
        name = \(person.name)
        email = \(person.name)@example.org
        signingkey = \(home.appending("key").string).pub
      [gpg]
        format = ssh
      [commit]
        gpgsign = true
      [init]
        defaultBranch = main
      [credential]
        helper = "!f() { echo username=\(person.name); echo \"password=$GITHUB_TOKEN\"; }; f"

      """
    try LiveFiles.files.write(home.appending("gitconfig"), Array(config.utf8))
  }

  package func publicKeyLine(_ person: Person) throws -> String {
    let home = FilePath(person.environment["HOME"] ?? "")
    let bytes = try LiveFiles.files.read(home.appending("key.pub"), 65_536) ?? []
    return String(decoding: bytes, as: UTF8.self)
  }

  private func makeProject(
    _ edit: @Sendable (String) -> String,
    _ workflow: String?,
    _ files: [String: String],
    publicKey: String
  ) async throws {
    if github == nil { try await sh(ana, "git init --quiet --bare -b main remote.git", in: path) }
    try await sh(ana, "git clone --quiet \(address) ana 2>/dev/null", in: path)
    let host = github.map { "{ github: \(Self.repository), url: \"\($0.url)\" }" }
    let plain = WickProject.settings(host ?? "{ directory: ../site, url: \"\(url)\" }")
    let settings =
      github == nil ? plain : plain.replacing("atom: news.atom", with: "discussion: Announcements")
    try write(
      ana,
      [
        "wick.sh": WickProject.losing, "tests/test_says.sh": WickProject.testSays,
        "Info.plist": WickProject.infoPlist(publicKey), "CHANGELOG.md": WickProject.changelog,
        "build.sh": WickProject.build, "hotfix.yml": edit(settings),
        "allowed_signers": "ana@example.org \(try publicKeyLine(ana))"
          + "ben@example.org \(try publicKeyLine(ben))",
        ".gitignore": "dist\nstage\n",
      ]
    )
    try write(ana, files)
    if let workflow { try write(ana, [".github/workflows/release.yml": workflow]) }
    try await commit(ana, "Release 1.0.0")
    try await sh(ana, "git tag -s -m 'Release 1.0.0' v1.0.0 && git push --quiet origin main v1.0.0")
    if workflow != nil, let github { try await github.idle(Self.repository) }
    let shipped = await hotfix(ana, "ship", "v1.0.0")
    guard shipped.status == 0 else {
      throw Problem("world.ship", "1.0.0 could not be shipped.", why: shipped.all, next: ["-"])
    }
    try write(ana, ["later.txt": "unreleased work\n"])
    try await commit(ana, "Begin something")
    // Where feeds are files of main, shipping has committed there.
    let push = "git push --quiet origin main"
    try await sh(ana, "\(push) 2>/dev/null || { git pull -q --rebase origin main && \(push); }")
    for person in [ben, ana2, ben2, eve] {
      try await sh(person, "git clone --quiet \(address) \(person.name)", in: path)
    }
  }

  package func write(_ person: Person, _ files: [String: String]) throws {
    for (name, text) in files {
      try LiveFiles.files.write(person.clone.pushing(FilePath(name)), Array(text.utf8))
    }
  }

  package func read(_ name: String) throws -> String {
    let bytes = try LiveFiles.files.read(path.pushing(FilePath(name)), 16 << 20) ?? []
    return String(decoding: bytes, as: UTF8.self)
  }

  package func commit(_ person: Person, _ message: String) async throws {
    try await sh(person, "git add -A && git commit --quiet -m \(shellQuoted(message))")
  }

  /// Runs a shell line as a person; throws when it fails.
  @discardableResult
  package func sh(
    _ person: Person,
    _ line: String,
    in directory: FilePath? = nil
  ) async throws -> String {
    let answer = try await run(
      ProcessCall(
        "sh",
        ["-c", line],
        in: directory ?? person.clone,
        environment: person.environment.mapValues { .some($0) }
      )
    )
    guard answer.succeeded else {
      throw Problem("world.sh", line, why: answer.errors + answer.text, next: ["-"])
    }
    return answer.output.textOfLine
  }

  /// Runs hotfix in this process, as a person.
  package func hotfix(
    _ person: Person,
    _ arguments: String...,
    environment: [String: String] = [:]
  ) async -> Outcome {
    await hotfix(person, arguments, environment: environment)
  }

  package func hotfix(
    _ person: Person,
    _ arguments: [String],
    environment: [String: String] = [:]
  ) async -> Outcome {
    let out = Lines()
    let err = Lines()
    let status = await HotfixProgram.run(
      arguments + ["-C", person.clone.string],
      environment: person.environment.merging(environment) { $1 },
      out: { out.add($0) },
      error: { err.add($0) }
    )
    return Outcome(status: status, out: out.text, err: err.text)
  }

  /// Runs the built program as a process of its own.
  package func program(
    _ person: Person,
    _ arguments: [String],
    environment: [String: String] = [:]
  ) async throws -> Outcome {
    let built = Self.tools.appending("hotfix")
    let answer = try await run(
      ProcessCall(
        built.string,
        arguments + ["-C", person.clone.string],
        in: path,
        environment: person.environment.merging(environment) { $1 }.mapValues { .some($0) }
      )
    )
    let status: Int32 =
      switch answer.ending {
      case .exited(let code): Int32(code)
      case .signalled(let signal): -Int32(signal)
      case .timedOut, .notFound: -1000
      }
    return Outcome(status: status, out: answer.text, err: answer.errors)
  }

  // MARK: going back

  /// A copy of the whole world.
  package struct Copy: Sendable {
    let folder: ScratchFolder
    let github: Snapshot?
  }

  package func copy(_ name: String) async throws -> Copy {
    let copy = ScratchFolder("hotfix-\(name)")
    try await sh(ana, "cp -a \(path)/. \(copy.path)/", in: FilePath("/"))
    return Copy(folder: copy, github: await github?.snapshot())
  }

  package func restore(_ copy: Copy) async throws {
    try await sh(
      ana,
      "rm -rf \(path)/* && cp -a \(copy.folder.path)/. \(path)/",
      in: FilePath("/")
    )
    if let snapshot = copy.github { await github?.restore(snapshot) }
  }

  // MARK: the usual steps

  package static let openArguments = [
    "open", "Wick forgets the last word", "--kind", "data-loss", "--impact", "data-loss", "--reach",
    "many", "--because", "every word may be lost", "--workaround", "none",
  ]

  /// Writes the fix and its test.
  package func writeFix(_ person: Person) throws {
    try write(
      person,
      ["wick.sh": WickProject.keeping, "tests/test_keeps.sh": WickProject.testKeeps]
    )
  }

  /// Commits the fix and its test on the hotfix branch.
  package func fix(_ person: Person? = nil) async throws {
    let person = person ?? ana
    try writeFix(person)
    try await commit(
      person,
      github == nil ? "Keep the last word" : "Keep the last word\n\nFixes #1"
    )
  }

  /// Opens, approves, develops and asks for review: everything up to the reviewers.
  package func untilReview() async throws {
    try await expect(hotfix(ana, Self.openArguments), 0)
    try await expect(hotfix(ben, "approve"), 0)
    try await expect(hotfix(ana, "next"), 3)
    try await fix()
    try await expect(hotfix(ana, "next"), 3)
  }

  package func untilRelease() async throws {
    try await untilReview()
    try await expect(hotfix(ben, "approve"), 0)
  }

  package func expect(_ outcome: Outcome, _ status: Int32) throws {
    guard outcome.status == status else {
      throw Problem(
        "world.status",
        "hotfix ended with \(outcome.status) instead of \(status).",
        why: outcome.all,
        next: ["-"]
      )
    }
  }
}

private final class Lines: Sendable {
  private let lines = Mutex<[String]>([])
  func add(_ line: String) { lines.withLock { $0.append(line) } }
  var text: String { lines.withLock { $0.joined(separator: "\n") } }
}
