import Foundation
import HotfixTesting
import ReleaseModel
import Runbook
import Testing

/// The workflow that `init --workflow` writes, and what looks through workflows.
@Suite struct ReleaseWorkflowTests {
  static let settings = """
    app: Lantern
    host: { github: acme/lantern }
    test: { suite: make test, proof: "make test-one TEST={test}" }
    ship:
      build: make dist
      workflow: hotfix.yml
      artifacts: [ { path: "dist/a-{version}.zip", platform: macos } ]
      sign:
        ed25519: { key: env:LANTERN_UPDATE_KEY }
        command: codesign --sign "$IDENTITY" {artifact}

    """

  private func text(_ settings: String = Self.settings) throws -> String {
    ReleaseWorkflow(try Settings.read(settings)).text
  }

  @Test func isInOrderAndNeedsAMacForSigning() throws {
    let text = try text()
    #expect(WorkflowCheck.findings(text).isEmpty)
    #expect(text.contains("runs-on: macos-15") && text.contains("security import"))
    #expect(text.contains("IDENTITY: ${{ secrets.IDENTITY }}"))
    let plain = try self.text(
      Self.settings.replacing("    command: codesign --sign \"$IDENTITY\" {artifact}\n", with: "")
    )
    #expect(plain.contains("runs-on: ubuntu-24.04") && !plain.contains("keychain"))
    #expect(WorkflowCheck.findings(plain).isEmpty)
  }

  @Test func aComponentHasAWorkflowOfItsOwn() throws {
    let settings = try Settings.read(
      Self.settings + """
        components:
          photos: { version: { tag: "photos/v{version}" } }
          notes: { version: { tag: "notes-v{version}" } }

        """
    )
    let photos = ReleaseWorkflow(try settings.of("photos"))
    #expect(photos.path == ".github/workflows/hotfix-photos.yml")
    #expect(photos.text.contains("tags: [\"photos/v*\"]\n    branches: [\"hotfix/photos/v*\"]"))
    #expect(photos.text.contains("group: hotfix-photos-$"))
    #expect(photos.text.contains("`hotfix init --workflow --component photos`"))
    #expect(WorkflowCheck.findings(photos.text).isEmpty)
    let whole = try text()
    #expect(whole.contains("tags: [\"v*\"]\n    branches: [\"hotfix/**\"]"), "\(whole)")
  }

  @Test func givesTheCandidateNoRightsAndNoSecretsOfNotarization() throws {
    let text = try text(
      Self.settings + "  notarize: { command: 'notarytool submit -p \"$NOTARY\" {artifact}' }\n"
    )
    let jobs = text.split(separator: "\n  ship:\n")
    try #require(jobs.count == 2)
    #expect(jobs[0].contains("secrets.LANTERN_UPDATE_KEY") && !jobs[0].contains("NOTARY"))
    #expect(!jobs[0].contains(": write"), "a candidate publishes nothing")
    #expect(jobs[1].contains("secrets.NOTARY"))
    // Named by its commit: by the time that it runs, the branch may be elsewhere.
    #expect(jobs[0].contains("COMMIT: ${{ inputs.tag || github.sha }}"))
  }

  @Test func cancelsAnOlderCandidateAndNeverARelease() throws {
    let text = try text()
    let isPushed = "${{ github.event_name == 'push' && github.ref_type == 'branch' }}"
    #expect(text.contains("cancel-in-progress: \(isPushed)\n"))
    // A tag and a branch of one name are two groups.
    #expect(
      text.contains(
        "group: hotfix-${{ inputs.tag && format('refs/tags/{0}', inputs.tag) || github.ref }}"
      )
    )
  }

  @Test(arguments: [
    ("on: push", true, false),
    ("on: [push, workflow_dispatch]", true, false),
    ("on: { push: { branches: ['hotfix/**'] } }", true, false),
    ("on: { push: { tags: ['v*'] } }", false, false),
    ("on: { push: { tags: ['v*'], branches: ['hotfix/**'] } }", true, false),
    ("on: { workflow_dispatch: { inputs: { tag: {}, correlation: {} } } }", false, true),
    ("on: { workflow_dispatch: { inputs: { tag: {} } } }", false, false),
  ])
  func readsWhatBeginsACandidate(on: String, byPush: Bool, byDispatch: Bool) throws {
    let jobs = "jobs: { a: { steps: [ { run: hotfix ship --candidate x } ] } }"
    let job = try #require(CandidateJob("\(on)\n\(jobs)\n"))
    #expect(job.beginsByPush == byPush && job.beginsByDispatch == byDispatch)
    #expect(CandidateJob("\(on)\njobs: { a: { steps: [ { run: hotfix ship x } ] } }") == nil)
  }

  @Test func buildsCandidatesByPushAndByDispatch() throws {
    let job = try #require(CandidateJob(try text()))
    #expect(job.beginsByPush && job.beginsByDispatch)
  }

  /// zizmor's rules: pinned actions, no event's value in a script, least permissions.
  @Test func pinsActionsAndPutsNothingOfTheEventIntoScripts() throws {
    let text = try text()
    for line in text.split(separator: "\n") where line.contains("uses: ") {
      #expect(line.contains(/@[0-9a-f]{40} # v[0-9]/), "\(line)")
    }
    let scripts = text.split(separator: "run: ").dropFirst()
    for script in scripts where script.hasPrefix("|") || script.hasPrefix("hotfix") {
      let own = script.prefix { $0 != "-" }
      #expect(!own.contains("${{"), "\(own)")
    }
    #expect(text.contains("\npermissions: {}\n") && !text.contains("write-all"))
  }

  @Test func findsWhatOtherCheckersPassOver() {
    let bad = """
      on: push
      jobs:
        build:
          runs-on: ubuntu-latst
          steps:
            - { id: made, run: make }
            - run: echo ${{ steps.mode.outputs.x }} ${{ steps.made.outputs.x }}
        ship:
          needs: [biuld]
          runs-on: ubuntu-24.04
          if: needs.build.result == 'success'
          steps: [ { run: "true" } ]
      """
    let found = WorkflowCheck.findings(bad)
    #expect(found.map(\.line) == [4, 7, 9, 11], "\(found)")
    #expect(found[0].message.contains("did you mean ubuntu-latest?"))
    #expect(found[2].message.contains("did you mean build?"))
    #expect(WorkflowCheck.findings("a: [").count == 1)
    #expect(WorkflowCheck.findings("on: push").map(\.message) == ["it has no jobs"])
  }

  /// The official schema and the usual security checker, where they are installed.
  @Test(arguments: [
    ("check-jsonschema", ["--builtin-schema", "vendor.github-workflows"]),
    ("zizmor", ["--offline", "--quiet"]),
  ])
  func satisfiesOtherPeoplesCheckers(program: String, options: [String]) throws {
    guard Self.runs([program, "--version"]) else {
      print("skipped: \(program) is not installed")
      return
    }
    let folder = ScratchFolder("hotfix-workflow")
    for (name, settings) in [
      ("mac", Self.settings), ("plain", Self.settings.replacing("command:", with: "check:")),
    ] {
      let file = folder.path.appending(name).appending("hotfix.yml")
      try FileManager.default.createDirectory(
        atPath: file.removingLastComponent().string,
        withIntermediateDirectories: true
      )
      try text(settings).write(toFile: file.string, atomically: true, encoding: .utf8)
      #expect(Self.runs([program] + options + [file.string]), "\(program) \(file)")
    }
  }

  private static func runs(_ arguments: [String]) -> Bool {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }
}
