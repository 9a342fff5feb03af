import Foundation
import HotfixTesting
import ReleaseModel
import Testing

/// A whole hotfix in a scratch world: real git, real signatures, real HTTP.
@Suite struct WholeRunTests {
  /// RSA is checked by ssh-keygen, ECDSA by our own verifier.
  @Test(arguments: ["rsa", "ecdsa"])
  func peopleMaySignWithOtherKeys(_ keyType: String) async throws {
    let world = try await World(keyType: keyType)
    try await world.untilRelease()
    try world.expect(await world.hotfix(world.ana, "next"), 0)
    let verified = await world.hotfix(world.ben, "record", "verify")
    #expect(verified.status == 0, "\(verified.all)")
    #expect(verified.out.contains("every link and signature holds"), "\(verified.all)")
    // A stranger's key of the same kind does not count.
    let stranger = await world.hotfix(world.eve, "approve", "final")
    #expect(stranger.status != 0, "\(stranger.all)")
  }

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/gpg"), "no gpg here"))
  func peopleMaySignWithOpenPGP() async throws {
    let keys = ScratchFolder("hotfix-gpg")
    let print = try gpg(
      in: keys.path,
      """
      gpg --batch --quiet --passphrase '' --quick-gen-key 'ana <ana@example.org>' ed25519 sign never
      gpg --batch --armor --export > ana.asc
      gpg --batch --armor --export-secret-keys > ana.key
      gpg --list-keys --with-colons | sed -n 's/^fpr:*\\([0-9A-F]*\\):.*/\\1/p' | head -1
      gpgconf --kill all
      """
    )
    let world = try await World()
    // The base does not know the key, and on the hotfix branch its settings are checked out.
    try await world.sh(
      world.ana,
      "echo 'policy: { gpg: { ana@example.org: \(print) } }' >> hotfix.yml && "
        + "git commit --quiet -am 'List a key' && git push --quiet origin main"
    )
    for (person, file) in [(world.ana, "ana.key"), (world.ben, "ana.asc")] {
      try await world.sh(person, "gpg --batch --quiet --import \(keys.path)/\(file) 2>/dev/null")
    }
    try await world.sh(
      world.ana,
      "git config --global gpg.format openpgp && git config --global user.signingkey \(print)"
    )
    try await world.untilRelease()
    try world.expect(await world.hotfix(world.ana, "next"), 0)
    let verified = await world.hotfix(world.ben, "record", "verify")
    #expect(verified.out.contains("every link and signature holds"), "\(verified.all)")
    let signed = try await world.sh(world.ana, "git cat-file tag v1.0.1-hotfix1")
    #expect(signed.contains("BEGIN PGP SIGNATURE"))
    for person in [world.ana, world.ben] { try await world.sh(person, "gpgconf --kill all") }
  }

  private func gpg(in home: FilePath, _ line: String) throws -> String {
    let shell = Process()
    let output = Pipe()
    shell.executableURL = URL(fileURLWithPath: "/bin/sh")
    shell.arguments = ["-c", line + " 2>/dev/null"]
    shell.currentDirectoryURL = URL(fileURLWithPath: home.string)
    shell.environment = ["HOME": home.string, "PATH": "/usr/bin:/bin"]
    shell.standardOutput = output
    shell.standardError = FileHandle.nullDevice
    try shell.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    shell.waitUntilExit()
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").last.map(String.init) ?? ""
  }

  @Test func carriesAHotfixFromOpenToClose() async throws {
    let world = try await World()
    try await world.untilRelease()
    let next = await world.hotfix(world.ana, "next")
    #expect(next.status == 0, "\(next.all)")
    #expect(await world.hotfix(world.ana, "close").status == 0)
    // One tag, signed, on the tested tree, although main had moved on.
    let tree = try await world.sh(world.ana, "git rev-parse v1.0.1-hotfix1^{tree}")
    #expect(
      try await world.sh(world.ana, "git rev-parse origin/hotfix/v1.0.1-hotfix1^{tree}") == tree
    )
    #expect(try await world.sh(world.ana, "git rev-parse origin/main^{tree}") != tree)
    let message = try await world.sh(world.ana, "git cat-file tag v1.0.1-hotfix1")
    #expect(message.contains("Hotfix-Record: hf-") && message.contains("BEGIN SSH SIGNATURE"))
    let check = try await world.sh(
      world.ana,
      "git -c gpg.ssh.allowedSignersFile=allowed_signers tag -v v1.0.1-hotfix1 2>&1"
    )
    #expect(check.contains("Good \"git\" signature for ana@example.org"), "git agrees: \(check)")
    // The served feed offers it, and the documents are in the repository.
    let offer = await world.hotfix(
      world.ana,
      "feed",
      "offer",
      world.site.appending("appcast.xml").string,
      "--from",
      "1",
      "--json"
    )
    #expect(offer.out.contains("\"shortVersion\" : \"1.0.1-hotfix1\""), "\(offer.all)")
    try await world.sh(
      world.ana,
      "git fetch -q && git cat-file -e origin/main:docs/hotfixes/v1.0.1-hotfix1.html"
    )
    #expect(try world.read("site/news.atom").contains("Wick 1.0.1-hotfix1"))
    // git's own judgement of the record.
    try await world.sh(world.ben, "git fetch -q origin 'refs/hotfix/*:refs/check/*'")
    try await world.sh(world.ben, "git fsck --strict 2>&1")
    let log = try await world.sh(
      world.ben,
      "git -c gpg.ssh.allowedSignersFile=allowed_signers log --format=%G? $(git for-each-ref --format='%(objectname)' refs/check)"
    )
    #expect(Set(log.split(separator: "\n")) == ["G"], "git finds every event's signature good")
    #expect(await world.hotfix(world.ben, "record", "verify").status == 0)
  }

  @Test func whatAPersonDidByHandIsAccepted() async throws {
    let world = try await World()
    try await world.untilRelease()
    // Order is proven, then a person takes over: merge, tag, push and ship by the plan's commands.
    let plan = await world.hotfix(world.ana, "plan")
    let lines = plan.out.split(separator: "\n").map(String.init)
    let wanted = ["git switch main", "git merge", "git tag", "git push --atomic"]
    for command in wanted {
      let line = try #require(lines.first { $0.hasPrefix(command) }, "\(plan.all)")
      try await world.sh(world.ana, line)
    }
    #expect(lines.contains { $0.hasPrefix("hotfix next") })
    // Until the record knows of the tag, it is one that anybody may have pushed.
    let early = await world.hotfix(world.ana, "ship", "v1.0.1-hotfix1")
    #expect(early.status == 1 && early.err.contains("[tag.early]"), "\(early.all)")
    let next = await world.hotfix(world.ana, "next")
    #expect(next.status == 0, "\(next.all)")
    let tags = try await world.sh(world.ana, "git ls-remote --tags origin | grep -c 'hotfix1$'")
    #expect(tags == "1")
  }

  @Test func withdrawsAndRollsForward() async throws {
    let world = try await World()
    try await world.untilRelease()
    try world.expect(await world.hotfix(world.ana, "next"), 0)
    try world.expect(await world.hotfix(world.ana, "close"), 0)
    let feed = world.site.appending("appcast.xml").string
    func offered() async -> String {
      await world.hotfix(world.ana, "feed", "offer", feed, "--from", "1").out
    }
    #expect(await offered().contains("1.0.1-hotfix1"))
    let back = await world.hotfix(world.ana, "rollback", "v1.0.1-hotfix1", "--reason", "it hurts")
    #expect(back.status == 0, "\(back.all)")
    #expect(await !offered().contains("offered: 1.0.1-hotfix1"))
    #expect(try world.read("site/releases/v1.0.1-hotfix1/WITHDRAWN.md").contains("it hurts"))
    try world.expect(await world.hotfix(world.ben, "approve"), 0)
    try world.expect(await world.hotfix(world.ana, "next"), 3)
    try world.expect(await world.hotfix(world.ben, "approve"), 0)
    let next = await world.hotfix(world.ana, "next")
    #expect(next.status == 0, "\(next.all)")
    #expect(await offered().contains("1.0.1-hotfix2"))
    // The code is the good release's again, on the tag and on main.
    for ref in ["v1.0.1-hotfix2", "origin/main"] {
      try await world.sh(world.ana, "git diff --quiet v1.0.0 \(ref) -- wick.sh tests")
    }
    // And whoever has the bad release gets out of it.
    let way = await world.hotfix(world.ana, "feed", "offer", feed, "--from", "4")
    #expect(way.out.contains("1.0.1-hotfix2"), "\(way.all)")
    let log = await world.hotfix(world.ana, "log")
    #expect(log.out.contains("  rolled back  v1.0.1-hotfix1"), "\(log.all)")
    let status = await world.hotfix(world.ana, "status", "v1.0.1-hotfix1")
    #expect(status.out.contains(", rolled back"), "\(status.all)")
    #expect(!status.out.contains("WITHDRAWN") && !status.out.contains("abandoned"), "\(status.all)")
  }

  @Test func aWithdrawnRunLeadsToRollbackAndNotToNext() async throws {
    let world = try await World()
    try await world.untilRelease()
    try world.expect(await world.hotfix(world.ana, "next"), 0)
    try world.expect(await world.hotfix(world.ana, "withdraw", "--reason", "it hurts"), 0)
    let status = await world.hotfix(world.ana, "status")
    #expect(status.out.contains("next:  hotfix rollback --reason"), "\(status.all)")
    #expect(!status.out.contains("hotfix next"), "\(status.all)")
  }

  @Test func servesALoopbackHostItselfWhereNobodyDoes() async throws {
    let world = try await World()
    await world.stopServing()
    let verify = await world.hotfix(world.ben, "verify", "v1.0.0")
    #expect(verify.status == 0, "\(verify.all)")
  }

  @Test func statusOfAFinishedRunChangesNothing() async throws {
    let world = try await World()
    try await world.untilRelease()
    try world.expect(await world.hotfix(world.ana, "next"), 0)
    try world.expect(await world.hotfix(world.ana, "close"), 0)
    let before = try await world.sh(world.ana, "git ls-remote origin")
    let again = await world.hotfix(world.ana, "next", "v1.0.1-hotfix1")
    #expect(again.status == 1 && again.err.contains("[run.ended]"))
    #expect(await world.hotfix(world.ana, "status", "v1.0.1-hotfix1").status == 0)
    #expect(try await world.sh(world.ana, "git ls-remote origin") == before)
  }

  @Test func everyJSONFormIsOneValueWithASchema() async throws {
    let world = try await World()
    try await world.untilRelease()
    try world.expect(await world.hotfix(world.ana, "next"), 0)
    let feed = world.site.appending("appcast.xml").string
    for arguments in [
      ["status"], ["plan"], ["log"], ["log", "v1.0.1-hotfix1"], ["report"], ["doctor"],
      ["record", "verify"], ["verify", "v1.0.0"], ["verify", "v1.0.1-hotfix1"],
      ["ship", "v1.0.1-hotfix1"], ["feed", "lint", feed], ["feed", "show", feed],
      ["feed", "offer", feed, "--from", "1"], ["version", "order", "1", "2"], ["next"],
      ["completions", "bash"], ["explain", "proof"], ["init", "--print"],
      ["status", "hf-20200101-aaaaaaaa"], ["note", "x"], ["close"],
    ] {
      let outcome = await world.hotfix(world.ana, arguments + ["--json"])
      let object = try? JSONSerialization.jsonObject(with: Data(outcome.out.utf8))
      let schema = (object as? [String: Any])?["schema"] as? String
      #expect(schema?.hasPrefix("hotfix.") == true, "\(arguments): \(outcome.all)")
    }
  }
}
