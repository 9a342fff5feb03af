import Foundation
import GitHubStandIn
import HotfixTesting
import ReleaseModel
import Testing

/// A whole hotfix on GitHub in which the first request goes wrong, then the second, and so on.
///
/// What must be survived: an answer that is lost after the deed, a connection closed before it, a
/// server's error, a limit, and a read that lags behind a write.
@Suite struct GitHubFaultTests {
  enum Trouble: String, CaseIterable, Sendable {
    case lostAnswer, closedBefore, serverError, limit, staleRead

    var fault: Fault.Kind {
      switch self {
      case .lostAnswer: .lostAnswer
      case .closedBefore: .closeBefore
      case .serverError: .serverError(502)
      case .limit: .secondaryLimit(retryAfter: 2)
      case .staleRead: .staleRead
      }
    }

    /// How many requests are passed over between two that go wrong.
    ///
    /// None with HOTFIX_ALL_FAULTS,
    /// which takes some minutes more. What may do harm is tried everywhere, always.
    var stride: Int {
      if ProcessInfo.processInfo.environment["HOTFIX_ALL_FAULTS"] != nil { return 1 }
      return switch self {
      case .lostAnswer: 1
      case .closedBefore: 4
      case .serverError, .limit: 7
      case .staleRead: 19
      }
    }

    var methods: [String] { self == .staleRead ? ["GET"] : ["POST", "PUT", "PATCH", "DELETE"] }
  }

  @Test(arguments: Trouble.allCases)
  func endsTheSameWhateverRequestGoesWrong(_ trouble: Trouble) async throws {
    let world = try await World(onGitHub: true)
    let github = try #require(world.github)
    _ = try await github.addIssue(World.repository, title: "The last word is lost")
    try world.expect(await world.hotfix(world.ana, World.openArguments), 0)
    try world.expect(await world.hotfix(world.ben, "approve"), 0)
    try world.expect(await world.hotfix(world.ana, "next"), 3)
    try await world.fix()
    var hits = 0
    defer { print("\(trouble): \(hits) requests, each gone wrong once") }
    for method in trouble.methods {
      for path in ["/repos/*", "/graphql"] where path != "/graphql" || method == "POST" {
        hits += try await loop(world, github, trouble, method, path)
      }
    }
    #expect(hits >= 3)
  }

  /// Returns how many requests went wrong.
  private func loop(
    _ world: World,
    _ github: GitHubStandIn,
    _ trouble: Trouble,
    _ method: String,
    _ path: String
  ) async throws -> Int {
    let start = try await world.copy("start")
    var count = 0
    for number in stride(from: 1, through: 200, by: trouble.stride) {
      let name = "\(trouble) at \(method) \(path) number \(number)"
      await github.setFaults([Fault(method, path, trouble.fault, at: number...number)])
      var status = Int32(1)
      for _ in 0..<8 where status != 0 {
        let next = await world.hotfix(world.ana, "next")
        status = next.status
        #expect([0, 1, 3].contains(status), "\(name): \(next.all)")
        #expect(!next.all.contains("ana-token"), "\(name): no secret")
        if next.out.contains("approves") { _ = await world.hotfix(world.ben, "approve") }
      }
      let wasHit = await github.hits[0] >= number
      await github.setFaults([])
      #expect(status == 0, "\(name): the run did not come to its end")
      try await check(github, name)
      try await world.restore(start)
      guard wasHit else { return count }
      count += 1
    }
    Issue.record("\(method) \(path): there was always one more request")
    return count
  }

  private func check(_ github: GitHubStandIn, _ name: String) async throws {
    let end = try await GitHubEnd(github)
    #expect(
      end.releases == ["v1.0.0": false, "v1.0.1-hotfix1": false],
      "\(name): no draft is left"
    )
    #expect(end.latest == "v1.0.1-hotfix1", "\(name)")
    #expect(end.assets.count == 5, "\(name): each asset once: \(end.assets)")
    #expect(end.pulls == ["closed"] && end.merges == 1, "\(name): one pull request, merged once")
    #expect(end.comments == 1 && end.issues == ["closed"], "\(name): the issue is told once")
    #expect(end.discussions == 1, "\(name): announced once")
  }
}
