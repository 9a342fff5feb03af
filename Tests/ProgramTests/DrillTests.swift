import Foundation
import HotfixTesting
import ReleaseModel
import Testing

/// The rehearsal, by the built program.
@Suite(.serialized) struct DrillTests {
  private struct Report: Decodable {
    struct Phase: Decodable {
      let phase: String
      let toolMilliseconds, commandMilliseconds: Int
    }

    let schema, folder: String
    let phases: [Phase]
    let reports: [String]
  }

  /// A rehearsal's change mends nothing, so the project's check is one that every version passes.
  private static func world() async throws -> World {
    try await World(settings: { $0.replacing(/fix: ".*"/, with: #"fix: "test -d {installed}""#) })
  }

  /// The steps that act on a project that publishes, without channels.
  private static let acting = [
    "branch", "request", "suite", "documented", "version-order", "merge", "tag", "push", "build",
    "sign", "publish", "feeds", "artifacts", "feeds-live", "install", "update", "fix-works",
    "announcement", "process-doc", "report",
  ]
  /// The others, on a project with channels and a test for its fix.
  private static let actingBesides = ["proof", "team-notified", "users"]

  @Test func everyStepThatFailsOnceIsCarriedOn() async throws {
    let world = try await Self.world()
    let scratch = world.path.appending("drill")
    let faults = Self.acting.flatMap { ["--fault", $0] }
    let drill = try await world.program(
      world.ana,
      ["drill", "--here", "--json", "--scratch", scratch.string] + faults
    )
    #expect(drill.status == 0, "\(drill.all)")
    for step in Self.acting {
      #expect(drill.err.contains("Step \(step) failed, because the drill was told"), "\(step)")
      #expect(!drill.err.contains("\(step) did not act"))
    }
    let report = try JSONDecoder().decode(Report.self, from: Data(drill.out.utf8))
    #expect(report.schema == "hotfix.drill/1" && report.folder == scratch.string)
    #expect(report.phases.map(\.phase).contains("release"))
    for file in report.reports {
      #expect(FileManager.default.fileExists(atPath: file), "\(file)")
    }
  }

  @Test func aRehearsalTouchesNothingOfTheProject() async throws {
    let world = try await Self.world()
    let state = """
      git for-each-ref; git -C ../remote.git for-each-ref; git status --porcelain
      (cd ../site && find . -type f | LC_ALL=C sort | xargs sha256sum)
      """
    // Not every user has it, so nothing is rehearsed for it.
    try await world.sh(world.ana, "git tag v9.0.0-beta.1")
    let before = try await world.sh(world.ana, state)
    let scratch = world.path.appending("drill")
    let drill = try await world.program(
      world.ana,
      ["drill", "--here", "--scratch", scratch.string, "--fault", "criticality"]
    )
    #expect(drill.status == 0, "\(drill.all)")
    #expect(
      drill.out.contains("criticality did not act in this rehearsal, so it never failed"),
      "\(drill.out)"
    )
    #expect(drill.all.contains("v1.0.0 is shipped to the scratch host first"), "\(drill.all)")
    #expect(try await world.sh(world.ana, state) == before)
    #expect(drill.out.contains("proof, tests-written – no fix with a test was named"))
    #expect(drill.out.contains("host: a scratch folder, in place of ../site"))
  }

  /// A policy without approvals, a home that the suite needs, settings that only lie here.
  @Test func aProjectOfOneIsRehearsedAlone() async throws {
    let world = try await World(settings: {
      $0.replacing(/fix: ".*"/, with: #"fix: "test -d {installed}""#)
        .replacing(
          "suite: for",
          with: "suite: test -f $HOME/cache && test -z \"$SSH_AUTH_SOCK\" && for"
        )
        + "policy: { approvals: 0 }\n"
    })
    try world.write(world.ana, ["../ana-home/cache": "kept\n"])
    let drill = try await world.program(
      world.ana,
      ["drill", "--here", "--scratch", world.path.appending("drill").string],
      environment: ["SSH_AUTH_SOCK": "/nowhere"]
    )
    #expect(drill.status == 0, "\(drill.all)")
    #expect(drill.out.contains("nobody else has looked") && !drill.out.contains("ben$"))
  }

  private func publish(_ world: World, _ settings: String) async throws {
    try world.write(world.ana, ["hotfix.yml": settings])
    try await world.commit(world.ana, "Change the set-up")
    try await world.sh(world.ana, "git push --quiet origin HEAD:main")
  }

  /// What a real run refuses, its rehearsal refuses in the same words, and says what it left out.
  @Test func failsWhereTheRunWould() async throws {
    let world = try await Self.world()
    let settings = try world.read("ana/hotfix.yml")
    for (edited, message) in [
      (settings.replacing(/suite: .*/, with: "suite: exit 7"), "[suite.failed]"),
      (settings.replacing("sh build.sh {version}", with: "exit 7; echo"), "exit 7"),
      (
        settings.replacing(
          "sh build.sh {version} {build}",
          with: "sh build.sh 0.9.9 {build} && cp dist/Wick-0.9.9.tar.gz dist/Wick-{version}.tar.gz"
        ),
        "[candidate.version]"
      ),
    ] {
      try await publish(world, edited)
      let name = "drill-\(message.count)"
      let drill = try await world.program(
        world.ana,
        ["drill", "--here", "--scratch", world.path.appending(name).string]
      )
      #expect(drill.status == 1, "\(drill.all)")
      #expect(drill.all.contains(message), "\(drill.all)")
      #expect(drill.out.contains("proof, tests-written – no fix with a test was named"))
    }
  }

  @Test func aPickedFixIsProvenByItsOwnTest() async throws {
    let world = try await World()
    try world.writeFix(world.ana)
    try world.write(world.ana, ["tests/test_more.sh": "true\n"])
    try await world.commit(world.ana, "Keep the last word")
    try await world.sh(world.ana, "git push --quiet origin HEAD:main")
    func drill(_ arguments: String...) async throws -> World.Outcome {
      let scratch = world.path.appending("drill-\(arguments.count)").string
      return try await world.program(
        world.ana,
        ["drill", "--here", "--scratch", scratch, "--pick"] + arguments
      )
    }
    let alone = await world.hotfix(world.ana, "drill", "--here", "--test", "test_keeps")
    #expect(alone.status == 2 && alone.err.contains("--test needs --pick"), "\(alone.all)")
    let both = try await drill("HEAD")
    #expect(both.status == 1 && both.err.contains("[drill.pick-test]"), "\(both.all)")
    #expect(both.err.contains("hotfix drill --here --pick HEAD --test test_keeps"), "\(both.all)")
    let done = try await drill("HEAD", "--test", "test_keeps")
    #expect(done.status == 0 && !done.out.contains("proof, tests-written"), "\(done.all)")
  }

  @Test func oneComponentIsRehearsed() async throws {
    let world = try await World(settings: {
      $0.replacing(/fix: ".*"/, with: #"fix: "test -d {installed}""#) + """
        policy: { approvals: 0 }
        components:
          wick: { paths: [ tests, more ] }
          taper: { paths: [ taper ], version: { tag: "taper-v{version}" }, feeds: [] }

        """
    })
    let both = try await world.program(world.ana, ["drill", "--here"])
    #expect(both.err.contains("hotfix drill --here --component wick"), "\(both.all)")
    let drill = try await world.program(
      world.ana,
      [
        "drill", "--here", "--component", "wick", "--scratch",
        world.path.appending("drill").string,
      ]
    )
    #expect(drill.status == 0, "\(drill.all)")
  }

  @Test func theBundledProjectIsCarriedThroughAndBack() async throws {
    let world = try await World()
    let faults = Self.actingBesides.flatMap { ["--fault", $0] }
    let drill = try await world.program(
      world.ana,
      ["drill", "--json", "--scratch", world.path.appending("drill").string] + faults
    )
    #expect(drill.status == 0, "\(drill.all)")
    for step in Self.actingBesides {
      #expect(drill.err.contains("Step \(step) failed, because the drill was told"), "\(step)")
    }
    let report = try JSONDecoder().decode(Report.self, from: Data(drill.out.utf8))
    let kinds = Set(report.reports.compactMap { FilePath($0).extension })
    #expect(kinds == ["md", "html"])
    #expect(drill.err.contains("v1.0.2 is marked as withdrawn on the host"))
    #expect(drill.err.contains("v1.0.3: the code of v1.0.1 over v1.0.2"))
  }
}
