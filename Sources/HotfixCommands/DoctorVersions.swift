internal import Documents
internal import Git
internal import ReleaseModel
internal import Runbook

extension Doctor {
  private static let fileBytesMax = 16 << 20

  /// The files of `version.files` that a run could not write a version into.
  func versionFiles() async -> [Checkup] {
    guard !settings.versionFiles.isEmpty else { return [] }
    var bad: [Checkup] = []
    var said: [String] = []
    for file in settings.versionFiles {
      let found = await check("version") {
        let bytes = try await contents(file.path)
        let text = bytes.map { String(decoding: $0, as: UTF8.self) } ?? ""
        guard let version = file.versions(in: text).first else {
          throw VersionFile.problem(file, isThere: bytes != nil)
        }
        return Checkup("version", .good, "\(file.path) says \(version)")
      }
      if found.state == .good { said.append(found.says) } else { bad.append(found) }
    }
    return bad.isEmpty ? [Checkup("version", .good, said.joined(separator: "; "))] : bad
  }

  /// A file of main, as a run has it; of the checkout while the settings are only there.
  private func contents(_ path: String) async throws -> [UInt8]? {
    let main = workspace.mainRef
    if workspace.source.origin != .checkout, try await workspace.git.resolve(main) != nil {
      return try await workspace.git.file(path, at: main)
    }
    return try toolbox.files.read(workspace.root.pushing(FilePath(path)), Self.fileBytesMax)
  }
}
