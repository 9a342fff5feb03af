internal import Documents
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

  /// The components of a monorepo: tag prefixes that name a folder with a manifest.
  static func components(_ input: SurveyInput, _ files: SurveyFiles) -> [SurveyComponent] {
    var newest: [String: TagName] = [:]
    var names: [String] = []
    for tag in input.tags.prefix(5000).compactMap(TagName.init) where !tag.version.isPrerelease {
      guard !tag.component.isEmpty, newest[tag.component] == nil else { continue }
      newest[tag.component] = tag
      names.append(tag.component)
    }
    guard names.count > 1 else { return [] }
    let folders = manifestFolders(files)
    var taken: Set<String> = []
    let found = names.prefix(40).compactMap { name -> SurveyComponent? in
      guard let tag = newest[name], let folder = folder(of: name, tag.version, folders, files),
        taken.insert(folder).inserted
      else { return nil }
      let short = name.split(separator: "/").last.map(String.init) ?? name
      return SurveyComponent(name: short, folder: folder, tag: tag.prefix + "{version}")
    }
    return found.count > 1 ? Array(found.prefix(12)) : []
  }

  /// The folders that hold a manifest of their own, by their manifests.
  private static func manifestFolders(_ files: SurveyFiles) -> [(path: String, manifests: [String])]
  {
    let others: Set = [
      "go.mod", "Package.swift", "Makefile", "settings.gradle", "settings.gradle.kts",
    ]
    var folders: [String: [String]] = [:]
    for path in files.paths {
      let folder = parentFolder(path)
      guard !folder.isEmpty, folder.count(where: { $0 == "/" }) < 4 else { continue }
      guard VersionFile(path: path).isKnown || others.contains(fileName(path)) else { continue }
      folders[folder, default: []].append(path)
    }
    return folders.map { (path: $0.key, manifests: $0.value) }
      .sorted { ($0.path.count { $0 == "/" }, $0.path) < ($1.path.count { $0 == "/" }, $1.path) }
  }

  /// The folder that a tag's name means: of several, the one that says the tag's version.
  private static func folder(
    of name: String,
    _ version: VersionName,
    _ folders: [(path: String, manifests: [String])],
    _ files: SurveyFiles
  ) -> String? {
    let short = (name.split(separator: "/").last.map(String.init) ?? name).lowercased()
    let candidates = folders.filter { folder in
      let last = fileName(folder.path).lowercased()
      return folder.path == name || last == short || short.hasSuffix("-" + last)
    }
    let saying = candidates.prefix(12).first { folder in
      folder.manifests.contains { path in
        VersionFile(path: path).versions(in: files.text(path) ?? "").contains {
          VersionName(String($0.prefix { $0 != "+" })).numbers == version.numbers
        }
      }
    }
    return (saying ?? candidates.first)?.path
  }
}

/// A part of a monorepo that is released by itself.
package struct SurveyComponent: Sendable, Hashable {
  package let name: String
  package let folder: String
  package let tag: String
}
