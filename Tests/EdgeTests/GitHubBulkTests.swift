import Foundation
import Git
import GitHubStandIn
import HotfixTesting
import ReleaseModel
import Testing

/// Large bodies and unlucky moments.
@Suite struct GitHubBulkTests {
  /// More than git sends in one piece, and what does not compress.
  private func noise(_ bytes: Int) -> String {
    var generator = SystemRandomNumberGenerator()
    return (0..<bytes / 8).map { _ in
      String(UInt32.random(in: 0 ..< .max, using: &generator), radix: 16)
    }.joined()
  }

  @Test func takesLargePushesInPieces() async throws {
    let world = try await StandInWorld()
    try await world.seed(["big.txt": noise(6 << 20)])
    let copy = world.scratch.path.appending("copy")
    let options = ["--depth=1", "--filter=blob:none"]
    let cloned = try await world.git(
      "clone",
      "--quiet",
      options[0],
      options[1],
      world.remote(),
      copy.string,
      in: world.scratch.path
    )
    #expect(cloned.succeeded, "\(cloned.errors)")
    let one = try await world.git("hash-object", "big.txt").text
    #expect(try await world.git("hash-object", "big.txt", in: copy).text == one)
    await world.standIn.stop()
  }

  @Test func losesTheAnswerToAPush() async throws {
    let world = try await StandInWorld()
    try await world.seed()
    // git's HTTP library asks once more by itself when a kept connection dies.
    await world.standIn.setFaults([
      Fault("POST", "*/git-receive-pack", .lostAnswer),
      Fault("POST", "*/git-receive-pack", .closeBefore, at: 2...4),
    ])
    try await world.git("tag", "v1")
    #expect(try await !world.git("push", "origin", "v1").succeeded)
    #expect(try await world.repo("GET", "/git/ref/tags/v1").status == 200, "it arrived")
    try await world.git("tag", "v2")
    #expect(try await !world.git("push", "origin", "v2").succeeded)
    #expect(try await world.repo("GET", "/git/ref/tags/v2").status == 404, "it did not")
    #expect(try await world.git("push", "origin", "v1", "v2").succeeded)
    await world.standIn.stop()
  }

  @Test func truncatesAnUpload() async throws {
    let world = try await StandInWorld()
    await world.standIn.setFaults([Fault("POST", "*/assets", .truncatedUpload)])
    try await world.seed()
    let draft = try await world.repo("POST", "/releases", ["tag_name": "v1", "draft": true]).json
    let address = draft["upload_url"].text?.split(separator: "{").first.map(String.init) ?? ""
    let bytes = [UInt8](repeating: 7, count: 8 << 20)
    let short = try await world.ask("POST", address + "?name=a", bytes: bytes)
    #expect(short.status == 201 && short.json["size"].number == 4 << 20)
    let whole = try await world.ask("POST", address + "?name=b", bytes: bytes)
    #expect(whole.json["size"].number == 8 << 20)
    #expect(try await world.ask("POST", address + "?name=c", bytes: []).status == 422)
    await world.standIn.stop()
  }

  @Test func letsOneOfTwoWinARace() async throws {
    let world = try await StandInWorld()
    try await world.seed()
    let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<6 {
        group.addTask { try await world.repo("POST", "/releases", ["tag_name": "v1"]).status }
      }
      return try await group.reduce(into: []) { $0.append($1) }.sorted()
    }
    #expect(statuses == [201, 422, 422, 422, 422, 422])
    let body: JSON = ["message": "m", "content": "YQ=="]
    let writes = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<4 {
        group.addTask { try await world.repo("PUT", "/contents/new.txt", body).status }
      }
      return try await group.reduce(into: []) { $0.append($1) }.sorted()
    }
    #expect(writes.filter { $0 == 201 }.count == 1, "\(writes)")
    await world.standIn.stop()
  }
}
