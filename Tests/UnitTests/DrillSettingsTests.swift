import ReleaseModel
import Runbook
import Testing

/// What a rehearsal changes in the project's settings, and says.
@Suite struct DrillSettingsTests {
  private static let text = """
    app: Tiny
    host: { github: me/tiny }
    test: { suite: make test, proof: "make test T={test}" }
    ship:
      build: make dist
      workflow: release.yml
      artifacts: [ { path: "tiny-{version}.zip" } ]
      sign: { ed25519: { key: env:ED }, minisign: { key: env:MINI } }
      notarize: { command: "notarize {artifact}" }
    feeds: [ { sparkle: appcast.xml }, { tauri: latest.json } ]
    policy: { approvals: 2, waive: { by: 2 }, gpg: { ana: ABCD } }
    tell: { team: [ { slack: env:HOOK } ] }

    """

  private func rewritten(_ missing: [String: String] = [:]) throws -> (Settings, DrillSettings) {
    let drill = try DrillSettings(
      Self.text,
      try Settings.read(Self.text),
      url: "http://127.0.0.1:1",
      home: "/project",
      missing: missing
    )
    return (try Settings.read(drill.text), drill)
  }

  @Test func thePolicyStaysAndEveryReplacementIsSaid() throws {
    let (settings, drill) = try rewritten()
    #expect(settings.approvals == 2 && settings.waivers == 2)
    #expect(settings.workflow == nil && settings.team.isEmpty && settings.openPGP.isEmpty)
    #expect(settings.feeds.count == 2)
    #expect(
      drill.replaced.map { String($0.prefix { $0 != ":" }) }
        == ["host", "tell", "policy.gpg", "ship.workflow"]
    )
    #expect(settings.notarizeCommand == nil && drill.notRehearsed[0].hasPrefix("notarize – "))
  }

  @Test func aMissingSecretTakesOnlyItsOwnFeedsAway() throws {
    let (settings, drill) = try rewritten(["ship.sign.minisign.key": "MINI is not set."])
    #expect(settings.minisignKey == nil && settings.updateKey != nil)
    #expect(settings.feeds.map(\.path) == ["appcast.xml"])
    #expect(
      drill.notRehearsed.last == "sign (minisign), the feeds that carry it – MINI is not set."
    )
  }

  @Test func theSecretsFileOfTheProjectIsFoundFromTheCopy() throws {
    let text = Self.text.replacing("env:ED", with: "file:keys/ed").replacing(
      "env:MINI",
      with: "file:/etc/mini"
    )
    let drill = try DrillSettings(
      text,
      try Settings.read(text),
      url: "http://127.0.0.1:1",
      home: "/project",
      missing: [:]
    )
    let settings = try Settings.read(drill.text)
    #expect(settings.updateKey == .file("/project/keys/ed"))
    #expect(settings.minisignKey == .file("/etc/mini"))
  }

  @Test func aComponentIsRehearsedWithoutTheOthers() throws {
    let text =
      Self.text + """
        components:
          one:
            version: { tag: "one-v{version}" }
            host: { github: me/one }
            tell: { users: [ { webhook: env:USERS } ] }
            ship: { workflow: one.yml }
            feeds: [ { sparkle: one.xml } ]
          two: { version: { tag: "two-v{version}" } }

        """
    let drill = try DrillSettings(
      text,
      try Settings.read(text).of("one"),
      url: "http://127.0.0.1:1",
      home: "/project",
      missing: ["ship.sign.minisign.key": "MINI is not set."]
    )
    let read = try Settings.read(drill.text)
    #expect(read.components.keys.sorted() == ["one"])
    let settings = try read.of("one")
    #expect(settings.host == .directory(path: "../site", url: "http://127.0.0.1:1"))
    #expect(settings.workflow == nil && settings.users.isEmpty && settings.minisignKey == nil)
    #expect(settings.feeds.map(\.path) == ["one.xml"])
    #expect(drill.replaced.contains { $0.hasSuffix("in place of one.yml") })
    #expect(drill.notRehearsed.last == "sign (minisign) – MINI is not set.")
  }
}
