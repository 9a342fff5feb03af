import Forges
import Foundation
import Git
import GitHubStandIn
import HotfixTesting
import Machine
import ReleaseModel
import Runbook
import Signatures
import Testing

/// The release host on GitHub, against the stand-in and its bad days.
@Suite struct GitHubHostTests {
  /// A repository with main and the tags v1.0.0 and v1.0.1, and the host that publishes there.
  struct Bench {
    let world: StandInWorld
    let host: ReleaseHost
    let client: GitHubClient
    let folder: FilePath
    let commit: String

    init(
      _ home: String = "",
      token: String = "token-anna",
      version: APIVersion = .november2022
    ) async throws {
      world = try await StandInWorld(version)
      try await world.seed()
      commit = try await world.git("rev-parse", "HEAD").text.trimmingCharacters(in: .newlines)
      for tag in ["v1.0.0", "v1.0.1", "v2.0.0"] {
        try await world.git("tag", "-a", "-m", tag, tag)
        try await world.git("push", "--quiet", "origin", tag)
      }
      folder = world.scratch.path.appending("out")
      let settings = try Settings.read(
        """
        app: Wick
        host: { github: \(StandInWorld.repository), url: "\(world.standIn.url)"\(home) }
        test: { suite: "true", proof: "true" }
        ship: { build: "true", artifacts: [ { path: "dist/wick-{version}.zip" } ] }

        """
      )
      let home = try #require(settings.github)
      client = GitHubClient(
        address: try GitHubAddress(home.repository, server: home.server),
        http: LiveHTTP.http,
        version: version.rawValue,
        credential: { (Secret(token), "the test") },
        pause: { _ in }
      )
      host =
        GitHubHost(
          client: client,
          settings: settings,
          home: home,
          files: LiveFiles.files,
          scratch: world.scratch.path.appending("scratch"),
          boundary: { _ in }
        ).host
    }

    func publication(
      _ version: String = "1.0.1",
      _ bytes: [UInt8] = [1, 2, 3],
      feeds: [String: [UInt8]] = [:]
    ) throws -> Publication {
      let name = "wick-\(version).zip"
      try LiveFiles.files.write(folder.appending(name), bytes)
      let artifact = Artifact(
        name: name,
        size: bytes.count,
        digest: ContentDigest.of(bytes),
        platform: .any
      )
      let release = HostedRelease(
        app: "Wick",
        tag: "v\(version)",
        version: VersionName(version),
        commit: commit,
        published: Moment(seconds: 1_790_000_000),
        artifacts: [artifact]
      )
      return Publication(
        release: release,
        notes: "# Wick \(version)\n\nBetter.\n",
        folder: folder,
        feeds: feeds
      )
    }

    /// The releases as the API lists them: tag, draft, and assets in their order of names.
    func releases() async throws -> [String] {
      try await world.repo("GET", "/releases").json.items.map { release in
        let names = release["assets"].items.compactMap { $0["name"].text }.sorted()
        let draft = release["draft"] == true ? " draft" : ""
        return "\(release["tag_name"].text ?? "")\(draft): \(names.joined(separator: " "))"
      }
    }

    func latest() async throws -> String? {
      try await world.repo("GET", "/releases/latest").json["tag_name"].text
    }
  }

  private static let whole = "v1.0.1: SHA256SUMS notes.md release.json wick-1.0.1.zip"

  @Test(arguments: APIVersion.allCases)
  func publishesOnceAndWhole(_ version: APIVersion) async throws {
    let bench = try await Bench(version: version)
    let publication = try bench.publication()
    try await bench.host.publish(publication)
    try await bench.host.publish(publication)
    #expect(try await bench.releases() == [Self.whole])
    let found = try #require(try await bench.host.release("v1.0.1"))
    #expect(found.artifacts == publication.release.artifacts && found.commit == bench.commit)
    #expect(try await bench.host.notes("v1.0.1")?.hasPrefix("# Wick 1.0.1") == true)
    let other = try bench.publication("1.0.1", [4])
    let problem = await #expect(throws: Problem.self) { try await bench.host.publish(other) }
    #expect(problem?.code == "release.exists")
    let copy = bench.folder.appending("copy")
    #expect(try await bench.host.fetch("v1.0.1", "wick-1.0.1.zip", copy))
    #expect(try LiveFiles.files.read(copy, 100) == [1, 2, 3])
    // The storage is another host, and gets no token.
    let stored = await bench.world.standIn.requests.filter { $0.surface == .storage }
    #expect(!stored.isEmpty && stored.allSatisfy { !$0.wasAuthorized })
    let complaints = try await Judges.complaints(
      bench.world.standIn,
      version,
      in: bench.world.scratch.path
    )
    #expect(complaints?.isEmpty != false, "\(complaints ?? "")")
    await bench.world.standIn.stop()
  }

  /// Every request of publishing, with everything that may happen to it.
  @Test(arguments: [
    "lost answer", "closed before", "502", "starter", "truncated", "secondary limit", "stale read",
  ])
  func survivesABadMomentOfEveryRequest(_ kind: String) async throws {
    let fault: Fault.Kind =
      switch kind {
      case "lost answer": .lostAnswer
      case "closed before": .closeBefore
      case "502": .serverError(502)
      case "starter": .starter
      case "truncated": .truncatedUpload
      case "stale read": .staleRead
      default: .secondaryLimit(retryAfter: 1)
      }
    let (method, path) =
      switch kind {
      case "starter", "truncated": ("POST", "*/assets")
      case "stale read": ("GET", "*")
      default: ("*", "/repos/*")
      }
    // Fails the first request, the second, the third… until none is left to fail.
    for number in 1...40 {
      let bench = try await Bench()
      await bench.world.standIn.setFaults([Fault(method, path, fault, at: number...number)])
      let publication = try bench.publication()
      var attempts = 0
      while attempts < 3 {
        attempts += 1
        do {
          try await bench.host.publish(publication)
          break
        } catch let problem as Problem {
          #expect(
            ["github.unreachable", "artifact.changed", "github.asset"].contains(problem.code),
            "\(kind) \(number): \(problem.text)"
          )
        }
      }
      #expect(attempts < 3, "\(kind) \(number)")
      let wasHit = await bench.world.standIn.hits[0] >= number
      await bench.world.standIn.setFaults([])
      #expect(try await bench.releases() == [Self.whole], "\(kind) at request \(number)")
      #expect(
        try await bench.host.release("v1.0.1")?.artifacts == publication.release.artifacts,
        "\(kind) \(number)"
      )
      await bench.world.standIn.stop()
      if !wasHit { return }
    }
    Issue.record("\(kind): there was always one more request")
  }

  @Test func finishesWhatOthersLeftBehind() async throws {
    let bench = try await Bench()
    let standIn = bench.world.standIn
    // Another tool's draft, with a person's words in it and one broken upload.
    let body: JSON = ["tag_name": "v1.0.1", "draft": true, "body": "A person wrote this."]
    let draft = try await bench.world.repo("POST", "/releases", body).json
    let upload = draft["upload_url"].text?.split(separator: "{").first.map(String.init) ?? ""
    await standIn.setFaults([Fault("POST", "*/assets", .starter)])
    _ = try await bench.world.ask("POST", upload + "?name=wick-1.0.1.zip", bytes: [9])
    await standIn.setFaults([])
    try await bench.host.publish(bench.publication())
    #expect(try await bench.releases() == [Self.whole])
    #expect(try await bench.host.notes("v1.0.1") == "A person wrote this.")
    await standIn.stop()
  }

  @Test func refusesADraftWithAStrangersFile() async throws {
    let bench = try await Bench()
    let draft = try await bench.world.repo(
      "POST",
      "/releases",
      ["tag_name": "v1.0.1", "draft": true]
    )
    let upload = draft.json["upload_url"].text?.split(separator: "{").first.map(String.init) ?? ""
    _ = try await bench.world.ask("POST", upload + "?name=other.dmg", bytes: [9])
    let problem = await #expect(throws: Problem.self) {
      try await bench.host.publish(bench.publication())
    }
    #expect(problem?.code == "release.foreign-draft" && problem?.why.contains("other.dmg") == true)
    await bench.world.standIn.stop()
  }

  @Test func takesLatestByVersionAndGivesItBack() async throws {
    let bench = try await Bench()
    try await bench.host.publish(bench.publication("1.0.0"))
    try await bench.host.publish(bench.publication("2.0.0"))
    // A hotfix of the old line never takes "latest".
    try await bench.host.publish(bench.publication("1.0.1"))
    #expect(try await bench.latest() == "v2.0.0")
    try await bench.host.markWithdrawn("v2.0.0", "it --> hurts")
    #expect(try await bench.latest() == "v1.0.1")
    #expect(try await bench.host.release("v2.0.0")?.withdrawn == "it --> hurts")
    try await bench.host.markWithdrawn("v2.0.0", "again")
    let notes = try await bench.host.notes("v2.0.0") ?? ""
    #expect(notes.ranges(of: "taken back").count == 1 && notes.contains("# Wick 2.0.0"))
    #expect(try await bench.host.releases().map(\.tag) == ["v1.0.0", "v1.0.1", "v2.0.0"])
    await bench.world.standIn.stop()
  }

  @Test func immutableReleasesAreTheNormalCase() async throws {
    let bench = try await Bench()
    try await bench.world.standIn.setImmutableReleases(StandInWorld.repository, true)
    try await bench.host.publish(bench.publication(feeds: ["appcast.xml": [7]]))
    #expect(try await bench.host.readFile("appcast.xml") == [7])
    let feed = await #expect(throws: Problem.self) {
      try await bench.host.writeFile("appcast.xml", ContentDigest.of([7]), [8])
    }
    #expect(feed?.code == "feed.immutable")
    // Deleted, and its name is gone for ever.
    let id = try await bench.world.repo("GET", "/releases/tags/v1.0.1").json["id"].number ?? 0
    #expect(try await bench.world.repo("DELETE", "/releases/\(id)").status == 204)
    let burnt = await #expect(throws: Problem.self) {
      try await bench.host.publish(bench.publication())
    }
    #expect(burnt?.code == "release.burnt", "\(burnt?.text ?? "")")
    await bench.world.standIn.stop()
  }

  @Test(arguments: [
    ", feeds: repository", ", feeds: pages, branch: main, site: \"http://127.0.0.1/\"", "",
  ])
  func writesFeedsByCompareAndSwap(_ home: String) async throws {
    let bench = try await Bench(home)
    try await bench.host.publish(bench.publication(feeds: [:]))
    #expect(try await bench.host.readFile("appcast.xml") == nil)
    let one = Array("one\n".utf8)
    let two = Array("two\n".utf8)
    try await bench.host.writeFile("appcast.xml", nil, one)
    #expect(try await bench.host.readFile("appcast.xml") == one)
    let moved = await #expect(throws: Problem.self) {
      try await bench.host.writeFile("appcast.xml", ContentDigest.of([1]), two)
    }
    #expect(moved?.code == "feed.moved")
    await bench.world.standIn.setFaults([
      Fault("PUT", "*/contents/*", .lostAnswer), Fault("POST", "*/assets", .lostAnswer),
    ])
    try await bench.host.writeFile("appcast.xml", ContentDigest.of(one), two)
    try await bench.host.writeFile("appcast.xml", ContentDigest.of(two), two)
    #expect(try await bench.host.readFile("appcast.xml") == two)
    await bench.world.standIn.stop()
  }

  @Test func tellsWhatATokenMayNot() async throws {
    let repository = StandInWorld.repository
    let cases: [(String, String, @Sendable (GitHubStandIn) async throws -> Void)] = [
      ("stolen", "github.unauthorized", { _ in }),
      (
        "token-eve", "github.permission|github.not-found|github.refused",
        { standIn in
          await standIn.addUser("eve", token: "token-eve")
        }
      ),
      ("token-anna", "github.archived", { try await $0.archive(repository) }),
      (
        "token-anna", "github.limit",
        { standIn in
          await standIn.setFaults([Fault("*", "*", .primaryLimit(resetAfter: 3000), at: 1...99)])
        }
      ),
      (
        "token-anna", "github.sso",
        { standIn in
          await standIn.setFaults([
            Fault(
              "*",
              "*",
              .refuseWith(
                status: 403,
                headers: [("X-GitHub-SSO", "required; url=https://github.com/orgs/acme/sso?x=1")]
              ),
              at: 1...99
            )
          ])
        }
      ),
    ]
    for (token, code, arrange) in cases {
      let bench = try await Bench(token: token)
      try await arrange(bench.world.standIn)
      let problem = await #expect(throws: Problem.self) {
        try await bench.host.publish(bench.publication())
      }
      #expect(
        code.split(separator: "|").contains(Substring(problem?.code ?? "")),
        "\(problem?.text ?? "")"
      )
      #expect(problem?.text.contains(token) == false, "no secret in an error")
      await bench.world.standIn.stop()
    }
  }

  @Test func followsARenamedRepository() async throws {
    let bench = try await Bench()
    try await bench.world.standIn.rename(StandInWorld.repository, to: "candle")
    try await bench.host.publish(bench.publication())
    #expect(try await bench.host.release("v1.0.1") != nil)
    let access = GitHubAccess(
      client: bench.client,
      settings: try Settings.read(
        """
        app: Wick
        host: { github: acme/wick, url: "\(bench.world.standIn.url)" }
        test: { suite: "true", proof: "true" }
        ship: { build: "true", artifacts: [ { path: a } ] }
        """
      ),
      now: Int(Date().timeIntervalSince1970)
    )
    let findings = try await access.findings()
    #expect(findings.first { $0.feature == "repository" }?.says.contains("acme/candle") == true)
    #expect(findings.allSatisfy { $0.state != .bad }, "\(findings)")
    await bench.world.standIn.stop()
  }

  @Test func refusesNamesThatGitHubWouldChange() async throws {
    let bench = try await Bench()
    var publication = try bench.publication()
    var release = publication.release
    release.artifacts = [
      Artifact(name: "a b.zip", size: 1, digest: .zero, platform: .any)
    ]
    publication = Publication(release: release, notes: "", folder: bench.folder)
    let problem = await #expect(throws: Problem.self) { try await bench.host.publish(publication) }
    #expect(problem?.code == "github.asset-name")
    #expect(try await bench.releases().isEmpty)
    await bench.world.standIn.stop()
  }

  @Test func aTokenGoesToItsOwnServerAlone() throws {
    #expect(throws: Problem.self) { try GitHubAddress("a/b", server: "http://ghe.example.com") }
    #expect(throws: Problem.self) { try GitHubAddress("a/b/c", server: "https://github.com") }
    #expect(throws: Problem.self) { try GitHubAddress("../b", server: "https://github.com") }
    _ = try GitHubAddress("a/b", server: "https://ghe.example.com")
  }
}
