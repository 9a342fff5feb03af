import Foundation
import HotfixTesting
import ReleaseModel
import Runbook
import Testing

@Suite struct SettingsTests {
  static let small = """
    app: Lantern
    host: { directory: ../site, url: "http://127.0.0.1:8080/" }
    test: { suite: make test, proof: "make test-one TEST={test}" }
    ship: { build: make dist, artifacts: [ { path: "dist/a-{version}.zip" } ] }

    """

  @Test func fillsInDefaults() throws {
    let settings = try Settings.read(Self.small)
    #expect(settings.remote == "origin")
    #expect(settings.scheme == .suffix)
    #expect(settings.host == .directory(path: "../site", url: "http://127.0.0.1:8080"))
    #expect(settings.tag.filled(["version": "1.0"]) == "v1.0")
    #expect(settings.versionsInUse.on(VersionName("1.0.1")) == nil)
    #expect(settings.approvals == 1)
  }

  @Test func namesNoChangelogAndNoDocuments() throws {
    let text = """
      app: Lantern
      host: { directory: ../site, url: http://127.0.0.1:8080 }
      test: { suite: make test, proof: "make {test}" }
      ship: { build: make dist, artifacts: [ { path: a.zip } ] }

      """
    let plain = try Settings.read(text)
    #expect(plain.changelog == "CHANGELOG.md" && !plain.isChangelogNamed)
    #expect(plain.documents == "docs/hotfixes")
    let none = try Settings.read(text + "changelog: none\ndocuments: none\n")
    #expect(none.changelog == nil && none.documents == nil)
    #expect(try Settings.read(text + "changelog: NEWS\n").isChangelogNamed)
  }

  @Test func tellsAllMistakesAtOnceWithPlaceAndNearestName() throws {
    let text = """
      app: Lantern
      version: { sceme: suffix }
      host: { directory: ../site, url: http://127.0.0.1:8080 }
      test: { suite: make test }
      ship:
        build: make dist
        artifacts: [ { path: a.zip, platform: mac } ]
        sign: { ed25519: { key: c2VjcmV0 } }
      policy: { approvals: none }
      """
    let problems = try #require(#expect(throws: Problems.self) { try Settings.read(text) }?.all)
    #expect(
      problems.map(\.what) == [
        "hotfix.yml:2:12: version.sceme is not known; did you mean \"scheme\"?",
        "hotfix.yml:4:7: test needs proof: Runs the fix's own test; it has to fail on the base release "
          + "and pass on the fix. {test} is what `open --test` names, else the name of the fix's test "
          + "file up to its first dot.",
        "hotfix.yml:7:41: ship.artifacts.1.platform is \"mac\"; it has to be one of macos, linux, "
          + "windows, any.",
        "hotfix.yml:8:27: ship.sign.ed25519.key must not hold the secret itself; write env:NAME or "
          + "file:PATH, where the secret is kept.",
        "hotfix.yml:9:22: policy.approvals is \"none\"; it has to be a whole number from 0 to 20.",
      ]
    )
    #expect(!problems.contains { $0.text.contains("c2VjcmV0") }, "a secret is never quoted")
  }

  /// Each with the place at which it is told.
  @Test(arguments: [
    ("url: http://127.0.0.1:8080", "url: ftp://x", "2:34 settings.url"),
    ("url: http://127.0.0.1:8080", "url: http://127.0.0.1:99999", "2:34 settings.url"),
    (
      "host: { directory: ../site, url: http://127.0.0.1:8080 }",
      "host: { github: o/n, url: https://h:0, site: \"https://h/ x\" }",
      "2:27 settings.url, 2:46 settings.url"
    ),
    (
      "app: Lantern",
      "app: Lantern\ntell: { team: [ { mail: a@b, smtp: mail.example.org:587000 } ] }",
      "2:36 settings.url"
    ),
    ("build: make dist,", "build: make dist, sign: {},", nil),
    ("app: Lantern", "app: Lantern\nchangelog: ../../etc/passwd", "2:12 settings.path"),
    (
      "app: Lantern", "app: Lantern\ntell: { team: [ { mail: a@b, atom: x } ] }",
      "2:17 settings.channel"
    ),
    (
      "app: Lantern", "app: Lantern\ntell: { team: [ { mail: a@b, login: env:L } ] }",
      "2:37 settings.channel"
    ),
    ("app: Lantern", "app: Lantern\nfeeds: [ { sparkle: a.xml } ]", "2:10 settings.unsigned"),
    (
      "app: Lantern", "app: Lantern\nfeeds: [ { deltas: 1 }, { electron: ../a.yml } ]",
      "2:10 settings.feed, 2:25 settings.path"
    ),
    ("app: Lantern", "app: Lantern\nversion: { tag: release }", "2:17 settings.tag"),
    ("app: Lantern", "app: Lantern\nversion: { scheme: patch, tag: x }", "2:32 settings.tag"),
    // Together with what is wrong by itself, and never because of it.
    (
      "app: Lantern", "app: []\nfeeds: [ { sparkle: a.xml } ]\nversion: { tag: x }",
      "1:6 settings.type, 3:17 settings.tag, 2:10 settings.unsigned"
    ),
    (
      "ship: { build", "feeds: [ { sparkle: ../a.xml } ]\nship: { bild",
      "5:9 settings.unknown-key, 5:7 settings.missing, 4:10 settings.path"
    ),
    ("app: Lantern", "app: [", "settings.yaml"),
    ("app: Lantern", "app: L\napp: M", "settings.yaml"),
  ])
  func refusesWhatDoesNotGoTogether(_ old: String, _ new: String, _ expected: String?) {
    let text = Self.small.replacing(
      "url: \"http://127.0.0.1:8080/\"",
      with: "url: http://127.0.0.1:8080"
    )
    .replacing(old, with: new)
    do {
      _ = try Settings.read(text)
      #expect(expected == nil)
    } catch let problems as Problems {
      let found = problems.all.map { problem in
        let place = problem.what.firstMatch(of: #/^hotfix\.yml:([0-9]+:[0-9]+): /#)?.1
        return (place.map { "\($0) " } ?? "") + problem.code
      }
      #expect(found.joined(separator: ", ") == expected)
    } catch {
      Issue.record(error)
    }
  }

  @Test func thePublishedSchemaIsTheParsersOwn() throws {
    let path = Fixtures.root.appending("hotfix.schema.json").string
    if ProcessInfo.processInfo.environment["UPDATE_SNAPSHOTS"] != nil {
      try Shape.hotfix.jsonSchema.write(toFile: path, atomically: true, encoding: .utf8)
    }
    let published = try String(contentsOfFile: path, encoding: .utf8)
    #expect(published == Shape.hotfix.jsonSchema, "UPDATE_SNAPSHOTS=1 make test rewrites it")
    let object = try JSONSerialization.jsonObject(with: Data(published.utf8)) as? [String: Any]
    #expect((object?["properties"] as? [String: Any])?.keys.contains("policy") == true)
  }
}
