import Foundation
import GitHubStandIn
import HotfixTesting
import ReleaseModel
import Testing

/// Which release `open` takes as the base, on both hosts.
@Suite struct BaseChoiceTests {
  /// Tags main as it is, with a signature, and pushes the tag.
  private func tag(_ names: String..., in world: World) async throws {
    for name in names {
      try await world.sh(world.ana, "git tag -s -m \(name) \(name) && git push -q origin \(name)")
    }
  }

  private func open(_ world: World, _ arguments: String...) async -> World.Outcome {
    await world.hotfix(world.ana, World.openArguments + arguments)
  }

  private func edit(_ world: World, _ path: String, _ old: String, _ new: String) throws {
    let text = try world.read("site/\(path)")
    try #require(text.contains(old), "\(text)")
    let edited = text.replacing(old, with: new)
    try edited.write(
      toFile: world.site.pushing(FilePath(path)).string,
      atomically: true,
      encoding: .utf8
    )
  }

  @Test func preReleasesAndTagsWithoutAReleaseArePassedOver() async throws {
    let world = try await World()
    try await tag("v1.1.0", "v1.2.0-beta.1", in: world)
    let opened = await open(world)
    #expect(opened.status == 0 && opened.out.contains(" over v1.0.0"), "\(opened.all)")
    for words in [
      "v1.2.0-beta.1 is a pre-release", "v1.1.0 is a tag without a release on the release host",
    ] {
      #expect(opened.err.contains(words), "\(opened.err)")
    }
    let named = await open(world, "--base", "v1.2.0-beta.1")
    #expect(named.status == 0 && named.out.contains(" over v1.2.0-beta.1"), "\(named.all)")
  }

  @Test func aReleaseThatOnlyAChannelOffersIsNoBase() async throws {
    let world = try await World()
    try await tag("v1.1.0", in: world)
    try world.expect(await world.hotfix(world.ana, "ship", "v1.1.0"), 0)
    let text = try world.read("site/appcast.xml")
    let item = try #require(text.range(of: "<sparkle:shortVersionString>1.1.0"))
    let channel = "<sparkle:channel>beta</sparkle:channel>" + text[item]
    try edit(world, "appcast.xml", String(text[item]), channel)
    let opened = await open(world)
    #expect(opened.status == 0 && opened.out.contains(" over v1.0.0"), "\(opened.all)")
    #expect(opened.err.contains("v1.1.0 is offered in the channel beta only"), "\(opened.err)")
  }

  @Test func withoutABaseItSaysWhatWasPassedOverAndHowToNameOne() async throws {
    let world = try await World()
    try edit(world, "releases/v1.0.0/release.json", "{", "{\n  \"withdrawn\": \"it hurts\",")
    try await tag("v1.2.0-beta.1", in: world)
    let refused = await open(world)
    #expect(refused.status == 1 && refused.err.contains("[base.missing]"), "\(refused.all)")
    for words in [
      "v1.2.0-beta.1 is a pre-release.", "v1.0.0 was withdrawn.", "--base TAG",
    ] {
      #expect(refused.err.contains(words), "\(refused.err)")
    }
  }

  @Test func anotherToolsFoldersCountAndAHostThatCannotBeReadDoesNot() async throws {
    let world = try await World()
    try await tag("v1.1.0", "v1.2.0", in: world)
    try await world.sh(
      world.ana,
      "mkdir -p ../site/releases/v1.1.0 && echo app > ../site/releases/v1.1.0/Wick-1.1.0.zip"
    )
    let opened = await open(world)
    #expect(opened.status == 0 && opened.out.contains(" over v1.1.0"), "\(opened.all)")
    try await world.sh(world.ana, "mv ../site ../elsewhere && echo > ../site")
    let refused = await open(world)
    #expect(refused.status == 1 && refused.err.contains("[host.unreadable]"), "\(refused.all)")
  }

  /// Asks the stand-in's API, as ana.
  private func ask(
    _ world: World,
    _ method: String,
    _ path: String,
    _ body: [String: Any]? = nil
  ) async throws -> [String: Any] {
    let github = try #require(world.github)
    let url = "\(github.url)/api/v3/repos/\(World.repository)\(path)"
    let sent = body.map { try? JSONSerialization.data(withJSONObject: $0) } ?? nil
    let data = sent.map { "--data-binary '\(String(decoding: $0, as: UTF8.self))'" } ?? ""
    let text = try await world.sh(
      world.ana,
      "curl -s -X \(method) -H 'Authorization: Bearer ana-token' \(data) '\(url)'"
    )
    let answer = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    return try #require(answer, "\(text)")
  }

  @Test func onGitHubReleasesCountAndNotTagsDraftsOrFlaggedOnes() async throws {
    let world = try await World(onGitHub: true)
    try await tag("v1.1.0", "v1.2.0", "v1.3.0", "v1.4.0-rc.1", in: world)
    for (tag, flag) in [("v1.2.0", "draft"), ("v1.3.0", "prerelease")] {
      let made = try await ask(world, "POST", "/releases", ["tag_name": tag, flag: true])
      try #require(made["tag_name"] as? String == tag, "\(made)")
    }
    let opened = await open(world)
    #expect(opened.status == 0 && opened.out.contains(" over v1.0.0"), "\(opened.all)")
    for words in [
      "v1.4.0-rc.1 is a pre-release",
      "v1.3.0 is marked as a pre-release on the release host",
      "v1.2.0 is a tag without a release on the release host",
      "v1.1.0 is a tag without a release on the release host",
    ] {
      #expect(opened.err.contains(words), "\(opened.err)")
    }
    let shipped = await world.hotfix(world.ana, "ship", "v1.4.0-rc.1")
    #expect(shipped.status == 0, "\(shipped.all)")
    let release = try await ask(world, "GET", "/releases/tags/v1.4.0-rc.1")
    #expect(release["prerelease"] as? Bool == true)
    #expect(try await ask(world, "GET", "/releases/latest")["tag_name"] as? String == "v1.0.0")
  }

  /// A server that is ill does not say that a file is not there.
  @Test(arguments: ["release.json", "SHA256SUMS"])
  func verifyTakesNoFailureForNotThere(_ name: String) async throws {
    let world = try await World(onGitHub: true)
    let github = try #require(world.github)
    await github.setFaults([Fault("GET", "*/v1.0.0/\(name)", .serverError(503), at: 1...99)])
    let verified = await world.hotfix(world.ben, "verify", "v1.0.0")
    #expect(verified.status == 1 && verified.err.contains("[served.status]"), "\(verified.all)")
    #expect(verified.err.contains("503"), "\(verified.err)")
  }
}
