import ReleaseModel
import Runbook
import Testing

/// What is read on GitHub, and what it counts for: pure rules.
@Suite struct HostedTests {
  private func review(
    _ person: String,
    _ state: HostedReview.State,
    at commit: String = "head",
    mayWrite: Bool = true
  ) -> HostedReview {
    HostedReview(person: person, state: state, commit: commit, mayWrite: mayWrite, url: "-")
  }

  private func words(_ reviews: [HostedReview], authors: Set<String> = ["ana"]) -> HostedReviews {
    HostedReviews(reviews, head: "head", authors: authors)
  }

  @Test func anApprovalCountsForExactlyThisCommit() {
    #expect(words([review("ben", .approved)]).approvals == ["ben"])
    let old = words([review("ben", .approved, at: "older")])
    #expect(old.approvals.isEmpty && old.stale == ["ben"])
    // A comment after an approval takes nothing back.
    #expect(words([review("ben", .approved), review("ben", .commented)]).approvals == ["ben"])
  }

  @Test func neitherAuthorsNorPassersByApprove() {
    #expect(words([review("ana", .approved)]).approvals.isEmpty)
    #expect(words([review("eve", .approved, mayWrite: false)]).approvals.isEmpty)
    #expect(words([review("cem", .approved)], authors: ["ana", "cem"]).approvals.isEmpty)
  }

  @Test func theLastWordOfAPersonCounts() {
    let changed = words([review("ben", .changesRequested, at: "older"), review("ben", .approved)])
    #expect(changed.approvals == ["ben"] && changed.objections.isEmpty)
    let dismissed = words([review("ben", .approved), review("ben", .dismissed)])
    #expect(dismissed.approvals.isEmpty && dismissed.objections.isEmpty)
    let standing = words([review("ben", .changesRequested, at: "older"), review("cem", .approved)])
    #expect(standing.approvals == ["cem"] && standing.objections.map(\.person) == ["ben"])
  }

  /// The words are those that the tools print (Actions' logs, codesign, notarytool, XCTest).
  @Test(arguments: [
    (
      "2026-11-02T10:11:12.1234567Z Lantern.app: CSSMERR_TP_CERT_EXPIRED\n2026-11-02T10:11:13Z FAILED",
      WorkflowTrouble.Kind.certificate
    ),
    ("  status: Invalid\nerror: x", .notarization),
    (
      "Error: HTTP status code: 401. Invalid credentials. Username or password is incorrect.",
      .credentials
    ),
    ("##[error]The runner has received a shutdown signal.", .infrastructure),
    ("error: The build did not make dist/a.zip.\n[artifact.missing]", .artifact),
    ("Tests failed\n##[error]Process completed with exit code 1.", .test),
    (
      "##[group]Run if fails; then echo CSSMERR_TP_CERT_EXPIRED; fi\n##[endgroup]\nTests failed",
      .test
    ),
    ("something\n##[error]Process completed with exit code 3.", .unknown), ("", .unknown),
  ])
  func logsAreClassified(log: String, kind: WorkflowTrouble.Kind) {
    let trouble = WorkflowTrouble(log: log)
    #expect(trouble.kind == kind)
    #expect(!trouble.remedy(run: 7).isEmpty)
    #expect(trouble.isSafeToRepeat == (kind == .infrastructure))
  }

  @Test(arguments: [
    ("candidate.version", WorkflowTrouble.Kind.artifact), ("feed.backwards", .unknown),
  ])
  func aProblemOfThisToolIsToldWhole(code: String, kind: WorkflowTrouble.Kind) {
    let log = """
      2026-11-02T10:11:12.1234567Z   … candidate: builds it
      2026-11-02T10:11:12.1234567Z error: a.zip says that it is another version than 1.0.1.
      2026-11-02T10:11:12.1234567Z   Info.plist: 9.9.9
      2026-11-02T10:11:12.1234567Z   [\(code)], step candidate
      2026-11-02T10:11:12.1234567Z next:  hotfix next
      """
    let trouble = WorkflowTrouble(log: log)
    #expect(trouble.kind == kind)
    #expect(
      trouble.lines == [
        "error: a.zip says that it is another version than 1.0.1.", "  Info.plist: 9.9.9",
        "  [\(code)], step candidate",
      ]
    )
  }

  @Test func aLogsLinesAreToldWithoutTheirTimes() {
    let log = "2026-11-02T10:11:12.1234567Z ok\n2026-11-02T10:11:13.0Z ##[error]exit code 3."
    #expect(WorkflowTrouble(log: log).lines == ["##[error]exit code 3."])
  }

  /// The words are GitHub's own, as git shows them.
  @Test(arguments: [
    ("remote: error: GH006: Protected branch update failed for refs/heads/main.", "push.protected"),
    (
      "remote: error: GH013: Repository rule violations found for refs/tags/v1.0.1.\n"
        + "remote: - Cannot create ref due to creations being restricted.", "push.tag-rule"
    ),
    (
      "remote: error: GH013: Repository rule violations found for refs/heads/fix.\n"
        + "remote: - Push cannot contain secrets", "push.secret"
    ),
    ("! [remote rejected] main -> main (pre-receive hook declined)", "push.hook"),
  ])
  func pushesThatGitHubRefusesAreNamed(words: String, code: String) {
    #expect(PushProblem.problem(words).code == code)
  }

  @Test func reachIsTheShareOfDownloadsThatHaveTheFault() {
    func reach(_ faulty: Int, of all: Int) -> Reach {
      Reach(releases: [
        .init(
          version: VersionName("1.0.0"),
          tag: "v1.0.0",
          hasFault: false,
          downloads: all - faulty
        ),
        .init(version: VersionName("1.1.0"), tag: "v1.1.0", hasFault: true, downloads: faulty),
      ])
    }
    #expect(reach(10, of: 100).answer == "many" && reach(9, of: 100).answer == "some")
    #expect(reach(1, of: 100).answer == "some" && reach(1, of: 1000).answer == "few")
    #expect(reach(1, of: 100).affected.map(\.text) == ["1.1.0"])
    #expect(reach(0, of: 0).answer == nil, "nothing is counted")
  }

  @Test func issuesAreNamedByKeywordsAndTitles() {
    #expect(LinkedIssues.closed(by: "Keep words\n\nFixes #12, closes: #7. See #99") == [12, 7])
    #expect(LinkedIssues.closed(by: "prefixes #3 and fix 4").isEmpty)
    #expect(LinkedIssues.named(in: "#5: words are lost (#6), not a&#39; or x#7") == [5, 6])
  }
}
