import Forges
import Foundation
import GitHubStandIn
import HotfixTesting
import Machine
import ReleaseModel
import Runbook
import Synchronization
import Testing

/// What GitHub says of releases, whoever made them, and what it does not say.
@Suite struct GitHubListingTests {
  private typealias Bench = GitHubHostTests.Bench

  /// Makes a release as another tool does, with assets of one byte.
  private func make(
    _ tag: String,
    _ assets: [String] = [],
    on world: StandInWorld,
    isPrerelease: Bool = false,
    isDraft: Bool = false,
    bytes: [UInt8] = [9]
  ) async throws {
    let body: JSON = [
      "tag_name": .string(tag), "prerelease": .bool(isPrerelease), "draft": .bool(isDraft),
      "make_latest": isPrerelease || isDraft ? "false" : "true",
    ]
    let made = try await world.repo("POST", "/releases", body)
    try #require(made.status == 201, "\(made.json)")
    let upload = made.json["upload_url"].text?.split(separator: "{").first.map(String.init) ?? ""
    for name in assets {
      let answer = try await world.ask("POST", "\(upload)?name=\(name)", bytes: bytes)
      try #require(answer.status == 201, "\(answer.json)")
    }
  }

  @Test func listsAnotherToolsReleasesWithAllTheirDownloads() async throws {
    let bench = try await Bench()
    try await make(
      "v1.0.0",
      ["Wick-1.0.0.dmg", "Wick-1.0.0.dmg.asc", "Wick-Setup.exe", "latest.yml", "SHA256SUMS"],
      on: bench.world
    )
    try await make("v1.0.1", on: bench.world, isPrerelease: true)
    try await make("v2.0.0", ["wick.deb"], on: bench.world, isDraft: true)
    let releases = try await bench.host.releases()
    #expect(releases.map(\.tag) == ["v1.0.0", "v1.0.1"], "a draft is nobody's")
    let old = try #require(releases.first)
    #expect(old.isForeign && !old.isPrerelease && releases.last?.isPrerelease == true)
    #expect(old.artifacts.map(\.name) == ["Wick-1.0.0.dmg", "Wick-Setup.exe"])
    #expect(old.artifacts.map(\.platform) == [.macos, .windows])
    #expect(old.artifacts.allSatisfy { $0.size == 1 && $0.digest != nil })
    await bench.world.standIn.stop()
  }

  @Test func aBrokenDescriptionOfAnOldReleaseStopsOnlyItself() async throws {
    let bench = try await Bench()
    try await make("v1.0.0", ["release.json", "Wick.dmg"], on: bench.world, bytes: [0x7B])
    try await bench.host.publish(bench.publication())
    let releases = try await bench.host.releases()
    #expect(releases.map(\.tag) == ["v1.0.0", "v1.0.1"])
    #expect(releases.first?.note?.contains("v1.0.0") == true && releases.first?.isForeign == true)
    #expect(releases.first?.artifacts.map(\.name) == ["Wick.dmg"])
    #expect(releases.last?.note == nil && releases.last?.isForeign == false)
    let problem = await #expect(throws: Problem.self) { _ = try await bench.host.release("v1.0.0") }
    #expect(problem?.code == "host.unreadable")
    await bench.world.standIn.stop()
  }

  @Test func aPreReleaseIsMarkedAndNeverLatest() async throws {
    let bench = try await Bench()
    try await bench.host.publish(bench.publication("1.0.0"))
    try await bench.host.publish(bench.publication("3.0.0-beta.1"))
    #expect(try await bench.latest() == "v1.0.0")
    let beta = try await bench.world.repo("GET", "/releases/tags/v3.0.0-beta.1").json
    #expect(beta["prerelease"] == true)
    #expect(try await bench.host.release("v3.0.0-beta.1")?.isPrerelease == true)
    // Somebody forgot the flag: the name is enough, and keeps "latest" from nobody.
    try await make("v4.0.0-rc.1", on: bench.world)
    try await bench.host.publish(bench.publication("1.0.1"))
    #expect(try await bench.latest() == "v1.0.1")
    try await bench.host.markWithdrawn("v1.0.1", "it hurts")
    #expect(try await bench.latest() == "v1.0.0")
    await bench.world.standIn.stop()
  }

  /// GitHub answers 404 for everything in a repository that a token may not see.
  @Test func notFoundCountsOnlyInARepositoryThatCanBeRead() async throws {
    let world = try await StandInWorld()
    _ = try await world.standIn.addRepository("acme/secret", owner: "anna", isPrivate: true)
    await world.standIn.addUser("eve", token: "token-eve")
    func host(_ token: String?) throws -> ReleaseHost {
      let settings = try Settings.read(
        """
        app: Wick
        host: { github: acme/secret, url: "\(world.standIn.url)", feeds: repository }
        test: { suite: "true", proof: "true" }
        ship: { build: "true", artifacts: [ { path: a } ] }
        """
      )
      let home = try #require(settings.github)
      let client = GitHubClient(
        address: try GitHubAddress(home.repository, server: home.server),
        http: LiveHTTP.http,
        credential: { token.map { (Secret($0), "the test") } },
        pause: { _ in }
      )
      return GitHubHost(
        client: client,
        settings: settings,
        home: home,
        files: LiveFiles.files,
        scratch: world.scratch.path.appending("scratch"),
        boundary: { _ in }
      ).host
    }
    let anna = try host("token-anna")
    for tag in ["v1.0.0", "v1.0.1"] { #expect(try await anna.release(tag) == nil) }
    #expect(try await anna.readFile("appcast.xml") == nil)
    let asked = await world.standIn.requests.filter { $0.path.hasSuffix("/repos/acme/secret") }
    #expect(asked.count == 1, "the repository is asked once: \(asked.map(\.path))")
    for token in ["token-eve", nil] {
      let stranger = try host(token)
      for read: @Sendable () async throws -> Void in [
        { _ = try await stranger.release("v1.0.0") },
        { _ = try await stranger.readFile("appcast.xml") },
      ] {
        let problem = await #expect(throws: Problem.self) { try await read() }
        #expect(problem?.code == "github.repository", "\(problem?.text ?? "")")
        #expect(problem?.why.contains(token == nil ? "without a token" : "from the test") == true)
      }
    }
    await world.standIn.stop()
  }

  @Test func asksForTenThousandReleasesAndNoMore() async throws {
    let pages = Mutex(0)
    let http = HTTP(
      send: { _ in
        let page = pages.withLock { number in
          number += 1
          return number
        }
        let releases = (0..<100).map { index in
          let version = "1.\(100_000 - page * 100 - index).0"
          return #"{"id": \#(index), "tag_name": "v\#(version)", "draft": false, "#
            + #""assets": [{"id": 1, "name": "W.dmg", "state": "uploaded", "size": 3}], "#
            + #""prerelease": false, "html_url": "", "upload_url": ""}"#
        }
        return HTTP.Answer(
          status: 200,
          body: Array("[\(releases.joined(separator: ","))]".utf8),
          headers: [("Link", "<https://api.github.com/next?page=\(page + 1)>; rel=\"next\"")]
        )
      },
      upload: { _, _, _ in throw HTTP.Failure.notSent("nobody uploads") },
      download: { _, _, _, _ in throw HTTP.Failure.notSent("nobody downloads") },
      serve: { _, _ in throw HTTP.Failure.notSent("nobody serves") }
    )
    let settings = try Settings.read(
      """
      app: Wick
      host: { github: acme/wick }
      test: { suite: "true", proof: "true" }
      ship: { build: "true", artifacts: [ { path: a } ] }
      """
    )
    let home = try #require(settings.github)
    let client = GitHubClient(
      address: try GitHubAddress(home.repository, server: home.server),
      http: http,
      credential: { nil },
      pause: { _ in }
    )
    let releases = try await GitHubHost(
      client: client,
      settings: settings,
      home: home,
      files: LiveFiles.files,
      scratch: "/nowhere",
      boundary: { _ in }
    ).host.releases()
    #expect(pages.withLock { $0 } == 100 && releases.count == 200)
    #expect(releases.last?.version.text == "1.99900.0", "the newest is the last")
    // As GitHub lists assets of before it told digests.
    #expect(
      releases.last?.artifacts == [Artifact(name: "W.dmg", size: 3, digest: nil, platform: .macos)]
    )
  }
}
