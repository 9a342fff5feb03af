// Files that carry the version of what is released.
//
// 1. A file is known by its name; what nobody knows is named with the text around the version.
// 2. Only the version's own bytes are changed, so that comments, line ends and order stay.
// 3. Formats that take numbers alone get the numbers of the version.
// 4. A lock file goes with its manifest: it repeats the manifest's version.

package import ReleaseModel

/// An entry of `version.files`: a known manifest, or any file with the text around the version.
package struct VersionFile: Sendable, Hashable {
  /// The file's path in the repository.
  package let path: String
  /// The text around `{version}`, for files that are not known by their names.
  package let pattern: String?

  /// Reads an entry, `path` or `path: text with {version}`; nil where it is neither.
  package init?(_ entry: String) {
    let parts = entry.split(separator: ": ", maxSplits: 1).map(String.init)
    guard let first = parts.first, !first.isEmpty, !first.contains("{version}") else { return nil }
    path = first
    pattern = parts.count == 2 ? parts[1] : nil
    if let pattern {
      guard pattern.firstRange(of: "{version}") != nil, pattern != "{version}" else { return nil }
    }
  }

  /// The entry as `version.files` has it.
  package var entry: String { pattern.map { "\(path): \($0)" } ?? path }

  /// A known manifest.
  package init(path: String) {
    self.path = path
    pattern = nil
  }

  /// A place of the file where a version stands, in bytes.
  struct Spot: Hashable {
    let range: Range<Int>
    /// Whether the format takes dotted numbers alone.
    var isNumeric = false
  }

  /// Whether the file is known by its name, or has a text of its own.
  package var isKnown: Bool { pattern != nil || VersionForm(path) != nil }

  /// Returns the versions that the file says, each once, in their order; empty where it says none.
  package func versions(in text: String) -> [String] {
    let bytes = Array(text.utf8)
    var found: [String] = []
    for spot in spots(bytes) {
      let version = String(decoding: bytes[spot.range], as: UTF8.self)
      if !found.contains(version) { found.append(version) }
    }
    return found
  }

  /// Returns what the file says that is not this version; empty where all of it is.
  package func otherVersions(in text: String, than version: VersionName) -> [String] {
    let bytes = Array(text.utf8)
    return spots(bytes).compactMap { spot in
      let own = String(decoding: bytes[spot.range], as: UTF8.self)
      return own == Self.spelled(version, like: own, isNumeric: spot.isNumeric) ? nil : own
    }
  }

  /// Returns the text with this version; nil where it says no version.
  package func rewritten(_ text: String, to version: VersionName) -> String? {
    var bytes = Array(text.utf8)
    let spots = spots(bytes)
    guard !spots.isEmpty else { return nil }
    for spot in spots.reversed() {
      let own = String(decoding: bytes[spot.range], as: UTF8.self)
      let new = Self.spelled(version, like: own, isNumeric: spot.isNumeric)
      bytes.replaceSubrange(spot.range, with: Array(new.utf8))
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Returns the lock files that repeat a manifest's version, from the nearest folder up.
  package var lockPaths: [String] {
    guard pattern == nil else { return [] }
    let (folder, name) = Self.split(path)
    switch name {
    case "package.json":
      return [folder + "package-lock.json", folder + "npm-shrinkwrap.json"]
    case "Cargo.toml": return Self.folders(above: folder).map { $0 + "Cargo.lock" }
    case "pyproject.toml": return Self.folders(above: folder).map { $0 + "uv.lock" }
    default: return []
    }
  }

  /// Returns a lock file with the new version in the entries of the project itself.
  ///
  /// An entry is the project's own where it says the old version and no place that it came from.
  package static func relocked(
    _ text: String,
    _ path: String,
    from old: String,
    to version: VersionName
  ) -> String? {
    var bytes = Array(text.utf8)
    let spots = VersionForm.lockSpots(bytes, split(path).name, old: old)
    guard !spots.isEmpty else { return nil }
    for spot in spots.reversed() {
      bytes.replaceSubrange(spot.range, with: Array(version.text.utf8))
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func spots(_ bytes: [UInt8]) -> [Spot] {
    if let pattern { return VersionForm.spots(bytes, around: pattern) }
    return VersionForm(path)?.spots(bytes) ?? []
  }

  /// The version as a file has room for it.
  private static func spelled(
    _ version: VersionName,
    like own: String,
    isNumeric: Bool
  ) -> String {
    let isMarked = own.first == "v"
    // A build number behind `+` is another command's.
    let build = own.firstIndex(of: "+").map { String(own[$0...]) } ?? ""
    guard isNumeric else {
      let kept = version.text.contains("+") ? "" : build
      return (isMarked ? "v" : "") + version.text + kept
    }
    let numbers = version.text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
      .split(separator: ".")
    let count = own.split(separator: ".").count
    let padding = [Substring](repeating: "0", count: max(0, count - numbers.count))
    return (numbers + padding).joined(separator: ".")
  }

  static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return ("", path) }
    return (String(path[...slash]), String(path[path.index(after: slash)...]))
  }

  private static func folders(above folder: String) -> [String] {
    var folders = [folder]
    while let here = folders.last, !here.isEmpty {
      folders.append(split(String(here.dropLast())).folder)
    }
    return folders
  }
}
