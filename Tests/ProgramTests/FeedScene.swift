import Foundation
import HotfixTesting
import ReleaseModel
import Signatures
import Testing

/// An item of an appcast that another tool made.
struct OtherItem {
  let name: String
  let build: String
  var url = "https://example.org/Wick.zip"
  private static let signature = String(repeating: "A", count: 86) + "=="
  /// More elements, such as a channel.
  var more = ""

  var xml: String {
    """
        <item><title>\(name)</title><pubDate>Mon, 02 Nov 2026 10:00:00 +0000</pubDate>
          <sparkle:version>\(build)</sparkle:version>
          <sparkle:shortVersionString>\(name)</sparkle:shortVersionString>\(more)
          <enclosure url="\(url)" length="1000" type="application/octet-stream" sparkle:edSignature="\(Self.signature)"/></item>

    """
  }
}

extension World {
  /// Serves an appcast that another tool made.
  func serve(_ items: [OtherItem]) throws {
    try serve(
      """
      <?xml version="1.0" encoding="utf-8"?>
      <rss version="2.0" xmlns:sparkle="http://www.andymatuschak.org/xml-namespaces/sparkle">
        <channel><title>Wick</title>
      \(items.map(\.xml).joined())
        </channel>
      </rss>

      """
    )
  }

  func serve(_ text: String, at path: String = "appcast.xml") throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: site.pushing(FilePath(path)).string))
  }

  /// Changes hotfix.yml on the remote's main.
  func changeSettings(_ old: String, _ new: String) async throws {
    try await sh(ben, "git switch -q main && git pull -q --ff-only")
    let text = try read("ben/hotfix.yml")
    try #require(text.contains(old), "\(text)")
    try write(ben, ["hotfix.yml": text.replacing(old, with: new)])
    try await commit(ben, "Change the settings")
    try await sh(ben, "git push -q origin main")
  }

  /// Opens a run over 1.0.0 and commits the fix on its branch; nothing is reviewed.
  func untilFix(_ arguments: String...) async throws {
    try await expect(hotfix(ana, Self.openArguments + arguments), 0)
    try await expect(hotfix(ben, "approve"), 0)
    try await expect(hotfix(ana, "next"), 3)
    try await fix()
  }

  /// Builds and rehearses the candidate anew.
  func candidate(
    _ name: String = "v1.0.1",
    environment: [String: String] = [:]
  ) async throws -> Outcome {
    try await sh(ana, "rm -f .git/hotfix/scratch/receipt-*")
    return await hotfix(ana, "ship", "--candidate", name, environment: environment)
  }

  /// Every ref of the remote but the records.
  func refs() async throws -> String {
    try await sh(ana, "git ls-remote origin | grep -v refs/hotfix/")
  }

  /// The version that a client offers a user of a version, or "nothing".
  func offer(_ path: String, _ client: String, from version: String) async -> String {
    let feed = site.pushing(FilePath(path)).string
    let arguments = ["feed", "offer", feed, "--client", client, "--from", version, "--json"]
    let answer = await hotfix(ana, arguments)
    return answer.out.firstMatch(of: /"shortVersion" : "([^"]+)"/).map { String($0.1) } ?? "nothing"
  }

  /// An update key that no app trusts yet.
  func otherKey() throws -> (secret: String, public: String) {
    let key = try UpdateKey.make(seed: [UInt8](repeating: 5, count: 32))
    return (key.secret.reveal(), key.key.publicKey)
  }

  /// A world whose hotfixes are named by three numbers, with an appcast that is not signed.
  static func patched(
    _ edit: @Sendable (String) -> String = { $0 }
  ) async throws -> World {
    try await World(settings: { text in
      edit(
        text.replacing("scheme: suffix", with: "scheme: patch")
          .replacing(", signed: true", with: "")
      )
    })
  }
}
