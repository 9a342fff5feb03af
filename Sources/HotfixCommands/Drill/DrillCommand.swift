internal import ArgumentParser
internal import Forges
internal import Foundation
internal import GitHubStandIn
internal import Machine
internal import ReleaseModel
internal import Runbook

struct DrillCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drill",
    abstract: "Rehearse the whole runbook in a scratch folder",
    discussion: """
      Without --here on a bundled sample project; with it on a copy of this one. Nothing outside
      the scratch folder is touched, and no channel is really posted to.

      $ hotfix drill
      $ hotfix drill --github
      $ hotfix drill --here --fault publish
      """
  )

  @Flag(help: "Rehearse on a copy of this repository, with its hotfix.yml.")
  var here = false

  @Flag(
    help:
      "Rehearse on a stand-in for GitHub: pull requests, checks, the release workflow. Not with --here."
  )
  var github = false

  @Option(
    name: .customLong("fault"),
    help: ArgumentHelp("Let this step fail once; may be repeated.", valueName: "step")
  )
  var faults: [String] = []

  @Option(help: "With --here: a commit to cherry-pick as the fix.")
  var pick: String?

  @Option(help: "With --pick: the fix's own test, where it is not the one test of the commit.")
  var test: String?

  @Option(help: "Where the scratch world goes; default a new temporary folder.")
  var scratch: String?

  @OptionGroup var global: GlobalOptions

  private struct Result: Encodable {
    struct Row: Encodable {
      let phase: String
      let toolMilliseconds, commandMilliseconds: Int
    }

    let schema = "hotfix.drill/1"
    let folder: String
    let toolMilliseconds, commandMilliseconds: Int
    let phases: [Row]
    let reports: [String]
    let replaced, notRehearsed: [String]
  }

  func validate() throws {
    guard here || pick == nil else { throw ValidationError("--pick needs --here.") }
    guard pick != nil || test == nil else { throw ValidationError("--test needs --pick.") }
  }

  func run() async throws {
    for fault in faults { _ = try Noting.step(fault) }
    guard !(here && github) else {
      throw ValidationError("--github is the bundled sample's; leave out --here.")
    }
    let folder = scratch.map { global.folder.pushing(FilePath($0)) } ?? Self.temporary()
    guard try LiveFiles.files.list(folder).isEmpty else {
      throw Problem(
        "drill.folder",
        "\(folder.string) is not empty.",
        next: ["Choose another --scratch."]
      )
    }
    try LiveFiles.files.makeFolder(folder)
    var extra = here ? global.environment.filter { !Self.isSealed($0.key) } : [:]
    extra["HOTFIX_DRILL_FAULT"] = faults.joined(separator: ",")
    extra["HOTFIX_DRILL_STRUCK"] = folder.appending("faults").string
    let hooks = try await HookReceiver.serve(
      into: folder.appending("hooks"),
      files: LiveFiles.files
    )
    extra["LANTERN_TEAM_HOOK"] = "http://127.0.0.1:\(hooks.port)/hooks/team"
    extra["LANTERN_USERS_HOOK"] = "http://127.0.0.1:\(hooks.port)/hooks/users"
    let clock = DrillClock()
    let standIn = github ? try await DrillPlace.gitHub(in: folder.appending("github")) : nil
    if let standIn { extra["GITHUB_SERVER_URL"] = standIn.url }
    let scene = try await DrillScene(
      folder: folder,
      extra: extra,
      console: narrator,
      clock: clock
    )
    let server = try await FileServer.serve(scene.site, 0)
    let url = "http://127.0.0.1:\(server.port)"
    let place = DrillPlace(url: url, github: standIn, minisignPublic: scene.minisignPublic)
    let outcome: Swift.Result<DrillOutcome, any Error>
    do {
      let reports =
        here
        ? try await DrillHere(scene: scene, url: url, global: global, pick: pick, test: test).run()
        : DrillOutcome(reports: try await DrillLantern(scene: scene, place: place).run())
      outcome = .success(reports)
    } catch { outcome = .failure(error) }
    await standIn?.stop()
    await server.stop()
    await hooks.stop()
    let found = try outcome.get()
    for fault in faults where !scene.struck.contains(fault) {
      narrator.narrate("\(fault) did not act in this rehearsal, so it never failed")
    }
    if let failure = found.failure {
      // Where it stopped was said; with --json, stdout is for the failure.
      narrator.narrate("\(replacements(found))")
      throw failure
    }
    try show(found, scene)
  }

  /// Whether a variable reaches git's configuration or somebody's keys.
  ///
  /// A project's own commands need the rest: its home, toolchains and caches.
  private static func isSealed(_ name: String) -> Bool {
    name.hasPrefix("GIT_") || name.hasPrefix("SSH_") || name.hasPrefix("GPG_")
      || name == "GNUPGHOME" || name == "GITHUB_SERVER_URL"
  }

  /// The drill's story goes to stdout, as it is what the command is for; with --json to stderr.
  private var narrator: Console {
    let console = global.console
    if console.json || console.isQuiet {
      return Console(
        json: false,
        isQuiet: console.isQuiet,
        usesColour: console.usesColour,
        out: console.error,
        error: console.error
      )
    }
    return Console(
      json: false,
      isQuiet: false,
      usesColour: console.usesColour,
      out: console.out,
      error: console.out
    )
  }

  private static func temporary() -> FilePath {
    var generator = SystemRandomNumberGenerator()
    let name = "hotfix-drill-\(UInt32.random(in: 0 ..< .max, using: &generator))"
    return FilePath(NSTemporaryDirectory()).appending(name)
  }

  private func show(_ outcome: DrillOutcome, _ scene: DrillScene) throws {
    let clock = scene.clock
    let phases = Phase.allCases.map { phase in
      Result.Row(
        phase: phase.rawValue,
        toolMilliseconds: clock.phase(phase).tool,
        commandMilliseconds: clock.phase(phase).commands
      )
    }
    try global.console.show(
      Result(
        folder: scene.folder.string,
        toolMilliseconds: clock.toolMilliseconds,
        commandMilliseconds: clock.commandMilliseconds,
        phases: phases,
        reports: outcome.reports,
        replaced: outcome.replaced,
        notRehearsed: outcome.notRehearsed
      ),
      """

      \(TerminalText.lines(clock.table))
      \(list("reports", outcome.reports))
      \(replacements(outcome))
      the scratch world is in \(scene.folder.string); remove it when you like
      """
    )
  }

  private func replacements(_ outcome: DrillOutcome) -> TerminalText {
    """
    \(list("replaced for the rehearsal", outcome.replaced))
    \(list("not rehearsed", outcome.notRehearsed))
    """
  }

  private func list(_ title: TerminalText, _ lines: [String]) -> TerminalText {
    guard !lines.isEmpty else { return "" }
    return (["\n\(title):"] + lines.map { "  \($0)" }).joined()
  }
}

/// What a rehearsal leaves, and what it did not try.
struct DrillOutcome: Sendable {
  var reports: [String]
  /// What the scratch world has in place of the project's own.
  var replaced: [String] = []
  /// What was not tried, each with why and how it can be.
  var notRehearsed: [String] = []
  /// What it stopped at; nil where it went through.
  var failure: (any Error)?
}
