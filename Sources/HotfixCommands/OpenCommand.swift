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
      What the options leave out is asked on a terminal, once everything else was checked. Answers are
      kept in this clone until the run is open.

      A security fault is only opened on a remote that strangers cannot read: a folder, or a private
      repository on GitHub. --public and `embargo: none` in hotfix.yml open it elsewhere.

      $ hotfix open "Notes are lost on save" --kind data-loss --impact data-loss --reach many \\
          --because "every save may lose notes" --workaround "export before quitting"
      hf-20261122-k3v7q2ma  v1.0.1-hotfix1 over v1.0.0
      verdict: now (impact: data-loss; reach: many; there is a workaround; …)
      users told by 2026-11-23T11:09:06Z
      next:  hotfix approve approval     by another listed person
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

  @Option(
    help: ArgumentHelp(
      "A JSON object with answers by the names of their options; options come first.",
      valueName: "file"
    )
  )
  var answers: String?

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
    let workspace = try await global.workspace(.always).onOneComponent("hotfix open …")
    try await tellOpen(workspace)
    let spread = try await spread(workspace)
    let kept = KeptAnswers(scratch: workspace.toolbox.scratch, title: title)
    var questions = OpenQuestions(
      given: try OpenQuestions.read(answers.map { global.folder.pushing(FilePath($0)) })
        .merging(options(spread)) { $1 },
      kept: kept,
      asking: Asking(console: global.console)
    )
    var request = request(base, spread)
    if try questions.areOpen {
      // Nobody answers nine questions to learn that none of them mattered.
      request.base = try await workspace.opening().check(request)
      try questions.answerKind(&request)
      try await Embargo(workspace: workspace).require(request, tells: false)
    }
    try questions.answer(&request)
    try await Embargo(workspace: workspace).require(request)
    let opened = try await workspace.open(request)
    kept.remove()
    try show(opened, await alsoOpen(opened, workspace))
  }

  /// Says what is open already, before anybody opens or answers more.
  private func tellOpen(_ workspace: Workspace) async throws {
    for run in try await RunIndex(workspace: workspace).entries().map(\.known) where run.isOpen {
      workspace.console.narrate(
        "open already: \(run.tag) \"\(run.title)\"     hotfix status \(run.tag)"
      )
    }
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

  /// What the options say, and how far a fault reaches where its commit was named.
  private func options(_ spread: Reach?) -> [String: String] {
    [
      "kind": kind?.rawValue, "impact": impact, "reach": reach ?? spread?.answer,
      "exploitation": exploitation, "utility": utility, "technical-impact": technicalImpact,
      "safety": safety, "because": because, "workaround": workaround,
    ].compactMapValues(\.self)
  }

  private func request(_ base: String?, _ spread: Reach?) -> OpenRequest {
    OpenRequest(
      title: title,
      kind: .bug,
      because: "",
      affected: affected.isEmpty ? spread?.affected.map(\.text) ?? [] : affected,
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
      ? "hotfix next" : "hotfix approve approval     by another listed person"
  }
}
