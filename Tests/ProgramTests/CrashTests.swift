import Foundation
import GitHubStandIn
import HotfixTesting
import ReleaseModel
import Testing

/// A whole hotfix, cut short at every numbered point, and carried on from another clone.
///
/// Whatever the point, the end is the same: one tag, one release, each artifact once, one feed
/// item, each announcement at most once, and a record that verifies.
@Suite struct CrashTests {
  /// The commands of a hotfix, in order, each by a person; `ana2` and `ben2` are the same people
  /// on another machine, who carry on after the crash.
  private static let script: [(person: String, arguments: [String])] = [
    ("ana", World.openArguments), ("ben", ["approve"]), ("ana", ["next"]), ("ana", ["fix"]),
    ("ana", ["next"]), ("ben", ["approve"]), ("ana", ["next"]), ("ana", ["close"]),
  ]

  enum Mode: String, CaseIterable, Sendable {
    /// SIGKILL in the built program.
    case kill = "HOTFIX_KILL_AT"
    /// An error thrown in this process, before and after every effect.
    case fail = "HOTFIX_FAIL_AT"
  }

  @Test(arguments: Mode.allCases, 0..<2)
  func survivesACutAtEveryPoint(_ mode: Mode, _ half: Int) async throws {
    try await cut(mode, in: World()) { number, _ in
      number % 2 == half && Self.isTried(number / 2, mode)
    }
  }

  /// An error in this process goes through less than a kill: it is tried at every fourth point, and at
  /// all of them with HOTFIX_ALL_FAULTS.
  private static func isTried(_ number: Int, _ mode: Mode) -> Bool {
    mode == .kill || number.isMultiple(of: 4)
      || ProcessInfo.processInfo.environment["HOTFIX_ALL_FAULTS"] != nil
  }

  /// On GitHub, at the points of what happens there; git's own are the same as on a plain remote.
  @Test(arguments: Mode.allCases) func survivesACutAtEveryPointOnGitHub(_ mode: Mode) async throws {
    let world = try await World(onGitHub: true)
    _ = try await world.github?.addIssue(World.repository, title: "The last word is lost")
    let words = ["draft", "upload", "publish", "request", "merge", "announcement", "issues"]
    try await cut(mode, in: world) { number, name in
      words.contains { name.contains($0) } && Self.isTried(number, mode)
    }
  }

  /// `isMeant` is asked with each point's number in the whole script, and its name.
  private func cut(
    _ mode: Mode,
    in world: World,
    where isMeant: (Int, String) -> Bool
  ) async throws {
    let counter = world.path.appending("points").string
    var points = 0
    var seen = 0
    for command in Self.script {
      guard command.arguments != ["fix"] else {
        try await world.fix()
        continue
      }
      let before = try await world.copy("before")
      let names = try await count(command, world, mode, counter)
      let after = try await world.copy("after")
      for point in names.indices where isMeant(seen + point, names[point]) {
        try await world.restore(before)
        try "".write(toFile: counter, atomically: true, encoding: .utf8)
        let cut = try await run(
          command,
          world,
          mode,
          [mode.rawValue: "\(point + 1)", "HOTFIX_KILL_COUNTER": counter]
        )
        let name = "\(command.arguments[0]) at \(names[point])"
        if mode == .kill { #expect(cut.status == -9, "killed in \(name): \(cut.all)") }
        try await carryOn(world, name)
        try await checkEnd(world, name)
        points += 1
      }
      seen += names.count
      try await world.restore(after)
    }
    print("\(mode): \(points) of \(seen) points covered, each carried on from another clone")
    #expect(points > 4 && seen > 25, "the whole hotfix was covered")
  }

  /// Runs a command whole, and returns the names of the points that it passes.
  private func count(
    _ command: (person: String, arguments: [String]),
    _ world: World,
    _ mode: Mode,
    _ counter: String
  ) async throws -> [String] {
    try "".write(toFile: counter, atomically: true, encoding: .utf8)
    let clean = try await run(command, world, mode, ["HOTFIX_KILL_COUNTER": counter])
    #expect([0, 3].contains(clean.status), "\(clean.all)")
    return try String(contentsOfFile: counter, encoding: .utf8).split(separator: "\n")
      .map(String.init)
  }

  private func run(
    _ command: (person: String, arguments: [String]),
    _ world: World,
    _ mode: Mode,
    _ environment: [String: String]
  ) async throws -> World.Outcome {
    let person = command.person == "ana" ? world.ana : world.ben
    return mode == .kill
      ? try await world.program(person, command.arguments, environment: environment)
      : await world.hotfix(person, command.arguments, environment: environment)
  }

  /// Carries the hotfix on from other clones, with nothing but the usual commands.
  private func carryOn(_ world: World, _ name: String) async throws {
    for _ in 0..<8 {
      let status = await world.hotfix(world.ana2, "status", "--fetch")
      if status.err.contains("[run.none]") {
        let log = await world.hotfix(world.ana2, "log").out
        if log.contains("closed") { return }
        try world.expect(await world.hotfix(world.ana2, World.openArguments), 0)
        continue
      }
      let next = await world.hotfix(world.ana2, "next")
      if next.status == 0 {
        try world.expect(await world.hotfix(world.ana2, "close"), 0)
        return
      }
      #expect(next.status == 3 || next.err.contains("[run.ended]"), "\(name): \(next.all)")
      if next.out.contains("approves") {
        try world.expect(await world.hotfix(world.ben2, "approve"), 0)
      } else if next.out.contains("commits the fix") {
        // What was committed and never pushed is on the lost machine; it is written again.
        try await world.sh(world.ana2, "git fetch -q && git checkout -q hotfix/v1.0.1-hotfix1")
        try await world.fix(world.ana2)
      }
    }
    Issue.record("\(name): the run did not come to its end")
  }

  private func checkEnd(_ world: World, _ name: String) async throws {
    let tags = try await world.sh(world.ana2, "git ls-remote --tags origin 'refs/tags/v1.0.1*'")
    let names = tags.split(separator: "\n").filter { !$0.hasSuffix("^{}") }
    #expect(names.count == 1, "\(name): one tag, \(tags)")
    if let github = world.github {
      try await checkGitHub(github, name)
    } else {
      try checkSite(world, name)
    }
    let verdict = await world.hotfix(world.ana2, "record", "verify")
    #expect(verdict.status == 0, "\(name): \(verdict.all)")
    let check = await world.hotfix(world.ben2, "verify", "v1.0.1-hotfix1")
    #expect(check.status == 0, "\(name): \(check.all)")
    try await world.sh(world.ana2, "git cat-file -e origin/main:docs/hotfixes/v1.0.1-hotfix1.html")
  }

  private func checkSite(_ world: World, _ name: String) throws {
    let releases = try FileManager.default.contentsOfDirectory(
      atPath: world.site.appending("releases").string
    )
    #expect(releases.sorted() == ["v1.0.0", "v1.0.1-hotfix1"], "\(name): one release")
    let feed = try world.read("site/appcast.xml")
    #expect(feed.ranges(of: "<item>").count == 2, "\(name): one item more")
    let news = try world.read("site/news.atom")
    #expect(news.ranges(of: "<entry>").count == 1, "\(name): announced once")
  }

  private func checkGitHub(_ github: GitHubStandIn, _ name: String) async throws {
    let end = try await GitHubEnd(github)
    #expect(
      end.releases == ["v1.0.0": false, "v1.0.1-hotfix1": false],
      "\(name): no draft is left"
    )
    #expect(end.latest == "v1.0.1-hotfix1", "\(name)")
    #expect(
      end.assets == [
        "SHA256SUMS", "Wick-1.0.1-hotfix1.tar.gz", "appcast.xml", "notes.md", "release.json",
      ],
      "\(name): each asset once"
    )
    #expect(end.pulls == ["closed"] && end.merges == 1, "\(name): one pull request, merged once")
    #expect(end.comments == 1 && end.issues == ["closed"], "\(name): the issue is told once")
    #expect(end.discussions == 1, "\(name): announced once")
  }
}
