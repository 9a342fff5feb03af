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
    let heading = "# \(OutsideText(situation.opened.app).markdown) \(situation.version)\n\n"
    guard situation.refs.fix != nil else { return heading }
    return heading + (try await section() ?? OutsideText(situation.opened.title).markdown) + "\n"
  }

  /// Returns what notes lack that people may have edited, or nil when they name this fix.
  func lacking(in notes: String) async throws -> String? {
    FixNotes(
      version: situation.version,
      title: situation.opened.title,
      subject: try await FixSummary(situation).line,
      section: try await section()
    ).lacking(in: notes)
  }

  /// The version's section of the changelog as at the fix's commit.
  private func section() async throws -> String? {
    guard let fix = situation.refs.fix, let path = situation.settings.changelog,
      let bytes = try await situation.git.file(path, at: fix),
      let section = Changelog(bytes).section(situation.version)
    else { return nil }
    return section.isEmpty ? nil : Changelog.markdown(section, of: path)
  }
}
