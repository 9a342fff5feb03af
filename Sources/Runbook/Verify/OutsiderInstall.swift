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

  private func runsHere(_ name: String) async throws -> Bool {
    let listed = try await servedRelease()?.artifacts.first { $0.name == name }?.platform
    let configured = situation.settings.artifacts.first { artifact in
      artifact.path.filled(["version": situation.version.text]).hasSuffix(name)
    }?.platform
    let platform = listed ?? configured ?? .any
    return platform == .any || platform == Self.platform
  }

  private func installed(_ name: String) -> FilePath { folder.appending("installed-\(name)") }

  func install() async throws {
    var evidence: [String] = []
    for name in try await servedRelease()?.artifacts.map(\.name) ?? expectedNames()
    where Bundles.isArchive(name) {
      let count = try await unpackAnew(name)
      evidence.append("\(name): \(count) files")
    }
    guard !evidence.isEmpty else {
      throw Problem(
        "install.nothing",
        "No artifact can be unpacked here.",
        why: "hotfix unpacks zip and tar archives.",
        next: ["hotfix waive install --reason \"…\""]
      )
    }
    try write("install", evidence)
  }

  /// Unpacks a served artifact into a folder of its own; returns how many files it has.
  ///
  /// Another machine may have downloaded it: then it is fetched here, and compared, once more.
  private func unpackAnew(_ name: String) async throws -> Int {
    let file = folder.appending("download-\(name)")
    if !toolbox.files.exists(file) { try await compareServed(name) }
    let target = installed(name)
    try toolbox.files.remove(target)
    try toolbox.files.makeFolder(target)
    try await toolbox.unpack(file, target)
    return try toolbox.files.tree(target).count
  }

  /// Makes sure that a fresh install is on this machine, for those who compare with it.
  func ensureInstalled() async throws {
    let names = try await servedRelease()?.artifacts.map(\.name) ?? expectedNames()
    for name in names where Bundles.isArchive(name) && !toolbox.files.exists(installed(name)) {
      _ = try await unpackAnew(name)
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
        next: [
          "hotfix withdraw --reason \"the fix does not work\"",
          "hotfix rollback     puts the last good code under a higher version",
        ]
      )
    }
  }
}
