internal import Git
internal import Record
internal import ReleaseModel

/// Refuses a candidate whose installed files carry another version than it is released as.
struct CandidateCheck: Sendable {
  private let situation: Situation
  private let outsider: Outsider

  init(_ situation: Situation, _ outsider: Outsider) {
    self.situation = situation
    self.outsider = outsider
  }

  /// Returns where the version was read.
  ///
  /// Throws `candidate.version` where an artifact says that it is another version.
  func versions() async throws -> [String] {
    let files = situation.toolbox.files
    var evidence: [String] = []
    for name in try files.list(outsider.folder) where name.hasPrefix("installed-") {
      let artifact = String(name.dropFirst("installed-".count))
      let folder = outsider.folder.appending(name)
      let found = try CarriedVersion.find(in: folder, files: files)
      for (source, versions) in Dictionary(grouping: found, by: \.source).sorted(by: {
        $0.key.rawValue < $1.key.rawValue
      }) {
        guard let right = versions.first(where: { $0.means(situation.version) }) else {
          throw wrong(artifact, versions)
        }
        evidence.append("\(artifact): \(source.rawValue) says \(right.version)")
      }
      if let said = try await asked(folder, artifact) { evidence.append(said) }
    }
    return evidence
  }

  private func wrong(_ artifact: String, _ versions: [CarriedVersion]) -> Problem {
    Problem(
      "candidate.version",
      "\(artifact) says that it is another version than \(situation.version).",
      why: versions.prefix(5).map { "\($0.path): \($0.version)" }.joined(separator: "\n"),
      next: [
        "Let the build use {version}, or bump the version\(situation.onBranch); commit, then:",
        "\(situation.again)     nothing has been published",
      ]
    )
  }

  /// Asks the installed copy itself, where hotfix.yml says how.
  private func asked(_ folder: FilePath, _ artifact: String) async throws -> String? {
    guard let command = situation.settings.versionCommand,
      try await outsider.runsHere(artifact)
    else { return nil }
    let line = command.shell(["installed": folder.string, "version": situation.version.text])
    let answer = try await situation.command(
      line,
      in: folder,
      seconds: situation.settings.testSeconds
    )
    guard answer.succeeded, answer.text.contains(situation.version.text) else {
      throw Problem(
        "candidate.version",
        "\(artifact) does not say that it is \(situation.version).",
        why: ProjectCommand.why(line, answer),
        next: ["Bump the version\(situation.onBranch), commit, then:  \(situation.again)"]
      )
    }
    return "\(artifact): `\(command.text)` says \(situation.version)"
  }
}
