import HotfixTesting
import Record
import ReleaseModel
import Testing

/// The order of the times in a chain: small differences of clocks are none, big ones are found.
@Suite struct EventTimesTests {
  private static func event(_ sequence: Int, at seconds: Int, _ fact: Fact? = nil) -> Event {
    Event(
      run: RecordTests.run,
      sequence: sequence,
      previous: nil,
      key: "k\(sequence)",
      actor: "ana@x",
      at: Moment(seconds: seconds),
      policy: .zero,
      fact: fact ?? .noted(Noted(text: "n\(sequence)"))
    )
  }

  private static func intended(_ target: String) -> Fact {
    .intended(EffectIntended(step: "users", subject: "s", effect: "blind", target: target))
  }

  private static func concluded(_ target: String) -> Fact {
    .concluded(
      EffectConcluded(step: "users", subject: "s", target: target, result: .done, detail: "d")
    )
  }

  /// The sequences at which time goes back.
  private func setbacks(_ times: [Int]) -> [Int] {
    let events = times.enumerated().map { Self.event($0.offset + 1, at: $0.element) }
    return EventTimes(events).setbacks.map(\.later.sequence)
  }

  @Test(arguments: [
    ([5, 5, 5, 5], []), ([1000, 400, 401], []), ([1000, 399, 400], [2]),
    // A clock that falls back little by little is found when it is too far from the newest time.
    ([10_000, 9700, 9500, 9300], [4]),
    // One clock far ahead is one place, not one for every event after it.
    ([0, 90_000, 10, 20, 30], [3]), ([90_000, 10, 90_000, 10], [2, 4]), ([], []),
  ])
  func findsWhereTimeGoesBack(_ times: [Int], _ expected: [Int]) {
    #expect(setbacks(times) == expected)
  }

  @Test func anOutcomeIsHeldAgainstItsIntentNotAgainstOthers() {
    let late = [
      Self.event(1, at: 1000, Self.intended("a")), Self.event(2, at: 5000),
      Self.event(3, at: 1010, Self.concluded("a")), Self.event(4, at: 5001),
    ]
    #expect(EventTimes(late).setbacks.isEmpty, "its push lost races, and it keeps its time")
    let before = [
      Self.event(1, at: 2000, Self.intended("a")), Self.event(2, at: 1399, Self.concluded("a")),
    ]
    #expect(EventTimes(before).setbacks.map(\.earlier.sequence) == [1])
    let other = [
      Self.event(1, at: 2000, Self.intended("a")), Self.event(2, at: 1399, Self.concluded("b")),
    ]
    #expect(EventTimes(other).setbacks.count == 1, "an outcome without an intent is like any other")
  }

  @Test func theWriterRefusesWhatVerifyWouldReport() throws {
    let times = EventTimes([Self.event(1, at: 10_000)])
    let fact = Fact.noted(Noted(text: "x"))
    try times.require(fact, at: Moment(seconds: 9400))
    let problem = #expect(throws: Problem.self) {
      try times.require(fact, at: Moment(seconds: 9399))
    }
    #expect(problem?.code == "clock.behind")
    #expect(problem?.what.contains("10 min") == true, "\(problem?.what ?? "")")
    #expect(problem?.why.contains("ana@x") == true, "\(problem?.why ?? "")")
    // Time before an old set-back is past: the record can be continued.
    let old = EventTimes([Self.event(1, at: 90_000), Self.event(2, at: 100)])
    try old.require(fact, at: Moment(seconds: 101))
  }

  /// Records of before had one time for all events of a push.
  @Test func aChainWithEqualTimesIsReadAndHasNoFinding() throws {
    let commits = try RecordTests.commits(RecordTests.facts()) { event in
      RecordTests.copy(event, at: Moment(seconds: 1_795_382_946))
    }
    let chain = try RecordTests.verify(commits)
    #expect(chain.events.count == 4 && EventTimes(chain.events).setbacks.isEmpty)
  }

  @Test func aChainWhoseTimeGoesBackIsReadAndNamesBothEvents() throws {
    let commits = try RecordTests.commits(RecordTests.facts()) { event in
      event.sequence == 3 ? RecordTests.copy(event, at: Moment(seconds: 1_795_379_000)) : event
    }
    let found = EventTimes(try RecordTests.verify(commits).events).setbacks
    let text = try #require(found.first?.text)
    #expect(found.count == 1 && text.contains("event 3") && text.contains("event 2"), "\(text)")
    #expect(text.contains("goes back by 65 min"), "\(text)")
  }
}
