package import ReleaseModel

/// The text of a pull request: impact, tests, checklist.
package struct ReviewRequest: Sendable, Hashable {
  package var run: String
  package var title: String
  package var version: VersionName
  package var base: String
  package var kind: String
  package var reasons: [String]
  package var cannotWait: String
  package var affected: [String]
  package var workaround: String
  package var commits: [String]
  package var tests: [String]
  package var deadline: String

  package init(
    run: String,
    title: String,
    version: VersionName,
    base: String,
    kind: String,
    reasons: [String],
    cannotWait: String,
    affected: [String],
    workaround: String,
    commits: [String],
    tests: [String],
    deadline: String
  ) {
    self.run = run
    self.title = title
    self.version = version
    self.base = base
    self.kind = kind
    self.reasons = reasons
    self.cannotWait = cannotWait
    self.affected = affected
    self.workaround = workaround
    self.commits = commits
    self.tests = tests
    self.deadline = deadline
  }

  package var heading: String { "Hotfix \(version): \(OutsideText(title).line)" }

  package var markdown: String {
    func m(_ text: String) -> String { OutsideText(text).markdown }
    return """
      Expedited review: this is hotfix **\(m(version.text))** over **\(m(base))**\
      \(deadline.isEmpty ? "" : ", reviewed by \(m(deadline))").

      ## Impact

      - \(m(title))
      - Kind: \(m(kind)) (\(m(reasons.joined(separator: "; "))))
      - Affected: \(m(affected.joined(separator: ", ")))
      - Workaround: \(m(workaround))
      - Why it cannot wait: \(m(cannotWait))

      ## Change

      \(Self.list(commits))

      ## Tests

      \(Self.list(tests.isEmpty ? ["not run yet"] : tests))

      ## Checklist for reviewers

      - [ ] The change fixes the cause, and nothing else
      - [ ] The new test fails without the fix, and tests the right thing
      - [ ] Changelog and documentation say what users need
      - [ ] Nothing else can be broken by it

      Approve here, or with `hotfix approve`. What is approved is this commit and no later one.

      <!-- hotfix: \(run) -->
      """
  }

  private static func list(_ lines: [String]) -> String {
    lines.prefix(50).map { "- \(OutsideText($0).markdown)" }.joined(separator: "\n")
  }
}
