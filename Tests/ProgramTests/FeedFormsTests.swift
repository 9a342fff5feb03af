import Foundation
import HotfixCommands
import HotfixTesting
import ReleaseModel
import Synchronization
import Testing

/// The `--json` forms that scripts rely on, from the command line to the value (docs/json.md).
@Suite struct FeedFormsTests {
  private final class Lines: Sendable {
    private let all = Mutex<[String]>([])
    func add(_ line: String) { all.withLock { $0.append(line) } }
    var text: String { all.withLock { $0.joined(separator: "\n") } }
  }

  private func json(
    _ arguments: [String]
  ) async throws -> (status: Int32, value: [String: Any]) {
    let out = Lines()
    let status = await HotfixProgram.run(
      arguments + ["--json"],
      environment: [:],
      out: { out.add($0) },
      error: { _ in }
    )
    let value = try JSONSerialization.jsonObject(with: Data(out.text.utf8))
    return (status, try #require(value as? [String: Any]))
  }

  @Test func versionOrderSaysRefusedWhereTheParserGivesUp() async throws {
    let one = try await json(["version", "order", "1.0.0.1", "1.0.1", "--client", "tauri"])
    #expect(one.status == 0)
    #expect(one.value["schema"] as? String == "hotfix.version-order/1")
    let rows = try #require(one.value["orders"] as? [[String: Any]])
    #expect(rows.count == 1 && rows[0]["order"] as? String == "refused")
    let all = try await json(["version", "order", "1.0.0", "1.0.1"])
    let orders = try #require(all.value["orders"] as? [[String: Any]])
    #expect(orders.count == 13 && orders.allSatisfy { $0["order"] as? Int == -1 })
  }

  @Test func feedOfferWritesNullForWhatIsAbsent() async throws {
    let folder = ScratchFolder()
    let feed = folder.path.appending("latest.yml").string
    try "version: 1.0.1\nstagingPercentage: 10\n".write(
      toFile: feed,
      atomically: true,
      encoding: .utf8
    )
    let user = [
      "feed", "offer", feed, "--client", "electron-updater", "--from", "1.0.0", "--now",
      "1795000000", "--platform", "win32",
    ]
    let late = try await json(user + ["--staging-id", "9d869ca9-feaf-5b3c-b02b-cce9ffffffff"])
    #expect(late.status == 0)
    #expect(late.value["schema"] as? String == "hotfix.feed-offer/1")
    #expect(late.value["offered"] is NSNull && late.value["delta"] is NSNull)
    #expect(late.value["error"] is NSNull)
    let items = try #require(late.value["items"] as? [[String: Any]])
    #expect(items.first?["verdict"] as? String == "phased")
    let early = try await json(user + ["--staging-id", "9d869ca9-feaf-5b3c-b02b-cce900000001"])
    #expect((early.value["offered"] as? [String: Any])?["version"] as? String == "1.0.1")
    let mac = try await json(user.dropLast() + ["darwin"])
    let code = (mac.value["error"] as? [String: Any])?["code"] as? String
    #expect(code == "ERR_UPDATER_CHANNEL_FILE_NOT_FOUND" && mac.status == 0)
  }

  @Test func feedOfferAgainstTheOldFeedEndsWithOneWhenSomebodyLoses() async throws {
    let folder = ScratchFolder()
    let old = folder.path.appending("old.yml").string
    let new = folder.path.appending("new.yml").string
    try "version: 1.0.1\n".write(toFile: old, atomically: true, encoding: .utf8)
    try "version: 1.0.0\n".write(toFile: new, atomically: true, encoding: .utf8)
    let command = ["feed", "offer", "--matrix", "-C", folder.path.string, "--from", "1.0.0"]
    let down = try await json(command + [new, "--against", old])
    #expect(down.status == 1)
    #expect(down.value["schema"] as? String == "hotfix.feed-comparison/1")
    let rows = try #require(down.value["rows"] as? [[String: Any]])
    let row = try #require(rows.first { $0["from"] as? String == "1.0.0" })
    #expect(row["client"] as? String == "electron-updater" && row["cohort"] as? String == "")
    #expect(row["before"] as? String == "1.0.1" && row["after"] == nil)
    #expect(row["change"] as? String == "less")
    #expect(row["why"] as? String == "is offered nothing instead of 1.0.1")
    let up = try await json(command + [old, "--against", new])
    #expect(up.status == 0)
  }

  @Test func feedLintEndsWithOneOnlyForErrors() async throws {
    let folder = ScratchFolder()
    let feed = folder.path.appending("latest.yml").string
    try "version: 1.10\n".write(toFile: feed, atomically: true, encoding: .utf8)
    let bad = try await json(["feed", "lint", feed])
    #expect(bad.status == 1)
    let findings = try #require(bad.value["findings"] as? [[String: Any]])
    let first = try #require(findings.first { $0["rule"] as? String == "version-kind" })
    #expect(first["line"] as? Int == 1 && first["severity"] as? String == "error")
    #expect(first["clients"] as? [String] == ["electron-updater"])
    let digest = String(repeating: "A", count: 86) + "=="
    try "version: 1.0.1-rc.1\nfiles:\n  - url: a.exe\n    sha512: \(digest)\n    size: 1\n".write(
      toFile: feed,
      atomically: true,
      encoding: .utf8
    )
    let warned = try await json(["feed", "lint", feed])
    #expect(warned.status == 0)
    #expect((warned.value["findings"] as? [[String: Any]])?.isEmpty == false)
  }
}
