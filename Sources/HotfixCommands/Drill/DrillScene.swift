internal import Foundation
internal import Forges
internal import Git
internal import Machine
internal import ReleaseModel
internal import Runbook
internal import Signatures
internal import Synchronization

/// One person of the drill: a clone, a key, and surroundings of their own.
struct DrillPerson: Sendable {
  let name: String
  let email: String
  let clone: FilePath
  let environment: [String: String]
}

/// A scratch world: a bare remote, a release host, two people with signing keys.
struct DrillScene: Sendable {
  let folder: FilePath
  let author: DrillPerson
  let approver: DrillPerson
  let publicKey: String
  let minisignPublic: String
  let clock: DrillClock
  let console: Console
  private let environment: [String: String]
  private let run: ProcessRunner

  var remote: FilePath { folder.appending("remote.git") }
  var site: FilePath { folder.appending("site") }

  init(
    folder: FilePath,
    extra: [String: String],
    console: Console,
    clock: DrillClock
  ) async throws {
    self.folder = folder
    self.console = console
    self.clock = clock
    let files = LiveFiles.files
    try files.makeFolder(folder.appending("site"))
    var generator = SystemRandomNumberGenerator()
    let seed = (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
    let (key, secret) = try UpdateKey.make(seed: seed)
    publicKey = key.publicKey
    var environment = Surroundings.current.values.filter { Self.isNeeded($0.key) }
    environment["LANTERN_UPDATE_KEY"] = secret.reveal()
    let (made, minisign) = try MinisignKey.make(seed: seed, keyNumber: Array(seed.prefix(8)))
    minisignPublic = made.publicKey.base64File
    environment["LANTERN_MINISIGN_KEY"] = minisign.reveal()
    environment["GIT_CONFIG_NOSYSTEM"] = "1"
    environment.merge(extra) { $1 }
    self.environment = environment
    run = LiveProcesses.runner(inherited: environment)
    author = try await Self.person("ana", "Ana Author", folder, environment, run)
    approver = try await Self.person("ben", "Ben Approver", folder, environment, run)
  }

  /// Whether a variable of the user's is the rehearsal's too.
  private static func isNeeded(_ name: String) -> Bool {
    ["PATH", "LANG", "TERM", "TMPDIR", "DEVELOPER_DIR", "SDKROOT"].contains(name)
      || name.hasPrefix("HOTFIX_TEST") || name.hasPrefix("LD_")
  }

  private static func person(
    _ short: String,
    _ name: String,
    _ folder: FilePath,
    _ environment: [String: String],
    _ run: @escaping ProcessRunner
  ) async throws -> DrillPerson {
    let home = folder.appending("\(short)-home")
    let email = "\(short)@example.org"
    try LiveFiles.files.makeFolder(home)
    let key = home.appending("id_ed25519")
    try await must(
      run,
      ProcessCall(
        "ssh-keygen",
        ["-q", "-t", "ed25519", "-N", "", "-C", email, "-f", key.string],
        in: home
      )
    )
    let config = Self.config(name, email: email, key: key)
    let credential = """
      [credential]
        helper = "!f() { echo username=x; echo \"password=$GITHUB_TOKEN\"; }; f"

      """
    // A project's own build may fetch from anywhere, and gets no token from here.
    let isOnStandIn = environment["HOME"] == nil && environment["GITHUB_SERVER_URL"] != nil
    try LiveFiles.files.write(
      home.appending(".gitconfig"),
      Array((config + (isOnStandIn ? credential : "")).utf8)
    )
    var own = environment
    own["HOME"] = environment["HOME"] ?? home.string
    own["GIT_CONFIG_GLOBAL"] = home.appending(".gitconfig").string
    own["GNUPGHOME"] = home.appending("gnupg").string
    if isOnStandIn { own["GITHUB_TOKEN"] = "\(short)-token" }
    return DrillPerson(
      name: name,
      email: email,
      clone: folder.appending(short),
      environment: own
    )
  }

  private static func config(_ name: String, email: String, key: FilePath) -> String {
    """
    [user]
      name = \(name)
      email = \(email)
      signingkey = \(key.string).pub
    [gpg]
      format = ssh
    [commit]
      gpgsign = true
    [tag]
      gpgsign = true
    [init]
      defaultBranch = main
    [protocol "file"]
      allow = always
    [core]
      excludesFile = /dev/null
      attributesFile = /dev/null

    """
  }

  /// One more person who approves, for a policy that needs several.
  func another(_ number: Int) async throws -> DrillPerson {
    try await Self.person("ben\(number)", "Ben Approver \(number)", folder, environment, run)
  }

  @discardableResult
  private static func must(
    _ run: ProcessRunner,
    _ call: ProcessCall
  ) async throws -> ProcessAnswer {
    let answer = try await run(call)
    guard answer.succeeded else {
      throw Problem(
        "drill.command",
        "A command of the drill failed: \(call.program) "
          + call.arguments.prefix(3).joined(separator: " "),
        why: answer.errors + answer.text,
        next: ["hotfix doctor", "Install \(call.program) if it is missing."]
      )
    }
    return answer
  }

  /// A line for `allowed_signers`.
  func signerLine(_ person: DrillPerson) throws -> String {
    let home = folder.appending("\(person.clone.lastComponent?.string ?? "")-home")
    let key = try LiveFiles.files.read(home.appending("id_ed25519.pub"), 65_536) ?? []
    return "\(person.email) \(String(decoding: key, as: UTF8.self))"
  }

  /// Runs git as a person.
  @discardableResult
  func git(_ person: DrillPerson, _ arguments: String...) async throws -> String {
    try await shell(person, "git", arguments, in: person.clone).text
  }

  @discardableResult
  func shell(
    _ person: DrillPerson,
    _ program: String,
    _ arguments: [String],
    in directory: FilePath
  ) async throws -> ProcessAnswer {
    try await Self.must(
      run,
      ProcessCall(
        program,
        arguments,
        in: directory,
        environment: person.environment.mapValues { .some($0) }
      )
    )
  }

  /// Runs a program that may fail, as a person would try it out.
  func attempt(_ person: DrillPerson, _ line: String) async throws -> ProcessAnswer {
    try await run(
      ProcessCall(
        "sh",
        ["-c", line],
        in: folder,
        environment: person.environment.mapValues { .some($0) }
      )
    )
  }

  func write(_ person: DrillPerson, _ files: [String: String]) throws {
    for (path, text) in files {
      try LiveFiles.files.write(person.clone.pushing(FilePath(path)), Array(text.utf8))
    }
  }

  /// Runs hotfix as a person, in this process; returns its exit status.
  func hotfix(_ person: DrillPerson, _ arguments: [String], json: Bool = false) async -> Int32 {
    let line = arguments.map { OutsideText($0).word }.joined(separator: " ")
    if !json {
      console.narrate(
        "\n" + console.bold("\(person.clone.lastComponent?.string ?? "")$ hotfix \(line)")
      )
    }
    var speaking = console
    speaking.listener = { clock.hear($0) }
    let start = ContinuousClock.now
    let status = await Surroundings.$current.withValue(
      Surroundings(environment: person.environment, console: speaking)
    ) {
      await HotfixProgram.run(["-C", person.clone.string].inserted(after: arguments))
    }
    clock.command(ContinuousClock.now - start)
    return status
  }

  /// The steps that failed because they were told to.
  var struck: [String] {
    (try? LiveFiles.files.list(folder.appending("faults"))) ?? []
  }

  /// Runs `next`, and again after each step that failed because it was told to.
  func next(_ person: DrillPerson, _ arguments: [String] = []) async -> Int32 {
    while true {
      let before = struck.count
      let status = await hotfix(person, ["next"] + arguments)
      guard status == 1, struck.count > before else { return status }
      console.narrate("\nThe step failed as it was told to; next goes on where it stopped")
    }
  }

  /// Runs hotfix, and stops the drill when it ends otherwise than it should.
  func must(_ person: DrillPerson, _ arguments: String..., status: Int32 = 0) async throws {
    let found = await hotfix(person, arguments)
    guard found == status else {
      throw Problem(
        "drill.unexpected",
        "hotfix \(arguments.joined(separator: " ")) ended with \(found).",
        why: "The drill expected \(status). The scratch world is kept in \(folder.string).",
        next: [
          "cd \(shellQuoted(person.clone.string))",
          "GIT_CONFIG_GLOBAL=\(shellQuoted(person.environment["GIT_CONFIG_GLOBAL"] ?? "")) hotfix status",
        ]
      )
    }
  }
}

extension Array where Element == String {
  /// The command first, then the options that every command takes.
  fileprivate func inserted(after arguments: [String]) -> [String] { arguments + self }
}

/// Keeps the drill's times: the tool's own, the project's commands', and both by phase.
final class DrillClock: Sendable {
  private struct Times {
    var phases: [Phase: (tool: Int, commands: Int)] = [:]
    var commands = 0
    var wall = 0
  }

  private let times = Mutex(Times())

  func hear(_ narration: Narration) {
    switch narration {
    case .holds(let step, _, let tool, let commands):
      guard let phase = Procedure.phase(of: step) else { return }
      times.withLock {
        let old = $0.phases[phase] ?? (0, 0)
        $0.phases[phase] = (old.tool + tool, old.commands + commands)
      }
    case .commandEnded(let milliseconds): times.withLock { $0.commands += milliseconds }
    default: break
    }
  }

  func command(_ length: Duration) {
    let milliseconds =
      Int(length.components.seconds * 1000)
      + Int(length.components.attoseconds / 1_000_000_000_000_000)
    times.withLock { $0.wall += milliseconds }
  }

  /// All time in hotfix but the project's own commands.
  var toolMilliseconds: Int { times.withLock { $0.wall - $0.commands } }
  var commandMilliseconds: Int { times.withLock { $0.commands } }

  func phase(_ phase: Phase) -> (tool: Int, commands: Int) {
    times.withLock { $0.phases[phase] ?? (0, 0) }
  }

  var table: String {
    var rows = ["phase      tool itself   project's commands"]
    var tool = 0
    for phase in Phase.allCases {
      let (own, commands) = self.phase(phase)
      tool += own
      rows.append(row(phase.rawValue, own, commands))
    }
    rows.append(row("between", toolMilliseconds - tool, 0))
    rows.append(row("all", toolMilliseconds, commandMilliseconds))
    return rows.joined(separator: "\n")
  }

  private func row(_ name: String, _ tool: Int, _ commands: Int) -> String {
    func right(_ value: Int, _ width: Int) -> String {
      let text = "\(value) ms"
      return String(repeating: " ", count: max(0, width - text.count)) + text
    }
    return name.padded(10) + right(tool, 12) + right(commands, 21)
  }
}
