internal import ReleaseModel

extension ElectronFeed: FeedFormat {
  package static var namesOneVersion: Bool { true }
  package var content: [UInt8] { bytes }

  package var entries: [FeedEntry] {
    files.map { file in
      var entry = FeedEntry(version: version ?? "", place: file.place)
      entry.url = file.url
      entry.size = file.size
      entry.sha512 = file.sha512
      return entry
    }
  }

  package static func new(_ release: FeedRelease, title: String, link: String) throws -> [UInt8] {
    let first = release.files.first
    return Array(
      ("version: \(yamlQuoted(release.version))\n"
        + fileLines(release.files, indent: "  ").joined(separator: "\n") + "\n"
        + "path: \(yamlQuoted(first?.url ?? ""))\nsha512: \(first?.sha512 ?? "")\n"
        + "releaseDate: '\(date(release))'\n").utf8
    )
  }

  private static func date(_ release: FeedRelease) -> String {
    "\(release.date.iso.dropLast()).000Z"
  }

  private static func fileLines(_ files: [FeedFile], indent: String) -> [String] {
    ["files:"]
      + files.flatMap { file in
        [
          "\(indent)- url: \(yamlQuoted(file.url))", "\(indent)  sha512: \(file.sha512)",
          "\(indent)  size: \(file.size)",
        ]
      }
  }

  /// Names the new version in the place of the old one; comments and unknown keys stay.
  ///
  /// Release notes and a staging percentage speak of the old version, so they go.
  package func adding(_ release: FeedRelease) throws -> [UInt8] {
    guard release.files.allSatisfy({ !$0.sha512.isEmpty }), let first = release.files.first else {
      throw Problem(
        "feed.no-digest",
        "A file of \(release.name) has no SHA-512 digest.",
        next: ["hotfix feed add FEED FILE …     computes it"]
      )
    }
    var lines = try YAMLLines(bytes)
    let indent = lines.listIndent(of: "files") ?? "  "
    lines.resume("stagingPercentage", as: "0")
    try lines.setScalar("version", yamlQuoted(release.version))
    try lines.setBlock("files", Self.fileLines(release.files, indent: indent))
    if lines.has("path") { try lines.setScalar("path", yamlQuoted(first.url)) }
    if lines.has("sha512") { try lines.setScalar("sha512", first.sha512) }
    try lines.setScalar("releaseDate", "'\(Self.date(release))'")
    for key in ["releaseNotes", "releaseName", "stagingPercentage"] { lines.remove(key) }
    let file = try checked(lines, version: release.version)
    guard try ElectronFeed(file).files.map(\.url) == release.files.map(\.url) else {
      throw YAMLLines.unfit("the edited file does not name the files that it should")
    }
    return file
  }

  package func withdrawing(_ version: String, restoring last: FeedRelease?) throws -> [UInt8] {
    try require(version)
    guard let last else {
      throw Problem(
        "feed.single-version",
        "A channel file names one version, so taking \(version) out leaves nothing.",
        why:
          "Users who have \(version) already stay on it in any case: electron-updater does not go "
          + "down.",
        next: [
          "hotfix feed add FEED OLD-FILE --version OLD …     names the last good version again"
        ]
      )
    }
    return try adding(last)
  }

  package func changing(_ change: FeedChange, of version: String) throws -> [UInt8] {
    try require(version)
    var lines = try YAMLLines(bytes)
    let percentage: Int
    switch change {
    case .stagePercent(let percent): percentage = percent
    case .halt:
      try lines.halt("stagingPercentage", as: "0")
      return try checked(lines, version: version, percentage: 0)
    case .resume:
      lines.resume("stagingPercentage", as: "0")
      return try checked(lines, version: version)
    case .stageInterval:
      throw FeedKind.noMechanism(
        "spread in groups",
        .electron,
        "hotfix feed stage FEED --version \(OutsideText(version).word) --percent 25"
      )
    case .critical:
      throw FeedKind.noMechanism(
        "mark an update critical",
        .electron,
        "Tell users by another way; the app itself may read a key of its own from the file."
      )
    }
    try lines.setScalar("stagingPercentage", "\(percentage)")
    return try checked(lines, version: version, percentage: percentage)
  }

  /// Reads the edited file back: an edit by lines must never change what it does not mean to.
  private func checked(_ lines: YAMLLines, version: String, percentage: Int? = nil) throws
    -> [UInt8]
  {
    let edited = lines.bytes
    let read = try ElectronFeed(edited)
    guard read.version == version,
      percentage == nil || read.stagingPercentage == percentage
    else {
      throw YAMLLines.unfit("the edited file does not say what it should")
    }
    return edited
  }
}

private let plainForm = Pattern(/[A-Za-z0-9][A-Za-z0-9._+\/:@%~-]*/)

/// Returns a text as a YAML scalar, plain where that is read as the same text.
func yamlQuoted(_ text: String) -> String {
  let isPlain =
    plainForm.matches(text) && !text.contains(": ")
    && !text.hasSuffix(":")
  if isPlain, let read = try? YAMLText.document(Array("k: \(text)".utf8)), read["k"]?.text == text {
    return text
  }
  return "'" + escapingScalars(of: text) { $0 == "'" ? "''" : nil } + "'"
}

/// A YAML file in block style as lines, for edits of its top-level keys.
struct YAMLLines {
  private var lines: [String]

  /// Throws `feed.form` for a file in flow style, which has no lines to edit.
  init(_ bytes: [UInt8]) throws {
    let text = String(decoding: bytes, as: UTF8.self)
    guard !text.drop(while: \.isWhitespace).hasPrefix("{") else {
      throw Self.unfit("it is written in flow style, as JSON")
    }
    // By bytes: to Swift, "\r\n" is one character.
    lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
  }

  static func unfit(_ why: String) -> Problem {
    Problem(
      "feed.form",
      "The file cannot be edited without touching other bytes.",
      why: "\(why).",
      next: ["Write it anew:  hotfix feed add --new FEED FILE …"]
    )
  }

  var bytes: [UInt8] { Array(lines.joined(separator: "\n").utf8) }

  private func start(of key: String) -> Int? {
    lines.firstIndex { line in
      guard line.hasPrefix(key) else { return false }
      let rest = line.dropFirst(key.count)
      return rest == ":" || rest.hasPrefix(": ") || rest.hasPrefix(":\r")
    }
  }

  func has(_ key: String) -> Bool { start(of: key) != nil }

  /// The lines that belong to a key: up to the next key at the left edge, without what only
  /// introduces that one.
  private func block(of key: String) -> Range<Int>? {
    guard let start = start(of: key) else { return nil }
    var end = start + 1
    while end < lines.count, !isKey(lines[end]) { end += 1 }
    while end > start + 1, isIntroduction(lines[end - 1]) { end -= 1 }
    return start..<end
  }

  private func isKey(_ line: String) -> Bool {
    guard let first = line.first else { return false }
    return !first.isWhitespace && first != "#" && first != "-"
      || line.hasPrefix("---") || line.hasPrefix("...")
  }

  private func isIntroduction(_ line: String) -> Bool {
    line.allSatisfy(\.isWhitespace) || line.hasPrefix("#")
  }

  func listIndent(of key: String) -> String? {
    block(of: key).flatMap { range in
      lines[range].first { $0.drop(while: \.isWhitespace).hasPrefix("-") }
        .map { String($0.prefix(while: \.isWhitespace)) }
    }
  }

  /// Replaces a one-line value and keeps the comment behind it; appends the key where it is missing.
  mutating func setScalar(_ key: String, _ value: String) throws {
    guard let range = block(of: key) else { return append("\(key): \(value)") }
    let line = lines[range.lowerBound]
    let pattern =
      /(?<key>[^:]+:\s*)(?<value>"(\\.|[^"\\])*"|'([^']|'')*'|[^#\r]*?)(?<rest>(\s+#.*|\s*))/
    guard let match = line.wholeMatch(of: pattern) else {
      throw Self.unfit("the value of \(key) is not understood")
    }
    let space = match.key.hasSuffix(":") ? " " : ""
    // A value over several lines is replaced whole.
    lines.replaceSubrange(range, with: ["\(match.key)\(space)\(value)\(match.rest)"])
  }

  /// Adds a line at the end, with the line ending that the file has.
  private mutating func append(_ line: String) {
    let ending = lines.first?.hasSuffix("\r") == true ? "\r" : ""
    if lines.last?.isEmpty == true {
      lines.insert(line + ending, at: lines.count - 1)
    } else {
      lines.append(line)
    }
  }

  private static let mark = " # halted by hotfix"

  /// Sets a value and keeps the whole line that stood there in the comment behind it.
  mutating func halt(_ key: String, as value: String) throws {
    guard let range = block(of: key) else { return append("\(key): \(value)\(Self.mark)") }
    let line = lines[range.lowerBound]
    guard range.count == 1, !line.contains(Self.mark) else { return }
    let ending = line.hasSuffix("\r") ? "\r" : ""
    let old = ending.isEmpty ? line : String(line.dropLast())
    lines[range.lowerBound] = "\(key): \(value)\(Self.mark), was: \(old)\(ending)"
  }

  /// Puts back the line that was halted; takes the key out where there was none.
  mutating func resume(_ key: String, as value: String) {
    guard let range = block(of: key) else { return }
    let line = lines[range.lowerBound]
    let front = "\(key): \(value)\(Self.mark), was: "
    if line.hasPrefix(front) {
      lines[range.lowerBound] = String(line.dropFirst(front.count))
    } else {
      lines.removeSubrange(range)
    }
  }

  mutating func setBlock(_ key: String, _ block: [String]) throws {
    if let range = self.block(of: key) {
      lines.replaceSubrange(range, with: block)
    } else {
      let version = self.block(of: "version")?.upperBound ?? 0
      lines.insert(contentsOf: block, at: version)
    }
  }

  mutating func remove(_ key: String) {
    if let range = block(of: key) { lines.removeSubrange(range) }
  }
}
