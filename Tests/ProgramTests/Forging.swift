import Foundation
import Git
import HotfixTesting
import Record
import ReleaseModel
import Signatures

/// Records made by hand: events that the program would not write, signed with a person's own key.
struct Forging {
  let world: World

  /// The newest run that a person's clone knows.
  func run() async throws -> String {
    let refs = try await world.sh(world.ana, "git ls-remote origin 'refs/hotfix/*' | cut -f2")
    return String(refs.split(whereSeparator: \.isNewline).last?.split(separator: "/").last ?? "")
  }

  func remoteTip(_ run: String) async throws -> String {
    try await world.sh(world.ana, "git ls-remote origin refs/hotfix/\(run) | cut -f1")
  }

  /// Fetches a run's record and reads its events.
  func events(_ run: String) async throws -> [Event] {
    let messages = try await world.sh(
      world.ana,
      "git fetch -q origin +refs/hotfix/\(run):refs/forging && git log --reverse --format=%B%x00 refs/forging"
    )
    return try messages.split(separator: "\0").enumerated().compactMap { index, message in
      let lines = message.split(whereSeparator: \.isNewline)
      guard lines.count == 2 else { return nil }
      return try EventCodec.event(payload: String(lines[1]), sequence: index + 1)
    }
  }

  /// Returns the event that comes after others; with another run's name it opens that run.
  func event(
    _ fact: Fact,
    after events: [Event],
    by actor: String,
    run: String,
    later seconds: Int = 0
  ) throws -> Event {
    let last = events.last
    var policy = last?.policy ?? .zero
    if case .opened(let opened) = fact { policy = opened.policy.digest }
    return Event(
      run: run,
      sequence: (last?.sequence ?? 0) + 1,
      previous: try last.map { ContentDigest.of(try EventCodec.payload($0)) },
      key: "forged-\(run)-\(last?.sequence ?? 0)-\(seconds)",
      actor: actor,
      at: Moment(seconds: Int(Date().timeIntervalSince1970) + seconds),
      policy: policy,
      fact: fact
    )
  }

  /// Commits an event as a person; nil signs nothing.
  func commit(_ event: Event, on parent: String?, by person: World.Person, signs: Bool = true)
    async throws -> String
  {
    try world.write(person, ["../forged-message": try EventCodec.message(event)])
    let options = (signs ? "-S " : "") + (parent.map { "-p \($0) " } ?? "")
    return try await world.sh(
      person,
      """
      git fetch -q origin '+refs/hotfix/*:refs/forging-all/*' && \
      git commit-tree \(options)-F ../forged-message $(git mktree </dev/null)
      """
    )
  }

  /// Puts an event on top of a run's record on the remote; returns the bad tip.
  @discardableResult
  func append(
    _ fact: Fact,
    to run: String,
    by person: World.Person,
    actor: String? = nil,
    signs: Bool = true,
    later seconds: Int = 0
  ) async throws -> String {
    let event = try event(
      fact,
      after: try await events(run),
      by: actor ?? "\(person.name)@example.org",
      run: run,
      later: seconds
    )
    let tip = try await commit(
      event,
      on: try await remoteTip(run),
      by: person,
      signs: signs
    )
    try await push(tip, run, by: person)
    return tip
  }

  func push(_ tip: String, _ run: String, by person: World.Person) async throws {
    try await world.sh(person, "git push -q -f origin \(tip):refs/hotfix/\(run)")
  }

  /// Opens a run of another name by hand, with a first event that differs from a real one's.
  func open(
    _ run: String,
    by person: World.Person,
    _ opened: RunOpened
  ) async throws {
    let event = try event(
      .opened(opened),
      after: [],
      by: "\(person.name)@example.org",
      run: run
    )
    try await push(try await commit(event, on: nil, by: person), run, by: person)
  }
}

extension RunOpened {
  /// The same opening with another policy, base or version.
  func forged(
    policy: Policy? = nil,
    settings: String?,
    base: BaseRelease? = nil,
    version: VersionName? = nil,
    branch: String? = nil,
    main: String? = nil,
    rollback: Rollback? = nil
  ) -> RunOpened {
    RunOpened(
      title: "Forged",
      app: app,
      base: base ?? self.base,
      version: version ?? self.version,
      branch: branch ?? self.branch,
      tag: tag,
      main: main ?? self.main,
      policy: policy ?? self.policy,
      rollback: rollback,
      settings: settings
    )
  }
}
