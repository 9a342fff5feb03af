internal import Record
internal import Git
internal import ReleaseModel

extension Step {
  static let mergedBack = Step(
    "merged-back",
    .close,
    runbook: "after 6.3",
    title: "No later release loses the fix",
    why: "A release line without the fix brings the fault back.",
    looksAt: "main and every newer release branch: each has to contain the fix; and the releases "
      + "of higher lines and of affected ones, for which runs of their own are offered",
    mend: ["git switch LINE && git merge TAG && git push     for the line that is named"],
    observe: { situation in
      guard let fix = situation.refs.fix, let main = situation.refs.main else {
        return .lacking("there is no \(situation.opened.main)")
      }
      let git = situation.git
      guard let how = try await Containment.evidence(of: fix, in: main, situation) else {
        return .waiting(
          .person(
            "a maintainer",
            "merges the fix into \(situation.opened.main)",
            "git switch \(situation.opened.main)",
            "git merge \(situation.opened.tag)",
            "git push \(git.remote) \(situation.opened.main)"
          )
        )
      }
      var evidence = ["\(situation.opened.main): \(how)"]
      for (line, head) in try await ReleaseLines(situation).newer() {
        guard let how = try await Containment.evidence(of: fix, in: head, situation) else {
          return .waiting(
            .person(
              "a maintainer",
              "merges the fix into \(line)",
              "git switch \(OutsideText(line).word)",
              "git merge \(situation.opened.tag)",
              "git push \(git.remote) \(OutsideText(line).word)"
            )
          )
        }
        evidence.append("\(line): \(how)")
      }
      let offers = try await OtherLines(situation).followUps(fix)
      return .holds(
        evidence + offers,
        facts: offers.isEmpty ? [:] : [OtherLines.fact: offers.joined(separator: "\n")]
      )
    }
  )
}

/// Release branches that will ship again: those that hold the base release.
struct ReleaseLines: Sendable {
  private let situation: Situation

  init(_ situation: Situation) {
    self.situation = situation
  }

  func newer() async throws -> [(name: String, head: String)] {
    let git = situation.git
    let prefix = "refs/remotes/\(git.remote)/"
    var lines: [(name: String, head: String)] = []
    for (ref, head) in try await git.refs([prefix]).sorted(by: { $0.key < $1.key }) {
      let name = String(ref.dropFirst(prefix.count))
      let isLine = ["release/", "release-", "releases/", "support/"].contains { name.hasPrefix($0) }
      if isLine, try await git.isAncestor(situation.opened.base.commit, of: head) {
        lines.append((name, head))
      }
    }
    return lines
  }
}
