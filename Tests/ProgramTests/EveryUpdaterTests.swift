import Foundation
import HotfixTesting
import ReleaseModel
import Testing

/// A hotfix through every updater's feed: shipped, verified as each of them, taken back.
@Suite struct EveryUpdaterTests {
  static let feeds = """
    feeds:
      - { sparkle: appcast.xml, signed: true, deltas: 2 }
      - { winsparkle: appcast-win.xml, also: [netsparkle] }
      - { electron: latest-linux.yml, artifact: "Wick-{version}.tar.gz" }
      - { tauri: latest.json, artifact: "Wick-{version}.tar.gz" }
      - { velopack: velopack/releases.linux.json, artifact: "Wick-{version}-full.nupkg" }
      - { squirrel-windows: squirrel/RELEASES, artifact: "Wick-{version}-full.nupkg" }
      - { squirrel-mac: squirrel-mac.json }
      - { appstream: wick.metainfo.xml }
    """

  static let clients = [
    "sparkle": "appcast.xml", "winsparkle": "appcast-win.xml", "netsparkle": "appcast-win.xml",
    "electron-updater": "latest-linux.yml", "tauri": "latest.json",
    "velopack-rust": "velopack/releases.linux.json", "velopack-cs": "velopack/releases.linux.json",
    "squirrel-windows": "squirrel/RELEASES", "squirrel-mac": "squirrel-mac.json",
    "appstream": "wick.metainfo.xml",
  ]

  private func world(scheme: String) async throws -> World {
    try await World(settings: { text in
      text.replacing("feeds: [ { sparkle: appcast.xml, signed: true } ]", with: Self.feeds)
        .replacing("scheme: suffix", with: "scheme: \(scheme)")
        .replacing(
          "artifacts: [ { path: \"dist/Wick-{version}.tar.gz\" } ]",
          with: "artifacts: [ { path: \"dist/Wick-{version}.tar.gz\" }, "
            + "{ path: \"dist/Wick-{version}-full.nupkg\" } ]"
        )
        .replacing(
          "sign: { ed25519: { key: env:WICK_KEY } }",
          with: "sign: { ed25519: { key: env:WICK_KEY }, minisign: { key: env:WICK_MINISIGN } }"
        )
    })
  }

  /// What each client offers a user of a version, by the built-in rules.
  private func offers(
    _ world: World,
    from name: String = "1.0.0",
    build: String = "1"
  ) async -> [String: String] {
    var found: [String: String] = [:]
    for (client, path) in Self.clients {
      let answer = await world.hotfix(
        world.ana,
        "feed",
        "offer",
        world.site.pushing(FilePath(path)).string,
        "--client",
        client,
        "--from",
        ["sparkle", "winsparkle", "netsparkle"].contains(client) ? build : name,
        "--json"
      )
      let version = answer.out.firstMatch(of: /"shortVersion" : "([^"]+)"/)
      found[client] = version.map { String($0.1) } ?? "nothing"
    }
    return found
  }

  @Test func everyUpdaterBringsTheHotfixAndLosesItAgain() async throws {
    let world = try await world(scheme: "patch")
    try await world.untilRelease()
    let next = await world.hotfix(world.ana, "next")
    #expect(next.status == 0, "\(next.all)")
    #expect(next.err.contains("1.0.0 → 1.0.1 by Tauri"), "\(next.err)")
    #expect(next.err.contains("by Sparkle, appcast.xml, delta, "), "\(next.err)")
    #expect(Set(await offers(world).values) == ["1.0.1"])
    for path in Set(Self.clients.values) {
      let lint = await world.hotfix(
        world.ana,
        "feed",
        "lint",
        "\(world.url)/\(path)",
        "--fetch"
      )
      #expect(lint.status == 0, "\(path): \(lint.all)")
    }
    let back = await world.hotfix(world.ana, "withdraw", "v1.0.1", "--reason", "it hurts")
    #expect(back.status == 0, "\(back.all)")
    #expect(Set(await offers(world).values) == ["nothing"])
  }

  @Test func aWithdrawnHotfixGivesUsersTheReleaseBeforeAndTakesNothingElse() async throws {
    let world = try await world(scheme: "patch")
    try await world.sh(
      world.ana,
      "git tag -s -m v1.1.0 v1.1.0 && git push -q origin v1.1.0"
    )
    try world.expect(await world.hotfix(world.ana, "ship", "v1.1.0"), 0)
    let before = await offers(world)
    #expect(Set(before.values) == ["1.1.0"])
    try await world.untilRelease()
    let next = await world.hotfix(world.ana, "next")
    #expect(next.status == 0, "\(next.all)")
    #expect(Set(await offers(world).values) == ["1.1.1"])
    #expect(Set(await offers(world, from: "1.1.0", build: "2").values) == ["1.1.1"])
    let back = await world.hotfix(world.ana, "withdraw", "v1.1.1", "--reason", "it hurts")
    #expect(back.status == 0, "\(back.all)")
    #expect(await offers(world) == before)
    #expect(Set(await offers(world, from: "1.1.0", build: "2").values) == ["nothing"])
    // Each file is one that the real updater reads, as it was before.
    for path in Set(Self.clients.values) {
      let lint = await world.hotfix(world.ana, "feed", "lint", "\(world.url)/\(path)", "--fetch")
      #expect(lint.status == 0, "\(path): \(lint.all)")
    }
  }

  @Test func aNameThatAnUpdaterWouldStrandUsersOnIsRefusedBeforeTheTag() async throws {
    let world = try await world(scheme: "suffix")
    try await world.untilRelease()
    let next = await world.hotfix(world.ana, "next")
    #expect(next.status == 1, "\(next.all)")
    #expect(next.all.contains("[version.order]"), "\(next.all)")
    #expect(next.all.contains("Squirrel.Mac: users on 1.0.1-hotfix1"), "\(next.all)")
    let tags = try await world.sh(world.ana, "git ls-remote --tags origin 'v1.0.1*'")
    #expect(tags.isEmpty)
  }
}
