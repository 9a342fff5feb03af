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
}
