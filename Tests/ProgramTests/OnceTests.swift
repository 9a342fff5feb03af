import HotfixTesting
import Record
import ReleaseModel
import Testing

/// What happens once in a run is one event, however many clones do it at once.
@Suite struct OnceTests {
  /// Five clones of the two people, on five machines.
  private func clones(_ world: World) async throws -> [World.Person] {
    let fifth = world.path.appending("ana3").string
    try await world.sh(world.ana, "git clone --quiet \(world.address) \(fifth)", in: world.path)
    return [world.ana, world.ben, world.ana2, world.ben2, world.ana.elsewhere(fifth)]
  }

  /// Runs the same command in every clone at once, as processes of their own.
  private func atOnce(
    _ world: World,
    _ clones: [World.Person],
    _ arguments: String...
  ) async throws -> [World.Outcome] {
    try await withThrowingTaskGroup(of: World.Outcome.self) { group in
      for person in clones {
        group.addTask { try await world.program(person, arguments) }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
  }

  private func count(_ world: World, _ isMeant: (Fact) -> Bool) async throws -> Int {
    _ = await world.hotfix(world.ana, "status", "v1.0.1-hotfix1")
    let ref = try await world.sh(world.ana, "git for-each-ref --format='%(refname)' refs/hotfix")
    let run = String(try #require(ref.split(separator: "/").last))
    let export = await world.hotfix(world.ana, "record", "export", run)
    let facts = try export.out.split(separator: "\n").enumerated().map {
      try EventCodec.event(payload: String($0.element), sequence: $0.offset + 1).fact
    }
    return facts.count(where: isMeant)
  }

  @Test func withdrawingAndClosingFromFiveClonesAtOnce() async throws {
    let world = try await World()
    try await world.untilRelease()
    try world.expect(await world.hotfix(world.ana, "next"), 0)
    let clones = try await clones(world)
    for outcome in try await atOnce(world, clones, "withdraw", "--reason", "it hurts") {
      #expect(outcome.status == 0, "\(outcome.all)")
    }
    #expect(try await count(world) { if case .withdrawn = $0 { true } else { false } } == 1)
    #expect(!(try world.read("site/appcast.xml").contains("1.0.1-hotfix1")))
    let closed = try await atOnce(world, clones, "close", "--incomplete")
    #expect(closed.count { $0.status == 0 } == 1, "\(closed.map(\.all))")
    #expect(closed.count { $0.err.contains("[run.ended]") } == 4, "\(closed.map(\.all))")
    #expect(try await count(world) { if case .closed = $0 { true } else { false } } == 1)
    #expect(await world.hotfix(world.ben, "record", "verify").status == 0)
  }

  @Test func abandoningFromFiveClonesAtOnce() async throws {
    let world = try await World()
    try await world.untilReview()
    let abandoned = try await atOnce(
      world,
      try await clones(world),
      "abandon",
      "--reason",
      "a wrong idea"
    )
    #expect(abandoned.count { $0.status == 0 } == 1, "\(abandoned.map(\.all))")
    #expect(try await count(world) { if case .abandoned = $0 { true } else { false } } == 1)
  }

  /// A colleague's event lands while the same one is on its way: it is looked at again.
  @Test func whoIsOvertakenAddsNothing() async throws {
    let world = try await World(settings: {
      $0.replacing("atom: news.atom", with: "webhook: env:WICK_HOOK")
    })
    try await world.untilRelease()
    // Nobody listens at the hook.
    try world.expect(await world.hotfix(world.ana, "next"), 1)
    let target = "webhook WICK_HOOK"
    let there = "note --done announcement --target '\(target)' there"
    let path = try await world.before("refs/hotfix/", overtaking(world, there))
    let done = ["note", "--done", "announcement", "--target", target, "it is there"]
    let noted = try await world.program(world.ana, done, environment: ["PATH": path])
    #expect(noted.status == 0, "\(noted.all)")
    let notes = try await count(world) {
      if case .noted(let note) = $0 { note.target == target } else { false }
    }
    #expect(notes == 1)
    try await world.sh(world.ana, "rm -r \(world.path)/tools")
    let second = try await world.before(
      "refs/hotfix/",
      overtaking(world, "withdraw --reason 'it hurts'")
    )
    let withdrawn = try await world.program(
      world.ana,
      ["withdraw", "--reason", "it hurts"],
      environment: ["PATH": second]
    )
    #expect(withdrawn.status == 0, "\(withdrawn.all)")
    #expect(try await count(world) { if case .withdrawn = $0 { true } else { false } } == 1)
  }

  @Test func aPickThatIsThereIsNotAddedAgain() async throws {
    let world = try await World()
    try world.expect(await world.hotfix(world.ana, World.openArguments), 0)
    try world.expect(await world.hotfix(world.ben, "approve"), 0)
    let commit = try await world.sh(world.ana, "git rev-parse origin/main")
    for person in [world.ana, world.ben] {
      let next = await world.hotfix(person, "next", "--pick", commit)
      #expect(next.status == 3, "\(next.all)")
    }
    #expect(try await count(world) { if case .amended = $0 { true } else { false } } == 1)
  }

  /// A git command that runs hotfix in ben's clone.
  private func overtaking(_ world: World, _ command: String) -> String {
    "-c \"alias.overtake=!\(World.tools)/hotfix \(command) -C \(world.ben.clone)\" overtake"
  }
}
