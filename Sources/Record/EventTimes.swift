package import ReleaseModel

/// The order of the times in a chain: what an event's time is held against, and where time goes back.
///
/// People's clocks differ a little, so time may go back by `Event.clockSkewSecondsMax`. Reading never
/// refuses a record for its times; only the writer and `record verify` look at them.
package struct EventTimes: Sendable, Hashable {
  /// A place at which time goes back by more than clocks may differ.
  package struct Setback: Sendable, Hashable {
    package let earlier: Event
    package let later: Event

    /// The place in words, with both events.
    package var text: String {
      func name(_ event: Event) -> String {
        "event \(event.sequence) (\(event.at.iso), \(event.actor), \(event.fact.headline))"
      }
      return "time goes back by \(spoken(seconds: earlier.at - later.at)): \(name(later)) comes "
        + "after \(name(earlier))"
    }
  }

  package private(set) var setbacks: [Setback] = []
  private var newest: Event?
  private var intents: [Event] = []

  package init(_ events: some Sequence<Event> = []) {
    for event in events { add(event) }
  }

  /// Returns the event that one with this fact and time may not be so much older than, if it is.
  package func conflict(_ fact: Fact, at: Moment) -> Event? {
    guard let reference = reference(for: fact) else { return nil }
    return reference.at - at > Event.clockSkewSecondsMax ? reference : nil
  }

  /// Returns the newest event where it is ahead of a clock by more than clocks may differ.
  package func ahead(of clock: Moment) -> Event? { conflict(.noted(Noted(text: "")), at: clock) }

  package mutating func add(_ event: Event) {
    if case .intended = event.fact { intents.append(event) }
    if let earlier = conflict(event.fact, at: event.at) {
      setbacks.append(Setback(earlier: earlier, later: event))
      // Time went back here; whatever follows is held against the new time.
      if earlier == newest { newest = event }
    } else if newest.map({ $0.at < event.at }) ?? true {
      newest = event
    }
  }

  /// The newest event; for an outcome, its intent.
  ///
  /// An outcome keeps its time although others wrote while its push lost races.
  private func reference(for fact: Fact) -> Event? {
    guard case .concluded(let data) = fact else { return newest }
    return intents.last { event in
      guard case .intended(let intent) = event.fact else { return false }
      return intent.step == data.step && intent.target == data.target
        && intent.subject == data.subject
    } ?? newest
  }
}

extension Event {
  /// The event's date in words, against a clock that is behind it.
  package func aheadText(of clock: Moment) -> String {
    "event \(sequence) by \(actor) is dated \(at.iso), \(spoken(seconds: at - clock)) ahead of "
      + "this machine's clock (\(clock.iso))"
  }
}

extension EventTimes {
  /// Throws `clock.behind` when a fact's time does not fit behind the chain.
  package func require(_ fact: Fact, at: Moment) throws {
    guard let earlier = conflict(fact, at: at) else { return }
    let trusted = Moment(seconds: earlier.at.seconds - Event.clockSkewSecondsMax)
    throw Problem(
      "clock.behind",
      "This machine's clock is behind the record by \(spoken(seconds: earlier.at - at)).",
      why: "It says \(at.iso); event \(earlier.sequence) by \(earlier.actor) is from "
        + "\(earlier.at.iso). Clocks may differ by \(spoken(seconds: Event.clockSkewSecondsMax)).",
      next: [
        "date -u     set the clock if it is wrong, then repeat the command",
        "If \(earlier.actor)'s clock was ahead, repeat the command after \(trusted.iso), or",
        "hotfix record verify \(earlier.run) --restore     notes it, and the record goes on from now",
      ]
    )
  }
}
