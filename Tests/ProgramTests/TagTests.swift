import Foundation
import Git
import HotfixTesting
import Machine
import Record
import ReleaseModel
import Runbook
import Testing

/// Nothing is built from a tag that anybody who may push could have made.
@Suite struct TagTests {
  private let tag = "v1.0.1-hotfix1"

  private func refuses(
    _ world: World,
    _ tag: String,
    _ code: String,
    _ words: String = "error:"
  ) async throws {
    let shipped = await world.hotfix(world.ana, "ship", tag)
    #expect(shipped.status == 1 && shipped.err.contains("[\(code)]"), "\(shipped.all)")
    #expect(shipped.err.contains(words), "\(shipped.all)")
    #expect(!shipped.err.contains("… build"), "nothing is built: \(shipped.all)")
    let site = world.site.appending("releases").appending(tag).string
    #expect(!FileManager.default.fileExists(atPath: site))
  }

  private func push(_ world: World, _ person: World.Person, _ make: String) async throws {
    try await world.sh(
      person,
      "git fetch -q -f origin '+refs/tags/*:refs/tags/*' '+refs/heads/*:refs/remotes/origin/*'"
    )
    try await world.sh(person, "\(make) && git push -q -f origin 'refs/tags/*'")
  }

  @Test func aTagWithoutARunShipsOnlyWhenAPersonOfMainsListSignedIt() async throws {
    let world = try await World()
    let (ana, eve) = (world.ana, world.eve)
    try await push(world, eve, "git tag v1.1.0 origin/main")
    try await refuses(world, "v1.1.0", "tag.lightweight")
    try await push(world, eve, "git tag -f -a -m 1.1.0 v1.1.0 origin/main")
    try await refuses(world, "v1.1.0", "tag.unsigned")
    try await push(world, eve, "git tag -f -s -m 1.1.0 v1.1.0 origin/main")
    try await refuses(world, "v1.1.0", "tag.stranger", "no listed person owns the key")
    // A listed person's own object, under another name and wrapped in another tag.
    try await push(world, eve, "git update-ref refs/tags/v1.1.0 v1.0.0")
    try await refuses(world, "v1.1.0", "tag.renamed", "it is the tag v1.0.0")
    try await push(world, ana, "git tag -f -s -m 1.1.0 v1.1.0 v1.0.0 2>/dev/null")
    try await refuses(world, "v1.1.0", "tag.nested")
    try await push(world, ana, "git tag -f -s -m 1.1.0 v1.1.0 origin/main")
    let shipped = await world.hotfix(world.ana, "ship", "v1.1.0")
    #expect(shipped.status == 0, "\(shipped.all)")
    #expect(shipped.err.contains("✓ tag"), "\(shipped.all)")
    #expect(shipped.err.contains("no record: no run of hotfix made this tag"), "\(shipped.all)")
    let json = await world.hotfix(world.ben, "verify", "v1.1.0", "--json")
    #expect(json.status == 0 && json.out.contains("no record: no run"), "\(json.all)")
    #expect(!json.out.contains("\"run\""))
  }

  @Test func anUnsignedTagOfMainShipsOnlyFromTheCloneOfAPersonWhoHasIt() async throws {
    let world = try await World()
    // Eve is no listed person, and ben does not have the tag.
    try await push(world, world.eve, "git tag v1.1.0 origin/main")
    for person in [world.eve, world.ben] {
      let refused = await world.hotfix(person, "ship", "v1.1.0")
      #expect(refused.status == 1 && refused.err.contains("[tag.lightweight]"), "\(refused.all)")
    }
    // A commit that main does not have is shipped for nobody.
    try await push(world, world.ana, "git commit -q --allow-empty -m Own && git tag v1.2.0")
    try await refuses(world, "v1.2.0", "tag.lightweight")
    let shipped = await world.hotfix(world.ana, "ship", "v1.1.0")
    #expect(shipped.status == 0, "\(shipped.all)")
    #expect(shipped.err.contains("not signed; ana@example.org ships it from their own clone"))
  }

  @Test func aPersonWhoWasRemovedFromMainSignsNoMoreTags() async throws {
    let world = try await World()
    try await push(world, world.ben, "git tag -s -m 1.1.0 v1.1.0 origin/main")
    try world.write(
      world.ana,
      ["allowed_signers": "ana@example.org \(try world.publicKeyLine(world.ana))"]
    )
    try await world.commit(world.ana, "Remove ben")
    try await world.sh(world.ana, "git push -q origin main")
    try await refuses(world, "v1.1.0", "tag.stranger", "no listed person owns the key")
    // The checkout's list does not count, and neither does the tag's own.
    try await world.sh(world.ana, "git checkout -q refs/remotes-tags/origin/v1.1.0 2>/dev/null")
    try await refuses(world, "v1.1.0", "tag.stranger")
  }

  @Test func verifyTellsOfATagThatNobodySignedAndLooksAtTheRest() async throws {
    let world = try await World()
    let commit = try await world.sh(world.ana, "git rev-parse 'v1.0.0^{}'")
    try await push(world, world.eve, "git tag -f v1.0.0 \(commit)")
    let verified = await world.hotfix(world.ben, "verify", "v1.0.0")
    #expect(verified.status == 1 && verified.err.contains("[tag.lightweight]"), "\(verified.all)")
    #expect(verified.err.contains("✗ tag"), "\(verified.all)")
    #expect(verified.err.contains("✓ artifacts") && verified.err.contains("✓ install"))
    let json = await world.hotfix(world.ben, "verify", "v1.0.0", "--json")
    #expect(json.status == 1, "\(json.all)")
    #expect(json.out.contains("\"schema\" : \"hotfix.verified/1\""), "\(json.all)")
    #expect(json.out.contains("\"code\" : \"tag.lightweight\""), "\(json.all)")
    // What else is wrong is told with it.
    let file = world.site.appending("releases").appending("v1.0.0")
      .appending("Wick-1.0.0.tar.gz").string
    try "other".write(toFile: file, atomically: true, encoding: .utf8)
    let both = await world.hotfix(world.ben, "verify", "v1.0.0")
    #expect(both.status == 1 && both.err.contains("[tag.lightweight]"), "\(both.all)")
    #expect(both.err.contains("✗ tag") && both.err.contains("[served."), "\(both.all)")
  }

  @Test func aTagBeforeItsRunCameToItShipsNowhere() async throws {
    let world = try await World()
    try await world.untilReview()
    let branch = "origin/hotfix/\(tag)"
    let chain = try await Insider(world, world.ana).chain()
    let run = chain.run
    let anchor = "Hotfix-Record: \(run) \(try #require(chain.digests.last))"
    // By a listed person, of the very commit that waits for review, with the record's own digest.
    try await push(world, world.ana, "git tag -s -m 'x\n\n\(anchor)' \(tag) \(branch)")
    try await refuses(world, tag, "tag.early", run)
    let verified = await world.hotfix(world.ben, "verify", tag)
    #expect(verified.status == 1 && verified.err.contains("[tag.early]"), "\(verified.all)")
    // Unsigned, it is no better, and no better on another tree.
    try await push(world, world.eve, "git tag -f \(tag) origin/main")
    try await refuses(world, tag, "tag.early")
    try await world.sh(world.ana, "git push -q origin :refs/tags/\(tag)")
    // The run goes its way all the same.
    try await world.sh(world.ana, "git tag -d \(tag)")
    try world.expect(await world.hotfix(world.ben, "approve"), 0)
    let next = await world.hotfix(world.ana, "next")
    #expect(next.status == 0, "\(next.all)")
    let shipped = await world.hotfix(world.ben, "ship", tag, "--json")
    #expect(shipped.status == 0 && shipped.out.contains("\"run\" : \"\(run)\""), "\(shipped.all)")
  }

  @Test func aTagOnAnotherTreeThanTheReviewedOneIsRefused() async throws {
    let world = try await World()
    try await world.untilRelease()
    // The tag is made here and in the record; the remote's hook refuses it with main.
    try await world.sh(
      world.ana,
      "printf '#!/bin/sh\\ngrep -q refs/tags/ && exit 1 || exit 0\\n' > hooks/pre-receive"
        + " && chmod +x hooks/pre-receive",
      in: world.remote
    )
    try world.expect(await world.hotfix(world.ana, "next"), 1)
    try await world.sh(world.ana, "rm hooks/pre-receive", in: world.remote)
    let message = try await world.sh(world.ana, "git tag -l --format='%(contents:body)' \(tag)")
    let anchor = try #require(message.firstMatch(of: /Hotfix-Record: \S+ \S+/)).0
    try await push(
      world,
      world.ben,
      "git tag -s -m 'x\n\n\(anchor)' \(tag) origin/main"
    )
    try await refuses(world, tag, "tag.tree", "names tree:")
    // A digest that the record does not know, on the right tree.
    let wrong =
      "Hotfix-Record: \(anchor.split(separator: " ")[1]) sha256:"
      + String(repeating: "0", count: 64)
    let branch = "origin/hotfix/\(tag)"
    try await push(world, world.ben, "git tag -f -s -m 'x\n\n\(wrong)' \(tag) \(branch)")
    try await refuses(world, tag, "tag.anchor")
    try await push(world, world.ben, "git tag -f -s -m x \(tag) \(branch)")
    try await refuses(world, tag, "tag.anchor")
    try await push(world, world.eve, "git tag -f -s -m 'x\n\n\(anchor)' \(tag) \(branch)")
    try await refuses(world, tag, "tag.stranger")
  }

  /// An author who writes "reviewed" into the record herself, and tags.
  @Test func approvalsAreCountedAgainBeforeAnythingIsBuilt() async throws {
    let world = try await World()
    try await world.untilReview()
    let tree = try await world.sh(world.ana, "git rev-parse 'HEAD^{tree}'")
    let steps = Procedure.steps.map(\.name)
    let claims = try steps[
      #require(steps.firstIndex(of: "code-review"))...#require(steps.firstIndex(of: "tag"))
    ]
    let forged = try await Insider(world, world.ana).append(
      claims.map {
        .observed(StepObserved(step: $0, subject: "tree:\(tree)", evidence: ["ben approved"]))
      }
    )
    let anchor = "Hotfix-Record: \(forged.run) \(try #require(forged.digests.last))"
    try await push(world, world.ana, "git tag -s -m 'x\n\n\(anchor)' \(tag) HEAD")
    try await refuses(world, tag, "tag.unreviewed", "code-review")
    let verified = await world.hotfix(world.ben, "verify", tag)
    #expect(verified.status == 1 && verified.err.contains("[tag.unreviewed]"), "\(verified.all)")
  }

  @Test func anAuthorsOwnWaiversShipNothing() async throws {
    let world = try await World()
    try await world.untilReview()
    let subject = "tree:\(try await world.sh(world.ana, "git rev-parse 'HEAD^{tree}'"))"
    let reviews = ["code-review", "test-review", "docs-review"]
    let steps = Procedure.steps.map(\.name)
    let claims = try steps[
      #require(steps.firstIndex(of: "comments"))...#require(steps.firstIndex(of: "tag"))
    ]
    let forged = try await Insider(world, world.ana).append(
      reviews.map { .waived(StepWaived(step: $0, reason: "nobody is awake", subject: subject)) }
        + claims.map { .observed(StepObserved(step: $0, subject: subject, evidence: ["seen"])) }
    )
    let anchor = "Hotfix-Record: \(forged.run) \(try #require(forged.digests.last))"
    try await push(world, world.ana, "git tag -s -m 'x\n\n\(anchor)' \(tag) HEAD")
    try await refuses(world, tag, "tag.unreviewed", "code-review")
  }

  @Test func aNameThatARunGaveUpShipsNeverAgain() async throws {
    let world = try await World()
    try await world.untilReview()
    try world.expect(await world.hotfix(world.ana, "abandon", "--reason", "a wrong idea"), 0)
    try await push(world, world.ana, "git tag -s -m x \(tag) hotfix/\(tag)")
    try await refuses(world, tag, "tag.given-up", "was abandoned: a wrong idea")
    let verified = await world.hotfix(world.ben, "verify", tag)
    #expect(verified.status == 1 && verified.err.contains("[tag.given-up]"), "\(verified.all)")
    // Without its record it is no tag without a run: the name is reserved for good.
    try await world.sh(
      world.ana,
      "git push -q origin $(git ls-remote origin 'refs/hotfix/*' | sed 's/.*\\t/:/')"
    )
    try await world.sh(
      world.ana,
      "git for-each-ref --format='delete %(refname)' refs/hotfix refs/remotes-hotfix "
        + "| git update-ref --stdin && rm -f .git/hotfix/scratch/runs.json"
    )
    try await refuses(world, tag, "tag.no-record", "is reserved")
  }
}

/// Somebody with a key of the list who writes into the record without the program's rules.
private struct Insider {
  private let git: Git
  private let store: RecordStore
  private let person: World.Person

  init(_ world: World, _ person: World.Person) {
    let run = LiveProcesses.runner(inherited: person.environment)
    git = Git(directory: person.clone, run: run)
    store = RecordStore(git: git, commonDirectory: person.clone.appending(".git"), sha256: false)
    self.person = person
  }

  func chain() async throws -> Chain {
    try await git.fetch()
    return try await store.read(try #require(try await store.knownRuns().first))
  }

  func append(_ facts: [Fact]) async throws -> Chain {
    let chain = try await chain()
    let now = try #require(chain.events.last).at
    let home = person.environment["HOME"] ?? ""
    let mail = "\(person.name)@example.org"
    let (next, outcome) = try await store.append(
      facts.enumerated().map {
        PendingFact(key: "insider-\(chain.events.count)-\($0.offset)", fact: $0.element, at: now)
      },
      to: chain,
      with: [],
      signer: Signer(
        person: mail,
        identity: "\(person.name) <\(mail)>",
        format: .ssh(path: "\(home)/key", key: nil),
        directory: person.clone,
        run: LiveProcesses.runner(inherited: person.environment)
      )
    )
    #expect(outcome == .done)
    return next
  }
}
