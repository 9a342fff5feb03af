internal import ArgumentParser
internal import Documents
internal import Machine
internal import ReleaseModel
internal import Runbook

struct VersionWrite: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "write",
    abstract: "Write a version into the files that carry it",
    discussion: """
      Changes the version's own characters and nothing else. Known by their names are package.json,
      tauri.conf.json, Cargo.toml, pyproject.toml, setup.cfg, project.pbxproj, *.xcconfig, Info.plist,
      CMakeLists.txt, *.csproj, *.props, gradle files, pubspec.yaml, mix.exs, version.env and VERSION; of
      any other file say the text around the version. Lock files go with their manifests.

      $ hotfix version write 1.0.1 package.json "src/version.h: VERSION = {version}"
      package.json: 1.0.1 instead of 1.0.0
      package-lock.json: 1.0.1 instead of 1.0.0
      src/version.h: 1.0.1 instead of 1.0.0
      """
  )

  @Argument(help: "The version.")
  var version: String

  @Argument(help: "Files, or `path: text with {version}`, below the folder.")
  var files: [String]

  @OptionGroup var global: GlobalOptions

  private struct Result: Encodable {
    struct File: Encodable {
      let path: String
      let old: [String]
    }

    let schema = "hotfix.version-written/1"
    let version: String
    let files: [File]
  }

  func run() async throws {
    let name = VersionName(version)
    guard name.numbers != nil else {
      throw Problem("version.name", "\(version) is no version.", next: ["Name it like 1.0.1."])
    }
    var written: [(path: String, old: [String], bytes: [UInt8])] = []
    for entry in files {
      guard let file = VersionFile(entry), file.isKnown else {
        throw Problem(
          "version.file",
          "\(entry) is no manifest that is known by its name.",
          next: ["hotfix version write \(version) \"PATH: VERSION = {version}\""]
        )
      }
      guard let text = try text(file.path) else { throw VersionFile.problem(file, isThere: false) }
      guard let new = file.rewritten(text, to: name) else {
        throw VersionFile.problem(file, isThere: true)
      }
      let old = file.otherVersions(in: text, than: name)
      written.append((file.path, old, Array(new.utf8)))
      for path in file.lockPaths {
        guard let first = old.first, let lock = try self.text(path),
          let new = VersionFile.relocked(lock, path, from: first, to: name)
        else { continue }
        written.append((path, [first], Array(new.utf8)))
      }
    }
    // All are read before one is changed.
    for file in written where !file.old.isEmpty {
      try LiveFiles.files.write(global.folder.pushing(FilePath(file.path)), file.bytes)
    }
    try global.console.show(
      Result(version: version, files: written.map { .init(path: $0.path, old: $0.old) }),
      written.map { file -> TerminalText in
        file.old.isEmpty
          ? "\(file.path): \(version) already"
          : "\(file.path): \(version) instead of \(file.old.joined(separator: ", "))"
      }.joined()
    )
  }

  /// The text of a file inside of the folder, also behind links.
  private func text(_ path: String) throws -> String? {
    let file = global.folder.pushing(FilePath(path)).lexicallyNormalized()
    guard let real = LiveFiles.files.resolve(file) else { return nil }
    guard let root = LiveFiles.files.resolve(global.folder), real.starts(with: root) else {
      throw Problem(
        "version.file",
        "\(path) is outside of \(global.folder.string).",
        next: ["Name files below the folder, or another folder:  hotfix -C DIR version write …"]
      )
    }
    return try LiveFiles.files.read(real, 16 << 20).map { String(decoding: $0, as: UTF8.self) }
  }
}
