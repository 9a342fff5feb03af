internal import ReleaseModel

/// A line of the sources that says the newest release's version, where no manifest does.
struct SourceVersion {
  let path: String
  /// The entry of `version.files`: the path, with the text around the version.
  let entry: String

  init?(_ files: SurveyFiles, _ released: String, project: String) {
    let own = [".c", ".h", ".py", ".go"].map { project.lowercased() + $0 }
    let names: Set = Set(own).union([
      "makefile", "gnumakefile", "__init__.py", "__about__.py", "_version.py", "__version__.py",
      "setup.py", "main.go", "configure.ac", "meson.build", "config.mk",
    ])
    let found = files.paths.lazy.filter { path in
      let name = fileName(path).lowercased()
      return path.count { $0 == "/" } < 3
        && (names.contains(name) || ["version.", "version_"].contains { name.hasPrefix($0) })
    }.prefix(60).compactMap { path in
      Self.line(files.text(path) ?? "", released).map { (path, $0) }
    }.first
    guard let found else { return nil }
    (path, entry) = (found.0, "\(found.0): \(found.1)")
  }

  /// Returns the first line that says the version, with `{version}` in its place.
  private static func line(_ text: String, _ released: String) -> String? {
    text.lines().prefix(5000).lazy.compactMap { line -> String? in
      guard line.utf8.count < 120, line.lowercased().contains("version"),
        line.firstRange(of: "{version}") == nil
      else { return nil }
      let line = trimmed(line)
      let places = line.ranges(of: released).filter { place in
        !isPart(line[..<place.lowerBound].last) && !isPart(line[place.upperBound...].first)
      }
      guard let place = places.first, places.count == 1, line != released,
        !line.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
      else { return nil }
      return line[..<place.lowerBound] + "{version}" + line[place.upperBound...]
    }.first
  }

  /// Whether a character beside a version makes it another one, as in 15.30.
  private static func isPart(_ character: Character?) -> Bool {
    guard let character else { return false }
    return character.isLetter && character != "v" || character.isNumber || ".-+".contains(character)
  }
}
