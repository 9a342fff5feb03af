import Record
import ReleaseModel
import Runbook
import Testing

/// What a person says of an effect is held against what the record says by then.
@Suite struct NotingTests {
  private func progress(_ facts: [Fact]) -> Progress {
    Progress(
      run: "hf-20261122-k3v7q2ma",
      events: facts.enumerated().map { index, fact in
        Event(
          run: "hf-20261122-k3v7q2ma",
          sequence: index + 1,
          previous: nil,
          key: "key \(index)",
          actor: "ana@example.org",
          at: Moment(seconds: 1_700_000_000 + index),
          policy: .zero,
          fact: fact
        )
      }
    )
  }

  private let sent = Fact.intended(
    EffectIntended(step: "users", subject: "tree:1", effect: "blind", target: "webhook U")
  )

  private func ended(_ result: EffectConcluded.Result) -> Fact {
    .concluded(
      EffectConcluded(
        step: "users",
        subject: "tree:1",
        target: "webhook U",
        result: result,
        detail: "took it"
      )
    )
  }

  private func isSaid(
    _ result: EffectConcluded.Result,
    _ facts: [Fact],
    seen: [Fact]
  ) throws -> Bool {
    try Noting.isSaid(
      result,
      of: ("users", "webhook U", "tree:1"),
      progress(facts),
      seen: progress(seen)
    )
  }

  @Test func whatTheRecordSaysAlreadyIsSaid() throws {
    #expect(try isSaid(.done, [sent, ended(.done)], seen: [sent]))
    #expect(try isSaid(.failed, [sent, ended(.failed)], seen: [sent, ended(.unknown)]))
  }

  @Test func whatIsAsItWasSeenIsNotSaidYet() throws {
    #expect(try !isSaid(.failed, [sent, ended(.unknown)], seen: [sent, ended(.unknown)]))
    #expect(try !isSaid(.failed, [sent, ended(.done)], seen: [sent, ended(.done)]))
  }

  /// It was said to be missing and sent again since: saying so once more would send it twice.
  @Test func whatWasTriedAgainMeanwhileIsNotUndone() throws {
    let again = [sent, ended(.unknown), ended(.failed), sent, ended(.done)]
    let problem = #expect(throws: Problem.self) {
      _ = try isSaid(.failed, again, seen: [sent, ended(.unknown)])
    }
    #expect(problem?.code == "note.overtaken")
    let unknown = #expect(throws: Problem.self) { _ = try isSaid(.done, [], seen: []) }
    #expect(unknown?.code == "note.target")
  }
}
