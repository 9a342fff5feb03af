import Foundation
import Git
import HotfixTesting
import Machine
import Record
import ReleaseModel
import Testing

/// Bad input and bad luck: a clear error with its code, nothing lost, and a way on.
@Suite struct BadLuckTests {
  private func hotfix(_ world: World, _ arguments: String...) async -> World.Outcome {
    await world.hotfix(world.ana, arguments)
  }

  @Test func saysWhatIsWrongWithTheFolder() async throws {
    let world = try await World()
    let none = await world.hotfix(world.ana.elsewhere("/"), "status")
    #expect(none.status == 1 && none.err.contains("[repository.none]"), "\(none.all)")
    try await world.sh(world.ana, "git remote remove origin")
    let remote = await hotfix(world, "status")
    #expect(remote.status == 1 && remote.err.contains("[remote.none]"), "\(remote.all)")
    try await world.sh(world.ben, "rm hotfix.yml")
    let settings = await world.hotfix(world.ben, "status")
    #expect(settings.err.contains("[run.none]"), "main's settings count: \(settings.all)")
    let usage = await world.hotfix(world.ben, "open")
    #expect(usage.status == 2, "a wrong command line")
  }

  @Test func worksInAFolderBelowAndThroughALinkAndTellsOfARemoteThatIsGone() async throws {
    let world = try await World()
    try world.expect(await world.hotfix(world.ana, World.openArguments), 0)
    try await world.sh(world.ana, "mkdir -p deep/er && ln -s \"$PWD/deep/er\" ../link")
    for folder in ["\(world.ana.clone)/deep/er", "\(world.ana.clone)/../link"] {
      let note = await world.hotfix(world.ana.elsewhere(folder), "note", "from \(folder)")
      #expect(note.status == 0, "\(note.all)")
      let record = try await world.sh(
        world.ana,
        "git log --format=%B $(git for-each-ref --format='%(objectname)' refs/hotfix)"
      )
      #expect(record.contains("from \(folder)"))
    }
    try await world.sh(world.ana, "git remote set-url origin /nowhere/at/all")
    let gone = await hotfix(world, "note", "nobody hears it")
    #expect(gone.status == 1 && gone.err.contains("[remote.unreachable]"), "\(gone.all)")
    #expect(gone.err.contains("/nowhere/at/all"), "git's own words")
  }

  @Test func doctorWarnsOfAFetchThatMovesTheWitness() async throws {
    let world = try await World()
    let before = await hotfix(world, "doctor")
    #expect(before.all.contains("no fetch writes over refs/hotfix"), "\(before.all)")
    try await world.sh(world.ana, "git config --add remote.origin.fetch '+refs/*:refs/*'")
    let after = await hotfix(world, "doctor")
    #expect(after.all.contains("would go unseen: +refs/*:refs/*"), "\(after.all)")
    let mend = after.all.firstMatch(of: /git config --unset-all remote.*/)
    try await world.sh(world.ana, mend.map { String($0.0) } ?? "false")
    let mended = await hotfix(world, "doctor")
    #expect(mended.all.contains("no fetch writes over refs/hotfix"), "\(mended.all)")
  }

  @Test func refusesABaseThatIsMissingUnsignedOrLightweight() async throws {
    let world = try await World()
    let missing = await world.hotfix(world.ana, World.openArguments + ["--base", "v7.0.0"])
    #expect(missing.status == 1 && missing.err.contains("[base.missing]"), "\(missing.all)")
    try await world.sh(world.ana, "git tag v1.1.0 && git push -q origin v1.1.0")
    let light = await world.hotfix(world.ana, World.openArguments + ["--base", "v1.1.0"])
    #expect(light.status == 1 && light.err.contains("[base.unsigned]"), "\(light.all)")
    let log = await hotfix(world, "log")
    #expect(log.out.contains("no runs yet"), "nothing was opened")
  }

  @Test func belowTheBarItRefusesAndSaysWhatWouldHaveToBeTrue() async throws {
    let world = try await World()
    let arguments = [
      "open", "A typo", "--kind", "bug", "--impact", "degraded", "--reach", "few", "--because", "x",
      "--workaround", "none",
    ]
    let refused = await world.hotfix(world.ana, arguments)
    #expect(refused.status == 1 && refused.err.contains("[assessment.below-bar]"))
    #expect(refused.err.contains("For a hotfix:"))
    let waived = await world.hotfix(world.ana, arguments + ["--waive", "the press is calling"])
    #expect(waived.status == 0, "\(waived.all)")
    #expect(await hotfix(world, "report").out.contains("WAIVED criticality"))
  }

  @Test func nobodyApprovesTheirOwnWorkAndStrangersDoNotCount() async throws {
    let world = try await World()
    try world.expect(await world.hotfix(world.ana, World.openArguments), 0)
    let own = await hotfix(world, "approve")
    #expect(own.status == 1 && own.err.contains("[approve.own-work]"), "\(own.all)")
    let stranger = await world.hotfix(world.eve, "approve")
    #expect(stranger.status == 1 && stranger.err.contains("[identity.unlisted]"))
    let vouched = await hotfix(world, "note", "ok", "--done", "approval")
    #expect(vouched.status == 1 && vouched.err.contains("[note.approval]"))
    #expect(await hotfix(world, "next").status == 3, "it still waits")
  }

  @Test func aReviewerWhoJoinedSinceIsTakenByTheRunsOwnPeople() async throws {
    let world = try await World()
    try world.expect(await world.hotfix(world.ana, World.openArguments), 0)
    let nothing = await world.hotfix(world.ben, "approve", "policy")
    #expect(nothing.status == 1 && nothing.err.contains("[approve.nothing]"), "\(nothing.all)")
    try await world.sh(
      world.eve,
      """
      echo "eve@example.org $(cat "$(git config user.signingkey)")" >> allowed_signers
      git commit --quiet -am "Let eve review" && git push --quiet origin main
      """
    )
    let outside = await world.hotfix(world.eve, "approve")
    #expect(outside.status == 1 && outside.err.contains("[identity.not-in-run]"), "\(outside.all)")
    let told = await hotfix(world, "status", "--fetch")
    #expect(told.err.contains("hotfix approve policy"), "\(told.all)")
    #expect(await hotfix(world, "approve", "policy").status == 0)
    let alone = await hotfix(world, "next")
    #expect(alone.status == 3 && alone.err.contains("is not the run's yet"), "\(alone.all)")
    let agreed = await world.hotfix(world.ben, "approve", "policy", "--reason", "she knows it")
    #expect(agreed.status == 0, "\(agreed.all)")
    let taken = await hotfix(world, "next")
    #expect(taken.err.contains("main's, approved by ben@example.org"), "\(taken.all)")
    let joined = await world.hotfix(world.eve, "approve")
    #expect(joined.status == 0, "\(joined.all)")
    let on = await hotfix(world, "next")
    #expect(on.err.contains("eve@example.org approved") && on.status == 3, "\(on.all)")
    let verified = await world.hotfix(world.ana2, "record", "verify")
    #expect(verified.status == 0, "\(verified.all)")
    #expect(await hotfix(world, "log", "v1.0.1-hotfix1").out.contains("policy.changed"))
  }

  @Test func anApprovalEndsWithItsTimeAndWithItsTree() async throws {
    let world = try await World()
    try await world.untilReview()
    try world.expect(await world.hotfix(world.ben, "approve"), 0)
    let tomorrow = ["HOTFIX_CLOCK_SHIFT": "90000"]
    let later = await world.hotfix(world.ana, ["status", "--fetch"], environment: tomorrow)
    #expect(later.out.contains("THIS PHASE IS LATE"), "\(later.all)")
    let json = await world.hotfix(world.ana, ["status", "--json"], environment: tomorrow)
    #expect(json.out.contains("approval expired at"), "\(json.all)")
    try world.write(world.ana, ["more.txt": "more\n"])
    try await world.commit(world.ana, "One more thing")
    let next = await hotfix(world, "next")
    #expect(next.status == 3 && next.out.contains("another state"), "\(next.all)")
  }

  @Test func aRefusalStandsUntilItIsTakenBack() async throws {
    let world = try await World()
    try await world.untilReview()
    try world.expect(
      await world.hotfix(world.ben, "decline", "code-review", "--reason", "no lock"),
      0
    )
    let next = await hotfix(world, "next")
    #expect(next.status == 3 && next.out.contains("has declined: no lock"), "\(next.all)")
    try world.expect(
      await world.hotfix(world.ben, "approve", "code-review", "test-review", "docs-review"),
      0
    )
    #expect(await hotfix(world, "next").status == 0)
  }

  @Test func aFixWhoseTestPassesOnTheBaseProvesNothing() async throws {
    let world = try await World()
    try world.expect(await world.hotfix(world.ana, World.openArguments), 0)
    try world.expect(await world.hotfix(world.ben, "approve"), 0)
    try world.expect(await hotfix(world, "next"), 3)
    try world.write(world.ana, ["tests/test_nothing.sh": "true\n"])
    try await world.commit(world.ana, "Test nothing")
    let next = await hotfix(world, "next")
    #expect(next.status == 1 && next.out.contains("[proof.passes-on-base]"), "\(next.all)")
    #expect(
      try await world.sh(world.ana, "git worktree list | wc -l") == "1",
      "nothing is left behind"
    )
  }

  @Test func aBigChangeIsSentBackOrWaivedLoudly() async throws {
    let world = try await World(settings: { $0 + "policy: { limits: { lines: 3 } }\n" })
    try world.expect(await world.hotfix(world.ana, World.openArguments), 0)
    try world.expect(await world.hotfix(world.ben, "approve"), 0)
    try world.expect(await hotfix(world, "next"), 3)
    try world.write(world.ana, ["wick.sh": "#\n#\n#\n#\n#\n", "Package.swift": "x\n"])
    try await world.fix()
    let next = await hotfix(world, "next")
    #expect(next.status == 3 && next.out.contains("the limit is 3"), "\(next.all)")
    #expect(next.out.contains("Package.swift changes dependencies"))
  }

  @Test func aHookAndARemoteWithoutAtomicPushAreExplained() async throws {
    let world = try await World()
    let hook = world.remote.appending("hooks").appending("pre-receive").string
    try await world.sh(
      world.ana,
      "printf '#!/bin/sh\\necho not today >&2\\nexit 1\\n' > \(hook) && chmod +x \(hook)"
    )
    let refused = await world.hotfix(world.ana, World.openArguments)
    #expect(refused.status == 1 && refused.err.contains("[push.hook]"), "\(refused.all)")
    #expect(refused.err.contains("not today"), "outside words are quoted")
    try await world.sh(
      world.ana,
      "rm \(hook) && git -C \(world.remote) config receive.advertiseAtomic false"
    )
    let atomic = await world.hotfix(world.ana, World.openArguments)
    #expect(atomic.status == 1 && atomic.err.contains("[push.not-atomic]"), "\(atomic.all)")
  }

  @Test func whatWasToldIsKnownAlthoughTheNextPushIsRefused() async throws {
    let world = try await World()
    try await world.untilRelease()
    let hook = world.remote.appending("hooks").appending("pre-receive").string
    let script = """
      #!/bin/sh
      refs=$(cat)
      case "$refs" in *refs/tags/*) ;; *refs/heads/main*) echo closed for now >&2; exit 1;; esac
      """
    try script.write(toFile: hook, atomically: true, encoding: .utf8)
    try await world.sh(world.ana, "chmod +x \(hook)")
    let refused = await hotfix(world, "next")
    #expect(refused.status == 1 && refused.out.contains("[push.hook]"), "\(refused.all)")
    let told = try await world.sh(
      world.ana,
      "git ls-remote origin 'refs/hotfix/*' | cut -f1 | xargs git log --format=%s "
        + "| grep -c 'effect.concluded step=announcement done'"
    )
    #expect(told == "1", "the record on the remote has the outcome of what was told")
    try await world.sh(world.ana, "rm \(hook)")
    #expect(await hotfix(world, "next").status == 0)
  }

  @Test func aWrongOrMissingKeyIsNoticedBeforeAnythingIsPublished() async throws {
    let world = try await World()
    try await world.untilRelease()
    let wrong = await world.hotfix(
      world.ana,
      ["next"],
      environment: ["WICK_KEY": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="]
    )
    #expect(wrong.status == 1 && wrong.out.contains("[sign.wrong-key]"), "\(wrong.all)")
    let missing = await world.hotfix(world.ana, ["next"], environment: ["WICK_KEY": ""])
    #expect(missing.status == 1 && missing.out.contains("[secret.missing]"), "\(missing.all)")
    #expect(
      !FileManager.default.fileExists(
        atPath: world.site.appending("releases").appending("v1.0.1-hotfix1").string
      )
    )
    #expect(await hotfix(world, "next").status == 0, "with the right key it goes on")
  }

  @Test func tamperingOnTheHostIsFound() async throws {
    let world = try await World()
    try await world.untilRelease()
    try world.expect(await hotfix(world, "next"), 0)
    let file = world.site.appending("releases").appending("v1.0.1-hotfix1").appending(
      "Wick-1.0.1-hotfix1.tar.gz"
    )
    try await world.sh(world.ana, "printf x >> \(file)")
    let verify = await hotfix(world, "verify", "v1.0.1-hotfix1")
    #expect(verify.status == 1 && verify.err.contains("[served.differs]"), "\(verify.all)")
  }

  @Test func aFeedThatWouldNotBringUsersTheFixStopsTheRelease() async throws {
    let world = try await World(settings: { $0.replacing(", signed: true", with: "") })
    try await world.untilRelease()
    try await world.sh(
      world.ana,
      "sed -i.bak 's#<sparkle:version>1<#<sparkle:version>99<#' \(world.site)/appcast.xml"
    )
    let next = await hotfix(world, "next")
    #expect(next.status == 1 && next.out.contains("[version.order]"), "\(next.all)")
    #expect(next.out.contains("one above 99 (1.0.0) would do"), "\(next.all)")
    let tags = try await world.sh(world.ana, "git ls-remote --tags origin 'v1.0.1*'")
    #expect(tags.isEmpty, "nothing irreversible happened")
  }

  @Test func aMergeConflictIsResolvedByHandAndContinued() async throws {
    let world = try await World()
    try await world.untilRelease()
    try await world.sh(world.ben, "git pull -q --ff-only")
    try world.write(world.ben, ["wick.sh": "#!/bin/sh\n# Says everything else.\n"])
    try await world.commit(world.ben, "Rewrite")
    try await world.sh(world.ben, "git push -q origin main")
    let next = await hotfix(world, "next")
    #expect(next.status == 1 && next.out.contains("[merge.conflict]"), "\(next.all)")
    let folder = try #require(
      next.out.split(separator: "\n").first { $0.contains("cd /") }?
        .split(separator: " ").last
    )
    try await world.sh(
      world.ana,
      "git checkout -q --theirs wick.sh && git add -A && git commit -q --no-edit",
      in: FilePath(String(folder))
    )
    let on = await hotfix(world, "next", "--continue")
    #expect(on.status == 0, "\(on.all)")
  }

  @Test func everyKindOfTamperingWithTheRecordOnTheRemoteIsNamed() async throws {
    let world = try await World()
    try world.expect(await world.hotfix(world.ana, World.openArguments), 0)
    try world.expect(await hotfix(world, "note", "one"), 0)
    let ref = try await world.sh(world.ana, "git ls-remote origin 'refs/hotfix/*' | cut -f2")
    let tip = try await world.sh(world.ana, "git rev-parse \(ref)")
    let run = String(ref.split(separator: "/").last ?? "")
    for (what, code) in [
      ("\(ref)~1", "record.rolled-back"), ("", "record.deleted"),
      ("$(git commit-tree -p \(ref)~1 -m x $(git write-tree))", "record.forked"),
    ] {
      try await world.sh(world.ana, "git push -q -f origin \(what):\(ref)")
      let verdict = await hotfix(world, "record", "verify", run)
      #expect(verdict.status == 1 && verdict.out.contains("[\(code)]"), "\(code): \(verdict.all)")
      let next = await hotfix(world, "next", run)
      #expect(next.status == 1 && next.err.contains("[\(code)]"), "\(next.all)")
      try await world.sh(world.ana, "git push -q -f origin \(tip):\(ref)")
    }
    try await world.sh(world.ana, "git push -q -f origin \(ref)~1:\(ref)")
    let restored = await hotfix(world, "record", "verify", run, "--restore")
    #expect(restored.status == 0, "\(restored.all)")
    #expect(await hotfix(world, "record", "verify").status == 0)
  }

  @Test func aRecordIsReadOnFromWhatWasVerifiedAsItIsReadAnew() async throws {
    let world = try await World()
    try world.expect(await world.hotfix(world.ana, World.openArguments), 0)
    let ref = try await world.sh(world.ana, "git ls-remote origin 'refs/hotfix/*' | cut -f2")
    let run = String(ref.split(separator: "/").last ?? "")
    let clone = world.ben.clone
    let git = Git(directory: clone, run: LiveProcesses.runner(inherited: world.ben.environment))
    func store() -> RecordStore {
      RecordStore(git: git, commonDirectory: clone.appending(".git"), sha256: false)
    }
    let standing = store()
    try await git.fetch()
    let first = try await standing.read(run)
    for what in ["one", "two"] { try world.expect(await hotfix(world, "note", what), 0) }
    try await git.fetch()
    let second = try await standing.read(run)
    let anew = try await store().read(run, cached: false)
    #expect(second.digests == anew.digests && second.tip == anew.tip)
    #expect(second.digests.count == first.digests.count + 2)

    // On top of it, an event that nobody signed.
    let count = second.events.count
    try await world.sh(
      world.ana,
      """
      git cat-file commit \(ref) | sed '1,/^$/d' | sed 's/"seq":\(count)/"seq":\(count + 1)/' > message
      git push -q origin $(git commit-tree -p \(ref) -F message $(git write-tree)):\(ref)
      """
    )
    try await git.fetch()
    for reader in [standing, store()] {
      let fault = await #expect(throws: RecordFault.self) { _ = try await reader.read(run) }
      #expect(fault?.problem(run: run).code == "record.edited")
    }
  }

  @Test func twoPeopleRunningNextAtOnceDoEverythingOnce() async throws {
    let world = try await World()
    try await world.untilRelease()
    async let first = world.hotfix(world.ana, "next")
    async let second = world.hotfix(world.ben, "next")
    _ = await (first, second)
    for _ in 0..<3 { _ = await hotfix(world, "next") }
    let end = await hotfix(world, "next")
    #expect(end.status == 0, "\(end.all)")
    #expect(try world.read("site/appcast.xml").ranges(of: "<item>").count == 2)
    #expect(await hotfix(world, "record", "verify").status == 0)
  }

  @Test func noSecretReachesTheRecordOrTheScreen() async throws {
    let world = try await World(settings: {
      $0.replacing("suite: for", with: "suite: env; echo leak=$WICK_KEY; for")
    })
    try await world.untilRelease()
    let next = await hotfix(world, "next")
    let key = world.ana.environment["WICK_KEY"] ?? "?"
    #expect(!next.all.contains(key))
    let objects = try await world.sh(
      world.ana,
      "git log --format=%B $(git for-each-ref --format='%(objectname)' refs/hotfix)"
    )
    #expect(!objects.contains(key))
  }
}
