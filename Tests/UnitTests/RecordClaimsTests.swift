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
    let lock = try #require(StaleLock(words))
    #expect(lock.path == path && lock.isRemote == isRemote)
    #expect(lock.problem.why.hasSuffix(": File exists."))
    #expect(lock.problem.next[0].hasPrefix("rm "))
  }

  @Test(arguments: [
    "", "! refs/hotfix/x [rejected] (stale info)",
    "error: cannot lock ref 'refs/hotfix/x': is at 1 but expected 2",
    "error: Unable to create '/srv/x.lock': Permission denied",
  ])
  func takesNoOtherWordsForALock(_ words: String) {
    #expect(StaleLock(words) == nil)
  }

  @Test func aLockIsShownByTheShell() throws {
    let lock = try #require(StaleLock("Unable to create '/a b/x.lock': File exists"))
    #expect(lock.problem.next[0].hasPrefix("rm '/a b/x.lock'"))
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
