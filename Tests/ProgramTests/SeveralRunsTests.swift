import Foundation
import HotfixTesting
import ReleaseModel
import Testing

/// Several hotfixes at once: names, and bases that move.
@Suite struct SeveralRunsTests {
  // MARK: names

  @Test func twoPeopleWhoOpenAtOnceGetTwoNames() async throws {
    let world = try await World()
    for round in 0..<5 {
      async let first = world.hotfix(world.ana, World.opening("Fault A\(round)"))
      async let second = world.hotfix(world.ben, World.opening("Fault B\(round)"))
      let outcomes = await [first, second]
      for outcome in outcomes { #expect(outcome.status == 0, "\(outcome.all)") }
    }
    let names = try await world.sh(
      world.ana,
      "git ls-remote origin 'refs/hotfix-names/*' | cut -f2 | sort -V"
    )
    #expect(
      names.split(separator: "\n").map(String.init)
        == (1...10).map { "refs/hotfix-names/v1.0.1-hotfix\($0)" }
    )
    let log = await world.hotfix(world.ana2, "log")
    let runs = await world.hotfix(world.ana2, "status", "--fetch", "--json")
    #expect(runs.status == 0 && runs.out.contains("hotfix.several/1"), "\(runs.all)")
    for number in 1...10 {
      #expect(runs.out.ranges(of: "\"v1.0.1-hotfix\(number)\"").count == 1, "\(log.all)")
    }
  }

  @Test func theSameFaultIsOpenedOnce() async throws {
    let world = try await World()
    async let first = world.hotfix(world.ana, World.opening("Words are lost"))
    async let second = world.hotfix(world.ben, World.opening("words  are LOST "))
    let outcomes = await [first, second]
    let refused = try #require(outcomes.first { $0.status != 0 })
    #expect(outcomes.filter { $0.status == 0 }.count == 1)
    #expect(refused.err.contains("[open.same]"), "\(refused.all)")
    #expect(refused.err.contains("hotfix approve --run v1.0.1-hotfix1"), "\(refused.all)")
    let other = await world.hotfix(world.ben, World.opening("Another fault"))
    #expect(other.status == 0 && other.out.contains("v1.0.1-hotfix2"), "\(other.all)")
    #expect(other.out.contains("also open: v1.0.1-hotfix1"), "\(other.all)")
    #expect(other.out.contains("same release line"), "\(other.all)")
    #expect(other.out.contains("waits for a reviewer other than"), "\(other.all)")
  }

  @Test func severalOpenRunsAreAShortList() async throws {
    let world = try await World()
    try await world.begin("Fault A", "v1.0.1-hotfix1")
    try world.expect(await world.hotfix(world.ana, World.opening("Fault B")), 0)
    let next = await world.hotfix(world.ana, "next")
    #expect(next.status == 1 && next.err.contains("[run.several]"), "\(next.all)")
    #expect(next.err.contains("hotfix next v1.0.1-hotfix1     'Fault A': waits for the author"))
    let status = await world.hotfix(world.ana, "status")
    #expect(status.status == 0, "\(status.all)")
    #expect(
      status.out.contains("hotfix next v1.0.1-hotfix2     'Fault B': waits for a reviewer"),
      "\(status.all)"
    )
  }

  // MARK: bases that move

  @Test func theSecondReleaseContainsTheFirst() async throws {
    let world = try await World.withTwoFaults()
    let (first, second) = ("v1.0.1-hotfix1", "v1.0.1-hotfix2")
    try await world.begin("Fault A", first)
    try await world.fixKeeping("hotfix/\(first)")
    try await world.begin("Fault B", second)
    try await world.fixExtra("hotfix/\(second)")
    // The second is reviewed already when the first comes out.
    try world.expect(await world.hotfix(world.ana, "next", second), 3)
    try world.expect(await world.hotfix(world.ben, "approve", "--run", second), 0)
    try await world.finish(first)
    let status = await world.hotfix(world.ben, "status", second, "--fetch")
    #expect(status.out.contains("was released since"), "\(status.all)")
    let again = await world.hotfix(world.ana, "next", second)
    #expect(again.status == 3 && again.all.contains("takes \(first) into"), "\(again.all)")
    #expect(again.out.contains("another state"), "reviews count anew: \(again.all)")
    #expect(!again.out.contains("is a merge"), "\(again.all)")
    // The tool's own merge makes nobody an author.
    #expect(again.out.contains("other than ana@example.org"), "\(again.all)")
    try await world.finish(second)
    #expect(try await world.file("wick.sh", at: second).contains("-gt 0"))
    #expect(try await world.file("extra.sh", at: second) == "echo extra")
    let changelog = try await world.file("CHANGELOG.md", at: second)
    let sections = changelog.split(separator: "\n").filter { $0.hasPrefix("## ") }
      .map { $0.split(separator: " ")[1] }
    #expect(
      sections == ["[Unreleased]", "[1.0.1-hotfix2]", "[1.0.1-hotfix1]", "[1.0.0]"],
      "\(changelog)"
    )
    #expect(!changelog.contains("<<<<"))
    #expect(await world.hotfix(world.ben, "record", "verify").status == 0)
    let log = await world.hotfix(world.ben, "log", second)
    #expect(log.out.contains("base.moved \(second) over \(first)"), "\(log.all)")
  }

  @Test func anOvertakenRunGetsTheNextNameAndTheBaseMovesTwice() async throws {
    let world = try await World.withTwoFaults()
    let (slow, fast) = ("v1.0.1-hotfix1", "v1.0.1-hotfix2")
    try await world.begin("Fault A", slow)
    try await world.fixKeeping("hotfix/\(slow)")
    try world.expect(await world.hotfix(world.ana, "next", slow), 3)
    try await world.begin("Fault B", fast)
    try await world.fixExtra("hotfix/\(fast)")
    try await world.finish(fast)
    let overtaken = await world.hotfix(world.ana, "next", slow)
    #expect(
      overtaken.all.contains("the run is v1.0.1-hotfix3 from now on"),
      "\(overtaken.all)"
    )
    let names = try await world.sh(world.ana, "git ls-remote origin 'refs/hotfix-names/*'")
    #expect(names.contains("refs/hotfix-names/v1.0.1-hotfix3"))
    // The old name still finds it, and a new run gets another one.
    #expect(await world.hotfix(world.ben, "status", slow, "--fetch").status == 0)
    try await world.begin("Fault C", "v1.0.1-hotfix4")
    try await world.sh(world.ana, "git checkout -q hotfix/v1.0.1-hotfix4")
    try world.write(world.ana, ["c.sh": "c\n", "tests/test_c.sh": "test -f c.sh\n"])
    try await world.commit(world.ana, "Add c")
    try await world.finish("v1.0.1-hotfix4")
    let twice = await world.hotfix(world.ana, "next", slow)
    #expect(twice.all.contains("takes v1.0.1-hotfix4 into"), "\(twice.all)")
    try await world.finish("v1.0.1-hotfix5")
    for name in ["extra.sh", "c.sh"] {
      _ = try await world.file(name, at: "v1.0.1-hotfix5")
    }
    let changelog = try await world.file("CHANGELOG.md", at: "v1.0.1-hotfix5")
    #expect(changelog.contains("## [1.0.1-hotfix5]") && !changelog.contains("## [1.0.1-hotfix1]"))
    #expect(!changelog.contains("## [1.0.1-hotfix3]"), "\(changelog)")
    let tags = try await world.sh(world.ana, "git ls-remote --tags origin 'v1.0.1-hotfix[13]'")
    #expect(tags.isEmpty, "nothing was released under a name that was overtaken")
    #expect(await world.hotfix(world.ben, "record", "verify").status == 0)
  }

  @Test func aConflictWithTheOtherReleaseIsResolvedByHandAndContinued() async throws {
    let world = try await World.withTwoFaults()
    let (first, second) = ("v1.0.1-hotfix1", "v1.0.1-hotfix2")
    try await world.begin("Fault A", first)
    try await world.fixKeeping("hotfix/\(first)")
    try await world.begin("Fault B", second)
    try await world.sh(
      world.ana,
      "git checkout -q hotfix/\(second) && sed -i.bak 's/; done$/; done # B/' wick.sh && rm *.bak"
    )
    try world.write(world.ana, ["tests/test_b.sh": "grep -q '# B' wick.sh\n"])
    try await world.commit(world.ana, "Mark B")
    try world.expect(await world.hotfix(world.ana, "next", second), 3)
    try await world.finish(first)
    let conflict = await world.hotfix(world.ana, "next", second)
    #expect(conflict.status == 1 && conflict.out.contains("[branch.conflict]"), "\(conflict.all)")
    let folder = try #require(
      conflict.out.split(separator: "\n").first { $0.contains("cd /") }?.split(separator: " ").last
    )
    let early = await world.hotfix(world.ana, "next", second)
    #expect(early.status == 1 && early.out.contains("[branch.unresolved]"), "\(early.all)")
    let place = FilePath(String(folder))
    try await world.sh(
      world.ana,
      """
      git show MERGE_HEAD:wick.sh | sed 's/; done$/; done # B/' > wick.sh
      sed -i.bak '/^<<<<<<<\\|^=======\\|^>>>>>>>/d' CHANGELOG.md && rm -f *.bak
      git add -A && git commit -q --no-edit
      """,
      in: place
    )
    let on = await world.hotfix(world.ana, "next", second, "--continue")
    #expect(on.status == 3 && on.out.contains("another state") || on.out.contains("approves"))
    #expect(!FileManager.default.fileExists(atPath: place.string), "the worktree is gone")
    try await world.finish(second)
    let script = try await world.file("wick.sh", at: second)
    #expect(script.contains("-gt 0") && script.contains("# B"))
  }

  /// Killed at every point while the base moves, and carried on from another clone.
  @Test func survivesACutWhileTheBaseMoves() async throws {
    let world = try await World.withTwoFaults()
    let (slow, fast) = ("v1.0.1-hotfix1", "v1.0.1-hotfix2")
    try await world.begin("Fault A", slow)
    try await world.fixKeeping("hotfix/\(slow)")
    try world.expect(await world.hotfix(world.ana, "next", slow), 3)
    try await world.begin("Fault B", fast)
    try await world.fixExtra("hotfix/\(fast)")
    try await world.finish(fast)
    try await world.cut(["next", slow]) { name in
      for person in [world.ana2, world.ana] {
        let next = await world.hotfix(person, "next", slow)
        #expect(next.status == 3 && next.all.contains("approves"), "\(name): \(next.all)")
      }
      let log = await world.hotfix(world.ana2, "log", slow)
      #expect(log.out.ranges(of: "base.moved").count == 1, "\(name): \(log.all)")
      let held = try await world.sh(
        world.ana2,
        "git merge-base --is-ancestor refs/remotes-tags/origin/\(fast) origin/hotfix/\(slow) "
          + "&& git ls-remote origin 'refs/hotfix-names/*' | wc -l"
      )
      #expect(held.contains("3"), "\(name): one name more was taken")
    }
  }

  @Test func aReleaseThatWasWithdrawnIsNotTakenIn() async throws {
    let world = try await World.withTwoFaults()
    let (first, second) = ("v1.0.1-hotfix1", "v1.0.1-hotfix2")
    try await world.begin("Fault A", first)
    try await world.fixKeeping("hotfix/\(first)")
    try await world.begin("Fault B", second)
    try await world.fixExtra("hotfix/\(second)")
    try await world.finish(first)
    try world.expect(await world.hotfix(world.ana, "withdraw", first, "--reason", "it hurts"), 0)
    let next = await world.hotfix(world.ana, "next", second)
    #expect(next.status == 3 && !next.all.contains("takes \(first)"), "\(next.all)")
    #expect(next.all.contains("\(first) was withdrawn"), "\(next.all)")
    let events = await world.hotfix(world.ana, "log", second).out.split(separator: "\n").count
    _ = await world.hotfix(world.ana, "next", second)
    let later = await world.hotfix(world.ana, "log", second).out.split(separator: "\n").count
    #expect(events == later, "looking again adds nothing")
  }

  /// The first one's fix is in main before its tag, so main's lease alone would not see it.
  @Test func ofTwoReleasesAtOnceTheSecondLooksAgain() async throws {
    let world = try await World.withTwoFaults()
    try await world.begin("Fault B", "v1.0.1-hotfix1")
    try await world.fixExtra("hotfix/v1.0.1-hotfix1")
    try world.expect(await world.hotfix(world.ana, "next"), 3)
    try world.expect(await world.hotfix(world.ben, "approve"), 0)
    // ben releases 1.0.1-hotfix2 on the line while ana's push is on its way.
    try await world.sh(world.ben, "git fetch -q && git checkout -q --detach v1.0.0")
    try await world.fix(world.ben)
    try await world.sh(world.ben, "git tag -s -m two v1.0.1-hotfix2")
    let path = try await world.before(
      "refs/tags/v1.0.1-hotfix1",
      "push -q origin v1.0.1-hotfix2 v1.0.1-hotfix2:refs/hotfix-lines/1.0"
    )
    let next = try await world.program(world.ana, ["next"], environment: ["PATH": path])
    #expect(next.status == 3 && next.all.contains("takes v1.0.1-hotfix2 into"), "\(next.all)")
    #expect(next.all.contains("the run is v1.0.1-hotfix3 from now on"), "\(next.all)")
    let tags = try await world.sh(world.ana, "git ls-remote --tags origin 'v1.0.1-hotfix1'")
    #expect(tags.isEmpty, "it did not go out without the other's fix")
    try await world.finish("v1.0.1-hotfix3")
    #expect(try await world.file("wick.sh", at: "v1.0.1-hotfix3").contains("-gt 0"))
    // Nobody releases under the name that it left behind.
    try await world.sh(
      world.ana,
      "git tag -s -f -m x v1.0.1-hotfix1 v1.0.1-hotfix3^{} && git push -q origin v1.0.1-hotfix1"
    )
    let old = await world.hotfix(world.ana, "ship", "v1.0.1-hotfix1")
    #expect(old.status == 1 && old.err.contains("[tag.given-up]"), "\(old.all)")
    #expect(old.err.contains("is v1.0.1-hotfix3 by now"), "\(old.all)")
  }

  @Test func otherLinesWithoutTheFixAreOffered() async throws {
    let world = try await World.withTwoFaults()
    try await world.sh(
      world.ana,
      "git tag v2.0.0 main && git tag v0.9.0 v1.0.0^{} && git tag v0.8.0 v1.0.0^{} "
        + "&& git push -q origin v2.0.0 v0.9.0 v0.8.0"
    )
    let arguments = World.opening("Fault A") + ["--base", "v1.0.0", "--affected", "1.0.0", "0.9.0"]
    try world.expect(await world.hotfix(world.ana, arguments), 0)
    try await world.start("v1.0.1-hotfix1")
    try await world.fix()
    let pick = try await world.sh(world.ana, "git rev-parse --short=12 HEAD")
    try await world.finish("v1.0.1-hotfix1")
    let report = await world.hotfix(world.ana, "report", "v1.0.1-hotfix1")
    for tag in ["v2.0.0", "v0.9.0"] {
      let offer = "\(tag) lacks the fix: hotfix open 'Fault A' --base \(tag) --pick \(pick)"
      #expect(report.out.contains(offer), "\(report.all)")
    }
    #expect(!report.out.contains("v0.8.0 lacks"), "nobody said that it has the fault")
    // The same fault on another line is no second announcement, although the run is still open.
    let other = await world.hotfix(
      world.ana,
      World.opening("Fault A") + ["--base", "v2.0.0", "--unsigned-base", "--pick", pick]
    )
    #expect(other.status == 0 && other.out.contains("shares nothing"), "\(other.all)")
  }
}
