internal import Git
internal import Record
internal import ReleaseModel

extension Step {
  static let issues = Step(
    "issues",
    .tell,
    runbook: "6.3",
    title: "Linked issues are updated",
    why: "People who reported the fault want to know that it is gone.",
    looksAt: "the issues that the fix's commits close (`Fixes #12`) or the title names: each has a "
      + "comment with the release, and is closed",
    mend: ["hotfix note --done issues \"commented by hand\""],
    after: [],
    effect: .marker,
    notNeeded: { $0.toolbox.forge == nil ? "the release host has no issue tracker" : nil },
    observe: { try await LinkedIssues($0).finding() },
    commands: { situation in
      let page = situation.toolbox.host.page(situation.opened.tag)
      return LinkedIssues.named(in: situation.opened.title).flatMap { number in
        [
          "gh issue comment \(number) --body \(shellQuoted("Fixed in \(page)"))",
          "gh issue close \(number)",
        ]
      } + ["hotfix note --done issues \"commented by hand\""]
    },
    perform: { try await LinkedIssues($0).effects() }
  )
}

/// The issues that a fix is about.
package struct LinkedIssues: Sendable {
  private static let issuesMax = 20

  private let situation: Situation

  init(_ situation: Situation) {
    self.situation = situation
  }

  /// The issues that a title names: every `#12`.
  package static func named(in title: String) -> [Int] {
    title.matches(of: /(?:^|[^\w&\/])#([0-9]{1,9})\b/).compactMap { Int($0.1) }
  }

  /// The issues that a commit's message closes, by GitHub's own keywords.
  package static func closed(by message: String) -> [Int] {
    let keyword = /\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+#([0-9]{1,9})\b/.ignoresCase()
    return message.matches(of: keyword).compactMap { Int($0.1) }
  }

  private func numbers() async throws -> [Int] {
    var numbers = Self.named(in: situation.opened.title)
    if let fix = situation.refs.fix {
      let range = ["\(situation.opened.base.commit)..\(fix)"]
      for commit in try await situation.git.commits(range, limit: 200) {
        numbers += Self.closed(by: commit.subject + "\n" + commit.body)
      }
    }
    return Array(Set(numbers).sorted().prefix(Self.issuesMax))
  }

  private var mark: HiddenMark { situation.mark("issue", of: ["issues"]) }

  func finding() async throws -> Finding {
    guard let forge = situation.toolbox.forge else { return .holds([]) }
    var evidence: [String] = []
    for number in try await numbers() {
      switch try await forge.issues.isSettled(number, mark) {
      case nil: evidence.append("#\(number) is no issue here")
      case false: return .lacking("#\(number) has not been told")
      case true: evidence.append("#\(number) is told and closed")
      }
    }
    return .holds(evidence.isEmpty ? ["the fix names no issue"] : evidence)
  }

  func effects() async throws -> [Effect] {
    guard let forge = situation.toolbox.forge else { return [] }
    let release = "\(situation.opened.app) \(situation.version)"
    let page = situation.toolbox.host.page(situation.opened.tag)
    let comment = """
      Fixed in [\(OutsideText(release).markdown)](\(page)). Let the app update itself, or download it there.
      """
    var effects: [Effect] = []
    for number in try await numbers()
    where try await forge.issues.isSettled(number, mark) == false {
      let update = IssueUpdate(
        number: number,
        mark: mark,
        comment: comment,
        label: "hotfix",
        milestone: situation.version.text
      )
      effects.append(
        Effect(
          "issue \(number)",
          says: "tells issue #\(number), and closes it",
          materials: ["comment": comment, "account": try await forge.account()],
          body: .outward {
            try await forge.issues.settle(update)
            return .done("told and closed")
          }
        )
      )
    }
    return effects
  }
}
