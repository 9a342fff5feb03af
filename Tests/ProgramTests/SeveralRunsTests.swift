import Foundation
import HotfixTesting
import ReleaseModel
import Testing

/// Several hotfixes at once: names, bases that move, and branches that belong to their runs.
@Suite struct SeveralRunsTests {
  /// Two faults of Wick, and a fix for each; the second fix says nothing about the first fault.
  static func world() async throws -> World {
    try await World(settings: { text in
      text.split(separator: "\n", omittingEmptySubsequences: false).map {
        $0.hasPrefix("verify:") ? "verify: { from: 3, fix: \"true\" }" : String($0)
      }.joined(separator: "\n")
    })
  }

  static func open(_ title: String) -> [String] {
    ["open", title] + World.openArguments.dropFirst(2)
  }

  /// Opens a run and carries it to the author.
  private func begin(_ world: World, _ title: String, _ tag: String) async throws {
    try world.expect(await world.hotfix(world.ana, Self.open(title)), 0)
    try await start(world, tag)
  }

  private func start(_ world: World, _ tag: String) async throws {
    try world.expect(await world.hotfix(world.ben, "approve", "--run", tag), 0)
    try world.expect(await world.hotfix(world.ana, "next", tag), 3)
  }

  private func fixExtra(_ world: World, _ branch: String) async throws {
    try await world.sh(world.ana, "git checkout -q \(branch)")
    try world.write(
      world.ana,
      ["extra.sh": "echo extra\n", "tests/test_extra.sh": "test -f extra.sh\n"]
    )
    try await world.commit(world.ana, "Add what is missing")
  }

  private func fixKeeping(_ world: World, _ branch: String) async throws {
    try await world.sh(world.ana, "git checkout -q \(branch)")
    try await world.fix()
  }

  /// Runs `next`, and lets ben approve, until every step holds.
  private func finish(_ world: World, _ tag: String) async throws {
    for _ in 0..<6 {
      let next = await world.hotfix(world.ana, "next", tag)
      if next.status == 0 { return }
      guard next.status == 3, next.all.contains("approves") else {
        throw Problem("test.finish", "\(tag) stopped.", why: next.all, next: ["-"])
      }
      try world.expect(await world.hotfix(world.ben, "approve", "--run", tag), 0)
    }
    throw Problem("test.finish", "\(tag) did not come to its end.", next: ["-"])
  }

  private func file(_ world: World, _ name: String, at tag: String) async throws -> String {
    try await world.sh(world.ana, "git fetch -q origin --tags && git show \(tag):\(name)")
  }

  // MARK: names

  @Test func twoPeopleWhoOpenAtOnceGetTwoNames() async throws {
    let world = try await World()
    for round in 0..<5 {
      async let first = world.hotfix(world.ana, Self.open("Fault A\(round)"))
      async let second = world.hotfix(world.ben, Self.open("Fault B\(round)"))
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
    async let first = world.hotfix(world.ana, Self.open("Words are lost"))
    async let second = world.hotfix(world.ben, Self.open("words  are LOST "))
    let outcomes = await [first, second]
    let refused = try #require(outcomes.first { $0.status != 0 })
    #expect(outcomes.filter { $0.status == 0 }.count == 1)
    #expect(refused.err.contains("[open.same]"), "\(refused.all)")
    #expect(refused.err.contains("hotfix approve --run v1.0.1-hotfix1"), "\(refused.all)")
    let other = await world.hotfix(world.ben, Self.open("Another fault"))
    #expect(other.status == 0 && other.out.contains("v1.0.1-hotfix2"), "\(other.all)")
    #expect(other.out.contains("also open: v1.0.1-hotfix1"), "\(other.all)")
    #expect(other.out.contains("same release line"), "\(other.all)")
    #expect(other.out.contains("waits for a reviewer other than"), "\(other.all)")
  }

  @Test func severalOpenRunsAreAShortList() async throws {
    let world = try await World()
    try await begin(world, "Fault A", "v1.0.1-hotfix1")
    try world.expect(await world.hotfix(world.ana, Self.open("Fault B")), 0)
    let next = await world.hotfix(world.ana, "next")
    #expect(next.status == 1 && next.err.contains("[run.several]"), "\(next.all)")
    #expect(next.err.contains("hotfix next v1.0.1-hotfix1     \"Fault A\": waits for the author"))
    let status = await world.hotfix(world.ana, "status")
    #expect(status.status == 0, "\(status.all)")
    #expect(
      status.out.contains("hotfix next v1.0.1-hotfix2     \"Fault B\": waits for a reviewer"),
      "\(status.all)"
    )
  }

  // MARK: bases that move

  @Test func theSecondReleaseContainsTheFirst() async throws {
    let world = try await Self.world()
    let (first, second) = ("v1.0.1-hotfix1", "v1.0.1-hotfix2")
    try await begin(world, "Fault A", first)
    try await fixKeeping(world, "hotfix/\(first)")
    try await begin(world, "Fault B", second)
    try await fixExtra(world, "hotfix/\(second)")
    // The second is reviewed already when the first comes out.
    try world.expect(await world.hotfix(world.ana, "next", second), 3)
    try world.expect(await world.hotfix(world.ben, "approve", "--run", second), 0)
    try await finish(world, first)
    let status = await world.hotfix(world.ben, "status", second, "--fetch")
    #expect(status.out.contains("was released since"), "\(status.all)")
    let again = await world.hotfix(world.ana, "next", second)
    #expect(again.status == 3 && again.all.contains("takes \(first) into"), "\(again.all)")
    #expect(again.out.contains("another state"), "reviews count anew: \(again.all)")
    #expect(!again.out.contains("is a merge"), "\(again.all)")
    // The tool's own merge makes nobody an author.
    #expect(again.out.contains("other than ana@example.org"), "\(again.all)")
    try await finish(world, second)
    #expect(try await file(world, "wick.sh", at: second).contains("-gt 0"))
    #expect(try await file(world, "extra.sh", at: second) == "echo extra")
    let changelog = try await file(world, "CHANGELOG.md", at: second)
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
    let world = try await Self.world()
    let (slow, fast) = ("v1.0.1-hotfix1", "v1.0.1-hotfix2")
    try await begin(world, "Fault A", slow)
    try await fixKeeping(world, "hotfix/\(slow)")
    try world.expect(await world.hotfix(world.ana, "next", slow), 3)
    try await begin(world, "Fault B", fast)
    try await fixExtra(world, "hotfix/\(fast)")
    try await finish(world, fast)
    let overtaken = await world.hotfix(world.ana, "next", slow)
    #expect(
      overtaken.all.contains("the run is v1.0.1-hotfix3 from now on"),
      "\(overtaken.all)"
    )
    let names = try await world.sh(world.ana, "git ls-remote origin 'refs/hotfix-names/*'")
    #expect(names.contains("refs/hotfix-names/v1.0.1-hotfix3"))
    // The old name still finds it, and a new run gets another one.
    #expect(await world.hotfix(world.ben, "status", slow, "--fetch").status == 0)
    try await begin(world, "Fault C", "v1.0.1-hotfix4")
    try await world.sh(world.ana, "git checkout -q hotfix/v1.0.1-hotfix4")
    try world.write(world.ana, ["c.sh": "c\n", "tests/test_c.sh": "test -f c.sh\n"])
    try await world.commit(world.ana, "Add c")
    try await finish(world, "v1.0.1-hotfix4")
    let twice = await world.hotfix(world.ana, "next", slow)
    #expect(twice.all.contains("takes v1.0.1-hotfix4 into"), "\(twice.all)")
    try await finish(world, "v1.0.1-hotfix5")
    for name in ["extra.sh", "c.sh"] {
      _ = try await file(world, name, at: "v1.0.1-hotfix5")
    }
    let changelog = try await file(world, "CHANGELOG.md", at: "v1.0.1-hotfix5")
    #expect(changelog.contains("## [1.0.1-hotfix5]") && !changelog.contains("## [1.0.1-hotfix1]"))
    #expect(!changelog.contains("## [1.0.1-hotfix3]"), "\(changelog)")
    let tags = try await world.sh(world.ana, "git ls-remote --tags origin 'v1.0.1-hotfix[13]'")
    #expect(tags.isEmpty, "nothing was released under a name that was overtaken")
    #expect(await world.hotfix(world.ben, "record", "verify").status == 0)
  }

  @Test func aConflictWithTheOtherReleaseIsResolvedByHandAndContinued() async throws {
    let world = try await Self.world()
    let (first, second) = ("v1.0.1-hotfix1", "v1.0.1-hotfix2")
    try await begin(world, "Fault A", first)
    try await fixKeeping(world, "hotfix/\(first)")
    try await begin(world, "Fault B", second)
    try await world.sh(
      world.ana,
      "git checkout -q hotfix/\(second) && sed -i.bak 's/; done$/; done # B/' wick.sh && rm *.bak"
    )
    try world.write(world.ana, ["tests/test_b.sh": "grep -q '# B' wick.sh\n"])
    try await world.commit(world.ana, "Mark B")
    try world.expect(await world.hotfix(world.ana, "next", second), 3)
    try await finish(world, first)
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
    try await finish(world, second)
    let script = try await file(world, "wick.sh", at: second)
    #expect(script.contains("-gt 0") && script.contains("# B"))
  }

  @Test func aReleaseThatWasWithdrawnIsNotTakenIn() async throws {
    let world = try await Self.world()
    let (first, second) = ("v1.0.1-hotfix1", "v1.0.1-hotfix2")
    try await begin(world, "Fault A", first)
    try await fixKeeping(world, "hotfix/\(first)")
    try await begin(world, "Fault B", second)
    try await fixExtra(world, "hotfix/\(second)")
    try await finish(world, first)
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
    let world = try await Self.world()
    try await begin(world, "Fault B", "v1.0.1-hotfix1")
    try await fixExtra(world, "hotfix/v1.0.1-hotfix1")
    try world.expect(await world.hotfix(world.ana, "next"), 3)
    try world.expect(await world.hotfix(world.ben, "approve"), 0)
    // ben releases 1.0.1-hotfix2 on the line while ana's push is on its way.
    try await world.sh(world.ben, "git fetch -q && git checkout -q --detach v1.0.0")
    try await world.fix(world.ben)
    try await world.sh(world.ben, "git tag -s -m two v1.0.1-hotfix2")
    let path = try await before(
      "refs/tags/v1.0.1-hotfix1",
      in: world,
      "push -q origin v1.0.1-hotfix2 v1.0.1-hotfix2:refs/hotfix-lines/1.0"
    )
    let next = try await world.program(world.ana, ["next"], environment: ["PATH": path])
    #expect(next.status == 3 && next.all.contains("takes v1.0.1-hotfix2 into"), "\(next.all)")
    #expect(next.all.contains("the run is v1.0.1-hotfix3 from now on"), "\(next.all)")
    let tags = try await world.sh(world.ana, "git ls-remote --tags origin 'v1.0.1-hotfix1'")
    #expect(tags.isEmpty, "it did not go out without the other's fix")
    try await finish(world, "v1.0.1-hotfix3")
    #expect(try await file(world, "wick.sh", at: "v1.0.1-hotfix3").contains("-gt 0"))
  }

  @Test func otherLinesWithoutTheFixAreOffered() async throws {
    let world = try await Self.world()
    try await world.sh(
      world.ana,
      "git tag v2.0.0 main && git tag v0.9.0 v1.0.0^{} && git tag v0.8.0 v1.0.0^{} "
        + "&& git push -q origin v2.0.0 v0.9.0 v0.8.0"
    )
    let arguments = Self.open("Fault A") + ["--base", "v1.0.0", "--affected", "1.0.0", "0.9.0"]
    try world.expect(await world.hotfix(world.ana, arguments), 0)
    try await start(world, "v1.0.1-hotfix1")
    try await world.fix()
    let pick = try await world.sh(world.ana, "git rev-parse --short=12 HEAD")
    try await finish(world, "v1.0.1-hotfix1")
    let report = await world.hotfix(world.ana, "report", "v1.0.1-hotfix1")
    for tag in ["v2.0.0", "v0.9.0"] {
      let offer = "\(tag) lacks the fix:  hotfix open 'Fault A' --base \(tag) --pick \(pick)"
      #expect(report.out.contains(offer), "\(report.all)")
    }
    #expect(!report.out.contains("v0.8.0 lacks"), "nobody said that it has the fault")
    // The same fault on another line is no second announcement, although the run is still open.
    let other = await world.hotfix(
      world.ana,
      Self.open("Fault A") + ["--base", "v2.0.0", "--unsigned-base", "--pick", pick]
    )
    #expect(other.status == 0 && other.out.contains("shares nothing"), "\(other.all)")
  }

  /// Returns a PATH whose git runs ben's command once, before the first push that names `ref`.
  private func before(_ ref: String, in world: World, _ command: String) async throws -> String {
    let git = try await world.sh(world.ana, "command -v git")
    let tools = world.path.appending("tools")
    let script = """
      #!/bin/sh
      case "$*" in *" push "*\(ref)*) [ -e '\(tools)/done' ] || {
        touch '\(tools)/done'; '\(git)' -C '\(world.ben.clone)' \(command) >&2; } ;; esac
      exec '\(git)' "$@"
      """
    try await world.sh(world.ana, "mkdir \(tools)")
    try script.write(toFile: "\(tools)/git", atomically: true, encoding: .utf8)
    try await world.sh(world.ana, "chmod +x \(tools)/git")
    return "\(tools):\(world.ana.environment["PATH"] ?? "")"
  }

  // MARK: branches

  @Test func anAbandonedBranchLeavesTheRemoteAndItsCommitsStayFindable() async throws {
    let world = try await World()
    try await begin(world, "Fault A", "v1.0.1-hotfix1")
    try await world.fix()
    let head = try await world.sh(world.ana, "git rev-parse HEAD")
    let abandoned = await world.hotfix(world.ana, "abandon", "--reason", "a wrong idea")
    #expect(abandoned.status == 0, "\(abandoned.all)")
    let left = try await world.sh(world.ana, "git ls-remote origin 'refs/heads/hotfix/*'")
    #expect(left.isEmpty)
    let tracked = try await world.sh(world.ana, "git for-each-ref refs/remotes/origin/hotfix")
    #expect(tracked.isEmpty)
    let command = try #require(abandoned.out.firstMatch(of: /git fetch origin \S+:\S+/))
    try await world.sh(world.ben, String(command.0))
    #expect(try await world.sh(world.ben, "git rev-parse recovered") == head)
    // A new run starts empty, under another name, also in the clone that has the old branch.
    try await begin(world, "Fault A", "v1.0.1-hotfix2")
    let branch = "origin/hotfix/v1.0.1-hotfix2"
    try await world.sh(world.ana, "test $(git rev-parse v1.0.0^{}) = $(git rev-parse \(branch))")
  }

  @Test func anAbandonedBranchThatWasPushedToMeanwhileStays() async throws {
    let world = try await World()
    try await begin(world, "Fault A", "v1.0.1-hotfix1")
    try await world.sh(world.ben, "git fetch -q && git checkout -q hotfix/v1.0.1-hotfix1")
    try world.write(world.ben, ["late.txt": "late\n"])
    try await world.commit(world.ben, "Come late")
    // ben's push lands between ana's look and hers.
    let path = try await before("refs/heads/hotfix", in: world, "push -q origin HEAD")
    let abandoned = try await world.program(
      world.ana,
      ["abandon", "--reason", "a wrong idea"],
      environment: ["PATH": path]
    )
    #expect(abandoned.status == 0, "\(abandoned.all)")
    #expect(abandoned.out.contains("ben@example.org Come late"), "\(abandoned.all)")
    #expect(abandoned.out.contains("was pushed to meanwhile"), "\(abandoned.all)")
    let left = try await world.sh(world.ana, "git ls-remote origin 'refs/heads/hotfix/*'")
    #expect(!left.isEmpty, "the branch is untouched")
    let delete = try #require(abandoned.out.firstMatch(of: /git push --force-with-lease.*:hot\S+/))
    try await world.sh(world.ana, String(delete.0))
    #expect(try await world.sh(world.ana, "git ls-remote origin 'refs/heads/hotfix/*'").isEmpty)
  }

  @Test func aBranchThatWasThereIsRefusedUnlessItIsAdopted() async throws {
    let world = try await World()
    try await world.sh(world.ana, "git checkout -q -b hotfix/v1.0.1-hotfix1 v1.0.0")
    try await world.fix()
    try await world.sh(world.ana, "git push -q origin HEAD && git checkout -q main")
    let refused = await world.hotfix(world.ben, World.openArguments)
    #expect(refused.status == 1 && refused.err.contains("[branch.taken]"), "\(refused.all)")
    #expect(refused.err.contains("Keep the last word"), "the commits are shown")
    let adopted = await world.hotfix(
      world.ben,
      World.openArguments + ["--branch", "hotfix/v1.0.1-hotfix1"]
    )
    #expect(adopted.status == 0, "\(adopted.all)")
    #expect(adopted.out.contains("1 commits:") && adopted.out.contains("Keep the last word"))
    try world.expect(await world.hotfix(world.ana, "approve"), 0)
    let next = await world.hotfix(world.ana2, "next")
    #expect(next.status == 3 && next.all.contains("approves code-review"), "\(next.all)")
  }

  @Test func aBranchMadeBetweenOpenAndNextIsNotTheRuns() async throws {
    let world = try await World()
    try world.expect(await world.hotfix(world.ana, World.openArguments), 0)
    try world.expect(await world.hotfix(world.ben, "approve"), 0)
    try await world.sh(world.ben, "git checkout -q -b hotfix/v1.0.1-hotfix1 v1.0.0")
    try await world.fix(world.ben)
    try await world.sh(world.ben, "git push -q origin HEAD")
    let next = await world.hotfix(world.ana, "next")
    #expect(next.status == 1 && next.out.contains("[branch.taken]"), "\(next.all)")
    let rename = try #require(next.out.firstMatch(of: /git push origin \S+ :\S+/))
    try await world.sh(world.ana, String(rename.0))
    let on = await world.hotfix(world.ana, "next")
    #expect(on.status == 3 && on.all.contains("commits the fix"), "\(on.all)")
  }

  @Test func commitsThatWereThereBeforeTheRunAreRefused() async throws {
    let world = try await World()
    try await begin(world, "Fault A", "v1.0.1-hotfix1")
    try world.write(world.ana, ["old.txt": "old\n"])
    let date = "GIT_COMMITTER_DATE='2020-01-01T00:00:00Z'"
    try await world.sh(world.ana, "git add -A && \(date) git commit -q -m 'An old idea'")
    try await world.fix()
    let next = await world.hotfix(world.ana, "next")
    #expect(next.status == 1 && next.out.contains("[branch.foreign]"), "\(next.all)")
    #expect(next.out.contains("An old idea") && !next.out.contains("Keep the last word"))
  }
}
