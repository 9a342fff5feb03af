internal import Git
internal import Record
package import ReleaseModel

/// Builds a release's tag again and tries what it makes; nothing is published or recorded.
package struct ReleaseTrial: Sendable {
  private let situation: Situation
  private let folder: FilePath

  /// Makes a trial of the tag of `situation`; the build's log is `folder` with `.log`.
  package init(_ situation: Situation, folder: FilePath) {
    self.situation = situation
    self.folder = folder
  }

  /// Returns what was seen; throws what a candidate would fail with.
  ///
  /// Notarization is left out as a candidate's is. Feeds are too: the release is in the
  /// feeds already, and what offers it again proves nothing.
  package func run() async throws -> [String] {
    var situation = situation
    situation.settings.notarizeCommand = nil
    let toolbox = situation.toolbox
    if situation.settings.updateKey.map({ (try? toolbox.secret($0)) == nil }) == true {
      situation.settings.updateKey = nil
    }
    if (try? situation.minisignKey()) == nil { situation.settings.minisignKey = nil }
    // Feeds say which digests and signatures an artifact needs; the rehearsal goes without them.
    let yard = Shipyard(situation, folder: folder)
    for stage in yard.stages { try await yard.perform(stage) }
    situation.settings.feeds = []
    situation.settings.fixCheck = nil
    let artifacts = try yard.manifest()?.artifacts.filter { $0.delta == nil } ?? []
    return try yard.evidence(.build, artifacts)
      + (try await Rehearsal(situation, folder: folder).run().evidence)
  }
}
