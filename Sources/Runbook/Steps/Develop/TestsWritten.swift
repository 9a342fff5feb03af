internal import Record
internal import Git

extension Step {
  static let testsWritten = Step(
    "tests-written",
    .develop,
    runbook: "2.2",
    title: "The change has a test",
    why: "A fix without a test comes back.",
    looksAt: "whether the difference to the base touches tests",
    mend: ["Write the test that fails on the base release, commit it, then:  hotfix next"],
    after: ["fix"],
    notNeeded: { situation in
      situation.opened.rollback.map { "it restores \($0.good.tag) exactly" }
    },
    observe: { situation in
      guard let head = situation.refs.fix else { return .lacking("there is no fix") }
      let tests = try await TestFiles(situation).changed(at: head)
      guard !tests.isEmpty else {
        return .waiting(
          .person(
            "the author",
            "writes a test for the fix",
            "git commit -m \"Test …\"",
            "hotfix next"
          )
        )
      }
      return .holds(tests)
    }
  )
}

/// The tests that the fix brings or changes.
struct TestFiles: Sendable {
  private let situation: Situation

  init(_ situation: Situation) {
    self.situation = situation
  }

  func changed(at head: String) async throws -> [String] {
    try await situation.git.changes(from: situation.opened.base.commit, to: head)
      .filter { ($0.added ?? 1) > 0 }.map(\.path)
      .filter { ChangeRules.isTest($0, patterns: situation.settings.testFiles) }
  }
}
