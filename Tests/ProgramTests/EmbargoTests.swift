import GitHubStandIn
import HotfixTesting
import ReleaseModel
import Testing

/// Nobody outside reads of a security fault before its time.
@Suite struct EmbargoTests {
  private static let open = [
    "open", "Notes of strangers can be read", "--kind", "security", "--exploitation", "active",
    "--utility", "super effective", "--technical-impact", "total", "--safety", "significant",
    "--because", "it is exploited", "--workaround", "none",
  ]

  private func refuses(_ world: World, _ why: String) async throws {
    let refused = await world.hotfix(world.ana, Self.open)
    #expect(refused.status == 1 && refused.err.contains("[open.public]"), "\(refused.all)")
    #expect(refused.err.contains(why), "\(refused.all)")
    #expect(refused.err.contains("the title \"Notes of strangers can be read\""))
    #expect(refused.err.contains("exploitation: active"), "\(refused.all)")
    #expect(refused.err.contains("gh repo create OWNER/NAME-embargo --private"))
    // Not a word of it is anywhere.
    for people in [world.ana, world.ben] {
      let refs = try await world.sh(
        people,
        "git ls-remote origin 'refs/hotfix*' 'refs/heads/hotfix/*'; git for-each-ref refs/hotfix"
      )
      #expect(refs.isEmpty, "\(refs)")
    }
  }

  private func setting(_ world: World, _ line: String) async throws {
    try await world.sh(
      world.ana,
      "echo '\(line)' >> hotfix.yml && git commit -qam '\(line)' && git push -q origin main"
    )
  }

  @Test func aFolderOfThisMachineIsPrivate() async throws {
    let world = try await World()
    let opened = await world.hotfix(world.ana, Self.open)
    #expect(opened.status == 0 && !opened.all.contains("can read"), "\(opened.all)")
  }

  @Test func aServerThatNobodyKnowsIsRefusedUnlessSomebodySaysWhy() async throws {
    let world = try await World()
    // git asks this "server" by running its half of the conversation here.
    try await world.sh(
      world.ana,
      "git config ssh.variant simple && git config core.sshCommand 'sh -c \"eval \\\"\\$1\\\"\"'"
        + " && git remote set-url origin git@git.example.org:\(world.remote)"
    )
    try await refuses(world, "git.example.org")
    // Where the push goes is what counts.
    try await world.sh(
      world.ana,
      "git remote set-url origin \(world.remote)"
        + " && git remote set-url --push origin git@git.example.org:\(world.remote)"
    )
    try await refuses(world, "git.example.org")
    let empty = await world.hotfix(world.ana, Self.open + ["--public", " "])
    #expect(empty.status == 2, "\(empty.all)")
    let opened = await world.hotfix(world.ana, Self.open + ["--public", "it is in the news"])
    #expect(opened.status == 0, "\(opened.all)")
    #expect(opened.err.contains("They can read from now on: the title \"Notes of strangers"))
    let log = await world.hotfix(world.ana, "log", "v1.0.1-hotfix1")
    #expect(log.out.contains("opened in public: it is in the news"), "\(log.all)")
  }

  @Test func otherFaultsAreOpenedAnywhere() async throws {
    let world = try await World(onGitHub: true)
    try world.expect(await world.hotfix(world.ana, World.openArguments), 0)
  }

  @Test func aRepositoryOnGitHubHasToBePrivate() async throws {
    let world = try await World(onGitHub: true)
    let github = try #require(world.github)
    try await refuses(world, "Everybody can read origin")
    // What a token may not see is not known to be private.
    let blind = await world.hotfix(
      world.ana,
      Self.open,
      environment: ["GITHUB_SERVER_URL": "", "GITHUB_TOKEN": ""]
    )
    #expect(blind.status == 1 && blind.err.contains("[open.public]"), "\(blind.all)")
    try await github.setPrivate(World.repository, true)
    let opened = await world.hotfix(world.ana, Self.open)
    #expect(opened.status == 0 && !opened.all.contains("can read"), "\(opened.all)")
  }

  @Test func mainSaysThatSecurityIsMendedInPublic() async throws {
    let world = try await World(onGitHub: true)
    // One person's own settings do not say it for all.
    try await world.sh(world.ana, "cp hotfix.yml own.yml && echo 'embargo: none' >> own.yml")
    let own = await world.hotfix(world.ana, Self.open + ["--settings", "own.yml"])
    #expect(own.status == 1 && own.err.contains("[open.public]"), "\(own.all)")
    try await setting(world, "embargo: none")
    let opened = await world.hotfix(world.ben, Self.open)
    #expect(opened.status == 0, "\(opened.all)")
    #expect(opened.err.contains("Everybody can read origin"), "\(opened.all)")
  }
}
