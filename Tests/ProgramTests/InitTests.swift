import Foundation
import HotfixTesting
import ReleaseModel
import Runbook
import Testing

/// `hotfix init` in projects of every kind: what it writes is read, and what it lacks is said.
@Suite struct InitTests {
  /// A repository of a kind of its own, with a release tag, for ana.
  private func project(
    _ world: World,
    _ files: [String: String],
    tag: String = "v1.2.0"
  ) async throws -> World.Person {
    let person = world.ana.elsewhere(world.path.appending("project-\(files.count)-\(tag)").string)
    try await world.sh(world.ana, "git init --quiet -b main \(person.clone)")
    try world.write(person, files.merging(["README.md": "Lamp\n"]) { old, _ in old })
    try await world.sh(person, "git add -A && git commit --quiet -m Start && git tag \(tag)")
    try await world.sh(
      person,
      "git clone --quiet --bare . ../lamp.git && git remote add origin ../lamp.git && git fetch -q"
    )
    return person
  }

  @Test(arguments: [
    ("Makefile", "test:\n\ttrue\ndist:\n\ttrue\n", "make test", "make dist"),
    ("Package.swift", "let package = Package(name: \"Lamp\")\n", "swift test", "swift build"),
    (
      "Cargo.toml", "[package]\nname = \"lamp\"\nversion = \"1.2.0\"\n", "cargo test", "cargo build"
    ),
    (
      "package.json", #"{"name": "lamp", "scripts": {"test": "node --test", "build": "x"}}"#,
      "npm test", "npm run build"
    ),
    ("go.mod", "module example.org/lamp\n", "go test ./...", "write-this-command"),
    (
      "CMakeLists.txt", "project(Lamp VERSION 1.2.0)\nenable_testing()\n", "ctest", "cmake -B build"
    ),
    (
      "pyproject.toml", "[project]\nname = \"lamp\"\nversion = \"1.2.0\"\n", "write-this-command",
      "python3 -m build"
    ),
    (
      "Lamp.csproj", "<Project><OutputType>Exe</OutputType></Project>\n", "write-this-command",
      "dotnet publish"
    ),
    (
      "Lamp.xcodeproj/project.pbxproj", "MARKETING_VERSION = 1.2.0;\n", "write-this-command",
      "xcodebuild"
    ),
    (
      "src-tauri/tauri.conf.json", #"{"productName": "Lamp", "version": "1.2.0"}"#,
      "write-this-command", "cargo tauri build"
    ),
    ("settings.gradle", "rootProject.name = 'lamp'\n", "gradle test", "gradle build"),
    ("notes.txt", "none\n", "write-this-command", "write-this-command"),
  ])
  func writesWhatTheSettingsRead(
    _ file: String,
    _ text: String,
    _ suite: String,
    _ build: String
  ) async throws {
    let world = try await World()
    let person = try await project(world, [file: text])
    let outcome = await world.hotfix(person, ["init", "--offline"])
    try world.expect(outcome, 0)
    let written = try world.read(person.clone.appending("hotfix.yml").string)
    let settings = try Settings.read(written)
    #expect(settings.suite.contains(suite), "\(written)")
    #expect(settings.build.text.contains(build), "\(written)")
    #expect(settings.tag.text == "v{version}" && settings.changelog == nil)
    #expect(outcome.out.contains("git push origin HEAD:main"), "\(outcome.all)")
    // What nobody could find is refused by doctor's own check, at once.
    let isMissing = written.contains("write-this-command")
    #expect(
      outcome.out.contains("init found no command") == isMissing,
      "\(outcome.all)"
    )
    try world.expect(await world.hotfix(person, ["init", "--offline"]), 1)
  }

  @Test func signsWithAKeyThatItFindsOrMakesAndListsItOnce() async throws {
    let world = try await World()
    let person = try await project(world, ["notes.txt": "none\n"])
    let home = world.path.appending("empty-home").string
    let own = ["HOME": home, "SSH_AUTH_SOCK": "", "GIT_CONFIG_GLOBAL": home + "/gitconfig"]
    try world.write(
      world.ana.elsewhere(home),
      ["gitconfig": "[user]\n\tname = Cy\n\temail = cy@example.org\n"]
    )
    let first = await world.hotfix(person, ["init", "--sign"], environment: own)
    try world.expect(first, 0)
    let list = try world.read(person.clone.appending("allowed_signers").string)
    #expect(list.hasPrefix("cy@example.org ssh-ed25519 AAAA") && list.lines().count == 1, "\(list)")
    #expect(!first.all.contains("PRIVATE KEY"))
    let key = try world.read(home + "/.ssh/id_ed25519.pub")
    try world.expect(await world.hotfix(person, ["init", "--sign"], environment: own), 0)
    #expect(try world.read(person.clone.appending("allowed_signers").string) == list)
    #expect(try world.read(home + "/.ssh/id_ed25519.pub") == key)
    #expect(!(try world.read(home + "/gitconfig")).contains("signingkey"), "the user's own stays")
    try await world.sh(
      person,
      "export GIT_CONFIG_GLOBAL=\(home)/gitconfig; git commit --quiet --allow-empty -m Signed && git tag -m x v1.2.1"
    )
    let check = "git -c gpg.ssh.allowedSignersFile=allowed_signers"
    try await world.sh(person, "\(check) verify-commit HEAD && \(check) verify-tag v1.2.1")
  }

  @Test func refusesAnAddressThatIsAPattern() async throws {
    let world = try await World()
    let person = try await project(world, ["notes.txt": "none\n"])
    try await world.sh(person, "git config user.email '*@example.org'")
    let outcome = await world.hotfix(person, ["init", "--sign"])
    #expect(outcome.status == 1 && outcome.all.contains("init.email"), "\(outcome.all)")
  }

  @Test func readsNoFileOutsideTheCheckout() async throws {
    let world = try await World()
    let person = try await project(world, ["a/b": ""])
    let outside = world.path.appending("outside.json").string
    try Data(#"{"name": "stolen"}"#.utf8).write(to: URL(fileURLWithPath: outside))
    try await world.sh(person, "ln -s \(outside) package.json && git add -A && git commit -qm Link")
    let outcome = await world.hotfix(person, ["init", "--offline", "--print"])
    try world.expect(outcome, 0)
    #expect(!outcome.all.contains("stolen"), "\(outcome.all)")
  }
}
