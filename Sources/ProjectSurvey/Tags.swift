internal import ReleaseModel

/// A tag's name as what stands before its version, the version, and what stands after.
struct TagName: Hashable {
  let prefix: String
  let version: VersionName

  init?(_ name: String) {
    // A digit inside a word, as in lz4-1.2.0 or v2ray-1.0, begins no version.
    var before: Character = "-"
    var index = name.startIndex
    while index < name.endIndex {
      let rest = name[index...]
      let front = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
      let isStart = !before.isNumber && (!before.isLetter || Self.isV(name[..<index]))
      if isStart, front.contains("."), front.first != ".", VersionName(String(rest)).numbers != nil
      {
        prefix = String(name[..<index])
        version = VersionName(String(rest))
        return
      }
      before = name[index]
      index = name.index(after: index)
    }
    return nil
  }

  /// Whether a text ends in a `v` that is a word of its own.
  private static func isV(_ text: Substring) -> Bool {
    guard let last = text.last, "vV".contains(last) else { return false }
    return text.dropLast().last?.isLetter != true
  }

  /// The component that the tag names, or empty: photos of photos-v1.2.3.
  var component: String {
    var name = prefix[...]
    if let last = name.last, "vV".contains(last) { name = name.dropLast() }
    while let last = name.last, "-_/@.".contains(last) { name = name.dropLast() }
    return String(name)
  }
}

extension Survey {
  /// The form of the releases' tags.
  static func form(_ input: SurveyInput) -> Finding {
    let newest = input.tags.prefix(5000).compactMap(TagName.init).filter {
      !$0.version.isPrerelease
    }.prefix(30)
    guard let first = newest.first else {
      return Finding("v{version}", "no release tag", guess: "there is no release tag yet")
    }
    let counts = Dictionary(newest.map { ($0.prefix, 1) }, uniquingKeysWith: +)
    // The newest wins where forms are as frequent: projects change theirs.
    let prefix =
      counts.filter { $0.value * 3 >= newest.count }.keys.contains(first.prefix)
      ? first.prefix
      : counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? first.prefix
    let example = newest.first { $0.prefix == prefix }?.version.text ?? ""
    return Finding(prefix + "{version}", "the newest release tag is \(prefix)\(example)")
  }

  /// The components of a monorepo: tag prefixes that name a folder.
  static func components(_ input: SurveyInput, _ files: SurveyFiles) -> [SurveyComponent] {
    var prefixes: [String: String] = [:]
    var names: [String] = []
    for tag in input.tags.prefix(5000).compactMap(TagName.init) where !tag.version.isPrerelease {
      guard !tag.component.isEmpty, prefixes[tag.component] == nil else { continue }
      prefixes[tag.component] = tag.prefix
      names.append(tag.component)
    }
    var folders: [String: String] = [:]
    for path in files.paths {
      var folder = ""
      for part in path.split(separator: "/").dropLast().prefix(4) {
        folder = joined(folder, String(part))
        let key = part.lowercased()
        if (folders[key]?.count ?? .max) > folder.count { folders[key] = folder }
      }
    }
    let found = names.prefix(40).compactMap { name -> SurveyComponent? in
      let short = name.split(separator: "/").last.map { $0.lowercased() } ?? name
      let folder = files.paths.contains { $0.hasPrefix(name + "/") } ? name : folders[short]
      guard let folder, let prefix = prefixes[name] else { return nil }
      return SurveyComponent(name: short, folder: folder, tag: prefix + "{version}")
    }
    return found.count > 1 ? found : []
  }
}

/// A part of a monorepo that is released by itself.
package struct SurveyComponent: Sendable, Hashable {
  package let name: String
  package let folder: String
  package let tag: String
}
