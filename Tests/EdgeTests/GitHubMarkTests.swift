import Forges
import GitHubStandIn
import HotfixTesting
import Machine
import ReleaseModel
import Runbook
import Testing

/// A text with our marker is ours only where our account, or a colleague's, wrote it.
@Suite struct GitHubMarkTests {
  private let mark = "hf-20261122-k3v7q2ma issue"
  private var hidden: String { "<!-- hotfix: \(mark) -->" }

  private func forge(_ world: StandInWorld, _ token: String) throws -> Forge {
    GitHubClient(
      address: try GitHubAddress(StandInWorld.repository, server: world.standIn.url),
      http: LiveHTTP.http,
      credential: { (Secret(token), "the test") },
      pause: { _ in }
    ).forge
  }

  private func world() async throws -> StandInWorld {
    let world = try await StandInWorld()
    await world.standIn.addUser("eve", token: "token-eve")
    try await world.standIn.addAppToken(
      "wick-releases",
      token: "token-app",
      permissions: ["issues": "write", "discussions": "write"],
      repository: StandInWorld.repository
    )
    return world
  }

  /// The authors of an issue's comments, oldest first.
  private func authors(_ world: StandInWorld, _ issue: Int) async throws -> [String] {
    try await world.repo("GET", "/issues/\(issue)/comments").json.items
      .compactMap { $0["user"]["login"].text }
  }

  private func update(_ issue: Int, _ accounts: Set<String> = []) -> IssueUpdate {
    IssueUpdate(
      number: issue,
      mark: HiddenMark(mark, accounts: accounts),
      comment: "Fixed in Wick 1.0.1.",
      label: "hotfix",
      milestone: "1.0.1"
    )
  }

  @Test(arguments: [("token-anna", "anna"), ("token-app", "wick-releases[bot]")])
  func aStrangersCommentWithTheMarkerTellsNobody(_ token: String, _ account: String) async throws {
    let world = try await world()
    let issue = try await world.standIn.addIssue(StandInWorld.repository, title: "Words are lost")
    let path = "/repos/\(StandInWorld.repository)/issues/\(issue)"
    let guessed = try await world.ask(
      "POST",
      "\(path)/comments",
      ["body": .string("Fixed.\n\n\(hidden)")],
      token: "token-eve"
    )
    #expect(guessed.status == 201)
    _ = try await world.ask("PATCH", path, ["state": "closed"])
    let forge = try forge(world, token)
    #expect(try await forge.account() == account)
    #expect(try await forge.issues.isSettled(issue, update(issue).mark) == false)
    try await forge.issues.settle(update(issue))
    try await forge.issues.settle(update(issue))
    #expect(try await authors(world, issue) == ["eve", account])
    #expect(try await forge.issues.isSettled(issue, update(issue).mark) == true)
    // A colleague goes by what the record says of whose account it was.
    let ben = try self.forge(world, "token-ben")
    #expect(try await ben.issues.isSettled(issue, update(issue).mark) == false)
    #expect(try await ben.issues.isSettled(issue, update(issue, [account]).mark) == true)
    try await ben.issues.settle(update(issue, [account]))
    #expect(try await authors(world, issue) == ["eve", account])
    await world.standIn.stop()
  }

  /// Whoever quotes us says what we said, and does not say it for us.
  @Test func ourOwnQuotationOfAStrangerTellsNobody() async throws {
    let world = try await world()
    let issue = try await world.standIn.addIssue(StandInWorld.repository, title: "Words are lost")
    _ = try await world.repo(
      "POST",
      "/issues/\(issue)/comments",
      ["body": .string("> \(hidden)\n\nWhat is this?")]
    )
    let forge = try forge(world, "token-anna")
    try await forge.issues.settle(update(issue))
    #expect(try await authors(world, issue) == ["anna", "anna"])
    await world.standIn.stop()
  }

  @Test(arguments: [("token-anna", "anna"), ("token-app", "wick-releases[bot]")])
  func aStrangersDiscussionIsNoAnnouncement(_ token: String, _ account: String) async throws {
    let world = try await world()
    try await world.standIn.addDiscussionCategory(StandInWorld.repository, "News")
    let key = HiddenMark("00ff", accounts: [])
    let eve = try forge(world, "token-eve")
    let theirs = try await eve.publicity.discuss("News", "Wick 1.0.1", "A trap", key)
    let forge = try forge(world, token)
    let ours = try await forge.publicity.discuss("News", "Wick 1.0.1", "It is fixed", key)
    #expect(ours != theirs)
    #expect(try await forge.publicity.discuss("News", "Wick 1.0.1", "It is fixed", key) == ours)
    let ben = try self.forge(world, "token-ben")
    let known = HiddenMark("00ff", accounts: [account])
    #expect(try await ben.publicity.discuss("News", "Wick 1.0.1", "It is fixed", known) == ours)
    let said = try await world.standIn.discussions(StandInWorld.repository, in: "News").map(\.1)
    #expect(said.count == 2 && said[1].hasPrefix("It is fixed"), "\(said)")
    await world.standIn.stop()
  }

  /// Anybody can report a fault in private; it is listed with our drafts, and must not go out.
  @Test func aStrangersReportIsNotOurAdvisory() async throws {
    let world = try await world()
    let mark = HiddenMark("hf-20261122-k3v7q2ma advisory", accounts: [])
    let report: JSON = [
      "summary": "A trap", "vulnerabilities": [],
      "description": .string("x\n\n<!-- hotfix: \(mark.marker) -->"),
    ]
    let path = "/repos/\(StandInWorld.repository)/security-advisories"
    let reported = try await world.ask("POST", "\(path)/reports", report, token: "token-eve")
    #expect(reported.status == 201 && reported.json["state"].text == "triage")
    let forge = try forge(world, "token-anna")
    #expect(try await forge.publicity.advisory(mark) == nil)
    let text = AdvisoryText(
      mark: mark,
      summary: "Words leak",
      description: "Words leak",
      severity: "high",
      package: "Wick",
      affected: ["1.0.0"],
      fixed: "1.0.1"
    )
    let made = try await forge.publicity.draftAdvisory(text)
    #expect(try await forge.publicity.draftAdvisory(text).id == made.id)
    try await forge.publicity.publishAdvisory(made.id)
    let all = try await world.ask("GET", path).json.items
    let states = all.map { "\($0["summary"].text ?? "") \($0["state"].text ?? "")" }.sorted()
    #expect(states == ["A trap triage", "Words leak published"])
    await world.standIn.stop()
  }
}
