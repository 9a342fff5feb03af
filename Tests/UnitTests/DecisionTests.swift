import ReleaseModel
import Runbook
import Testing

@Suite struct DecisionTests {
  private func entry(
    _ name: String,
    _ phase: Phase,
    after: [String] = [],
    _ state: StepState
  ) -> Decision.Entry {
    Decision.Entry(name: name, phase: phase, after: after, state: state)
  }

  private let wait = Wait.person("ben", "approves", "hotfix approve")

  @Test func looksBeforeItActs() {
    #expect(Decision.next([entry("a", .assess, .unknown)]) == .observe("a"))
    #expect(Decision.next([entry("a", .assess, .found(.lacking("no")))]) == .perform("a"))
  }

  @Test func aPhaseIsABarrier() {
    let move = Decision.next([
      entry("a", .assess, .found(.waiting(wait))), entry("b", .develop, .found(.lacking("no"))),
    ])
    #expect(move == .wait([StepWait(step: "a", wait: wait)]))
  }

  @Test func stepsOfAPhaseDoNotWaitForEachOtherUnlessTheySaySo() {
    let free = Decision.next([
      entry("a", .assess, .found(.waiting(wait))), entry("b", .assess, .unknown),
    ])
    #expect(free == .observe("b"))
    let bound = Decision.next([
      entry("a", .assess, .found(.waiting(wait))), entry("b", .assess, after: ["a"], .unknown),
    ])
    #expect(bound == .wait([StepWait(step: "a", wait: wait)]))
  }

  @Test(arguments: ["minimal", "tests-written", "proof"])
  func theSuiteRunsOnceNobodyIsWaitedFor(_ waiting: String) {
    let entries = Procedure.steps.filter { $0.phase <= .develop }.map { step in
      let state: StepState =
        switch step.name {
        case waiting: .found(.waiting(wait))
        case "suite", "regression": .found(.lacking("not run"))
        default: .satisfied
        }
      return entry(step.name, step.phase, after: step.after ?? [], state)
    }
    #expect(Decision.next(entries) == .wait([StepWait(step: waiting, wait: wait)]))
  }

  @Test func gathersAllWaitsSoThatPeopleAreAskedOnce() {
    let move = Decision.next([
      entry("a", .review, .found(.waiting(wait))), entry("b", .review, .found(.waiting(wait))),
    ])
    #expect(move == .wait([StepWait(step: "a", wait: wait), StepWait(step: "b", wait: wait)]))
  }

  @Test func refusesAndEnds() {
    let problem = Problem("x", "No.", next: ["y"])
    #expect(
      Decision.next([entry("a", .assess, .found(.refused(problem)))]) == .refuse("a", problem)
    )
    #expect(Decision.next([entry("a", .assess, .satisfied)]) == .done)
  }

  /// Small spaces exhaustively: whatever the states, a move names an open step or says done.
  @Test func everyStateHasAMove() {
    let states: [StepState] = [
      .satisfied, .unknown, .found(.lacking("")), .found(.waiting(wait)),
      .found(.refused(Problem("x", "No.", next: ["y"]))),
    ]
    for a in states {
      for b in states {
        for c in states {
          let entries = [
            entry("a", .assess, a), entry("b", .assess, after: ["a"], b), entry("c", .tell, c),
          ]
          let open = entries.filter { $0.state != .satisfied }.map(\.name)
          switch Decision.next(entries) {
          case .observe(let name), .perform(let name), .refuse(let name, _):
            #expect(open.contains(name))
          case .wait(let waits): #expect(!waits.isEmpty)
          case .done: #expect(open.isEmpty)
          }
        }
      }
    }
  }
}

@Suite struct ProcedureTests {
  @Test func namesAreUniqueAndPhasesAreInOrder() {
    let steps = Procedure.steps
    #expect(Set(steps.map(\.name)).count == steps.count)
    for (a, b) in zip(steps, steps.dropFirst()) { #expect(a.phase <= b.phase, "\(b.name)") }
  }

  @Test(arguments: Procedure.steps.map(\.name))
  func everyStepExplainsItself(_ name: String) throws {
    let step = try #require(Procedure.step(name))
    #expect(!step.title.isEmpty && !step.looksAt.isEmpty && !step.mend.isEmpty)
    #expect(step.why.hasSuffix("."), "one sentence: \(step.why)")
    let earlier = Procedure.steps.prefix { $0.name != name }.map(\.name)
    for before in step.after ?? [] {
      #expect(earlier.contains(before), "\(name) comes after \(before)")
      #expect(Procedure.phase(of: before) == step.phase)
    }
  }

  /// Invariant 4: reversible before irreversible; artifacts, then release, then feeds.
  @Test func theIrreversibleComesLast() {
    let names = Procedure.steps.map(\.name)
    let order = [
      "proof", "code-review", "final", "version-order", "merge", "tag", "push", "build", "sign",
      "publish", "feeds", "artifacts", "update", "announcement", "report",
    ]
    #expect(names.filter(order.contains) == order)
  }
}

@Suite struct GlobTests {
  @Test(arguments: [
    ("*.swift", "a.swift", true), ("*.swift", "b/a.swift", false),
    ("**/*.swift", "b/c/a.swift", true),
    ("**/*.swift", "a.swift", true), ("db/**", "db/x/y.sql", true), ("a?c", "abc", true),
    ("a?c", "a/c", false), ("", "", true), ("a", "b", false),
  ])
  func matches(_ pattern: String, _ path: String, _ expected: Bool) {
    #expect(Glob(pattern).matches(path) == expected)
  }

  @Test func manyStarsEndInTime() {
    #expect(!Glob(String(repeating: "*a", count: 40)).matches(String(repeating: "b", count: 60)))
  }
}
