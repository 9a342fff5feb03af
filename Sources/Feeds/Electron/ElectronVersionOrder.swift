/// How electron-updater 6.8 orders versions: node-semver 7.7, strict.
package enum ElectronVersionOrder {
  private static let safeIntegerMax = 9_007_199_254_740_991

  /// Returns −1, 0 or 1; build metadata does not count.
  ///
  /// Throws `VersionRefused`.
  package static func compare(_ a: String, _ b: String) throws -> Int {
    try parsed(a).order(try parsed(b))
  }

  /// A leading `v` and white space around are tolerated (`SemVer`'s constructor).
  static func parsed(_ text: String) throws -> SemanticVersion {
    let trimmed = trimmedSubstring(text)
    guard text.utf16.count <= 256,
      let version = SemanticVersion(trimmed.hasPrefix("v") ? trimmed.dropFirst() : trimmed),
      version.numbers.allSatisfy({ Int($0).map { $0 <= safeIntegerMax } ?? false })
    else { throw VersionRefused(text, "it is not MAJOR.MINOR.PATCH of semantic versioning") }
    return version
  }
}

func trimmedSubstring(_ text: String) -> Substring {
  var rest = Substring(text)
  while rest.first?.isWhitespace == true { rest.removeFirst() }
  while rest.last?.isWhitespace == true { rest.removeLast() }
  return rest
}
