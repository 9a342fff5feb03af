internal import Feeds
package import ReleaseModel

/// A version that an installed file says of itself.
package struct CarriedVersion: Sendable, Hashable {
  /// The kind of file that says it; the raw value is what people are shown.
  package enum Source: String, Sendable, Hashable {
    /// `CFBundleShortVersionString` of an app for macOS.
    case infoPlist = "Info.plist"
    /// `version` of a `package.json` that lies open.
    case packageJSON = "package.json"
    /// `version` of the `package.json` in an Electron archive.
    case asar = "app.asar"
    /// `ProductVersion` of a program for Windows.
    case executable = "version resource"
  }

  /// The file, relative to the installed folder.
  package let path: String
  /// The kind of file.
  package let source: Source
  /// The version as the file has it: 1 to 128 printable ASCII characters, without blanks around.
  package let version: String

  /// Makes a value of its parts, which are not checked.
  package init(path: String, source: Source, version: String) {
    self.path = path
    self.source = source
    self.version = version
  }

  /// Returns whether the file means this version.
  ///
  /// A leading `v` and build metadata (`+…`) are left out on both sides. Texts that are equal then
  /// mean the same, and so do equal dotted numbers, where missing ones are 0 (`1.0.1.0`, `1.0`).
  /// A bundle and a version resource have no room for `-hotfix1`, so theirs are compared with the
  /// version's numbers alone. A `package.json` has room, and updaters read it: there the suffix may
  /// not be missing.
  package func means(_ version: VersionName) -> Bool {
    let wanted = Self.bare(version.text)
    let hasRoom = source == .packageJSON || source == .asar
    // Resource compilers' examples have "1, 0, 1, 0".
    let own =
      source == .executable
      ? Self.bare(self.version).replacing(" ", with: "").replacing(",", with: ".")
      : Self.bare(self.version)
    if own == wanted { return true }
    guard Self.isDotted(own), !hasRoom || Self.isDotted(wanted),
      let a = VersionName(own).numbers, let b = VersionName(wanted).numbers
    else { return false }
    return (0..<max(a.count, b.count)).allSatisfy {
      ($0 < a.count ? a[$0] : 0) == ($0 < b.count ? b[$0] : 0)
    }
  }

  private static func bare(_ text: String) -> String {
    let text = text.prefix { $0 != "+" }
    let isMarked = text.first == "v" || text.first == "V"
    return String(isMarked ? text.dropFirst() : text)
  }

  private static func isDotted(_ text: String) -> Bool {
    text.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
  }
}

extension CarriedVersion {
  /// Returns every version that is found in an installed folder, in the order of the search.
  ///
  /// The search knows these places:
  ///
  /// - App bundles at most two levels down, and the folder itself when it is one: their `Info.plist`,
  ///   `Resources/app.asar` and `Resources/app/package.json`. Nothing deeper in a bundle counts, so
  ///   frameworks and helper apps do not.
  /// - `Info.plist` at the top.
  /// - `resources/app.asar` and `resources/app/package.json` of the folder and of those at most two
  ///   levels down.
  /// - Programs for Windows (`*.exe`) in the same folders, but only those of the highest level at
  ///   which one has a version: deeper ones are tools that the app brings. Programs whose names say
  ///   that they are helpers (see `isHelper`) do not count. Of several others, all are returned.
  ///
  /// A file that is malformed or over its reader's limit says nothing. Symbolic links are followed
  /// only inside the folder, each file counts once, and names with control characters are skipped.
  /// At most `namesMax` names are looked at, and `versionsMax` versions returned. Throws what `files`
  /// throws.
  package static func find(in folder: FilePath, files: Files) throws -> [CarriedVersion] {
    guard let root = files.resolve(folder) else { return [] }
    var search = CarriedVersionSearch(folder: folder, root: root, files: files)
    try search.run()
    return search.found
  }

  /// The most names in folders that a search looks at.
  package static let namesMax = 20_000
  /// The most versions that a search returns.
  package static let versionsMax = 100

  /// Returns whether a program's name says that it is not the app.
  ///
  /// Such are updaters and Squirrel's programs, what installs and removes (`unins000.exe`),
  /// Electron's and .NET's companions (`elevate.exe`, `createdump.exe`), and crash handlers.
  package static func isHelper(_ name: String) -> Bool {
    let name = name.lowercased()
    return [
      "update", "squirrel", "install", "unins", "setup", "redist", "elevate", "helper", "crash",
      "createdump", "webengineprocess",
    ].contains { name.contains($0) }
  }
}

/// A search through an installed folder.
private struct CarriedVersionSearch {
  let folder: FilePath
  /// The folder without symbolic links.
  let root: FilePath
  let files: Files
  var found: [CarriedVersion] = []
  /// The files and folders that were looked at, without symbolic links.
  private var seen: Set<FilePath>
  private var namesLeft = CarriedVersion.namesMax

  init(folder: FilePath, root: FilePath, files: Files) {
    self.folder = folder
    self.root = root
    self.files = files
    seen = [root]
  }

  mutating func run() throws {
    try plist("Info.plist")
    try bundle("")
    var level = [""]
    var hasProgram = false
    for depth in 0...2 {
      var below: [String] = []
      var programs: [String] = []
      for home in level {
        try electron(home, "resources")
        for name in try names(home) {
          let path = joined(home, name)
          if isNamed(name, ".app") {
            if depth < 2 { try bundle(path) }
          } else if isNamed(name, ".exe") {
            if !CarriedVersion.isHelper(name) { programs.append(path) }
          } else if depth < 2, mayBeHome(name) {
            below.append(path)
          }
        }
      }
      if !hasProgram {
        let before = found.count
        for path in programs { try program(path) }
        hasProgram = found.count > before
      }
      level = below.filter { enter($0) }
    }
  }

  private mutating func names(_ home: String) throws -> [String] {
    let names = try files.list(path(home)).prefix(namesLeft)
    namesLeft -= names.count
    return names.filter { name in
      name.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    }
  }

  private func isNamed(_ name: String, _ ending: String) -> Bool {
    name.count > ending.count && name.lowercased().hasSuffix(ending)
  }

  /// The contents of bundles and of an app's resources have places of their own.
  private func mayBeHome(_ name: String) -> Bool {
    !name.hasPrefix(".") && !isNamed(name, ".framework") && !isNamed(name, ".unpacked")
      && !["Contents", "resources", "node_modules"].contains(name)
  }

  private mutating func bundle(_ bundle: String) throws {
    try plist(joined(bundle, "Contents/Info.plist"))
    try electron(joined(bundle, "Contents"), "Resources")
  }

  private mutating func electron(_ home: String, _ resources: String) throws {
    let inside = joined(home, resources)
    try look(joined(inside, "app.asar"), .asar) { read in
      try AsarArchive.packageJSON(read: read).flatMap(Self.version(ofPackage:))
    }
    try look(joined(inside, "app/package.json"), .packageJSON) { read in
      try Self.whole(AsarArchive.fileBytesMax, read).flatMap(Self.version(ofPackage:))
    }
  }

  private mutating func plist(_ path: String) throws {
    try look(path, .infoPlist) { read in
      try Self.whole(InfoPlist.bytesMax, read).flatMap {
        InfoPlist.text("CFBundleShortVersionString", in: $0)
      }
    }
  }

  private mutating func program(_ path: String) throws {
    try look(path, .executable) { read in
      let version = try PortableExecutable.version(read: read)
      return version?.productVersion.flatMap(Self.sane) ?? version?.fixedProductVersion
    }
  }

  private mutating func look(
    _ relative: String,
    _ source: CarriedVersion.Source,
    _ version: ((Range<Int>) throws -> [UInt8]?) throws -> String?
  ) throws {
    guard found.count < CarriedVersion.versionsMax, enter(relative) else { return }
    let path = path(relative)
    let readRange = files.readRange
    guard let text = try version({ try readRange(path, $0) }).flatMap(Self.sane) else { return }
    found.append(CarriedVersion(path: relative, source: source, version: text))
  }

  /// Returns whether a file or folder is inside and new.
  private mutating func enter(_ relative: String) -> Bool {
    guard let real = files.resolve(path(relative)), real.starts(with: root) else { return false }
    return seen.insert(real).inserted
  }

  private func path(_ relative: String) -> FilePath {
    relative.isEmpty ? folder : folder.pushing(FilePath(relative))
  }

  private func joined(_ home: String, _ name: String) -> String {
    home.isEmpty ? name : home + "/" + name
  }

  private static func whole(
    _ bytesMax: Int,
    _ read: (Range<Int>) throws -> [UInt8]?
  ) throws -> [UInt8]? {
    try read(0..<bytesMax + 1).flatMap { $0.count <= bytesMax ? $0 : nil }
  }

  private static func version(ofPackage bytes: [UInt8]) -> String? {
    // Node takes a byte-order mark, and the reader does not.
    let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
    return (try? JSONReader.document(text))?["version"]?.text
  }

  /// Returns a version without the blanks around it; nil when it cannot be shown as it is.
  private static func sane(_ text: String) -> String? {
    let bytes = Array(text.utf8)
    guard let first = bytes.firstIndex(where: { $0 != 0x20 }),
      let last = bytes.lastIndex(where: { $0 != 0x20 }), last - first < 128,
      bytes[first...last].allSatisfy({ (0x20...0x7E).contains($0) })
    else { return nil }
    return String(decoding: bytes[first...last], as: UTF8.self)
  }
}
