import Foundation
import Git
import GitHubStandIn
import ReleaseModel
import Testing

/// The stand-in does what GitHub's documentation says, as far as a release needs it.
@Suite struct GitHubStandInTests {
  @Test func servesGitOverHTTP() async throws {
    let world = try await StandInWorld()
    try await world.seed()
    let anonymous = try await world.git("ls-remote", world.remote(token: nil))
    #expect(anonymous.text.contains("refs/heads/main"), "anybody reads what is public")
    let refused = try await world.git("push", world.remote(token: nil), "main:other")
    #expect(!refused.succeeded)
    try await world.standIn.setPrivate(StandInWorld.repository, true)
    #expect(try await !world.git("ls-remote", world.remote(token: "stolen")).succeeded)
    #expect(try await !world.git("ls-remote", world.remote(token: nil)).succeeded)
    #expect(try await world.git("ls-remote", world.remote()).succeeded)
    await world.standIn.stop()
  }

  @Test func refusesPushesInGitHubsWords() async throws {
    let world = try await StandInWorld()
    try await world.seed()
    try await world.standIn.protect(StandInWorld.repository, branch: "main", requiredChecks: ["ci"])
    try await world.standIn.addRuleset(
      StandInWorld.repository,
      name: "tags",
      target: "tag",
      include: ["v*"],
      rules: [.creation]
    )
    try await world.commit(["a.txt": "a"], "Add a")
    let refused = try await world.git("push", "origin", "main")
    #expect(
      refused.errors.contains(
        "remote: error: GH006: Protected branch update failed for refs/heads/main."
      )
    )
    #expect(refused.errors.contains("Changes must be made through a pull request."))
    #expect(refused.errors.contains("main -> main (protected branch hook declined)"))
    try await world.git("tag", "v1")
    let tag = try await world.git("push", "origin", "v1", "main:refs/heads/side")
    #expect(
      tag.errors.contains("GH013: Repository rule violations found for refs/tags/v1."),
      "\(tag.errors)"
    )
    #expect(tag.errors.contains("v1 -> v1 (push declined due to repository rule violations)"))
    let branches = try await world.repo("GET", "/branches").json.items.map { $0["name"].text }
    #expect(branches == ["main", "side"], "the other refs of a push go through")
    let hidden = try await world.git("push", "origin", "main:refs/pull/1/head")
    #expect(hidden.errors.contains("deny updating a hidden ref"))
    let together = try await world.git("push", "--atomic", "origin", "v1", "main:refs/heads/third")
    #expect(!together.succeeded)
    #expect(try await world.repo("GET", "/branches/third").status == 404, "all or nothing")
    await world.standIn.addUser("anna", token: "token-narrow", scopes: ["repo"])
    try await world.git("checkout", "--quiet", "-b", "work")
    try await world.commit([".github/workflows/a.yml": "on: push"], "Add a workflow")
    let narrow = try await world.git("push", world.remote(token: "token-narrow"), "work")
    #expect(
      narrow.errors.contains(
        "(refusing to allow a Personal Access Token to create or update workflow "
          + "`.github/workflows/a.yml` without `workflow` scope)"
      ),
      "\(narrow.errors)"
    )
    await world.standIn.stop()
  }

  @Test(arguments: APIVersion.allCases)
  func publishesARelease(_ version: APIVersion) async throws {
    let world = try await StandInWorld(version)
    try await world.seed()
    let draft = try await world.repo(
      "POST",
      "/releases",
      ["tag_name": "v1.0", "name": "1.0", "draft": true, "make_latest": "false"]
    )
    #expect(draft.status == 201)
    #expect(try await world.repo("GET", "/releases/tags/v1.0").status == 404, "a draft has no tag")
    // A tag is no target, also where it is the release's own.
    let target: JSON = ["tag_name": "v2.0", "target_commitish": "v2.0"]
    let refused = try await world.repo("POST", "/releases", target)
    #expect(refused.status == 422 && refused.json["errors"].items.count == 3)
    let address = draft.json["upload_url"].text?.split(separator: "{").first.map(String.init) ?? ""
    let upload = try await world.ask(
      "POST",
      address + "?name=wick%201.zip",
      bytes: Array("bytes".utf8),
      headers: ["Content-Type": "application/zip"]
    )
    #expect(upload.status == 201)
    #expect(upload.json["name"].text == "wick.1.zip", "names are made safe")
    #expect(
      upload.json["digest"].text
        == "sha256:277089d91c0bdf4f2e6862ba7e4a07605119431f5d13f726dd352b06f1b206a9"
    )
    let twice = try await world.ask("POST", address + "?name=wick.1.zip", bytes: [1])
    #expect(twice.status == 422)
    #expect(twice.json["errors"][0]["code"].text == "already_exists")
    let id = draft.json["id"].number ?? 0
    let early = try await world.repo("PATCH", "/releases/\(id)", ["make_latest": "true"])
    #expect(early.json["errors"][0]["code"] == "custom", "a draft cannot be the latest")
    // What the draft said is not kept, so it is said again.
    let published = try await world.repo(
      "PATCH",
      "/releases/\(id)",
      ["draft": false, "make_latest": "false"]
    )
    #expect(published.json["draft"].truth == false)
    #expect(try await world.repo("GET", "/git/ref/tags/v1.0").status == 200)
    #expect(try await world.repo("GET", "/releases/latest").status == 404, "it asked not to be")

    let asset = published.json["assets"][0]
    let page = try await world.ask("GET", asset["browser_download_url"].text ?? "", token: nil)
    #expect(page.status == 302)
    let elsewhere = page.headers["location"] ?? ""
    #expect(elsewhere.hasPrefix("http://localhost:"), "another host: the token stays behind")
    let bytes = try await world.ask("GET", elsewhere, token: nil)
    #expect(String(decoding: bytes.bytes, as: UTF8.self) == "bytes")
    #expect(await world.standIn.requests.last?.wasAuthorized == false)
    let some = try await world.ask("GET", elsewhere, token: nil, headers: ["Range": "bytes=1-2"])
    #expect(some.status == 206 && String(decoding: some.bytes, as: UTF8.self) == "yt")
    #expect(some.headers["content-range"] == "bytes 1-2/5")
    await world.standIn.stop()
  }

  @Test(arguments: ["merge", "squash", "rebase"])
  func mergesForReal(_ method: String) async throws {
    let world = try await StandInWorld()
    try await world.seed()
    let number = try await world.pull("fix", ["one", "two"])
    #expect(try await world.repo("GET", "/pulls/\(number)").json["mergeable"] == .null)
    let first = try await world.repo("GET", "/pulls/\(number)").json
    #expect(first["mergeable"] == .bool(true), "who asks again is told")
    #expect(first["commits"] == 2)
    let stale = try await world.repo(
      "PUT",
      "/pulls/\(number)/merge",
      ["sha": .string(String(repeating: "0", count: 40))]
    )
    #expect(stale.status == 409)
    let merged = try await world.repo(
      "PUT",
      "/pulls/\(number)/merge",
      ["merge_method": .string(method), "sha": first["head"]["sha"]]
    )
    #expect(merged.status == 200, "\(merged.json)")
    try await world.git("fetch", "--quiet", "origin")
    let log = try await world.git("log", "--format=%s %P", "origin/main").text
      .split(separator: "\n")
    switch method {
    case "merge": #expect(log.count == 4 && log[0].hasPrefix("Merge pull request #1 from acme/fix"))
    case "squash": #expect(log.count == 2 && log[0].hasPrefix("Take fix (#1)"))
    default: #expect(log.count == 3 && log[0].hasPrefix("Add two"))
    }
    #expect(try await world.repo("GET", "/pulls/\(number)/merge").status == 204)
    #expect(try await world.repo("PUT", "/pulls/\(number)/merge").status == 405)
    await world.standIn.stop()
  }

  @Test func mergesOnlyWhatTheRulesAllow() async throws {
    let world = try await StandInWorld()
    try await world.seed()
    try await world.standIn.addRuleset(
      StandInWorld.repository,
      name: "main",
      rules: [.pullRequest(approvals: 1, resolvesThreads: true), .requiredStatusChecks(["ci"])]
    )
    let number = try await world.pull("fix", ["one"])
    let own = try await world.repo("POST", "/pulls/\(number)/reviews", ["event": "APPROVE"])
    #expect(own.status == 422, "nobody approves their own request")
    let blocked = try await world.repo("PUT", "/pulls/\(number)/merge")
    #expect(blocked.status == 405)
    try await world.standIn.review(StandInWorld.repository, number, by: "ben", .approved)
    try await world.standIn.setCheck(StandInWorld.repository, "fix", "ci", "success")
    let thread = try await world.standIn.addThread(
      StandInWorld.repository,
      number,
      by: "ben",
      path: "one.txt",
      line: 1,
      body: "Why?"
    )
    let open = try await world.poll("/pulls/\(number)") { $0["mergeable"] != .null }
    #expect(open["mergeable_state"] == "blocked")
    try await world.standIn.resolveThread(StandInWorld.repository, number, thread)
    #expect(try await world.repo("PUT", "/pulls/\(number)/merge").status == 200)
    await world.standIn.stop()
  }

  @Test func writesFilesByCompareAndSwap() async throws {
    let world = try await StandInWorld()
    try await world.seed(["feed.xml": "old"])
    let old = try await world.repo("GET", "/contents/feed.xml").json
    let body: JSON = ["message": "Tell", "content": "bmV3", "branch": "main"]
    #expect(try await world.repo("PUT", "/contents/feed.xml", body).status == 422, "sha missing")
    let right = body.adding(["sha": old["sha"]])
    #expect(try await world.repo("PUT", "/contents/feed.xml", right).status == 200)
    let late = try await world.repo("PUT", "/contents/feed.xml", right)
    #expect(late.status == 409)
    #expect(late.json["message"].text == "feed.xml does not match \(old["sha"].text ?? "")")
    let served = try await world.ask(
      "GET",
      "\(world.standIn.url)/raw/\(StandInWorld.repository)/main/feed.xml",
      token: nil
    )
    #expect(String(decoding: served.bytes, as: UTF8.self) == "new")
    let page = try await world.repo(
      "POST",
      "/git/refs",
      [
        "ref": "refs/heads/gh-pages",
        "sha": try await world.repo("GET", "/commits/main").json["sha"],
      ]
    )
    #expect(page.status == 201)
    let address = "\(world.standIn.url)/pages/\(StandInWorld.repository)/feed.xml"
    let paged = try await world.ask("GET", address, token: nil)
    #expect(paged.headers["content-type"] == "application/xml" && paged.bytes == served.bytes)
    await world.standIn.stop()
  }
}
