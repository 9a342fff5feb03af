import Foundation
import HotfixTesting
import Record
import ReleaseModel
import Testing

/// What counts in a run is what the files of main's commit say, whoever signed the record.
@Suite struct MainsPolicyTests {
  private static func world() async throws -> World {
    try await World(settings: { $0 + "policy: { approvals: 2 }\n" })
  }

  private func opened(_ world: World) async throws -> (String, RunOpened) {
    try world.expect(await world.hotfix(world.ana, World.openArguments), 0)
    let run = try await Forging(world: world).run()
    guard case .opened(let opened)? = try await Forging(world: world).events(run).first?.fact else {
      throw Problem("test.events", "No run was opened.", next: ["-"])
    }
    return (run, opened)
  }

  @Test func aRunNamesMainsCommitAndTakesItsPolicyWhateverTheFileAtHandSays() async throws {
    let world = try await Self.world()
    let text = try world.read("ana/hotfix.yml").replacing("approvals: 2", with: "approvals: 1")
    try world.write(world.ana, ["hotfix.yml": text, "../other.yml": text])
    let opened = await world.hotfix(
      world.ana,
      World.openArguments + ["--settings", "../other.yml"]
    )
    try world.expect(opened, 0)
    let run = try await Forging(world: world).run()
    guard case .opened(let first)? = try await Forging(world: world).events(run).first?.fact else {
      Issue.record("no run")
      return
    }
    #expect(first.policy.approvals == 2, "main says 2, whatever ana's files say")
    let main = try await world.sh(world.ana, "git rev-parse origin/main")
    #expect(first.settings == main)
    #expect(await world.hotfix(world.ben, "approve").status == 0)
    #expect(await world.hotfix(world.ben, "record", "verify").status == 0)
  }

  @Test func withoutSettingsOnMainNoFileOpensARun() async throws {
    let world = try await World()
    try await world.sh(
      world.ana,
      "cp hotfix.yml ../other.yml && git rm -q --cached hotfix.yml && git commit -q -m None "
        + "&& git push -q origin main"
    )
    let open = await world.hotfix(world.ana, World.openArguments + ["--settings", "../other.yml"])
    #expect(open.status == 1 && open.err.contains("[settings.not-on-main]"), "\(open.all)")
  }

  @Test func everyForgedPolicyIsRefusedByReadersAndByVerify() async throws {
    let world = try await Self.world()
    let (_, opened) = try await opened(world)
    let forging = Forging(world: world)
    let main = try #require(opened.settings)
    let text = try world.read("ana/hotfix.yml").replacing("approvals: 2", with: "approvals: 1")
    try await world.sh(world.ana, "git switch -q -c aside")
    try world.write(world.ana, ["hotfix.yml": text])
    try await world.commit(world.ana, "Lower it")
    try await world.sh(world.ana, "git push -q origin aside && git switch -q main")
    let aside = try await world.sh(world.ana, "git rev-parse aside")
    var lower = opened.policy
    lower.approvals = 1
    var keys = opened.policy
    keys.openPGP = ["ben@example.org": String(repeating: "A1", count: 20)]
    var signers = opened.policy
    signers.signers += "eve@example.org \(try world.publicKeyLine(world.eve))"
    var limits = opened.policy
    limits.linesMax = 100_000
    limits.forbiddenPaths = []
    let forged: [(String, RunOpened, World.Person)] = [
      ("hf-20261130-aaaaaaaa", opened.forged(policy: lower, settings: main), world.ana),
      ("hf-20261130-bbbbbbbb", opened.forged(policy: keys, settings: main), world.ana),
      ("hf-20261130-cccccccc", opened.forged(policy: signers, settings: main), world.eve),
      ("hf-20261130-dddddddd", opened.forged(policy: limits, settings: main), world.ana),
      ("hf-20261130-eeeeeeee", opened.forged(policy: lower, settings: aside), world.ana),
      ("hf-20261130-ffffffff", opened.forged(policy: lower, settings: nil), world.ana),
      (
        "hf-20261130-gggggggg",
        opened.forged(settings: String(repeating: "0123456789", count: 4)), world.ana
      ),
      ("hf-20261130-hhhhhhhh", opened.forged(settings: main, main: "aside"), world.ana),
    ]
    for (run, opened, person) in forged { try await forging.open(run, by: person, opened) }
    let verified = await world.hotfix(world.ben, "record", "verify")
    #expect(verified.out.ranges(of: "[record.policy]").count == forged.count, "\(verified.all)")
    #expect(verified.status == 1)
    for (run, _, _) in forged {
      for command in [["status", run], ["record", "verify", run]] {
        let outcome = await world.hotfix(world.ben, command)
        #expect(outcome.status == 1 && outcome.all.contains("[record.policy]"), "\(outcome.all)")
      }
    }
    let list = await world.hotfix(world.ben, "log")
    #expect(list.err.ranges(of: "is left out").count == forged.count, "\(list.all)")
    #expect(list.out.split(whereSeparator: \.isNewline).count == 1, "the real one is there")
    #expect(await world.hotfix(world.ben, "approve").status == 0, "and goes on")
  }

  @Test func everyCommandThatReadsARunRefusesAForgedOneWithOneCode() async throws {
    let world = try await Self.world()
    let (_, opened) = try await opened(world)
    var lower = opened.policy
    lower.approvals = 1
    let run = "hf-20261130-aaaaaaaa"
    try await Forging(world: world)
      .open(run, by: world.ana, opened.forged(policy: lower, settings: opened.settings))
    for command in [
      ["approve", "--run", run], ["decline", "--run", run, "--reason", "it is forged"],
      ["next", run], ["status", run], ["plan", run], ["log", run], ["report", run],
      ["note", "hello", "--run", run], ["waive", "minimal", "--run", run, "--reason", "no reason"],
      ["close", run, "--incomplete"], ["abandon", run, "--reason", "forged"],
      ["withdraw", run, "--reason", "forged"], ["rollback", run, "--reason", "forged"],
      ["record", "verify", run], ["record", "show", run], ["record", "export", run],
    ] {
      let outcome = await world.hotfix(world.ben, command)
      #expect(outcome.status == 1 && outcome.all.contains("[record.policy]"), "\(command)")
      #expect(outcome.all.contains("approvals 1 instead of 2"), "\(outcome.all)")
    }
  }

  @Test func aRunWhoseBranchIsMainIsNone() async throws {
    let world = try await World()
    let (_, opened) = try await opened(world)
    let run = "hf-20261130-aaaaaaaa"
    let forged = opened.forged(settings: opened.settings, branch: opened.main)
    try await Forging(world: world).open(run, by: world.ana, forged)
    let outcome = await world.hotfix(world.ben, "next", run)
    #expect(outcome.status == 1 && outcome.err.contains("[record.not-an-event]"), "\(outcome.all)")
  }

  @Test func aRecordFromBeforeTheCommitWasNamedHoldsWhenMainEverHadItsPolicy() async throws {
    let world = try await Self.world()
    let (_, opened) = try await opened(world)
    let text = try world.read("ana/hotfix.yml").replacing("approvals: 2", with: "approvals: 1")
    try world.write(world.ana, ["hotfix.yml": text])
    try await world.commit(world.ana, "Ask for one")
    try await world.sh(world.ana, "git push -q origin main")
    let run = "hf-20261130-aaaaaaaa"
    try await Forging(world: world).open(run, by: world.ana, opened.forged(settings: nil))
    for command in [["record", "verify", run], ["status", run]] {
      let outcome = await world.hotfix(world.ben, command)
      #expect(outcome.status == 0, "\(outcome.all)")
    }
  }

  @Test func aChangeOfPolicyHasToBeMainsToo() async throws {
    let world = try await World()
    let (run, opened) = try await opened(world)
    var lower = opened.policy
    lower.linesMax = 100_000
    let statement = try ApprovalStatement.make(
      run: run,
      step: PolicyChanged.step,
      decision: "approve",
      subject: lower.digest.description,
      commit: nil,
      reason: "",
      policy: opened.policy.digest,
      record: .zero,
      expires: Moment(seconds: 1)
    )
    let stated = Statement(
      step: PolicyChanged.step,
      decision: .approve,
      statement: statement,
      signature: ""
    )
    let forging = Forging(world: world)
    try await forging.append(.stated(stated), to: run, by: world.ben)
    let change = PolicyChanged(policy: lower, reason: "r", settings: opened.settings)
    try await forging.append(.policyChanged(change), to: run, by: world.ana)
    for command in [["status", run], ["record", "verify", run], ["next", run]] {
      let fetched = await world.hotfix(world.ben, "record", "verify", run)
      let outcome = await world.hotfix(world.ben, command)
      #expect(outcome.status == 1 && outcome.all.contains("[record.policy]"), "\(outcome.all)")
      #expect(fetched.all.contains("linesMax 100000 instead of 400"), "\(fetched.all)")
    }
  }

  @Test func aMainThatWasSetBackIsToldAndHoldsAgainOnceItIsThere() async throws {
    let world = try await World()
    let (run, _) = try await opened(world)
    try await world.sh(world.ana, "git push -q -f origin main~1:main")
    let back = await world.hotfix(world.ben, "approve", "--run", run)
    #expect(back.status == 1 && back.err.contains("[record.policy]"), "\(back.all)")
    #expect(back.err.contains("Either origin/main was set back"), "\(back.all)")
    let restored = await world.hotfix(world.ana, "record", "verify", run, "--restore")
    #expect(restored.status == 1 && restored.err.contains("[record.policy]"), "\(restored.all)")
    try await world.sh(world.ana, "git push -q origin main:main")
    #expect(await world.hotfix(world.ben, "approve", "--run", run).status == 0)
  }
}
