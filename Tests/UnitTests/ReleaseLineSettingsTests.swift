import Feeds
import HotfixTesting
import ReleaseModel
import Runbook
import Testing

/// Release lines: which versions are on one, and the settings that differ between them.
@Suite struct ReleaseLineSettingsTests {
  @Test(arguments: [
    ("1.2.3", "1", true), ("1.2.3", "1.2", true), ("1.2.3", "1.2.3", true),
    ("1.2.3", "1.2.3.4", false), ("10.0.0", "1", false), ("1.20.0", "1.2", false),
    ("1.2.3-hotfix1", "1.2", true), ("2.0.0", "1", false), ("nightly", "1", false),
    ("1.0.0", "", false),
  ])
  func aVersionIsOnTheLinesThatItsNumbersBeginWith(_ name: String, _ line: String, _ isOn: Bool) {
    #expect(VersionName(name).isOn(line: line) == isOn)
  }

  @Test(arguments: [
    ("1", true), ("1.2", true), ("10.15.7", true), ("1-beta", false), ("v1", false), ("1.", false),
    ("", false), ("latest", false),
  ])
  func aLineIsDottedNumbersAndNoMore(_ text: String, _ isLine: Bool) {
    #expect(VersionName(text).isLine == isLine)
  }

  @Test func theLongestPrefixCountsAndThenTheUsualValue() {
    let value = PerLine("usual", lines: ["1": "one", "1.2": "one-two", "10": "ten"])
    #expect(value.on(VersionName("1.2.9")) == "one-two")
    #expect(value.on(VersionName("1.20.0")) == "one")
    #expect(value.on(VersionName("10.0.0")) == "ten")
    #expect(value.on(VersionName("2.0.0")) == "usual")
    #expect(PerLine<String>(nil, lines: ["1": "one"]).on(VersionName("2.0.0")) == nil)
    #expect(Set(value.all) == ["usual", "one", "one-two", "ten"])
  }

  private func settings(_ extra: String) throws -> Settings {
    try Settings.read(SettingsTests.small + extra + "\n")
  }

  @Test func settingsMayDifferByLine() throws {
    let settings = try settings(
      """
      version: { build: { "1": "echo 1", "1.5": "echo 15", 2: "echo 2" } }
      feeds:
        - { electron: latest.yml, line: 1.5, minimum-system: { "1": "10.13", "2": "13.0" } }
        - { electron: next.yml, minimum-system: "12" }
      verify: { from: { "1": [ 1.0.0, 1.4.2 ], "2": 5 } }
      """
    )
    #expect(settings.buildNumber.on(VersionName("1.5.3")) == "echo 15")
    #expect(settings.buildNumber.on(VersionName("1.4.0")) == "echo 1")
    #expect(settings.buildNumber.on(VersionName("2.0.1")) == "echo 2")
    #expect(settings.buildNumber.on(VersionName("3.0.0")) == nil)
    #expect(settings.feeds.map(\.line) == ["1.5", nil])
    #expect(settings.feeds[0].minimumSystem.on(VersionName("2.1.0")) == "13.0")
    #expect(settings.feeds[1].minimumSystem.on(VersionName("2.1.0")) == "12")
    let listed = ["1.0.0", "1.4.2"].map { VersionName($0) }
    #expect(settings.versionsInUse.on(VersionName("1.5.3")) == .listed(listed))
    #expect(settings.versionsInUse.on(VersionName("2.0.1")) == .last(5))
    #expect(settings.versionsInUse.on(VersionName("3.0.0")) == nil)
  }

  /// The place is that of the prefix or of the value that is wrong.
  @Test(arguments: [
    ("version: { build: { v1: x } }", "5:21 settings.value"),
    ("version: { build: { latest: x } }", "5:21 settings.value"),
    ("version: { build: { \"1\": [ x ] } }", "5:26 settings.type"),
    ("verify: { from: { \"1\": 0 } }", "5:24 settings.type"),
    ("feeds: [ { electron: latest.yml, line: beta } ]", "5:40 settings.line"),
    ("feeds: [ { electron: latest.yml, line: 1-beta } ]", "5:40 settings.line"),
    (
      "feeds: [ { electron: latest.yml, line: 1 }, { electron: latest.yml, line: 2 } ]",
      "5:45 settings.feed"
    ),
  ])
  func wrongPrefixesAreToldWithTheirPlace(_ extra: String, _ expected: String) throws {
    let problems = try #require(#expect(throws: Problems.self) { try settings(extra) }?.all)
    let found = problems.map { problem in
      let place = problem.what.firstMatch(of: #/^hotfix\.yml:([0-9]+:[0-9]+): /#)?.1
      return (place.map { "\($0) " } ?? "") + problem.code
    }
    #expect(found == [expected])
  }
}
