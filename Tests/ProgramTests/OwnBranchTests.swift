import Foundation
import HotfixTesting
import ReleaseModel
import Testing

/// A branch belongs to its run: it starts empty, and its commits stay findable.
@Suite struct OwnBranchTests {
  @Test func anAbandonedBranchLeavesTheRemoteAndItsCommitsStayFindable() async throws {
    let world = try await World()
    try await world.begin("Fault A", "v1.0.1-hotfix1")
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
    try await world.begin("Fault A", "v1.0.1-hotfix2")
    let branch = "origin/hotfix/v1.0.1-hotfix2"
    try await world.sh(world.ana, "test $(git rev-parse v1.0.0^{}) = $(git rev-parse \(branch))")
  }

  @Test func anAbandonedBranchThatWasPushedToMeanwhileStays() async throws {
    let world = try await World()
    try await world.begin("Fault A", "v1.0.1-hotfix1")
    try await world.sh(world.ben, "git fetch -q && git checkout -q hotfix/v1.0.1-hotfix1")
    try world.write(world.ben, ["late.txt": "late\n"])
    try await world.commit(world.ben, "Come late")
    // ben's push lands between ana's look and hers.
    let path = try await world.before("refs/heads/hotfix", "push -q origin HEAD")
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
    try await world.begin("Fault A", "v1.0.1-hotfix1")
    try world.write(world.ana, ["old.txt": "old\n"])
    let date = "GIT_COMMITTER_DATE='2020-01-01T00:00:00Z'"
    try await world.sh(world.ana, "git add -A && \(date) git commit -q -m 'An old idea'")
    try await world.fix()
    let next = await world.hotfix(world.ana, "next")
    #expect(next.status == 1 && next.out.contains("[branch.foreign]"), "\(next.all)")
    #expect(next.out.contains("An old idea") && !next.out.contains("Keep the last word"))
  }

  @Test func survivesACutWhileARunIsAbandoned() async throws {
    let world = try await World()
    try await world.begin("Fault A", "v1.0.1-hotfix1")
    try await world.fix()
    try world.expect(await world.hotfix(world.ana, "next"), 3)
    try await world.cut(["abandon", "--reason", "a wrong idea"]) { name in
      _ = await world.hotfix(world.ana2, "abandon", "--reason", "a wrong idea")
      let left = try await world.sh(
        world.ana,
        "git ls-remote origin 'refs/heads/hotfix/*' 'refs/hotfix-abandoned/*'"
      )
      #expect(!left.contains("refs/heads/") && left.contains("refs/hotfix-abandoned/"), "\(name)")
      let log = await world.hotfix(world.ana2, "log")
      #expect(log.out.contains("abandoned"), "\(name): \(log.all)")
    }
  }
}
