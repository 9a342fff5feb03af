internal import Feeds
internal import Foundation
internal import Git
internal import GitHubStandIn
internal import Machine
internal import ReleaseModel
internal import Runbook

/// The drill on Lantern: a data-loss bug, its hotfix, a second bad hotfix, and the way back.
struct DrillLantern: Sendable {
  let scene: DrillScene
  let place: DrillPlace

  private var ana: DrillPerson { scene.author }
  private var ben: DrillPerson { scene.approver }
  private func tell(_ text: String) {
    scene.console.narrate("\n\(scene.console.bold("── \(text)"))")
  }

  func run() async throws -> [String] {
    tell("Lantern: a project with releases 0.9.0 and 1.0.0, a remote and two people")
    try await makeProject()
    tell("A user of 1.0.0 loses notes")
    try await showBug()
    try await firstHotfix()
    try await secondHotfix()
    try await wayBack()
    try await olderLine()
    return try await reports(["v1.0.1", "v1.0.3", "v0.9.1"])
  }

  private func makeProject() async throws {
    try await makeRemote()
    try await clone(ana)
    let signers = try scene.signerLine(ana) + scene.signerLine(ben)
    try scene.write(
      ana,
      [
        "lantern.c": LanternProject.source(save: LanternProject.saveByAppending),
        "Makefile": LanternProject.makefile(publicKey: scene.publicKey),
        "Info.plist": LanternProject.infoPlist(publicKey: scene.publicKey),
        "tests/test_adds.sh": LanternProject.testAdds, "CHANGELOG.md": LanternProject.changelog,
        "hotfix.yml": LanternProject.settings(place), "allowed_signers": signers,
        ".gitignore": "lantern\ndist\nstage\n",
      ]
    )
    if let github = place.github {
      let settings = try Settings.read(LanternProject.settings(place))
      let workflow = ReleaseWorkflow(settings)
      try scene.write(ana, [workflow.path: workflow.text])
      try await github.setSecrets(
        DrillPlace.repository,
        ana.environment.filter { settings.shippingSecretNames.contains($0.key) }
      )
    }
    try await commit("Keep notes")
    try await release("v0.9.0")
    try scene.write(
      ana,
      [
        "lantern.c": LanternProject.source(save: LanternProject.saveSortedLosing),
        "CHANGELOG.md": LanternProject.changelog100,
      ]
    )
    try await commit("Keep notes sorted")
    try await release("v1.0.0")
    try scene.write(
      ana,
      [
        "lantern.c": LanternProject.source(
          save: LanternProject.saveSortedLosing,
          more: LanternProject.search
        )
      ]
    )
    try await commit("Begin a search, not released yet")
    try await scene.git(ana, "push", "--quiet", "origin", "main")
    try await clone(ben)
  }

  private func clone(_ person: DrillPerson) async throws {
    let address = place.github.map { "\($0.url)/\(DrillPlace.repository).git" }
    try await scene.shell(
      person,
      "git",
      ["clone", "--quiet", address ?? scene.remote.string, person.clone.string],
      in: scene.folder
    )
  }

  private func makeRemote() async throws {
    guard place.github == nil else { return }
    let remote = scene.remote.string
    for arguments in [
      ["init", "--quiet", "--bare", "-b", "main", remote],
      ["-C", remote, "config", "receive.autogc", "false"],
    ] {
      try await scene.shell(ana, "git", arguments, in: scene.folder)
    }
  }

  /// The reviewer's word: in the record on a plain host, on the pull request on GitHub.
  private func review(_ words: String, _ run: String) async throws {
    guard let github = place.github else {
      return try await scene.must(ben, "approve", "--run", run, "--reason", words)
    }
    let pulls = try await place.pulls()
    guard let open = pulls.first(where: \.isOpen) else {
      throw Problem("drill.unexpected", "No pull request is open.", next: ["hotfix status"])
    }
    scene.console.narrate("\nben approves pull request \(open.number) on GitHub: \(words)")
    try await github.review(DrillPlace.repository, open.number, by: "ben", .approved, body: words)
  }

  private func commit(_ message: String, as person: DrillPerson? = nil) async throws {
    try await scene.git(person ?? ana, "add", "-A")
    try await scene.git(person ?? ana, "commit", "--quiet", "-m", message)
  }

  private func release(_ tag: String) async throws {
    try await scene.git(ana, "tag", "-s", "-m", "Release \(tag)", tag)
    try await scene.git(ana, "push", "--quiet", "origin", "main", tag)
    try await workflow(tag)
    try await scene.must(ana, "ship", tag)
  }

  /// On GitHub the release workflow ships the tag; waits until it has.
  private func workflow(_ tag: String) async throws {
    try await ended(tag, "shipped \(tag)", ["ship", tag])
  }

  /// On GitHub the workflow builds and rehearses what is pushed for review; waits until it has.
  private func candidate(_ tag: String, _ expected: String = "success") async throws {
    try await ended("hotfix/\(tag)", "rehearsed \(tag)", ["ship", "--candidate", tag], expected)
  }

  private func ended(
    _ ref: String,
    _ what: String,
    _ command: [String],
    _ expected: String = "success"
  ) async throws {
    guard let (run, conclusion) = try await place.finishedRun(ref) else { return }
    scene.console.narrate("    GitHub's run \(run) of the workflow \(what): \(conclusion)")
    guard conclusion == expected else {
      throw Problem(
        "drill.unexpected",
        "GitHub's run \(run) of the workflow failed.",
        why: try await place.github?.log(DrillPlace.repository, run: run) ?? "",
        next: ["hotfix -C \(ana.clone.string) \(command.joined(separator: " "))"]
      )
    }
  }

  /// Runs `next` to the end; on GitHub it waits for the release workflow on the way.
  private func finish(_ tag: String) async throws {
    guard place.github != nil else { return try await faulty(ana, tag, until: 0) }
    try await candidate(tag)
    try await faulty(ana, tag, until: 3)
    try await workflow(tag)
    try await faulty(ana, tag, until: 0)
  }

  private func showBug() async throws {
    let archive = scene.folder.appending("user.tar.gz")
    let url = place.download("v1.0.0", "Lantern-1.0.0.tar.gz")
    try LiveFiles.files.write(archive, try await place.served(url))
    let script = """
      mkdir user && tar -C user -xzf \(shellQuoted(archive.string)) && cd user
      for i in 1 2 3 4 5 6 7 8 9 10; do ./Lantern.app/Contents/MacOS/lantern add notes "note $i"; done
      echo "10 notes added, $(./Lantern.app/Contents/MacOS/lantern list notes | wc -l) left"
      """
    let answer = try await scene.attempt(ana, script)
    guard answer.text.contains("8 left") else {
      throw Problem(
        "drill.bug",
        "The sample's bug does not show.",
        why: answer.text + answer.errors,
        next: ["Check that a C compiler works:  cc --version"]
      )
    }
    scene.console.narrate("    " + .lines(trimmed(answer.text)))
  }

  private func firstHotfix() async throws {
    tell("The hotfix: assess and approve")
    try await scene.must(
      ana,
      "open",
      "Notes are lost when there are more than eight",
      "--kind",
      "data-loss",
      "--impact",
      "data-loss",
      "--reach",
      "many",
      "--regression",
      "--because",
      "every save may lose notes",
      "--workaround",
      "none",
      "--affected",
      "1.0.0"
    )
    try await scene.must(ben, "approve")
    tell("A second hotfix of the same release is opened before the first is out")
    try await openSecond()
    try await faulty(ana, "v1.0.1", until: 3)
    tell("The author fixes it on the branch, with a test")
    try scene.write(
      ana,
      [
        "lantern.c": LanternProject.source(save: LanternProject.saveSortedMore),
        "tests/test_keeps_all.sh": LanternProject.testKeepsAll,
      ]
    )
    try await commit("Keep more notes when saving")
    try await faulty(ana, "v1.0.1", until: 3)
    tell("Meanwhile main moves on, and the reviewer reviews")
    try await scene.git(ben, "pull", "--quiet", "--ff-only")
    try scene.write(ben, ["README.md": "# Lantern\n\nKeeps notes.\n"])
    try await commit("Add a readme", as: ben)
    try await scene.git(ben, "push", "--quiet", "origin", "main")
    try await review("read it line by line", "v1.0.1")
    tell("The candidate fails: in the installed app the fix is not enough")
    try await candidate("v1.0.1", "failure")
    try await faulty(ana, "v1.0.1", until: 1)
    try scene.write(
      ana,
      ["lantern.c": LanternProject.source(save: LanternProject.saveSorted)]
    )
    try await commit("Keep every note when saving")
    try await faulty(ana, "v1.0.1", until: 3)
    try await review("now every note is kept", "v1.0.1")
    tell("Release, verify, tell, close")
    try await finish("v1.0.1")
    try await scene.must(ana, "close", "v1.0.1")
    try await sameTree("v1.0.1")
  }

  /// Runs `next` until it ends as expected; a step that was told to fail once may fail once.
  private func faulty(
    _ person: DrillPerson,
    _ run: String,
    until status: Int32
  ) async throws {
    let found = await scene.next(person, [run])
    guard found == status else {
      throw Problem(
        "drill.unexpected",
        "hotfix next ended with \(found); the drill expected \(status).",
        why: "The scratch world is kept in \(scene.folder.string).",
        next: ["hotfix -C \(person.clone.string) status"]
      )
    }
  }

  /// Invariant 3, shown: what the tag names is what was tested, though main had moved.
  private func sameTree(_ tag: String) async throws {
    try await scene.git(ana, "fetch", "--quiet", "origin")
    let tagged = trimmed(try await scene.git(ana, "rev-parse", "\(tag)^{tree}"))
    let branch = trimmed(
      try await scene.git(ana, "rev-parse", "origin/hotfix/\(tag)^{tree}")
    )
    let main = trimmed(try await scene.git(ana, "rev-parse", "origin/main^{tree}"))
    scene.console.narrate(
      "    tagged tree \(tagged.prefix(12)) = tested tree \(branch.prefix(12)); "
        + "main's tree is \(main.prefix(12))"
    )
    guard tagged == branch, tagged != main else {
      throw Problem(
        "drill.tree",
        "The tag does not name the tested tree.",
        next: ["hotfix record verify"]
      )
    }
  }

  private func openSecond() async throws {
    try await scene.must(
      ana,
      "open",
      "Adding a note is slow in long files",
      "--kind",
      "bug",
      "--impact",
      "core-broken",
      "--reach",
      "many",
      "--because",
      "the help desk is flooded",
      "--workaround",
      "split the file"
    )
    try await scene.must(ben, "approve", "--run", "v1.0.2")
  }

  private func secondHotfix() async throws {
    tell("The second hotfix takes in the first; it will turn out to be bad")
    try await faulty(ana, "v1.0.2", until: 3)
    try scene.write(
      ana,
      [
        "lantern.c": LanternProject.source(save: LanternProject.saveQuickly),
        "tests/test_quick.sh": LanternProject.testQuick,
      ]
    )
    try await commit("Do not sort on every save")
    try await faulty(ana, "v1.0.2", until: 3)
    try await review("looks right", "v1.0.2")
    try await finish("v1.0.2")
    try await offer("1.0.2", "the bad one")
  }

  /// 0.9 is still in use: its hotfix goes into the feed of its own line, and no other user gets it.
  private func olderLine() async throws {
    tell("A hotfix of the older line 0.9, which leaves everybody on 1.0 alone")
    try await scene.must(
      ana,
      "open",
      "An empty note is kept",
      "--base",
      "v0.9.0",
      "--kind",
      "bug",
      "--impact",
      "core-broken",
      "--reach",
      "many",
      "--because",
      "files grow without end",
      "--workaround",
      "none"
    )
    try await scene.must(ben, "approve")
    try await faulty(ana, "v0.9.1", until: 3)
    try scene.write(
      ana,
      [
        "lantern.c": LanternProject.source(
          save: LanternProject.saveByAppending,
          add: LanternProject.addText
        ),
        "tests/test_empty.sh": LanternProject.testEmpty,
      ]
    )
    try await commit("Keep no empty note")
    try await faulty(ana, "v0.9.1", until: 3)
    try await review("small and right", "v0.9.1")
    try await finish("v0.9.1")
    try await scene.must(ana, "close")
    try await offer("1.0.3", "as before")
    try await scene.must(ana, "record", "verify")
  }

  private func wayBack() async throws {
    tell("Users report that their notes are out of order: withdraw, then roll forward")
    try await scene.must(ana, "withdraw", "--reason", "notes are not sorted any more")
    try await offer("1.0.1", "the good one again")
    try await scene.must(ana, "rollback", "--reason", "notes are not sorted any more")
    try await scene.must(ben, "approve", "--run", "v1.0.3")
    try await faulty(ana, "v1.0.3", until: 3)
    try await review("it is the code of 1.0.1", "v1.0.3")
    try await finish("v1.0.3")
    try await scene.must(ana, "close", "v1.0.3")
    try await offer("1.0.3", "the good code under a higher version")
  }

  /// Reads the feed as a user of 1.0.0 does; build 2 is what `git rev-list --count` gave it.
  private func offer(_ expected: String, _ what: String) async throws {
    let feed = place.feed("appcast.xml")
    let bytes = try await place.served(feed)
    let client = SparkleClient(host: "2", now: .now)
    let found = client.offer(try SparkleFeed(bytes)).offered?.shortVersion
    guard found == expected else {
      throw Problem(
        "drill.offer",
        "The feed offers \(found ?? "nothing") instead of \(expected).",
        next: ["hotfix feed show \(feed)"]
      )
    }
    scene.console.narrate("    to a user of 1.0.0 the feed offers \(expected), \(what)")
  }

  /// The reports are in the repository; a copy of each is laid beside the scratch world.
  private func reports(_ tags: [String]) async throws -> [String] {
    try await scene.git(ana, "fetch", "--quiet", "origin")
    var paths: [String] = []
    for tag in tags {
      for suffix in ["md", "html"] {
        let text = try await scene.git(ana, "show", "origin/main:docs/hotfixes/\(tag).\(suffix)")
        let file = scene.folder.appending("report-\(tag).\(suffix)")
        try LiveFiles.files.write(file, Array(text.utf8))
        paths.append(file.string)
      }
    }
    return paths
  }
}
