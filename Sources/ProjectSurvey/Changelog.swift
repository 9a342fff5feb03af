internal import ReleaseModel

extension Survey {
  /// The changelog's file, with its form in words.
  static func changelog(_ files: SurveyFiles) -> Finding? {
    let names = ["changelog", "changes", "news", "history", "releases", "release-notes"]
    let ends: Set = ["", "md", "markdown", "rst", "txt", "adoc"]
    let folders: Set = ["", "docs", "doc", ".github"]
    let found = files.paths.compactMap { path -> (rank: Int, path: String)? in
      let name = fileName(path).lowercased()
      let stem = name.prefix { $0 != "." }
      guard folders.contains(parentFolder(path)), let rank = names.firstIndex(of: String(stem)),
        ends.contains(String(name.dropFirst(stem.count).drop { $0 == "." }))
      else { return nil }
      return (rank, path)
    }.min { ($0.rank, $0.path.count, $0.path) < ($1.rank, $1.path.count, $1.path) }
    guard let found else { return nil }
    return Finding(found.path, form(files.text(found.path) ?? ""))
  }

  private static func form(_ text: String) -> String {
    if text.contains("keepachangelog.com") || text.contains("## [Unreleased]") {
      return "Keep a Changelog"
    }
    let heading = text.lines().prefix(200).first { line in
      line.count < 120 && TagName(trimmed(line.drop { "#=*[ ".contains($0) })) != nil
    }
    return heading.map {
      let example = OutsideText(String($0.prefix(60))).line + ($0.count > 60 ? "…" : "")
      return "sections like `\(example)`"
    }
      ?? "no section of a version found"
  }
}
