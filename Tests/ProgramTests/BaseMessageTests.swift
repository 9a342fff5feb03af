import HotfixTesting
import Testing

/// What is said of a base that nobody signed.
@Suite struct BaseMessageTests {
  @Test func aTagWithoutASignatureIsNotGivenToGitToVerify() async throws {
    let world = try await World()
    try await world.sh(
      world.ana,
      "git tag -f v1.0.0 'v1.0.0^{}' && git push --quiet --force origin v1.0.0"
    )
    let open = await world.hotfix(world.ana, World.openArguments)
    #expect(open.err.contains("[base.unsigned]"), "\(open.all)")
    #expect(open.err.contains("git log -1 v1.0.0") && !open.err.contains("git tag -v"))
  }
}
