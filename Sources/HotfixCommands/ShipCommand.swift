internal import ArgumentParser
internal import Record
internal import ReleaseModel
internal import Runbook

struct ShipCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ship",
    abstract: "Build, sign, notarize, publish and feed one tag",
    discussion: """
      The release workflow itself, the same in CI and on a laptop. Runs again where it stopped;
      what is published already is not made twice. With --candidate it builds what an open run
      would release, and rehearses the release on a private copy of the host.

      Before anything is built, the tag has to be one that its run came to, with every approval, or,
      where no run made it, one that a person of main's list signed.

      $ hotfix ship v1.0.0
        ✓ tag             v1.0.0 names 41b07aa2c9f1
                          signed by ana@example.org
                          no record: no run of hotfix made this tag
        ✓ build           Lantern-1.0.0.zip: 18233 bytes, 7d1c0f2a9b3e…
        ✓ sign            Lantern-1.0.0.zip: Ed25519 holds
        ✓ publish         Lantern-1.0.0.zip: 18233 bytes, 7d1c0f2a9b3e…
        ✓ feeds           appcast.xml offers 1.0.0 (12)
      """
  )

  @Argument(help: "The tag, which has to be on the remote; with --candidate a run.")
  var tag: String

  @Flag(help: "Build and rehearse the candidate of an open run; publish nothing.")
  var candidate = false

  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let workspace = try await global.workspace(.always, allowsCheckout: true)
      .onComponent(ofTag: tag)
    let actions = ActionsReport(workspace.environment)
    do {
      if candidate { return try await CandidateRun(workspace: workspace, name: tag).run() }
      let rows = try await TagRun(workspace: workspace, tag: tag).run(
        ["build", "sign", "notarize", "publish", "feeds"],
        schema: "hotfix.shipped/1"
      )
      try await actions?.shipped(tag, rows, checksums: checksums(workspace))
    } catch let problem as Problem {
      // The runner reads its commands from stdout.
      if let actions, !workspace.console.json { workspace.console.out(actions.failed(problem)) }
      throw problem
    }
  }

  /// A file of the artifacts' digests, for whoever attests them.
  private func checksums(_ workspace: Workspace) async throws -> String? {
    guard let release = try await workspace.toolbox.host.release(tag) else { return nil }
    let publication = Publication(release: release, notes: "", folder: workspace.toolbox.scratch)
    let file = workspace.toolbox.scratch.appending("SHA256SUMS-\(tag)")
    try workspace.toolbox.files.write(file, Array(publication.checksums.utf8))
    return file.string
  }
}

struct VerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check a release from outside, as strangers and updaters do",
    discussion: """
      Works on any release, also one that hotfix did not make. Where no person that main lists signed
      the tag of such a release, everything else is looked at all the same, and it fails.

      $ hotfix verify v1.0.1-hotfix1
        ✓ tag             v1.0.1-hotfix1 names 9f2c11e4d07b
                          signed by ana@example.org
        ✓ artifacts       Lantern-1.0.1-hotfix1.zip: 18310 bytes, 90c4f6d1a2b7… as built
        ✓ update          1.0.0 (12) → 1.0.1-hotfix1 (15) by appcast.xml, full download, …
      """
  )

  @Argument(help: "The tag; default the open run's.")
  var tag: String?

  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let workspace = try await global.workspace(.always)
    let name: String
    if let tag {
      name = tag
    } else {
      name = try await workspace.engine(nil).situation().opened.tag
    }
    try await TagRun(workspace: workspace.onComponent(ofTag: name), tag: name).run(
      [
        "release", "artifacts", "notes", "feeds-live", "install", "fix-works", "update",
      ],
      schema: "hotfix.verified/1",
      onlyLooks: true
    )
  }
}
