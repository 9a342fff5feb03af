package import ReleaseModel

/// What the notes of a hotfix have to name, however people edit them.
package struct FixNotes: Sendable, Hashable {
  package let version: VersionName
  /// The run's title.
  package let title: String
  /// The subject of the fix's first commit.
  package let subject: String
  /// The version's section of the changelog as released; nil where there is none.
  package let section: String?

  package init(version: VersionName, title: String, subject: String, section: String?) {
    self.version = version
    self.title = title
    self.subject = subject
    self.section = section
  }

  /// Returns what the notes lack, or nil when they name the version and this fix.
  ///
  /// Line breaks, spaces and case do not count.
  package func lacking(in notes: String) -> String? {
    let notes = flat(notes)
    func holds(_ text: String?) -> Bool {
      let text = flat(text ?? "")
      return !text.isEmpty && notes.contains(text)
    }
    guard notes.contains(flat(version.text)) else { return "they do not name \(version)" }
    let texts = [section, title, subject, OutsideText(title).markdown]
    if texts.contains(where: holds) { return nil }
    return "they name another fix: neither the section [\(version)] of the changelog, nor "
      + "\"\(title)\", nor \"\(subject)\" is in them"
  }
}

private func flat(_ text: String) -> String {
  text.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
}
