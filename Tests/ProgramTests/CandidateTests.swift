import Foundation
import HotfixTesting
import ReleaseModel
import Testing

/// What fails in the candidate fails before anything is tagged, published or offered to anybody.
@Suite struct CandidateTests {
  /// A build that is the same whenever it runs.
  static let reproducible =
    "build: sed -i 's/^tar /tar --sort=name --mtime=@0 --owner=0 --group=0 /' build.sh && "
    + "sh build.sh {version} {build}"

  private func reviewed(_ world: World) async throws {
    try await world.expect(world.hotfix(world.ana, "next"), 3)
    try await world.expect(world.hotfix(world.ben, "approve"), 0)
  }

  /// Changes the build on the hotfix branch.
  private func spoil(_ world: World, _ line: String) async throws {
    try await world.sh(
      world.ana,
      "sed -i \(shellQuoted("s|^tar |\(line.replacing("&", with: "\\&")); tar |")) build.sh "
        + "&& git commit -q -am 'Change the build'"
    )
  }

  @Test func aBuildThatCarriesAnotherVersionStopsTheRunBeforeAnythingIsPushed() async throws {
    let world = try await World.patched()
    try await world.untilFix()
    try await spoil(world, "sed -i 's/>1[.]0[.]1</>1.0.0</' stage/Wick.app/Contents/Info.plist")
    try await reviewed(world)
    let refs = try await world.refs()
    let refused = await world.hotfix(world.ana, "next")
    #expect(refused.status == 1 && refused.all.contains("[candidate.version]"), "\(refused.all)")
    #expect(refused.all.contains("Info.plist: 1.0.0"))
    #expect(try await world.refs() == refs, "no tag, and main is where it was")
    #expect(!FileManager.default.fileExists(atPath: "\(world.site)/releases/v1.0.1"))
    #expect(try !world.read("site/appcast.xml").contains("1.0.1"))
    try await world.sh(
      world.ana,
      "git revert --no-edit $(git log -1 --format=%h --grep='Change the build') 2>&1"
    )
    try await reviewed(world)
    let next = await world.hotfix(world.ana, "next")
    #expect(next.status == 0, "\(next.all)")
    #expect(next.err.contains("Info.plist says 1.0.1"), "\(next.err)")
  }

  @Test func aBuildThatMakesAnotherNameIsToldWhatItMade() async throws {
    let world = try await World.patched()
    try await world.untilFix()
    try await spoil(world, "set -- next")
    let refused = try await world.candidate()
    #expect(refused.status == 1 && refused.err.contains("[artifact.missing]"), "\(refused.all)")
    #expect(refused.err.contains("did not make dist/Wick-1.0.1.tar.gz"), "\(refused.err)")
    #expect(refused.err.contains("It made: dist/Wick-next-full.nupkg, dist/Wick-next.tar.gz"))
    #expect(refused.err.contains("or change ship.build"), "\(refused.err)")
  }

  @Test func aBuildThatMakesTheBasesArtifactNeedsAnotherVersionInTheSources() async throws {
    let world = try await World.patched()
    try await world.untilFix()
    try await spoil(world, "set -- 1.0.0")
    let refused = try await world.candidate()
    #expect(refused.err.contains("[artifact.missing]"), "\(refused.all)")
    #expect(refused.err.contains("The sources still say 1.0.0."), "\(refused.err)")
    #expect(!refused.err.contains("ship.build"), "\(refused.err)")
  }

  @Test func aKeyThatInstalledAppsDoNotTrustIsFoundBeforeTheTag() async throws {
    let world = try await World.patched()
    try await world.untilFix()
    let other = try world.otherKey()
    let wrong = try await world.candidate(environment: ["WICK_KEY": other.secret])
    #expect(wrong.status == 1 && wrong.err.contains("[sign.wrong-key]"), "\(wrong.all)")
    // The new app trusts the new key, and so the installed one does not.
    try await spoil(
      world,
      "sed -i 's#PublicEDKey</key><string>[^<]*#PublicEDKey</key><string>\(other.public)#' "
        + "stage/Wick.app/Contents/Info.plist"
    )
    let rotated = try await world.candidate(environment: ["WICK_KEY": other.secret])
    #expect(rotated.status == 1 && rotated.err.contains("[update.fails]"), "\(rotated.all)")
    #expect(rotated.err.contains("Users on 1.0.0 do not get 1.0.1."), "\(rotated.err)")
    #expect(rotated.err.contains("nothing is published"), "\(rotated.err)")
  }

  @Test func aFixThatIsNotInTheInstalledCopyIsFoundBeforeTheTag() async throws {
    let world = try await World.patched()
    try await world.untilFix()
    try await spoil(world, "sed -i 's/-gt 0/-gt 1/' stage/Wick.app/Contents/wick.sh")
    let refused = try await world.candidate()
    #expect(refused.status == 1 && refused.all.contains("[fix.absent]"), "\(refused.all)")
  }

  @Test func theInstalledCopyIsAskedForItsVersion() async throws {
    let world = try await World.patched()
    try await world.untilFix()
    let asks =
      "verify: { version: \"grep -o '1[.]0[.][01]<' {installed}/Wick.app/Contents/Info.plist"
    try await world.changeSettings("verify: {", "\(asks)\",")
    let right = try await world.candidate()
    #expect(right.status == 0 && right.err.contains("says 1.0.1"), "\(right.all)")
    try await world.changeSettings(asks, "verify: { version: \"echo 1.0.0")
    let wrong = try await world.candidate()
    #expect(wrong.status == 1 && wrong.err.contains("[candidate.version]"), "\(wrong.all)")
    #expect(wrong.err.contains("does not say that it is 1.0.1"), "\(wrong.err)")
  }

  @Test func anArtifactThatNothingOpensAsksForAnInstallerAndIsInstalledByIt() async throws {
    let world = try await World.patched()
    try await world.untilFix()
    try await world.changeSettings("feeds: [ { sparkle: appcast.xml } ]\n", "")
    try await world.changeSettings("dist/Wick-{version}.tar.gz", "dist/Wick-{version}.run")
    try await world.changeSettings(
      "build: sh build.sh {version} {build}",
      "build: mkdir -p dist && cp wick.sh dist/Wick-{version}.run"
    )
    let refused = try await world.candidate()
    #expect(refused.status == 1 && refused.err.contains("[install.nothing]"), "\(refused.all)")
    #expect(refused.err.contains("verify: { install: \"COMMAND {artifact} {installed}\" }"))
    try await world.changeSettings(
      "{installed}/Wick.app/Contents/wick.sh",
      "{installed}/download-Wick-{version}.run"
    )
    try await world.changeSettings("verify: {", "verify: { install: \"cp {artifact} {installed}\",")
    let tried = try await world.candidate()
    #expect(tried.status == 0, "\(tried.all)")
    #expect(tried.err.contains("Wick-1.0.1.run: 1 files"), "\(tried.err)")
    #expect(tried.err.contains("the fix's check passed"), "\(tried.err)")
  }

  /// A regular release has no run, and so nobody who could waive what nothing here can open.
  @Test func aTagWithoutARunShipsWhatNothingOpensAndSaysSo() async throws {
    let world = try await World.patched()
    try await world.changeSettings("feeds: [ { sparkle: appcast.xml } ]\n", "")
    try await world.changeSettings("dist/Wick-{version}.tar.gz", "dist/Wick-{version}.run")
    try await world.changeSettings(
      "build: sh build.sh {version} {build}",
      "build: mkdir -p dist && cp wick.sh dist/Wick-{version}.run"
    )
    try await world.sh(
      world.ben,
      "git tag -s -m 'Release 1.1.0' v1.1.0 && git push -q origin v1.1.0"
    )
    let ship = await world.hotfix(world.ben, "ship", "v1.1.0")
    #expect(ship.status == 0, "\(ship.all)")
    #expect(ship.err.contains("warning: No artifact can be opened here."), "\(ship.err)")
  }

  @Test func theBuildSeesTheTagThatNobodyElseHas() async throws {
    let world = try await World.patched {
      $0.replacing(
        "build: sh build.sh",
        with: "build: test \"$(git describe --tags --exact-match)\" = v{version} && sh build.sh"
      )
    }
    try await world.untilFix()
    let before = try await world.refs()
    let files = try await world.sh(world.ana, "find ../site | sort")
    let tried = try await world.candidate()
    #expect(tried.status == 0, "\(tried.all)")
    #expect(try await world.sh(world.ana, "git tag --list 'v1.0.1*'").isEmpty)
    #expect(try await world.refs() == before)
    #expect(try await world.sh(world.ana, "find ../site | sort") == files, "nothing is published")
  }

  @Test func aCandidateIsBuiltFromAnyCloneByTagBranchOrCommit() async throws {
    let world = try await World.patched()
    try await world.untilFix()
    try await world.sh(world.ana, "git push -q origin hotfix/v1.0.1")
    let commit = try await world.sh(world.ana, "git rev-parse HEAD")
    let before = try await world.refs()
    for name in ["v1.0.1", "hotfix/v1.0.1", commit] {
      let tried = await world.hotfix(world.ben2, "ship", "--candidate", name, "--json")
      #expect(tried.status == 0, "\(name): \(tried.all)")
      #expect(tried.out.contains("\"commit\" : \"\(commit)\""), "\(tried.out)")
    }
    #expect(try await world.refs() == before)
    let unknown = await world.hotfix(world.ben2, "ship", "--candidate", "v9.9.9")
    #expect(unknown.status == 1 && unknown.err.contains("[run.none]"), "\(unknown.all)")
    #expect(unknown.err.contains("v1.0.1 (hotfix/v1.0.1)"), "\(unknown.err)")
  }

  @Test func aReproducibleBuildIsRehearsedOnce() async throws {
    let world = try await World.patched {
      $0.replacing("build: sh build.sh {version} {build}", with: Self.reproducible)
    }
    try await world.untilFix()
    try await reviewed(world)
    let next = await world.hotfix(world.ana, "next")
    #expect(next.status == 0, "\(next.all)")
    #expect(next.err.contains("candidate: builds 1.0.1, and rehearses its release"), "\(next.err)")
    #expect(!next.err.contains("publish: rehearses"), "\(next.err)")
  }

  @Test func otherBytesThanTheCandidatesAreRehearsedAgainAndNamed() async throws {
    let world = try await World.patched {
      $0.replacing("build: sh build.sh {version} {build}", with: Self.reproducible)
    }
    try await world.untilFix()
    try await spoil(world, "date +%N > stage/Wick.app/Contents/stamp")
    try await reviewed(world)
    let next = await world.hotfix(world.ana, "next")
    #expect(next.status == 0, "\(next.all)")
    let why =
      "publish: rehearses v1.0.1: the build is not reproducible; it differs in "
      + "Wick-1.0.1.tar.gz (Wick.app/Contents/stamp)"
    #expect(next.err.contains(why), "\(next.err)")
  }

  @Test func aWaivedCandidateIsNotRehearsedAfterTheTagEither() async throws {
    let world = try await World.patched()
    try await world.untilFix()
    try await spoil(world, "rm stage/Wick.app/Contents/wick.sh")
    try await reviewed(world)
    let refused = await world.hotfix(world.ana, "next")
    #expect(refused.status == 1 && refused.all.contains("[fix.absent]"), "\(refused.all)")
    let waived = await world.hotfix(
      world.ben,
      "waive",
      "candidate",
      "--reason",
      "tried on another machine"
    )
    try world.expect(waived, 0)
    let next = await world.hotfix(world.ana, "next")
    #expect(next.err.contains("leaves the rehearsal out: WAIVED candidate"), "\(next.all)")
    #expect(try world.read("site/appcast.xml").contains("1.0.1"), "it is published")
    #expect(next.status == 1 && next.all.contains("[fix.absent]"), "fix-works looks: \(next.all)")
  }

  @Test func theBuildsLogIsNamedWhenItStartsAndStaysWhenItFails() async throws {
    let world = try await World.patched()
    try await world.untilFix()
    try await spoil(world, "echo forty-two things to do; exit 3")
    let refused = try await world.candidate()
    #expect(refused.status == 1 && refused.err.contains("[build.failed]"), "\(refused.all)")
    let start = try #require(refused.err.firstMatch(of: /building 1.0.1; log: (.+)/))
    let log = try String(contentsOfFile: String(start.1), encoding: .utf8)
    #expect(log.hasSuffix("forty-two things to do\n"), "\(log)")
    #expect(refused.err.contains("less \(start.1)"), "\(refused.err)")
  }
}

/// The versions in use of which a feed alone knows.
@Suite struct OtherToolsVersionsTests {
  private func place(_ world: World, _ version: String) async throws -> OtherItem {
    let name = "Wick-\(version).tar.gz"
    try await world.sh(
      world.ana,
      "mkdir -p ../site/old && cp ../site/releases/v1.0.0/Wick-1.0.0.tar.gz ../site/old/\(name)"
    )
    return OtherItem(name: version, build: version, url: "\(world.url)/old/\(name)")
  }

  @Test func theyAreTriedFromWhereTheFeedSaysAndOneThatIsGoneIsTold() async throws {
    let world = try await World.patched()
    try await world.untilFix()
    let there = try await place(world, "0.9.0")
    let gone = OtherItem(name: "0.9.5", build: "0.9.5", url: "\(world.url)/old/gone.tar.gz")
    let current = OtherItem(name: "1.0.0", build: "1")
    try world.serve([current, gone, there])
    let tried = try await world.candidate()
    #expect(tried.status == 0, "\(tried.all)")
    for said in [
      "1.0.0 (1) → 1.0.1 by Sparkle", "0.9.0 (1) → 1.0.1 by Sparkle", "0.9.5 was not tried:",
      "\(world.url)/old/gone.tar.gz is not served. The server answered 404.",
    ] {
      #expect(tried.err.contains(said), "\(said): \(tried.err)")
    }
  }

  @Test func whereNoneCanBeHadItIsRefusedBeforeTheTag() async throws {
    let world = try await World.patched()
    try await world.untilFix()
    try world.serve([
      OtherItem(name: "1.0.0", build: "1", url: "\(world.url)/old/gone.tar.gz")
    ])
    try await world.sh(world.ana, "rm ../site/releases/v1.0.0/Wick-1.0.0.tar.gz")
    let refused = try await world.candidate()
    #expect(refused.status == 1 && refused.err.contains("[update.untried]"), "\(refused.all)")
    #expect(refused.err.contains("through appcast.xml, and some are in use"), "\(refused.err)")
    #expect(refused.err.contains("1.0.0 was not tried"), "\(refused.err)")
    #expect(refused.err.contains("hotfix waive candidate"), "\(refused.err)")
  }

  /// 18 items that only a channel's users have are no proof that nobody has an earlier version.
  @Test func preReleasesAreTriedWhereNothingElseIsInUse() async throws {
    let world = try await World.patched()
    try await world.untilFix("--base", "v1.0.0")
    let channel = "<sparkle:channel>beta</sparkle:channel>"
    var early = try await place(world, "0.9.0")
    early.more = channel
    try world.serve([
      OtherItem(name: "1.0.0", build: "1", url: "\(world.url)/old/gone", more: channel), early,
    ])
    try await world.sh(world.ana, "rm -r ../site/releases/v1.0.0")
    let tried = try await world.candidate()
    #expect(!tried.err.contains("nobody has an earlier version"), "\(tried.all)")
    #expect(tried.err.contains("1.0.0 was not tried"), "\(tried.err)")
  }
}
