import Foundation
import ReleaseModel
import Runbook
import Testing

/// Which release a hotfix is made for: pure rules.
@Suite struct BaseChoiceTests {
  /// By Semantic Versioning 2.0.0 §9, PEP 440 and Debian's policy §5.6.12.
  @Test(arguments: [
    ("1.2.3", false), ("1.2.0-beta.1", true), ("2.0rc1", true), ("1.0.0-hotfix1", false),
    ("1.2.3+build", false), ("1.2.3+build-7", false), ("v2-preview", true), ("v2", false),
    ("1.0.0-hotfix1+ci.5", false), ("1.0.0-beta.2-hotfix1", true), ("1.0.0-hotfix", true),
    ("1.0.0-hotfix1.rc", true), ("1.0.0-0.3.7", true), ("3.0a2", true), ("1.1.1b", false),
    ("2.0~rc1", true), ("1.0_beta", true), ("1.0beta", true), ("1.0p1", false), ("banana", false),
  ])
  func knowsAPreReleaseByItsName(name: String, isPrerelease: Bool) {
    #expect(VersionName(name).isPrerelease == isPrerelease, "\(name)")
  }

  @Test func ordersPreReleasesBelowTheirRelease() {
    let names = ["1.1.0", "1.2.0-beta.1", "1.2.0", "1.2.0-hotfix1", "2.0rc1", "2.0"]
    let sorted = names.reversed().map { VersionName($0) }.sorted { isOlder($0, than: $1) }
    // `-hotfixN` is named after the release that it makes: 1.0.1-hotfix1 lies below 1.0.1.
    #expect(
      sorted.map(\.text) == ["1.1.0", "1.2.0-beta.1", "1.2.0-hotfix1", "1.2.0", "2.0rc1", "2.0"]
    )
  }

  private func release(
    _ tag: String,
    withdrawn: String? = nil,
    isPrerelease: Bool = false
  ) -> HostedRelease {
    var release = HostedRelease(
      app: "A",
      tag: tag,
      version: VersionName(String(tag.dropFirst())),
      commit: "",
      published: Moment(seconds: 0),
      artifacts: [],
      withdrawn: withdrawn
    )
    release.isPrerelease = isPrerelease
    return release
  }

  private func choice(
    _ tags: [String],
    _ releases: [HostedRelease] = [],
    channels: [VersionName: String] = [:],
    needsRelease: Bool = false
  ) -> BaseChoice {
    BaseChoice(
      tags: tags,
      releases: releases,
      channels: channels,
      needsRelease: needsRelease,
      version: { $0.hasPrefix("v") ? VersionName(String($0.dropFirst())) : nil }
    )
  }

  @Test func takesTheNewestTagThatIsNoPreRelease() {
    let found = choice(["v1.0.0", "v1.1.0", "v1.2.0-beta.1", "nightly", "v1.0.10"])
    #expect(found.tag == "v1.1.0")
    #expect(found.passedOver.map(\.words) == ["v1.2.0-beta.1 is a pre-release"])
    #expect(choice(["v1.0.0", "v1.0.1-hotfix1"]).tag == "v1.0.1-hotfix1")
  }

  @Test func goesByReleasesAsSoonAsTheHostHasOne() {
    let tags = ["v1.0.0", "v1.1.0", "v1.2.0"]
    #expect(choice(tags).tag == "v1.2.0", "a host without releases: the tags count")
    let found = choice(tags, [release("v1.0.0"), release("v1.1.0")])
    #expect(found.tag == "v1.1.0")
    #expect(found.passedOver.map(\.tag) == ["v1.2.0"])
    #expect(found.passedOver[0].reason.contains("without a release"))
    // Another project's releases in the same folder say nothing of these tags.
    #expect(choice(tags, [release("x1.0.0")]).tag == "v1.2.0")
    #expect(choice(tags, needsRelease: true).tag == nil, "on GitHub the releases count")
  }

  @Test func passesOverWhatNotAllUsersHave() {
    let found = choice(
      ["v1.0.0", "v1.1.0", "v1.2.0", "v1.3.0"],
      [
        release("v1.0.0"), release("v1.1.0", withdrawn: "it hurts"),
        release("v1.2.0", isPrerelease: true), release("v1.3.0"), release("v1.4.0"),
      ],
      channels: [VersionName("1.3.0"): "beta"]
    )
    #expect(found.tag == "v1.0.0")
    #expect(
      found.passedOver.map(\.words) == [
        "v1.4.0 is on the release host, and its tag is not on the remote",
        "v1.3.0 is offered in the channel beta only",
        "v1.2.0 is marked as a pre-release on the release host", "v1.1.0 was withdrawn",
      ]
    )
  }

  @Test func aWithdrawnReleaseIsNoBaseThoughItIsTheOnlyOne() {
    let found = choice(["v1.0.0"], [release("v1.0.0", withdrawn: "it hurts")])
    #expect(found.tag == nil && found.passedOver.map(\.words) == ["v1.0.0 was withdrawn"])
  }

  @Test func aVersionIsInAChannelOnlyWhenNoFeedOffersItToEverybody() {
    let channels = BaseChoice.channels([
      ("1.1.0", nil), ("1.2.0", "beta"), ("1.3.0", "beta"), ("1.2.0", nil),
    ])
    #expect(channels == [VersionName("1.3.0"): "beta"])
  }

  // MARK: releases of other tools

  private static let settings = """
    app: Lantern
    host: { directory: ../site, url: "http://127.0.0.1:8080/" }
    test: { suite: make test, proof: "make test-one TEST={test}" }
    ship: { build: make, artifacts: [ { path: "dist/Lantern-{version}.bin", platform: linux } ] }
    feeds: [ { appstream: feeds/update.manifest } ]

    """

  @Test func describesAnotherToolsReleaseByItsFiles() throws {
    let foreign = try Settings.read(Self.settings).foreignReleases
    let names = [
      "Lantern-1.2.0.dmg", "Lantern-1.2.0.dmg.sig", "SHA256SUMS", "latest-mac.yml",
      "Lantern-1.2.0.bin", "update.manifest", "release.json", "notes.md",
      "Lantern.Setup.exe.blockmap", "Lantern Setup.exe", "lantern-x86_64-apple-darwin.tar.gz",
      "source.tar.gz", "RELEASES", "a.AppImage", "checksums.txt",
    ]
    let files = names.map { ListedFile(name: $0, size: 1) }
    let found = try #require(foreign.release("v1.2.0", files, Moment(seconds: 5)))
    #expect(found.isForeign && found.version.text == "1.2.0" && found.app == "Lantern")
    #expect(found.isSane && found.artifacts.allSatisfy { $0.digest == nil })
    let platforms = Dictionary(uniqueKeysWithValues: found.artifacts.map { ($0.name, $0.platform) })
    #expect(
      platforms == [
        "Lantern-1.2.0.bin": .linux, "Lantern-1.2.0.dmg": .macos, "Lantern Setup.exe": .windows,
        "lantern-x86_64-apple-darwin.tar.gz": .macos, "source.tar.gz": .any, "a.AppImage": .linux,
      ]
    )
    #expect(found.artifacts.first?.name == "Lantern-1.2.0.bin", "the settings' own is first")
    #expect(foreign.release("nightly", files, Moment(seconds: 5)) == nil)
  }

  @Test(arguments: [
    ("App-mac.zip", Platform.macos), ("app_darwin_arm64", .macos), ("App.pkg", .macos),
    ("app-win32-x64.zip", .windows), ("app-windows.zip", .windows), ("App.msi", .windows),
    ("app.rpm", .linux), ("app-linux-amd64.tar.gz", .linux), ("machine-window.zip", .any),
  ])
  func guessesThePlatformOfAFile(name: String, platform: Platform) {
    #expect(Platform(ofFile: name) == platform)
  }

  @Test func looksAtTheNewestOfALongListAndAtWhatMostPeopleHave() {
    func newest(_ all: [String]) -> [String] {
      newestReleases(
        all,
        version: { $0.hasPrefix("v") ? VersionName(String($0.dropFirst())) : nil },
        isForAllUsers: { !$0.contains("-") }
      )
    }
    let plain = (0..<10_000).map { "v1.\($0)" }
    #expect(newest(plain.shuffled()) == plain.suffix(200).reversed())
    let nightly = (0..<300).map { "v2.0.0-nightly.\($0 + 100)" }
    let mixed = newest(plain + nightly + ["latest"])
    #expect(mixed.count == 200 && mixed.last == "v1.9950" && mixed[149].contains("nightly"))
    #expect(newest(["latest", "v1", "old", "v2"]).prefix(2) == ["v2", "v1"])
  }

  // MARK: release.json

  @Test func aFlagThatDoesNotHoldIsNotWritten() throws {
    var plain = release("v1.0.0")
    plain.note = "seen on the host"
    plain.isForeign = true
    let text = String(decoding: try JSONEncoder().encode(plain), as: UTF8.self)
    #expect(!text.contains("prerelease") && !text.contains("oreign") && !text.contains("note"))
    let back = try JSONDecoder().decode(HostedRelease.self, from: Data(text.utf8))
    #expect(!back.isPrerelease && !back.isForeign && back.note == nil)
    let flagged = try JSONEncoder().encode(release("v1.0.0", isPrerelease: true))
    #expect(try JSONDecoder().decode(HostedRelease.self, from: flagged).isPrerelease)
  }

  @Test func aFileOfTheSameNameIsAnotherTools() throws {
    func read(_ text: String, tag: String = "v1.0.0") throws -> HostedRelease? {
      try HostedRelease.read(Array(text.utf8), tag: tag, at: "release.json")
    }
    #expect(try read("{}") == nil)
    #expect(try read(#"{"schema": "other/1", "tag": 7}"#) == nil)
    let own = String(decoding: try JSONEncoder().encode(release("v1.0.0")), as: UTF8.self)
    #expect(try read(own)?.tag == "v1.0.0")
    for (text, tag) in [("{", "v1.0.0"), (own, "v1.0.1"), (String(own.dropLast(9)), "v1.0.0")] {
      let problem = #expect(throws: Problem.self) { try read(text, tag: tag) }
      #expect(problem?.code == "host.unreadable")
    }
  }

  @Test func comparesArtifactsByWhatIsKnownOfThem() throws {
    let one = ContentDigest(hex: String(repeating: "1", count: 64))
    let two = ContentDigest(hex: String(repeating: "2", count: 64))
    func artifact(_ name: String, _ digest: ContentDigest?, size: Int = 1) -> Artifact {
      Artifact(name: name, size: size, digest: digest, platform: .any)
    }
    #expect(artifact("a", one).agrees(with: artifact("b", one)))
    #expect(!artifact("a", one).agrees(with: artifact("a", two)))
    #expect(artifact("a", one).agrees(with: artifact("a", nil)))
    #expect(!artifact("a", one).agrees(with: artifact("a", nil, size: 2)))
    #expect(!artifact("a", nil).agrees(with: artifact("b", nil)))
    let text = try JSONEncoder().encode(artifact("a", nil))
    #expect(try JSONDecoder().decode(Artifact.self, from: text) == artifact("a", nil))
  }
}
