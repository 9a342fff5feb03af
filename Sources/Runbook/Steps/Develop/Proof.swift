internal import Record
internal import Git
internal import ReleaseModel

extension Step {
  static let proof = Step(
    "proof",
    .develop,
    runbook: "2.3",
    title: "The fix's test fails on the base and passes on the fix",
    why: "A test that passes without the fix proves nothing.",
    looksAt: "the fix's own test, run on the base release with the fix's tests, and on the fix",
    mend: [
      "hotfix next --test NAME     names the fix's test",
      "Make the test fail on the base release, commit, then:  hotfix next",
    ],
    after: ["fix", "documented", "tests-written"],
    effect: .local,
    notNeeded: { situation in
      situation.opened.rollback.map { "it restores \($0.good.tag), which was proven" }
    },
    observe: { situation in
      let finding = Trials(situation).finding("proof")
      guard case .lacking = finding, try await Proving(situation).test() == nil else {
        return finding
      }
      return .waiting(
        .person("the author", "names the fix's own test", "hotfix next --test NAME")
      )
    },
    stillHolds: { situation in
      // The same tree over another base proves something else.
      let base = situation.progress.observed["proof"]?.data.facts["base"]
      return base == nil || base == situation.opened.base.commit || situation.refs.remoteTag != nil
    },
    commands: { situation in
      let test = situation.progress.test ?? "NAME"
      return Trials(situation).commands(
        "proof",
        [situation.settings.proof.shell(["test": test])]
      )
    },
    perform: { situation in
      [
        Effect(
          "proof",
          says: "runs the fix's test on \(situation.opened.base.tag) and on the fix",
          body: .local { try await Proving(situation).run() }
        )
      ]
    }
  )
}

/// Runs the fix's test on both sides.
package struct Proving: Sendable {
  private let situation: Situation

  init(_ situation: Situation) {
    self.situation = situation
  }

  /// The fix's test: as a person named it, or the one test file that the fix touches.
  func test() async throws -> String? {
    if let test = situation.progress.test { return test }
    guard let head = situation.refs.fix else { return nil }
    let files = try await TestFiles(situation).changed(at: head)
    guard files.count == 1 else { return nil }
    return Self.name(ofTest: files[0])
  }

  /// What `{test}` is for a test file.
  package static func name(ofTest path: String) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    return String(name.prefix { $0 != "." })
  }

  func run() async throws {
    guard let test = try await test(), let head = situation.refs.fix else { return }
    let line = situation.settings.proof.shell(["test": test])
    let trials = Trials(situation)
    let base = situation.opened.base
    let overlay = try await TestFiles(situation).changed(at: head)
    let log = try trials.startLog("proof")
    let endings = try await trials.inCheckout(of: base.commit) { path in
      if !overlay.isEmpty {
        try await situation.git.output(
          ["checkout", "--quiet", head, "--"] + overlay,
          in: path
        )
      }
      // Twice: a test that fails only sometimes on the base proves nothing either.
      let first = try await trials.answer(line, in: path, log: log)
      return [first, first.succeeded ? first : try await trials.answer(line, in: path, log: log)]
    }
    for ending in endings {
      if case .exited(let status) = ending.ending, status != 126, status != 127 { continue }
      throw Problem(
        "proof.cannot-run",
        "The fix's test could not be run on \(base.tag).",
        why: ProjectCommand.why(line, ending),
        next: ["Mend test.proof in hotfix.yml."]
      )
    }
    let passed = endings.filter(\.succeeded).count
    guard passed == 0 else {
      throw Problem(
        passed == 2 ? "proof.passes-on-base" : "proof.flaky",
        passed == 2
          ? "The fix's test passes on \(base.tag), so it does not show the fault."
          : "The fix's test fails only sometimes on \(base.tag).",
        why: ProjectCommand.why(line, endings[1]),
        next: ["Make the test fail on \(base.tag) every time, commit, then:  hotfix next"]
      )
    }
    try await trials.run("proof", [line], log: log)
  }
}
