import Foundation
import HotfixTesting
import ReleaseModel
import Testing

/// Whole hotfixes of people whose git, and whose files, are not as ours.
@Suite struct HostileGitTests {
  /// Each at its most inconvenient; `GitSettingsTests` has them one by one.
  private static let settings = """
    [i18n]
      logOutputEncoding = ISO-8859-1
      commitEncoding = ISO-8859-1
    [color]
      ui = always
      push = always
      remote = always
      status = always
      transport = always
    [column]
      ui = always
    [core]
      abbrev = 4
      autocrlf = input
      commentChar = (
      editor = false
      excludesFile = /dev/null
      fsmonitor = true
      logAllRefUpdates = false
      pager = false
      quotePath = true
      sparseCheckout = true
      untrackedCache = true
    [diff]
      algorithm = patience
      external = false
      ignoreSubmodules = all
      mnemonicPrefix = true
      noprefix = true
      renames = copies
    [log]
      abbrevCommit = true
      date = raw
      decorate = full
      follow = true
      showSignature = true
    [format]
      pretty = short
    [status]
      branch = true
      renames = copies
      short = true
      showStash = true
      showUntrackedFiles = all
    [merge]
      autoStash = true
      conflictStyle = zdiff3
      default = union
      directoryRenames = true
      ff = only
      log = true
      renames = false
      verifySignatures = true
    [pull]
      twohead = ours
    [commit]
      cleanup = strip
      verbose = true
    [rerere]
      autoUpdate = true
      enabled = true
    [push]
      default = nothing
      followTags = true
      gpgSign = true
      pushOption = ci.skip
      recurseSubmodules = check
      useForceIfIncludes = true
    [fetch]
      fsckObjects = true
      pruneTags = true
      recurseSubmodules = true
      writeCommitGraph = true
    [tag]
      forceSignAnnotated = true
      gpgSign = true
      sort = -version:refname
    [branch]
      autoSetupMerge = always
      autoSetupRebase = always
      sort = -committerdate
    [checkout]
      guess = false
      workers = 2
    [clone]
      defaultRemoteName = elsewhere
      rejectShallow = true
    [submodule]
      recurse = true
    [transfer]
      fsckObjects = true
    [protocol]
      version = 0
    [gc]
      auto = 1
    [remote "origin"]
      mirror = true
      fetch = +refs/pull/*/head:refs/remotes/origin/pr/*
      fetch = +refs/hotfix/*:refs/hotfix/*
      push = +refs/*:refs/*
      tagOpt = --tags

    """

  /// What a hook, an alias, or somebody who looks for a fault leaves in the environment.
  private static let environment = [
    "GIT_DIR": "/nonexistent", "GIT_INDEX_FILE": "/nonexistent", "GIT_WORK_TREE": "/nonexistent",
    "GIT_CONFIG": "/nonexistent", "GIT_NAMESPACE": "other", "GIT_GLOB_PATHSPECS": "1",
    "GIT_EXTERNAL_DIFF": "false", "GIT_EDITOR": "false", "GIT_PAGER": "false",
    "LANG": "de_DE.ISO-8859-1", "LC_ALL": "de_DE.ISO-8859-1", "LANGUAGE": "de",
  ]

  private func expect(_ outcome: World.Outcome, _ status: Int32) {
    #expect(outcome.status == status, "\(outcome.all)")
  }

  /// Drafts the changelog into a branch that is checked out, merges a main that went on, tags, builds
  /// and ships; the fix is a commit of main.
  @Test func noSettingOfGitStopsAHotfix() async throws {
    let world = try await World()
    try await world.fix()
    let push = "git push --quiet origin main && git rev-parse HEAD"
    let pick = try await world.sh(world.ana, push)
    for person in [world.ana, world.ben] {
      let file = FilePath(person.environment["GIT_CONFIG_GLOBAL"] ?? "")
      let handle = try #require(FileHandle(forWritingAtPath: file.string))
      try handle.seekToEnd()
      try handle.write(contentsOf: Data(Self.settings.utf8))
      try handle.close()
    }
    func run(_ person: World.Person, _ status: Int32, _ arguments: String...) async throws {
      let outcome = await world.hotfix(person, arguments, environment: Self.environment)
      expect(outcome, status)
      #expect(!outcome.all.contains("\u{1B}["), "\(outcome.all)")
    }
    let open = World.openArguments + ["--pick", pick]
    let outcome = await world.hotfix(world.ana, open, environment: Self.environment)
    expect(outcome, 0)
    try await run(world.ben, 0, "approve")
    try await run(world.ana, 3, "next")
    try await run(world.ben, 0, "approve")
    try await run(world.ana, 0, "next")
    try await run(world.ben, 0, "record", "verify")
    try await run(world.ben, 0, "verify", "v1.0.1-hotfix1")
    let refs = try await world.sh(world.eve, "git ls-remote origin | cut -f2", in: nil)
    #expect(!refs.contains("refs/remotes") && refs.contains("refs/tags/v1.0.1-hotfix1"), "\(refs)")
  }

  /// The changelog, the settings and the fix's message come from an editor of Windows, with byte order
  /// marks; the message is in Latin 1 as well.
  @Test func filesOfWindowsAreReadAndWrittenBackAsTheyWere() async throws {
    let world = try await World()
    let bom = "\u{FEFF}"
    let files = try ["CHANGELOG.md", "hotfix.yml", "Info.plist"].map { name in
      (name, bom + (try world.read("ana/\(name)")).replacing("\n", with: "\r\n"))
    }
    try world.write(world.ana, Dictionary(uniqueKeysWithValues: files))
    try await world.commit(world.ana, "Edit on Windows")
    try await world.sh(world.ana, "git push --quiet origin main")
    // The base is a release that had these files already.
    try await world.sh(
      world.ana,
      "git tag -s -m 'Release 1.0.1' v1.0.1 && git push --quiet origin v1.0.1"
    )
    expect(await world.hotfix(world.ana, "ship", "v1.0.1"), 0)
    try await world.sh(world.ben, "git pull --quiet")
    expect(await world.hotfix(world.ana, World.openArguments), 0)
    expect(await world.hotfix(world.ben, "approve"), 0)
    expect(await world.hotfix(world.ana, "next"), 3)
    try await world.fix()
    try await world.sh(
      world.ana,
      #"printf '\357\273\277F\374r alle\r\n\r\nMore words.\r\nFixes #1\r\n'"#
        + " | git commit --quiet --amend --cleanup=verbatim -F -"
    )
    expect(await world.hotfix(world.ana, "next"), 3)
    expect(await world.hotfix(world.ben, "approve"), 0)
    expect(await world.hotfix(world.ana, "next"), 0)
    expect(await world.hotfix(world.ben, "record", "verify"), 0)
    let changelog = try await world.sh(
      world.ana,
      "git fetch --quiet && git show origin/main:CHANGELOG.md > ../c && od -c ../c | head -2; "
        + #"tr -dc '\r' < ../c | wc -c; tr -dc '\n' < ../c | wc -c; cat ../c"#
    )
    #expect(changelog.hasPrefix("0000000 357 273 277   #"), "\(changelog)")
    let counts = changelog.lines().dropFirst(2).prefix(2)
    #expect(Set(counts).count == 1, "every line ends as before: \(changelog)")
    #expect(changelog.contains("## [1.0.2-hotfix1]"), "\(changelog)")
  }
}
