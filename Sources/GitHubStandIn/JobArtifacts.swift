internal import Foundation
internal import ReleaseModel
internal import Signatures

/// Artifacts and attestations that jobs leave behind.
extension JobRunner {
  /// The files that a path of an action means: a file, all of a folder, or a pattern.
  private func files(_ with: JSON, _ key: String) -> [(name: String, path: FilePath)] {
    let lines = (with[key].text ?? "").lines().map {
      $0.trimmingCharacters(in: .whitespaces)
    }
    return lines.filter { !$0.isEmpty }.flatMap { line -> [(name: String, path: FilePath)] in
      let place = workspace.pushing(FilePath(line))
      var isFolder: ObjCBool = false
      if FileManager.default.fileExists(atPath: place.string, isDirectory: &isFolder) {
        guard isFolder.boolValue else { return [(place.lastComponent?.string ?? line, place)] }
        return Self.all(in: place).map { ($0, place.pushing(FilePath($0))) }
      }
      return Self.all(in: workspace).filter { WorkflowFile.matches(line, $0) }
        .map { ($0, workspace.pushing(FilePath($0))) }
    }
  }

  private static func all(in folder: FilePath) -> [String] {
    let names = (try? FileManager.default.subpathsOfDirectory(atPath: folder.string)) ?? []
    return names.filter { name in
      var isFolder: ObjCBool = false
      let path = folder.pushing(FilePath(name)).string
      return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        && !isFolder.boolValue && !name.hasPrefix(".git/")
    }.sorted()
  }

  func upload(_ with: JSON, _ log: StepLog) async throws -> Outcome {
    let name = with["name"].text ?? "artifact"
    let chosen = files(with, "path")
    if chosen.isEmpty {
      let isError = with["if-no-files-found"] == "error"
      log.add("::\(isError ? "error" : "warning")::No files were found with the provided path.")
      return isError ? .failure : .success
    }
    var zip = ZipWriter()
    for (entry, path) in chosen {
      guard let data = FileManager.default.contents(atPath: path.string) else { continue }
      zip.add(entry, [UInt8](data))
      let copy = artifactFolder(name).pushing(FilePath(entry))
      try FileManager.default.createDirectory(
        atPath: copy.removingLastComponent().string,
        withIntermediateDirectories: true
      )
      try data.write(to: URL(fileURLWithPath: copy.string))
    }
    let bytes = zip.finished()
    try await standIn.addArtifact(name, bytes, to: run.id, in: repository.id)
    log.add("Artifact \(name) has been successfully uploaded! \(chosen.count) files.")
    return .success
  }

  private func artifactFolder(_ name: String) -> FilePath {
    standIn.folder.appending("runner").appending("artifacts-\(run.id)").appending(escaped(name))
  }

  func download(_ with: JSON, _ log: StepLog) async throws -> Outcome {
    let target = workspace.pushing(FilePath(with["path"].text ?? "."))
    let root = artifactFolder("x").removingLastComponent()
    let names = (try? FileManager.default.contentsOfDirectory(atPath: root.string)) ?? []
    let wanted = with["name"].text.map(escaped)
    if let wanted, !names.contains(wanted) {
      log.add("::error::Unable to find an artifact with the name \(unescaped(wanted)).")
      return .failure
    }
    for name in wanted.map({ [$0] }) ?? names.sorted() {
      let place = wanted == nil ? target.appending(unescaped(name)) : target
      for file in Self.all(in: root.appending(name)) {
        let copy = place.pushing(FilePath(file))
        try FileManager.default.createDirectory(
          atPath: copy.removingLastComponent().string,
          withIntermediateDirectories: true
        )
        try? FileManager.default.removeItem(atPath: copy.string)
        try FileManager.default.copyItem(
          atPath: root.appending(name).pushing(FilePath(file)).string,
          toPath: copy.string
        )
      }
    }
    return .success
  }

  func attest(_ with: JSON, _ log: StepLog) async throws -> Outcome {
    for (name, path) in files(with, "subject-path") {
      guard let data = FileManager.default.contents(atPath: path.string) else { continue }
      let digest = "sha256:\(ContentDigest.of([UInt8](data)).hex)"
      try await standIn.addAttestation(
        digest,
        name: name,
        predicate: "https://slsa.dev/provenance/v1",
        in: repository.id
      )
      log.add("Attestation created for \(name)@\(digest)")
    }
    return .success
  }
}

extension GitHubStandIn {
  func addArtifact(_ name: String, _ bytes: [UInt8], to run: Int, in id: Int) throws {
    let number = live.nextNumber()
    let file = folder.appending("logs").appending("artifact-\(number).zip")
    try Data(bytes).write(to: URL(fileURLWithPath: file.string))
    let artifact = WorkflowRun.Artifact(
      id: number,
      name: name,
      file: file,
      size: bytes.count,
      digest: "sha256:\(ContentDigest.of(bytes).hex)",
      created: now()
    )
    try change(id) { $0.runs[run]?.artifacts.append(artifact) }
  }
}
