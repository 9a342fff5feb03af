internal import ArgumentParser
internal import Forges
internal import Foundation
internal import Git
internal import Record
internal import ReleaseModel
internal import Runbook

struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Check today what could fail during an incident",
    discussion: """
      Changes nothing but a probe ref on the remote, which it removes again.

      $ hotfix doctor
      ✓ git            2.39.5
      ✓ remote         takes several refs in one push, and refuses a stale lease
      ✗ commands       ship.build: the program create-dmg is not on this machine
        next: command -v create-dmg     finds it once it is installed
        next: or change ship.build in hotfix.yml
      """
  )

  @Flag(help: "Also build the newest release again in a clean checkout, and try what it makes.")
  var build = false

  @OptionGroup var global: GlobalOptions

  private struct Result: Encodable {
    let schema = "hotfix.doctor/1"
    let checks: [Checkup]
  }

  func run() async throws {
    let workspace = try await global.workspace(allowsCheckout: true)
    let console = workspace.console
    // A check may take as long as a network does, so each is told as it ends.
    let checks = await Doctor(workspace: workspace).examine(builds: build) { check in
      if !console.json { console.say(line(check, console)) }
    }
    if console.json { try console.show(Result(checks: checks), "") }
    if checks.contains(where: { $0.state == .bad }) { throw Waiting.refused }
  }

  private func line(_ check: Checkup, _ console: Console) -> TerminalText {
    let mark =
      switch check.state {
      case .good: console.green("✓")
      case .warning: console.yellow("!")
      case .bad: console.red("✗")
      case .skipped: console.dim("–")
      }
    let line: TerminalText = "\(mark) \(check.name.padded(14)) \(check.says)"
    return ([line] + check.next.map { "  next: \($0)" }).joined()
  }
}

/// Looks at everything that an incident will need.
struct Doctor: Sendable {
  let workspace: Workspace
  var toolbox: Toolbox { workspace.toolbox }
  var settings: Settings { workspace.settings }

  /// Checks one thing after the other, and tells each as it ends.
  ///
  /// Where no component was chosen, each is looked at, after what is the repository's.
  func examine(builds: Bool = false, _ tell: (Checkup) -> Void) async -> [Checkup] {
    var checks: [Checkup] = []
    func add(_ check: Checkup) {
      // What several checks need and is not there is said by the first.
      guard check.state != .bad || !checks.contains(where: { $0.says == check.says }) else {
        return
      }
      checks.append(check)
      tell(check)
    }
    add(await check("settings", source))
    add(await check("git", gitVersion))
    let remote = await check("remote", remote)
    add(remote)
    add(await check("fetch", fetching))
    add(await check("identity", identity))
    add(await check("signers", signers))
    // Which tags a remote has is not known where it was not read.
    let own = Self.own(readsTags: remote.state != .bad, builds: builds)
    do {
      let parts = try components()
      for look in own {
        var found: [(component: String?, checks: [Checkup])] = []
        for part in parts { found.append((part.settings.component, await look(part))) }
        for check in Checkup.merged(found) { add(check) }
      }
    } catch { add(await check("settings") { throw error }) }
    return checks
  }

  /// A doctor for each component, where there are some and none was chosen.
  func components() throws -> [Doctor] {
    guard settings.component == nil, !settings.components.isEmpty else { return [self] }
    return try settings.components.keys.sorted().map {
      Doctor(workspace: try workspace.choosing($0))
    }
  }

  private typealias Look = @Sendable (Doctor) async -> [Checkup]

  /// What each component has of its own.
  private static func own(readsTags: Bool, builds: Bool) -> [Look] {
    var looks: [Look] = [
      { [await $0.check("tools", $0.tools)] },
      { [await $0.check("host", $0.host)] },
      { if let client = $0.workspace.github { await $0.gitHub(client) } else { [] } },
      { await $0.programs() },
      { await $0.versionFiles() },
      { await $0.secrets() },
      { [await $0.check("update-key", $0.updateKey)] },
      {
        $0.settings.minisignKey == nil ? [] : [await $0.check("minisign-key", $0.minisignKey)]
      },
      { await $0.keysOfSources() },
      { doctor in
        var checks: [Checkup] = []
        for feed in doctor.settings.feeds {
          checks.append(await doctor.check("feed") { try await doctor.feed(feed) })
        }
        return checks
      },
      { [await $0.check("channels", $0.channels)] },
    ]
    if readsTags { looks.append { [await $0.check("base", $0.base)] } }
    if builds { looks.append { [await $0.check("build", $0.build)] } }
    return looks
  }

  /// A check that throws has found something.
  func check(
    _ name: String,
    _ body: () async throws -> Checkup
  ) async -> Checkup {
    do {
      return try await body()
    } catch let problem as Problem {
      let why = problem.why.isEmpty ? "" : " \(problem.why)"
      return Checkup(name, .bad, problem.what + why, next: problem.next)
    } catch let failure as Git.Failure {
      return Checkup(name, .bad, failure.problem.why, next: failure.problem.next)
    } catch {
      return Checkup(name, .bad, "\(error)", next: ["hotfix doctor"])
    }
  }

  private func gitVersion() async throws -> Checkup {
    let text = try await workspace.git.text(["version"])
    let version = text.split(separator: " ").dropFirst(2).first.map(String.init) ?? ""
    let numbers = version.split(separator: ".").compactMap { Int($0) }
    guard numbers.count >= 2, (numbers[0], numbers[1]) >= (2, 38) else {
      return Checkup(
        "git",
        .bad,
        "\(version) is too old; merging without a checkout needs 2.38",
        next: ["Install git 2.38 or newer."]
      )
    }
    return Checkup("git", .good, version)
  }

  private func tools() async throws -> Checkup {
    var needed = ["ssh-keygen", "sh"]
    for channel in settings.team + settings.announcement + settings.users {
      if case .mail(_, _, let smtp) = channel.kind {
        needed.append(smtp == nil ? "sendmail" : "curl")
      }
    }
    var missing: [String] = []
    for tool in Set(needed).sorted() {
      let answer = try await toolbox.run(
        ProcessCall("sh", ["-c", "command -v \(tool)"], in: workspace.root)
      )
      if !answer.succeeded { missing.append(tool) }
    }
    return missing.isEmpty
      ? Checkup("tools", .good, Set(needed).sorted().joined(separator: ", "))
      : Checkup(
        "tools",
        .bad,
        "missing: \(missing.joined(separator: ", "))",
        next: ["Install \(missing.joined(separator: ", "))."]
      )
  }

  /// Probes, and does not assume: create-only, a stale lease, and two refs at once.
  private func remote() async throws -> Checkup {
    try await workspace.fetch()
    let git = workspace.git
    let main = workspace.mainRef
    guard let commit = try await git.resolve(main) else {
      return Checkup(
        "remote",
        .bad,
        "the branch \(settings.main) is not on \(git.remote)",
        next: ["git push \(git.remote) \(settings.main)", "or set `main` in hotfix.yml"]
      )
    }
    let name = "refs/hotfix/probe-\(toolbox.makeKey())"
    let other = "refs/hotfix/probe-\(toolbox.makeKey())"
    let created = try await git.push([
      RefUpdate(name, old: nil, new: commit), RefUpdate(other, old: nil, new: commit),
    ])
    guard created == .done else {
      if case .refused(let words) = created { throw PushProblem.problem(words) }
      return Checkup("remote", .bad, "gave no clear answer to a push", next: ["hotfix doctor"])
    }
    let again = try await git.push([RefUpdate(name, old: String(commit.reversed()), new: nil)])
    let removed = try await git.push([
      RefUpdate(name, old: commit, new: nil), RefUpdate(other, old: commit, new: nil),
    ])
    guard again != .done, removed == .done else {
      return Checkup(
        "remote",
        .bad,
        "does not keep leases, or does not let \(name) be removed",
        next: ["git push \(git.remote) :\(name)", "Use a git server that supports leases."]
      )
    }
    return Checkup("remote", .good, "takes several refs in one push, and refuses a stale lease")
  }

  /// A clone's own refs are its witness of every record's tip; a mirror's fetch would move them unseen.
  private func fetching() async throws -> Checkup {
    let key = "remote.\(workspace.git.remote).fetch"
    let specs = (try? await workspace.git.text(["config", "--get-all", key])) ?? ""
    let mirrors = specs.lines().filter { spec in
      let target = spec.split(separator: ":").dropFirst().first ?? ""
      return target == "refs/*" || target.hasPrefix("refs/hotfix")
    }
    guard let mirror = mirrors.first else {
      return Checkup("fetch", .good, "no fetch writes over refs/hotfix here")
    }
    return Checkup(
      "fetch",
      .warning,
      "git fetch writes over this clone's own refs/hotfix, so a record rolled back on the remote "
        + "would go unseen: \(mirror)",
      next: [
        "git config --unset-all \(OutsideText(key).word) "
          + OutsideText(escapingScalars(of: String(mirror)) { ["+": "\\+", "*": "\\*"][$0] }).word
      ]
    )
  }

  private func identity() async throws -> Checkup {
    let signer = try await workspace.signer()
    _ = try await signer.sign(Array("doctor".utf8), namespace: "hotfix-doctor")
    return Checkup("identity", .good, "you sign as \(signer.person)")
  }

  private func host() async throws -> Checkup {
    guard case .directory(let path, let url) = settings.host else {
      let count = try await toolbox.host.releases().count
      return Checkup("host", .good, "\(count) releases on \(toolbox.host.page(""))")
    }
    let folder = toolbox.home.pushing(FilePath(path)).lexicallyNormalized()
    let probe = folder.appending(".probe-\(toolbox.makeKey())")
    try toolbox.files.write(probe, [])
    try toolbox.files.remove(probe)
    let count = try await toolbox.host.releases().count
    return Checkup("host", .good, "\(count) releases, writable, for \(url)")
  }

  /// Each thing that the runbook needs there, and the permission that is missing for it.
  private func gitHub(_ client: GitHubClient) async -> [Checkup] {
    let access = GitHubAccess(client: client, settings: settings, now: toolbox.now().seconds)
    do {
      var checks = try await access.findings().map { finding in
        let state: Checkup.State =
          switch finding.state {
          case .good: .good
          case .warning: .warning
          case .bad: .bad
          }
        return Checkup("github", state, "\(finding.feature): \(finding.says)", next: finding.next)
      }
      if settings.workflow != nil { checks.append(await check("workflow", workflowFile)) }
      return checks
    } catch {
      return [await check("github") { throw error }]
    }
  }
}
