internal import Git
internal import Record
internal import ReleaseModel

/// What is installed from what was downloaded, and whether the fix works there.
extension Outsider {
  /// The platform of this machine.
  static var platform: Platform {
    #if os(macOS)
      .macos
    #elseif os(Windows)
      .windows
    #else
      .linux
    #endif
  }

  func runsHere(_ name: String) async throws -> Bool {
    let listed = try await servedRelease()?.artifacts.first { $0.name == name }?.platform
    let configured = situation.settings.artifacts.first { artifact in
      artifact.path.filled(["version": situation.version.text]).hasSuffix(name)
    }?.platform
    let platform = listed ?? configured ?? .any
    return platform == .any || platform == Self.platform
  }

  /// Whether any artifact that is installed runs on this machine.
  func runsSomething() async throws -> Bool {
    for name in try toolbox.files.list(folder) where name.hasPrefix("installed-") {
      if try await runsHere(String(name.dropFirst("installed-".count))) { return true }
    }
    return false
  }

  private func installed(_ name: String) -> FilePath { folder.appending("installed-\(name)") }

  func install() async throws {
    var evidence: [String] = []
    var closed: [String] = []
    for name in try await artifactNames() {
      if let count = try await installAnew(name) {
        evidence.append("\(name): \(count) files")
      } else {
        closed.append(name)
      }
    }
    guard !evidence.isEmpty else {
      throw Problem(
        "install.nothing",
        "No artifact can be opened here.",
        why: "hotfix unpacks zip and tar archives; the release has "
          + "\(closed.joined(separator: ", ")).",
        next: [
          "Say in hotfix.yml how one is installed:  "
            + "verify: { install: \"COMMAND {artifact} {installed}\" }",
          "hotfix waive \(isRehearsal ? "candidate" : "install") --reason \"…\"",
        ]
      )
    }
    try write("install", evidence + closed.map { "\($0): not opened here" })
  }

  /// Full downloads of the release; deltas are no installs of their own.
  private func artifactNames() async throws -> [String] {
    try await servedRelease()?.artifacts.filter { $0.delta == nil }.map(\.name) ?? expectedNames()
  }

  /// Opens an archive, or what `verify.install` installs; false: nothing here can.
  func open(_ file: FilePath, named name: String, into folder: FilePath) async throws -> Bool {
    if Bundles.isArchive(name) || name.hasSuffix(".nupkg") {
      try await toolbox.unpack(file, folder)
      return true
    }
    guard let command = situation.settings.installCommand else { return false }
    try await ProjectCommand(toolbox: toolbox, meter: situation.meter).mustSucceed(
      command.shell([
        "artifact": file.string, "installed": folder.string, "version": situation.version.text,
      ]),
      in: folder,
      seconds: situation.settings.testSeconds,
      code: "install.failed",
      what: "verify.install failed on \(name).",
      next: ["Mend verify.install in hotfix.yml, then:  hotfix next"]
    )
    return true
  }

  /// Installs a served artifact into a folder of its own; returns how many files it has.
  ///
  /// Another machine may have downloaded it: then it is fetched here, and compared, once more.
  private func installAnew(_ name: String) async throws -> Int? {
    let file = folder.appending("download-\(name)")
    if !toolbox.files.exists(file) { try await compareServed(name) }
    let target = installed(name)
    try toolbox.files.remove(target)
    try toolbox.files.makeFolder(target)
    guard try await open(file, named: name, into: target) else {
      try toolbox.files.remove(target)
      return nil
    }
    return try toolbox.files.tree(target).count
  }

  /// Makes sure that a fresh install is on this machine, for those who compare with it.
  func ensureInstalled() async throws {
    for name in try await artifactNames() where !toolbox.files.exists(installed(name)) {
      _ = try await installAnew(name)
    }
  }

  func fixWorks() async throws {
    try await ensureInstalled()
    var evidence: [String] = []
    var others: [String] = []
    for name in try toolbox.files.list(folder) where name.hasPrefix("installed-") {
      let artifact = String(name.dropFirst("installed-".count))
      guard try await runsHere(artifact) else {
        others.append("\(artifact): not run, it is for another platform")
        continue
      }
      try await checkFix(in: folder.appending(name), what: artifact)
      evidence.append("\(artifact): the fix's check passed")
    }
    guard !evidence.isEmpty else { throw untried(others) }
    try write("fix-works", evidence + others)
  }

  /// Nothing was run, so nobody knows whether the fix works.
  private func untried(_ others: [String]) -> Problem {
    Problem(
      "fix.untried",
      "The fix's check was not run: no artifact runs on this machine.",
      why: others.isEmpty ? "Nothing is installed here." : others.joined(separator: "\n"),
      next: [
        "hotfix next     on a machine of the artifact's platform",
        "hotfix note --done fix-works \"…\"     by who tried it by hand",
      ]
    )
  }

  /// Runs the fix's check on an installed copy.
  func checkFix(in folder: FilePath, what: String) async throws {
    // A rollback restores code that may lack the fix that was taken back.
    guard let check = situation.settings.fixCheck, !situation.isRollback,
      situation.progress.opened != nil
    else { return }
    let line = check.shell(["installed": folder.string, "version": situation.version.text])
    let answer = try await situation.command(
      line,
      in: folder,
      seconds: situation.settings.testSeconds
    )
    guard answer.succeeded else {
      throw Problem(
        "fix.absent",
        "The fix does not work in \(what), as users get it.",
        why: ProjectCommand.why(line, answer),
        next: isRehearsal
          ? ["Mend the fix\(situation.onBranch), commit, then:  \(situation.again)"]
          : [
            "hotfix withdraw --reason \"the fix does not work\"",
            "hotfix rollback     puts the last good code under a higher version",
          ]
      )
    }
  }
}
