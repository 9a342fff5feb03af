import Foundation
import GitHubStandIn
import ReleaseModel
import Testing

/// GitHub's manners that a client must live with: limits, pages, redirects, and bad days.
@Suite struct GitHubMannersTests {
  @Test func answersUnchangedForFree() async throws {
    let world = try await StandInWorld()
    try await world.seed()
    let first = try await world.ask("GET", "/repos/\(StandInWorld.repository)")
    let tag = try #require(first.headers["etag"])
    let again = try await world.ask(
      "GET",
      "/repos/\(StandInWorld.repository)",
      headers: ["If-None-Match": tag]
    )
    #expect(again.status == 304 && again.bytes.isEmpty)
    #expect(again.headers["x-ratelimit-remaining"] == first.headers["x-ratelimit-remaining"])
    #expect(await world.standIn.requests.suffix(2).map(\.cost) == [1, 0])
    await world.standIn.stop()
  }

  @Test func leadsThroughPagesByNumber() async throws {
    let world = try await StandInWorld()
    for number in 1...3 {
      try await world.standIn.addIssue(StandInWorld.repository, title: "Issue \(number)")
    }
    let first = try await world.repo("GET", "/issues?per_page=2")
    let link = try #require(first.headers["link"])
    let next = link.split(separator: ">").first?.dropFirst().description ?? ""
    #expect(next.contains("/repositories/"))
    let second = try await world.ask("GET", next)
    #expect(second.json.items.map { $0["title"] } == ["Issue 1"])
    await world.standIn.stop()
  }

  @Test func redirectsAfterARename() async throws {
    let world = try await StandInWorld()
    try await world.standIn.rename(StandInWorld.repository, to: "candle")
    let get = try await world.repo("GET", "/releases")
    #expect(get.status == 301)
    #expect(try await world.ask("GET", get.headers["location"] ?? "").status == 200)
    #expect(try await world.repo("POST", "/issues", ["title": "a"]).status == 307)
    await world.standIn.stop()
  }

  @Test func tellsStrangersNothing() async throws {
    let world = try await StandInWorld()
    await world.standIn.addUser("eve", token: "token-eve")
    await world.standIn.addUser("anna", token: "token-narrow", scopes: [])
    #expect(try await world.ask("GET", "/user", token: "nobody").status == 401)
    #expect(try await world.repo("POST", "/releases", [:], token: "token-eve").status == 404)
    #expect(try await world.repo("POST", "/releases", [:], token: "token-narrow").status == 404)
    let broken = try await world.ask(
      "POST",
      "/repos/\(StandInWorld.repository)/issues",
      bytes: Array("{".utf8)
    )
    #expect(broken.status == 400 && broken.json["message"] == "Problems parsing JSON")
    try await world.standIn.setPrivate(StandInWorld.repository, true)
    #expect(try await world.repo("GET", "", token: "token-eve").status == 404)
    #expect(try await world.repo("GET", "", token: "token-narrow").status == 404)
    let own = try await world.repo("GET", "")
    #expect(own.headers["x-oauth-scopes"] == "repo, workflow")
    #expect(own.json["permissions"]["admin"] == true)
    try await world.standIn.archive(StandInWorld.repository)
    #expect(try await world.repo("POST", "/issues", ["title": "a"]).status == 403)
    await world.standIn.stop()
  }

  @Test func failsAsPlanned() async throws {
    let world = try await StandInWorld()
    try await world.seed()
    await world.standIn.setFaults([
      Fault("POST", "/repos/*/releases", .lostAnswer),
      Fault("GET", "/repos/*/releases", .staleRead),
      Fault("POST", "*/assets", .starter),
      Fault("GET", "/user", .secondaryLimit(retryAfter: 7), at: 2...2),
      Fault("GET", "/user", .primaryLimit(resetAfter: 60), at: 3...3),
      Fault("GET", "/meta", .closeBefore),
    ])
    let body: JSON = ["tag_name": "v1", "draft": true]
    await #expect(throws: (any Error).self) { try await world.repo("POST", "/releases", body) }
    #expect(try await world.repo("GET", "/releases").json == [], "as before the write")
    let release = try await world.repo("GET", "/releases").json[0]
    #expect(release["tag_name"] == "v1", "done, though nobody was told")
    let upload =
      "\(world.standIn.url)/api/uploads/repos/\(StandInWorld.repository)/releases/"
      + "\(release["id"].number ?? 0)/assets?name=a.zip"
    #expect(try await world.ask("POST", upload, bytes: [1, 2]).status == 502)
    let assets = try await world.repo("GET", "/releases/\(release["id"].number ?? 0)/assets").json
    #expect(assets[0]["state"] == "starter" && assets[0]["size"] == 0)
    #expect(try await world.ask("GET", "/user").status == 200)
    let secondary = try await world.ask("GET", "/user")
    #expect(secondary.status == 403 && secondary.headers["retry-after"] == "7")
    let primary = try await world.ask("GET", "/user")
    #expect(primary.headers["x-ratelimit-remaining"] == "0")
    await #expect(throws: (any Error).self) { try await world.ask("GET", "/meta") }
    #expect(try await world.ask("GET", "/meta").status == 200)
    await world.standIn.stop()
  }

  @Test func slowsDownThoseWhoWriteTooMuch() async throws {
    let world = try await StandInWorld()
    await world.standIn.setWritesPerMinute(2)
    for _ in 0..<2 {
      #expect(try await world.repo("POST", "/issues", ["title": "a"]).status == 201)
    }
    let third = try await world.repo("POST", "/issues", ["title": "a"])
    #expect(third.status == 403 && Int(third.headers["retry-after"] ?? "") ?? 0 > 0)
    #expect(try await world.repo("GET", "/issues").status == 200)
    await world.standIn.stop()
  }

  @Test func stopsWhileClientsKeepTheirConnections() async throws {
    let world = try await StandInWorld()
    let kept = try await world.ask("GET", "/meta", headers: ["X-Keep": "yes"])
    #expect(kept.status == 200)
    await world.standIn.stop()
    await #expect(throws: (any Error).self) { try await world.ask("GET", "/meta") }
  }
}
