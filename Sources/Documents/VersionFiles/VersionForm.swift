internal import ReleaseModel

/// Where the version stands in a file that is known by its name.
enum VersionForm {
  /// String values of JSON by their names from the top.
  case json([[String]])
  /// `name = "value"` in the sections of TOML and of INI files.
  case sections([String: Set<String>], isNumeric: Bool)
  /// `NAME = value` on any line.
  case assignments(Set<String>, isNumeric: Bool)
  /// The text of elements, or of the `<string>` behind a `<key>`.
  case elements([(name: String, isNumeric: Bool)])
  /// `project(name VERSION 1.2.3)`.
  case cmake
  /// The first line.
  case whole

  init?(_ path: String) {
    let name = VersionFile.split(path).name
    switch name {
    case "package.json": self = .json([["version"]])
    case "tauri.conf.json", "tauri.conf.json5":
      self = .json([["version"], ["package", "version"]])
    case "Cargo.toml":
      self = .sections(
        ["package": ["version"], "workspace.package": ["version"]],
        isNumeric: false
      )
    // PEP 440 has no form for `-hotfix1`.
    case "pyproject.toml":
      self = .sections(["project": ["version"], "tool.poetry": ["version"]], isNumeric: true)
    case "setup.cfg": self = .sections(["metadata": ["version"]], isNumeric: true)
    case "project.pbxproj": self = .assignments(["MARKETING_VERSION"], isNumeric: true)
    case "version.env":
      self = .assignments(["MARKETING_VERSION", "VERSION", "APP_VERSION"], isNumeric: false)
    case "CMakeLists.txt": self = .cmake
    case "pubspec.yaml", "Chart.yaml": self = .assignments(["version"], isNumeric: false)
    case "gradle.properties":
      self = .assignments(["version", "versionName", "VERSION_NAME"], isNumeric: false)
    case "build.gradle", "build.gradle.kts":
      self = .assignments(["versionName", "version"], isNumeric: false)
    case "mix.exs": self = .assignments(["version"], isNumeric: false)
    case "VERSION", "version.txt", "VERSION.txt", ".version": self = .whole
    default:
      if name.hasSuffix(".xcconfig") {
        self = .assignments(["MARKETING_VERSION"], isNumeric: true)
      } else if name.hasSuffix("Info.plist") {
        self = .elements([("CFBundleShortVersionString", true)])
      } else if name.hasSuffix(".csproj") || name.hasSuffix(".fsproj") || name.hasSuffix(".props") {
        self = .elements([
          ("Version", false), ("VersionPrefix", true), ("AssemblyVersion", true),
          ("FileVersion", true),
        ])
      } else {
        return nil
      }
    }
  }

  func spots(_ bytes: [UInt8]) -> [VersionFile.Spot] {
    switch self {
    case .json(let paths): JSONScan(bytes).spots(paths)
    case .sections(let sections, let isNumeric):
      Self.sectionSpots(bytes, sections).map { .init(range: $0, isNumeric: isNumeric) }
    case .assignments(let names, let isNumeric):
      Self.lines(bytes).compactMap { line in
        Self.assigned(bytes, line, names).map { .init(range: $0, isNumeric: isNumeric) }
      }
    case .elements(let elements):
      elements.flatMap { element in
        Self.elementSpots(bytes, element.name)
          .map { VersionFile.Spot(range: $0, isNumeric: element.isNumeric) }
      }.sorted { $0.range.lowerBound < $1.range.lowerBound }
    case .cmake: Self.cmakeSpots(bytes)
    case .whole: Self.version(bytes, from: Self.blanks(bytes, 0)).map { [.init(range: $0)] } ?? []
    }
  }

  /// The places where a text stands with any version in place of `{version}`, within one line.
  ///
  /// The text begins a word where it begins with one: `VERSION = {version}` is not in `MIN_VERSION = 2.0`.
  static func spots(_ bytes: [UInt8], around pattern: String) -> [VersionFile.Spot] {
    guard let mark = pattern.firstRange(of: "{version}") else { return [] }
    let before = Array(pattern[..<mark.lowerBound].utf8)
    let after = Array(pattern[mark.upperBound...].utf8)
    var found: [VersionFile.Spot] = []
    for line in lines(bytes) {
      var start = line.lowerBound
      while start + before.count <= line.upperBound {
        let isInWord =
          before.first.map(isWord) == true && start > line.lowerBound
          && isWord(bytes[start - 1])
        guard !isInWord, bytes[start..<(start + before.count)].elementsEqual(before),
          let range = version(bytes, from: start + before.count),
          bytes[range.upperBound...].starts(with: after)
        else {
          start += 1
          continue
        }
        found.append(.init(range: range))
        start = range.upperBound + 1
      }
    }
    return found
  }

  /// The versions of the project's own entries in a lock file.
  static func lockSpots(_ bytes: [UInt8], _ name: String, old: String) -> [VersionFile.Spot] {
    func isOld(_ range: Range<Int>) -> Bool {
      String(decoding: bytes[range], as: UTF8.self) == old
    }
    switch name {
    case "package-lock.json", "npm-shrinkwrap.json":
      return JSONScan(bytes).spots([["version"], ["packages", "", "version"]])
        .filter { isOld($0.range) }
    case "Cargo.lock", "uv.lock":
      // A table of the list is one package; those of a registry or of git say their source.
      var spots: [VersionFile.Spot] = []
      var own: Range<Int>?
      var isForeign = false
      for line in lines(bytes) + [bytes.count..<bytes.count] {
        let text = String(decoding: bytes[line], as: UTF8.self)
        if line.isEmpty || text.hasPrefix("[") {
          if let own, !isForeign, isOld(own) { spots.append(.init(range: own)) }
          (own, isForeign) = (nil, false)
        } else if let range = assigned(bytes, line, ["version"]) {
          own = range
        } else if text.hasPrefix("source = ") {
          isForeign = !["editable", "virtual", "directory"].contains { text.contains("{ \($0) = ") }
        }
      }
      return spots
    default: return []
    }
  }

  // MARK: bytes

  /// The lines without their ends.
  private static func lines(_ bytes: [UInt8]) -> [Range<Int>] {
    var lines: [Range<Int>] = []
    var start = 0
    for index in bytes.indices where bytes[index] == 0x0A {
      lines.append(start..<(index > start && bytes[index - 1] == 0x0D ? index - 1 : index))
      start = index + 1
    }
    if start < bytes.count { lines.append(start..<bytes.count) }
    return lines
  }

  private static func blanks(_ bytes: [UInt8], _ start: Int) -> Int {
    var index = start
    // A byte order mark counts as one.
    if bytes[min(index, bytes.count)...].starts(with: [0xEF, 0xBB, 0xBF]) { index += 3 }
    while index < bytes.count, bytes[index] == 0x20 || bytes[index] == 0x09 { index += 1 }
    return index
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"): true
    default: false
    }
  }

  /// The version that begins at a place: digits first, with or without a `v`, at least one dot in it.
  static func version(_ bytes: [UInt8], from start: Int) -> Range<Int>? {
    var index = start
    if index < bytes.count, bytes[index] == UInt8(ascii: "v") { index += 1 }
    guard index < bytes.count, (0x30...0x39).contains(bytes[index]) else { return nil }
    var end = index
    while end < bytes.count, end - start < 128,
      isWord(bytes[end]) || [0x2E, 0x2B, 0x2D].contains(bytes[end])
    { end += 1 }
    while end > index, !isWord(bytes[end - 1]) { end -= 1 }
    return bytes[index..<end].contains(0x2E) ? start..<end : nil
  }

  /// The version of `name = value`, where a line is one; `export`, quotes, `:` and blanks are taken.
  private static func assigned(
    _ bytes: [UInt8],
    _ line: Range<Int>,
    _ names: Set<String>
  ) -> Range<Int>? {
    var index = blanks(bytes, line.lowerBound)
    if bytes[index..<max(index, line.upperBound)].starts(with: Array("export ".utf8)) { index += 7 }
    let start = index
    while index < line.upperBound, isWord(bytes[index]) { index += 1 }
    guard names.contains(String(decoding: bytes[start..<index], as: UTF8.self)) else { return nil }
    index = blanks(bytes, index)
    guard index < line.upperBound, index > start else { return nil }
    if bytes[index] == UInt8(ascii: "=") || bytes[index] == UInt8(ascii: ":") {
      index = blanks(bytes, index + 1)
    }
    if index < line.upperBound, bytes[index] == 0x22 || bytes[index] == 0x27 { index += 1 }
    guard let range = version(bytes, from: index), range.upperBound <= line.upperBound else {
      return nil
    }
    return range
  }

  private static func sectionSpots(
    _ bytes: [UInt8],
    _ sections: [String: Set<String>]
  ) -> [Range<Int>] {
    var section = ""
    return lines(bytes).compactMap { line in
      let start = blanks(bytes, line.lowerBound)
      guard start < line.upperBound else { return nil }
      if bytes[start] == UInt8(ascii: "[") {
        section = String(
          decoding: bytes[start..<line.upperBound].prefix { $0 != 0x5D },
          as: UTF8.self
        )
        .filter { $0 != "[" && $0 != " " }
        return nil
      }
      guard let names = sections[section] else { return nil }
      return assigned(bytes, line, names)
    }
  }

  private static func elementSpots(_ bytes: [UInt8], _ name: String) -> [Range<Int>] {
    let key = Array("<key>\(name)</key>".utf8)
    let isKey = name.hasPrefix("CF")
    let open = isKey ? key : Array("<\(name)>".utf8)
    var found: [Range<Int>] = []
    var rest = bytes[...]
    while let start = rest.firstRange(of: open) {
      rest = rest[start.upperBound...]
      var index = rest.startIndex
      if isKey {
        while index < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[index]) { index += 1 }
        let string = Array("<string>".utf8)
        guard bytes[index...].starts(with: string) else { continue }
        index += string.count
      }
      guard let range = version(bytes, from: index), range.upperBound < bytes.count,
        bytes[range.upperBound] == UInt8(ascii: "<")
      else { continue }
      found.append(range)
    }
    return found
  }

  private static func cmakeSpots(_ bytes: [UInt8]) -> [VersionFile.Spot] {
    let text = bytes.map { (0x41...0x5A).contains($0) ? $0 + 0x20 : $0 }
    var rest = text[...]
    while let start = rest.firstRange(of: Array("project".utf8)) {
      rest = rest[start.upperBound...]
      let open = blanks(bytes, rest.startIndex)
      guard open < bytes.count, bytes[open] == UInt8(ascii: "("),
        let close = text[open...].firstIndex(of: UInt8(ascii: ")")),
        let word = text[open..<close].firstRange(of: Array("version".utf8))
      else { continue }
      var index = word.upperBound
      while index < close, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[index]) { index += 1 }
      if let range = version(bytes, from: index) { return [.init(range: range, isNumeric: true)] }
    }
    return []
  }
}

/// Finds string values of JSON, also with comments and names without quotes, and reads nothing else.
struct JSONScan {
  private static let depthMax = 256
  private let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The versions at these places, each named from the top.
  func spots(_ paths: [[String]]) -> [VersionFile.Spot] {
    var found: [VersionFile.Spot] = []
    var path: [String?] = []
    var name: String?
    var index = 0
    func skipComment() -> Bool {
      guard bytes[index] == UInt8(ascii: "/"), index + 1 < bytes.count else { return false }
      if bytes[index + 1] == UInt8(ascii: "/") {
        index = bytes[index...].firstIndex(of: 0x0A) ?? bytes.count
        return true
      }
      guard bytes[index + 1] == UInt8(ascii: "*") else { return false }
      index = bytes[(index + 2)...].firstRange(of: Array("*/".utf8))?.upperBound ?? bytes.count
      return true
    }
    while index < bytes.count {
      if skipComment() { continue }
      switch bytes[index] {
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        guard path.count < Self.depthMax else { return found }
        path.append(name)
        name = nil
        index += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        _ = path.popLast()
        name = nil
        index += 1
      case UInt8(ascii: ","):
        name = nil
        index += 1
      case 0x22, 0x27:
        let value = string(at: index)
        if isName(after: value.upperBound + 1) {
          name = String(decoding: bytes[value], as: UTF8.self)
        } else if let name, paths.contains(path.dropFirst().compactMap(\.self) + [name]),
          path.dropFirst().allSatisfy({ $0 != nil }), path.count > 0,
          let range = VersionForm.version(bytes, from: value.lowerBound), range == value
        {
          found.append(.init(range: range))
        }
        index = value.upperBound + 1
      case let byte where isLetter(byte):
        let start = index
        while index < bytes.count, isLetter(bytes[index]) { index += 1 }
        if isName(after: index) { name = String(decoding: bytes[start..<index], as: UTF8.self) }
      default: index += 1
      }
    }
    return found
  }

  private func isLetter(_ byte: UInt8) -> Bool {
    (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: "_")
  }

  private func isName(after index: Int) -> Bool {
    let rest = bytes[min(index, bytes.count)...]
    return rest.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } == UInt8(ascii: ":")
  }

  /// The content of the string whose quote is at a place.
  private func string(at start: Int) -> Range<Int> {
    var index = start + 1
    while index < bytes.count, bytes[index] != bytes[start] {
      index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
    }
    return (start + 1)..<max(start + 1, min(index, bytes.count))
  }
}
