internal import Record
internal import Documents
internal import Git
internal import ReleaseModel

/// The notes of a release: its section of the changelog, else what its tag says.
struct ReleaseNotes: Sendable {
  private let situation: Situation

  init(_ situation: Situation) {
    self.situation = situation
  }

  func text() async throws -> String {
    let heading = "# \(situation.opened.app) \(situation.version)\n\n"
    guard let fix = situation.refs.fix else { return heading }
    let bytes = try await situation.git.file(situation.settings.changelog, at: fix)
    if let bytes,
      let section = Changelog(String(decoding: bytes, as: UTF8.self)).section(situation.version)
    {
      return heading + section + "\n"
    }
    return heading + situation.opened.title + "\n"
  }
}
