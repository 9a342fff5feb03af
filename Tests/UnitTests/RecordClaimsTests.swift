import Git
import HotfixTesting
import Record
import ReleaseModel
import Runbook
import Testing

/// What records say of main and tags, what git says of locks, and what is done about a broken record.
@Suite struct RecordClaimsTests {
  @Test(arguments: [
    // git 2.39 over a file remote, and in a clone of one's own.
    (
      "remote: error: cannot lock ref 'refs/hotfix/x': Unable to create "
        + "'/srv/r.git/./refs/hotfix/x.lock': File exists.        \nremote: \n",
      "/srv/r.git/./refs/hotfix/x.lock", true
    ),
    (
      "error: cannot lock ref 'refs/remotes-hotfix/origin/x': Unable to create "
        + "'/home/a b/.git/refs/remotes-hotfix/origin/x.lock': File exists.\n\nAnother git process",
      "/home/a b/.git/refs/remotes-hotfix/origin/x.lock", false
    ),
    (
      "fatal: Unable to create '/home/a/.git/packed-refs.lock': File exists.",
      "/home/a/.git/packed-refs.lock", false
    ),
  ])
  func readsTheLockThatGitNames(_ words: String, _ path: String, _ isRemote: Bool) throws {
    guard case .lock(path, isRemote, let said)? = GitObstacle(words) else {
      Issue.record("\(words)")
      return
    }
    #expect(said.hasSuffix(": File exists."))
    let problem = try #require(GitObstacle(words)).problem(remote: "up")
    #expect(problem.why == said && problem.next[0].hasPrefix("rm "))
  }

  @Test(arguments: [
    "", "! refs/hotfix/x [rejected] (stale info)",
    "error: cannot lock ref 'refs/hotfix/x': is at 1 but expected 2",
    "error: Unable to create '/srv/x.lock': Permission denied",
  ])
  func takesNoOtherWordsForAnObstacle(_ words: String) {
    #expect(GitObstacle(words) == nil)
  }

  @Test func readsTheRefThatIsInTheWay() throws {
    // git 2.39 over a file remote.
    let words =
      "remote: error: cannot lock ref 'refs/hotfix-lines/1': 'refs/hotfix-lines/1/x' exists; cannot "
      + "create 'refs/hotfix-lines/1'        "
    let obstacle = try #require(GitObstacle(words))
    guard case .ref("refs/hotfix-lines/1/x", isRemote: true, _) = obstacle else {
      Issue.record("\(obstacle)")
      return
    }
    let problem = obstacle.problem(remote: "up")
    #expect(problem.code == "git.ref-in-the-way")
    #expect(problem.next[0].hasPrefix("git push up :refs/hotfix-lines/1/x "))
  }

  @Test func aLocksPathIsQuotedForTheShell() throws {
    let lock = try #require(GitObstacle("Unable to create '/a b/x.lock': File exists"))
    #expect(lock.problem(remote: "up").next[0].hasPrefix("rm '/a b/x.lock'"))
  }

  @Test func onlyWhatEndsARunHasAPlaceInTheEnd() {
    let ending: [Fact] = [
      .closed(RunClosed(missing: [])), .abandoned(RunAbandoned(reason: "r")),
      .withdrawn(ReleaseWithdrawn(tag: "t", reason: "r")),
      .concluded(
        EffectConcluded(step: "s", subject: "s", target: "t", result: .done, detail: "d")
      ),
    ]
    #expect(ending.allSatisfy { $0.chainLengthMax == Event.chainLengthMax })
    let ordinary: [Fact] = [
      .noted(Noted(text: "n")), .waived(StepWaived(step: "s", reason: "r", subject: "s")),
      .intended(EffectIntended(step: "s", subject: "s", effect: "e", target: "t")),
    ]
    #expect(ordinary.allSatisfy { $0.chainLengthMax == Event.ordinaryLengthMax })
  }
}
