internal import Record
internal import Git
internal import ReleaseModel

extension Shipyard {
  /// Refuses to publish what a stage has not finished with.
  private func requireFinished(_ manifest: Manifest) throws {
    let missing = stages.map(\.rawValue).filter { !manifest.stages.contains($0) }
    let unsigned = manifest.artifacts.filter { settings.updateKey != nil && $0.edSignature == nil }
    guard missing.isEmpty, unsigned.isEmpty else {
      throw Problem(
        "publish.unfinished",
        "The artifacts of \(tag) are not ready to be published.",
        why: missing.isEmpty
          ? "\(unsigned.map(\.name).joined(separator: ", ")) is not signed."
          : "Not done on this build: \(missing.joined(separator: ", ")).",
        next: ["hotfix next"]
      )
    }
  }

  /// Publishes what was tried; other bytes than the candidate's are rehearsed first.
  func publishEffects() async throws -> [Effect] {
    let publishing = try publishing()
    let artifacts = try manifest()?.artifacts ?? []
    let tried = TriedBytes(situation)
    guard !tried.hold(artifacts) else { return [publishing] }
    if case .waived(let waiver) = StepStatus.recorded(.candidate, situation) {
      return [
        local("leaves the rehearsal out: \(waiver.text)") {},
        publishing,
      ]
    }
    let why = await tried.difference(artifacts, in: folder)
    return [
      local("rehearses \(tag): \(why)") {
        _ = try await Rehearsal(situation, folder: folder).run()
      },
      publishing,
    ]
  }

  /// The effect that puts the release on the host; a rehearsal's is a private copy.
  func publishing(isRehearsal: Bool = false) throws -> Effect {
    guard let manifest = try manifest() else {
      throw Problem(
        "artifact.missing",
        "The artifacts of \(tag) are not on this machine.",
        next: ["hotfix next     builds them"]
      )
    }
    try check(manifest.artifacts)
    if !isRehearsal { try requireFinished(manifest) }
    var release = HostedRelease(
      app: situation.opened.app,
      tag: tag,
      version: situation.version,
      commit: manifest.commit,
      published: toolbox.now(),
      artifacts: manifest.artifacts
    )
    release.isPrerelease = release.version.isPrerelease
    let hosted = release
    let folder = folder
    return Effect(
      tag,
      says: "publishes \(tag)",
      materials: ["artifacts": Self.json(manifest.artifacts)],
      body: .outward {
        let notes = try await ReleaseNotes(situation).text()
        let feeds =
          toolbox.host.feedsTravelWithRelease
          ? try await FeedPublisher(situation).files(with: hosted, notes: notes) : [:]
        try await toolbox.host.publish(
          Publication(release: hosted, notes: notes, folder: folder, feeds: feeds)
        )
        return .done("\(manifest.artifacts.count) artifacts")
      }
    )
  }
}
