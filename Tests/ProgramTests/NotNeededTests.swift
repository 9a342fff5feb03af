import Foundation
import HotfixTesting
import ReleaseModel
import Testing

/// What hotfix.yml does not name is not needed: it never counts as seen.
@Suite struct NotNeededTests {
  static let unsigned: @Sendable (String) -> String = { text in
    text.replacing("  sign: { ed25519: { key: env:WICK_KEY } }\n", with: "")
  }

  /// State and first evidence of each step.
  private func steps(_ world: World) async throws -> [String: (state: String, said: String)] {
    let status = await world.hotfix(world.ana, "status", "--json")
    let object = try JSONSerialization.jsonObject(with: Data(status.out.utf8))
    let rows = (object as? [String: Any])?["steps"] as? [[String: Any]] ?? []
    return Dictionary(
      uniqueKeysWithValues: rows.compactMap { row in
        guard let step = row["step"] as? String, let state = row["state"] as? String else {
          return nil
        }
        return (step, (state, (row["evidence"] as? [String])?.first ?? ""))
      }
    )
  }

  @Test func whatIsNotConfiguredIsNotNeeded() async throws {
    let world = try await World(settings: { text in
      Self.unsigned(text)
        .replacing("feeds: [ { sparkle: appcast.xml, signed: true } ]\n", with: "")
        .replacing("verify: { from: 3, fix:", with: "verify: { from: 3 } #")
        .replacing("tell:\n  announcement: [ { atom: news.atom } ]\n", with: "")
    })
    try await world.untilRelease()
    let next = await world.hotfix(world.ana, "next")
    #expect(next.status == 0 && !next.err.contains("✓ sign"), "\(next.all)")
    let steps = try await steps(world)
    for (step, reason) in [
      "sign": "hotfix.yml names no signature", "notarize": "hotfix.yml names no notarization",
      "feeds": "hotfix.yml names no update feed", "feeds-live": "hotfix.yml names no update feed",
      "update": "hotfix.yml names no update feed", "fix-works": "hotfix.yml names no verify.fix",
      "version-order": "hotfix.yml names no update feed",
      "team-notified": "hotfix.yml names no team channel",
      "announcement": "hotfix.yml names no announcement channel",
    ] {
      #expect(steps[step]?.state == "not needed", "\(step): \(steps[step]?.state ?? "")")
      #expect(steps[step]?.said == reason, "\(step)")
    }
    let boxes = await world.hotfix(world.ana, "report").out
    #expect(boxes.contains("– Update feeds are working: not needed: feeds, feeds-live, update"))
    // The artifacts are published as they were built, and no word of a signature.
    let verify = await world.hotfix(world.ben, "verify", "v1.0.1-hotfix1")
    #expect(verify.status == 0 && !verify.all.contains("Ed25519"), "\(verify.all)")
  }

  /// What feeds say of an artifact is worked out although nothing is signed.
  @Test func anUnsignedReleaseStillFeedsWhatItsFeedAsksFor() async throws {
    let world = try await World(settings: { text in
      Self.unsigned(text).replacing(
        "sparkle: appcast.xml, signed: true",
        with: "electron: latest-linux.yml, artifact: \"Wick-{version}.tar.gz\""
      ).replacing("scheme: suffix", with: "scheme: patch")
    })
    try await world.untilRelease()
    let next = await world.hotfix(world.ana, "next")
    #expect(next.status == 0, "\(next.all)")
    let feed = try world.read("site/latest-linux.yml")
    #expect(feed.contains("version: 1.0.1") && feed.contains("sha512: "), "\(feed)")
    #expect(try await steps(world)["sign"]?.state == "not needed")
  }

  @Test func aFixThatRunsOnNoMachineAtHandIsNotSaidToWork() async throws {
    let world = try await World(settings: {
      $0.replacing("tar.gz\" } ]", with: "tar.gz\", platform: windows } ]")
        .replacing("feeds: [ { sparkle: ", with: "feeds: [ { winsparkle: ")
    })
    try await world.untilRelease()
    let next = await world.hotfix(world.ana, "next")
    #expect(next.status == 1 && next.out.contains("[fix.untried]"), "\(next.all)")
    #expect(next.out.contains("another platform"), "\(next.all)")
    try world.expect(
      await world.hotfix(world.ana, "note", "tried on a PC", "--done", "fix-works"),
      0
    )
    #expect(await world.hotfix(world.ana, "next").status == 0)
  }
}
