internal import ArgumentParser
internal import Foundation
internal import Git
internal import Record
internal import ReleaseModel
internal import Runbook

struct OpenCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "open",
    abstract: "Open a hotfix: assess, name, set the deadline",
    discussion: """
      A security fault is only opened on a remote that strangers cannot read: a folder, or a private
      repository on GitHub. --public and `embargo: none` in hotfix.yml open it elsewhere.

      $ hotfix open "Notes are lost on save" --kind data-loss --impact data-loss --reach many \\
          --because "every save may lose notes" --workaround "export before quitting"
      hf-20261122-k3v7q2ma  v1.0.1-hotfix1 over v1.0.0
      verdict: now (impact: data-loss; reach: many; there is a workaround; …)
      users told by 2026-11-23T11:09:06Z
      next:  hotfix approve approval     by another person of the list
      """
  )

  @Argument(help: "What is broken, in one line.")
  var title: String

  @Option(help: "security, data-loss, crash or bug.")
  var kind: Criticality.Kind?

  @Option(help: "data-loss, blocked, core-broken or degraded (not for security).")
  var impact: String?

  @Option(help: "growing, many (10 % and more), some (1–10 %) or few (not for security).")
  var reach: String?

  @Option(help: "SSVC: none, \"public poc\" or active (security).")
  var exploitation: String?

  @Option(help: "SSVC: laborious, efficient or \"super effective\" (security).")
  var utility: String?

  @Option(name: .customLong("technical-impact"), help: "SSVC: partial or total (security).")
  var technicalImpact: String?

  @Option(help: "SSVC: minimal or significant (security).")
  var safety: String?

  @Flag(help: "The last release brought the fault in.")
  var regression = false

  @Option(help: "Why it cannot wait for the regular release.")
  var because: String?

  @Option(help: "What users can do until then, or none.")
  var workaround: String?

  @Option(
    name: .customLong("introduced-by"),
    help: ArgumentHelp(
      "The commit that brought the fault in: finds the affected versions, and their downloads.",
      valueName: "commit"
    )
  )
  var introducedBy: String?

  @Option(parsing: .upToNextOption, help: "The versions that have the fault.")
  var affected: [String] = []

  @Option(help: "Release to fix (default: the newest that all users have).")
  var base: String?

  @Option(
    help: ArgumentHelp(
      "A branch that is there already: its commits are the fix.",
      valueName: "branch"
    )
  )
  var branch: String?

  @Option(help: "The fix's own test, as {test} in test.proof.")
  var test: String?

  @Option(name: .customLong("pick"), help: "A commit of main to cherry-pick; may be repeated.")
  var picks: [String] = []

  @Option(help: ArgumentHelp("Open it although the table says no; it shouts.", valueName: "reason"))
  var waive: String?

  @Option(
    name: .customLong("public"),
    help: ArgumentHelp(
      "Why strangers may read of a security fault now, on a remote that is not private.",
      valueName: "sentence"
    )
  )
  var publicly: String?

  @Flag(name: .customLong("unsigned-base"), help: "Accept a base tag that nobody signed.")
  var unsignedBase = false

  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard publicly?.contains(where: { !$0.isWhitespace }) ?? true else {
      throw ValidationError("--public needs a sentence: it is recorded.")
    }
  }

  private struct Result: Encodable {
    let schema = "hotfix.opened/1"
    let run, tag, base, branch, verdict: String
    let reasons: [String]
    /// The commits that were there before and are the fix, oldest first.
    let adopts: [String]
    let alsoOpen: [OpenRun]
    let next: String
  }

  func run() async throws {
    let workspace = try await global.workspace(.always)
    let spread = try await spread(workspace)
    let request = try request(Asking(console: global.console), spread)
    try await Embargo(workspace: workspace).require(request)
    let opened = try await workspace.open(request)
    try show(opened, await alsoOpen(opened, workspace))
  }

  /// Returns the other open runs; on a host that has to be asked over the net, without whom they
  /// wait for.
  private func alsoOpen(_ opened: Opening.Opened, _ workspace: Workspace) async -> [OpenRun] {
    await OpenRuns(workspace: workspace).list(
      opened.others,
      beside: opened.opened.base.version,
      waits: workspace.github == nil
    )
  }

  private func show(_ opened: Opening.Opened, _ others: [OpenRun]) throws {
    let assessment = opened.assessment
    let tell = Progress(run: opened.run, events: opened.chain.events).deadlines["tell"]
    let next = opened.next
    try global.console.show(
      Result(
        run: opened.run,
        tag: opened.opened.tag,
        base: opened.opened.base.tag,
        branch: opened.opened.branch,
        verdict: assessment.verdict,
        reasons: assessment.reasons,
        adopts: opened.adopted.map(\.name),
        alsoOpen: others,
        next: next
      ),
      ([
        "\(opened.run)  \(opened.opened.tag) over \(opened.opened.base.tag)",
        "verdict: \(assessment.verdict) (\(assessment.reasons.joined(separator: "; ")))",
        "users told by \(tell?.iso ?? "")",
      ] + adopted(opened) + others.map(line) + ["next:  \(next)"]).joined()
    )
  }

  private func adopted(_ opened: Opening.Opened) -> [TerminalText] {
    guard opened.opened.adopts != nil else { return [] }
    return ["the fix is what is on \(opened.opened.branch), \(opened.adopted.count) commits:"]
      + opened.adopted.map { "  \($0.name.prefix(12)) \($0.authorEmail) \($0.subject)" }
  }

  private func line(_ other: OpenRun) -> TerminalText {
    let details = [other.run, other.shares, other.waitsFor].compactMap(\.self)
    return "also open: \(other.tag) \"\(other.title)\", \(details.joined(separator: "; "))"
  }

  /// Which releases have the fault, and how many people have them.
  private func spread(_ workspace: Workspace) async throws -> Reach? {
    guard let introducedBy else { return nil }
    guard let commit = try await workspace.git.resolve(introducedBy + "^{commit}") else {
      throw Problem(
        "open.commit",
        "The commit \(introducedBy) is not in this clone.",
        next: ["git fetch", "git log -S 'a line of the fault'     finds it"]
      )
    }
    let spread = try await Reach.find(
      introducedBy: commit,
      git: workspace.git,
      settings: workspace.settings,
      toolbox: workspace.toolbox
    )
    for release in spread.releases {
      let count = release.downloads.map { ", \($0) downloads" } ?? ""
      let has = release.hasFault ? "has the fault" : "does not have it"
      workspace.console.narrate("  \(release.tag) \(has)\(count)")
    }
    guard !spread.affected.isEmpty else {
      throw Problem(
        "open.unreleased",
        "No release contains \(commit.prefix(12)), so no user has the fault.",
        next: ["Mend it on \(workspace.settings.main); a hotfix is for what was released."]
      )
    }
    if let share = spread.share, reach == nil {
      workspace.console.narrate(
        "  reach: \(spread.answer ?? ""), \(Int((share * 100).rounded())) % of all downloads"
      )
    }
    return spread
  }

  private func request(_ ask: Asking, _ spread: Reach?) throws -> OpenRequest {
    let kind = try ask.choice(
      "kind",
      "What kind of fault is it?",
      given: self.kind?.rawValue,
      ["security", "data-loss", "crash", "bug"]
    )
    guard let kind = Criticality.Kind(rawValue: kind), kind != .rollback else {
      throw Problem(
        "open.kind",
        "A rollback is not opened like this.",
        next: ["hotfix rollback"]
      )
    }
    let given = [
      "impact": impact, "reach": reach ?? spread?.answer, "exploitation": exploitation,
      "utility": utility,
      "technical-impact": technicalImpact, "safety": safety,
    ]
    var answers: [String: String] = [:]
    for question in Criticality.questions(kind) {
      answers[question.name] = try ask.choice(
        question.name,
        question.asks,
        given: given[question.name] ?? nil,
        question.answers
      )
    }
    return OpenRequest(
      title: title,
      kind: kind,
      answers: answers,
      because: try ask.text("because", "Why can it not wait?", given: because),
      affected: affected.isEmpty ? spread?.affected.map(\.text) ?? [] : affected,
      workaround: try ask.text(
        "workaround",
        "What can users do until then (or none)?",
        given: workaround
      ),
      isRegression: regression,
      base: base,
      test: test,
      picks: picks,
      waiver: waive,
      publicly: publicly,
      allowsUnsignedBase: unsignedBase,
      branch: branch
    )
  }
}

extension Criticality.Kind: ExpressibleByArgument {
  /// A rollback has a command of its own.
  package static var allValueStrings: [String] {
    allCases.filter { $0 != .rollback }.map(\.rawValue)
  }
}

extension Opening.Opened {
  /// The command after `open`.
  var next: String {
    opened.policy.approvals == 0
      ? "hotfix next" : "hotfix approve approval     by another person of the list"
  }
}

/// Asks for what the command line left out, when a person sits there.
struct Asking: Sendable {
  let console: Console
  /// The drill's people and the tests' are none, whatever terminal they run in.
  var isPerson: Bool {
    isatty(0) == 1 && isatty(2) == 1 && !console.json && Surroundings.current.console == nil
  }

  init(console: Console) {
    self.console = console
  }

  func choice(_ name: String, _ asks: String, given: String?, _ answers: [String]) throws -> String
  {
    if let given { return given }
    let list = answers.enumerated().map { "  \($0.offset + 1) \($0.element)" }
    let answer = try line(
      name,
      ([asks] + list).joined(separator: "\n"),
      hint: answers.joined(separator: "|")
    )
    if let number = Int(answer), answers.indices.contains(number - 1) { return answers[number - 1] }
    return answer
  }

  func text(_ name: String, _ asks: String, given: String?) throws -> String {
    try given ?? line(name, asks, hint: "\"…\"")
  }

  /// Asks once; throws unless the answer is yes.
  func confirm(_ asks: String) throws {
    console.warn("\(asks) [y/N]")
    let answer = readLine()?.lowercased() ?? ""
    guard ["y", "yes"].contains(answer) else {
      console.warn("Nothing was signed.")
      throw Waiting.refused
    }
  }

  private func line(_ name: String, _ asks: String, hint: String) throws -> String {
    if isPerson {
      console.warn(.lines(asks))
      if let line = readLine(), !line.isEmpty { return line }
    }
    throw Problem(
      "open.missing",
      "The answer to \"\(asks.prefix { !$0.isNewline })\" is missing.",
      next: ["hotfix open … --\(name) \(hint)"]
    )
  }
}
