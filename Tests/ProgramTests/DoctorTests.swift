import Foundation
import HotfixTesting
import ReleaseModel
import Testing

/// What would fail tonight, doctor says today.
@Suite struct DoctorTests {
  private func doctor(_ world: World, _ environment: [String: String] = [:]) async -> World.Outcome
  {
    await world.hotfix(world.ana, ["doctor"], environment: environment)
  }

  private func publish(_ world: World, _ files: [String: String]) async throws {
    try world.write(world.ana, files)
    try await world.commit(world.ana, "Change the set-up")
    try await world.sh(world.ana, "git push --quiet origin HEAD:main")
  }

  private func count(_ outcome: World.Outcome, _ word: String) -> Int {
    outcome.out.lines.count { $0.contains(word) && !$0.hasPrefix("  next:") }
  }

  @Test func namesEveryCommandThatCannotRun() async throws {
    let world = try await World()
    try world.expect(await doctor(world), 0)
    let settings = try world.read("ana/hotfix.yml")
    let regression = """
        regression: ["no-such-tool a", "no-such-tool b", "make there VERSION={version}",
          "make not-there", "sh tools/lost.sh", "cd app && npm test", "npm ci && later-tool",
          "(cd nowhere; ls)", "echo all is well"]
      """
    try await publish(
      world,
      [
        "hotfix.yml": settings.replacing("test:\n", with: "test:\n\(regression)\n"),
        "Makefile": "there:\n\ttouch made-by-make\n",
        "app/package.json": #"{"scripts": {"build": "true"}}"#,
      ]
    )
    // Only what is committed counts: this file is here alone.
    try world.write(world.ana, ["tools/lost.sh": "true\n"])
    let found = await doctor(world)
    #expect(found.status == 1, "\(found.all)")
    for word in [
      "the program no-such-tool is not on this machine", "No rule to make target 'not-there'",
      "there is no file tools/lost.sh", "package.json has no script test",
      "there is no folder nowhere",
    ] {
      #expect(count(found, word) == 1, "\(word): \(found.all)")
    }
    #expect(found.out.contains("! commands       test.regression: the program later-tool"))
    #expect(count(found, "make there") == 0, "\(found.all)")
    let made = try await world.sh(world.ana, "git status --porcelain --ignored; git worktree list")
    #expect(!made.contains("made-by-make") && !made.contains("tree-"), "\(made)")
  }

  /// `make -n` runs what `$(shell …)` and `+` say, so doctor's has a shell that does nothing.
  @Test func askingMakeRunsNothingOfTheProject() async throws {
    let world = try await World()
    let mark = world.path.appending("ran").string
    let settings = try world.read("ana/hotfix.yml")
    try await publish(
      world,
      [
        "hotfix.yml": settings.replacing("test:\n", with: "test:\n  regression: [make all]\n"),
        "Makefile": "X := $(shell echo \"$$WICK_KEY\" > \(mark))\nall:\n\t+touch \(mark)\n",
      ]
    )
    try world.expect(await doctor(world), 0)
    #expect(try await world.sh(world.ana, "test -e \(mark) || echo nothing") == "nothing")
    try await world.sh(world.ana, "git switch -q main && make -n all && test -e \(mark)")
  }

  @Test func buildTriesTheNewestReleaseAndLeavesNothing() async throws {
    let world = try await World()
    let state = """
      git for-each-ref; git -C ../remote.git for-each-ref; git status --porcelain
      find .git/hotfix/scratch -mindepth 1 -not -name '*.lock' | LC_ALL=C sort
      (cd ../site && find . -type f | LC_ALL=C sort | xargs sha256sum)
      """
    try world.expect(await doctor(world), 0)
    let before = try await world.sh(world.ana, state)
    let found = await world.hotfix(world.ana, ["doctor", "--build"])
    #expect(found.status == 0, "\(found.all)")
    #expect(found.out.contains("build          v1.0.0: Wick-1.0.0.tar.gz: "), "\(found.all)")
    #expect(found.out.contains("Info.plist says 1.0.0"), "\(found.all)")
    #expect(try await world.sh(world.ana, state) == before)
  }

  @Test func buildNamesWhatWouldFailTonight() async throws {
    let world = try await World()
    let settings = try world.read("ana/hotfix.yml")
    try await publish(
      world,
      [
        "hotfix.yml": settings.replacing(
          "build: sh build.sh {version} {build}",
          with: "build: \"true\""
        )
      ]
    )
    let found = await world.hotfix(world.ana, ["doctor", "--build"])
    #expect(found.status == 1, "\(found.all)")
    #expect(count(found, "The build did not make dist/Wick-1.0.0.tar.gz") == 1, "\(found.all)")
    #expect(found.out.contains("next: hotfix doctor --build"), "\(found.all)")
  }

  @Test func namesEverySecretThatIsMissingOnce() async throws {
    let world = try await World()
    let found = await doctor(world, ["WICK_KEY": ""])
    #expect(found.status == 1, "\(found.all)")
    #expect(count(found, "The secret WICK_KEY is not set") == 1, "\(found.all)")
    #expect(found.out.contains("next: export WICK_KEY=…"))
  }

  @Test func refusesAnAppThatCarriesAnotherKey() async throws {
    let world = try await World()
    let plist = try world.read("ana/Info.plist")
    let key = try #require(plist.firstMatch(of: /[A-Za-z0-9+\/]{43}=/)).output
    let other = String(repeating: "A", count: 43) + "="
    try await publish(world, ["Info.plist": plist.replacing(key, with: other)])
    let found = await doctor(world)
    #expect(found.status == 1, "\(found.all)")
    #expect(found.out.contains("Info.plist gives the app the key \(other)"), "\(found.all)")
  }

  @Test func namesAFeedThatNobodyCanRead() async throws {
    let world = try await World()
    await world.stopServing()
    try world.expect(await doctor(world), 0)
    let settings = try world.read("ana/hotfix.yml")
    try await publish(
      world,
      ["hotfix.yml": settings.replacing(world.url, with: "https://feeds.invalid")]
    )
    let found = await doctor(world)
    #expect(found.status == 1, "\(found.all)")
    #expect(count(found, "no updater can read") > 0, "\(found.all)")
  }

  /// What is the repository's is said once; the rest with the component's name in front.
  @Test func examinesEachComponent() async throws {
    let world = try await World(settings: {
      $0 + """
        components:
          wick: { paths: [ wick.sh ] }
          taper:
            paths: [ taper ]
            version: { tag: "taper-v{version}", files: [ Info.plist, "lost.h: V {version}", "wick.sh: V {version}" ] }
            feeds: []
            test: { suite: no-such-tool, proof: "cargo next-to-none run {test}" }

        """
    })
    try world.write(
      world.ana,
      [
        "../bin/cargo": "#!/bin/sh\necho 'Installed Commands:'\necho '    build    Compile'\n",
        "taper/a": "a\n",
      ]
    )
    try await world.sh(world.ana, "chmod +x ../bin/cargo && git tag -f v1.0.0 v1.0.0^{commit}")
    try await publish(world, [:])
    try await world.sh(world.ana, "git push -q --force origin v1.0.0")
    let path = "\(world.path.appending("bin")):\(world.ana.environment["PATH"] ?? "")"
    let found = await doctor(world, ["PATH": path])
    #expect(found.status == 1, "\(found.all)")
    for words in [
      "signers ",
      "✗ commands       taper: test.suite: the program no-such-tool is not on this machine",
      "✗ commands       taper: test.proof: cargo has no command next-to-none on this machine",
      "✗ version        taper: lost.h, one of version.files, is not there.",
      "✗ version        taper: wick.sh says no version in \"V {version}\".",
      "! base           wick: The tag v1.0.0 is lightweight", "✓ feed           wick: appcast.xml",
      "✗ base           taper: ", "✓ host           1 releases",
    ] {
      #expect(count(found, words) == 1, "\(words): \(found.all)")
    }
    #expect(found.out.contains("git tag -s -f -m v1.0.0 v1.0.0 "), "\(found.all)")
    #expect(found.out.contains("--unsigned-base     works"), "\(found.all)")
    let one = await world.hotfix(world.ana, "doctor", "--component", "wick")
    #expect(one.status == 0 && !one.out.contains("taper"), "\(one.all)")
    let host = try world.read("ana/hotfix.yml")
      .replacing(/host: .*/, with: "host: { github: ana/wick, feeds: pages }")
    try world.write(world.ana, ["../hosted.yml": host])
    let workflow = ["init", "--workflow", "--settings", "../hosted.yml"]
    let both = await world.hotfix(world.ana, workflow)
    #expect(both.err.contains("hotfix init --workflow --component taper"), "\(both.all)")
    try world.expect(await world.hotfix(world.ana, workflow + ["--component", "taper"]), 0)
    let text = try world.read("ana/.github/workflows/hotfix-taper.yml")
    #expect(text.contains("branches: [\"hotfix/taper-v*\"]"))
  }

  @Test func doesNotSpeakOfTagsWhereTheRemoteWasNotRead() async throws {
    let world = try await World()
    try await world.sh(world.ana, "git remote set-url origin /nowhere/at-all")
    let found = await doctor(world)
    #expect(found.status == 1 && found.out.contains("remote"), "\(found.all)")
    #expect(!found.out.contains("no release tag"), "\(found.all)")
  }

  @Test func showsHowSomebodyIsTold() async throws {
    let world = try await World(settings: { text in
      text.replacing(/(?ms)^tell:.*?(?=^\S|\z)/.dotMatchesNewlines(), with: "")
    })
    let found = await doctor(world)
    #expect(found.out.contains("Add to hotfix.yml:  tell: { team: ["), "\(found.all)")
  }
}

extension String {
  fileprivate var lines: [Substring] { split(separator: "\n") }
}
