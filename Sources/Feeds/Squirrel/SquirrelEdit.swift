internal import ReleaseModel

extension SquirrelWindowsFeed: FeedFormat {
  package var content: [UInt8] { bytes }

  package var entries: [FeedEntry] {
    let places = LineIndex(bytes)
    return lines.map { line in
      let version = (try? SquirrelVersionOrder.windows(fileName: line.fileName))?.text
      var entry = FeedEntry(
        version: version ?? line.fileName,
        place: places.place(of: line.range.lowerBound)
      )
      entry.url = line.file
      entry.size = line.size
      entry.isDelta = line.isDelta
      entry.sha1 = line.sha1.lowercased()
      return entry
    }
  }

  package static func new(_ release: FeedRelease, title: String, link: String) throws -> [UInt8] {
    try SquirrelWindowsFeed([]).adding(release)
  }

  /// Adds lines at the end, as Squirrel's own tool does.
  package func adding(_ release: FeedRelease) throws -> [UInt8] {
    let ending = bytes.contains(0x0D) ? "\r\n" : "\n"
    let added = try release.files.map { file in
      let line = "\(file.sha1.uppercased()) \(file.name) \(file.size)"
      guard let read = try SquirrelWindowsFeed(Array(line.utf8)).entries.first,
        read.version == release.version
      else {
        throw Problem(
          "feed.version-name",
          "Squirrel.Windows would not read \(release.version) from \(file.name).",
          why:
            "The version comes from the file's name, and one wrong line stops every user's check.",
          next: [
            "hotfix version order \(OutsideText(release.version).word) 1.0.0 "
              + "--client squirrel-windows"
          ]
        )
      }
      return line
    }
    let isOpen = !bytes.isEmpty && bytes.last != 0x0A
    return bytes + Array((isOpen ? ending : "").utf8)
      + Array(
        added.map { $0 + (isOpen ? "" : ending) }.joined(separator: isOpen ? ending : "").utf8
      )
  }

  private func lines(of version: String) -> [Line] {
    lines.filter { (try? SquirrelVersionOrder.windows(fileName: $0.fileName))?.text == version }
  }

  package func withdrawing(_ version: String, restoring last: FeedRelease?) throws -> [UInt8] {
    try require(version)
    var edit = ByteEdit(bytes)
    for line in lines(of: version) {
      if line.range.upperBound < bytes.count {
        edit.replace(line.range.lowerBound..<(line.range.upperBound + 1), by: "")
      } else {
        var start = line.range.lowerBound
        if start > 0 { start -= start > 1 && bytes[start - 2] == 0x0D ? 2 : 1 }
        edit.replace(start..<line.range.upperBound, by: "")
      }
    }
    return try edit.result()
  }

  package func changing(_ change: FeedChange, of version: String) throws -> [UInt8] {
    try require(version)
    let percentage: Int?
    switch change {
    case .stagePercent(let percent): percentage = percent
    case .halt: percentage = 0
    case .resume: percentage = nil
    case .stageInterval:
      throw FeedKind.noMechanism(
        "spread in groups",
        .squirrelWindows,
        "hotfix feed stage FEED --version \(OutsideText(version).word) --percent 25"
      )
    case .critical:
      throw FeedKind.noMechanism(
        "mark an update critical",
        .squirrelWindows,
        "Tell users by another way."
      )
    }
    var edit = ByteEdit(bytes)
    for line in lines(of: version) {
      let text = String(decoding: bytes[line.range], as: UTF8.self)
      let ending = text.hasSuffix("\r") ? "\r" : ""
      let whole = ending.isEmpty ? text : String(text.dropLast())
      edit.replace(line.range, by: Self.staged(whole, change, percentage) + ending)
    }
    return try edit.result()
  }
}

extension SquirrelWindowsFeed {
  private static let mark = " # halted # 0%"

  /// A line with another staging; halting keeps what stood there, for resume to put back.
  fileprivate static func staged(_ line: String, _ change: FeedChange, _ percentage: Int?) -> String
  {
    if change == .halt { return line.hasSuffix(mark) ? line : line + mark }
    if change == .resume, line.hasSuffix(mark) { return String(line.dropLast(mark.count)) }
    let plain = line.replacing(/\s*#\s+[0-9]{1,3}%$/, with: "")
    return plain + (percentage.map { " # \($0)%" } ?? "")
  }
}

extension SquirrelMacFeed: FeedFormat {
  package var content: [UInt8] { bytes }

  package var entries: [FeedEntry] {
    let places = LineIndex(bytes)
    return releases.map { release in
      var entry = FeedEntry(
        version: release.version,
        place: places.place(of: release.range.lowerBound)
      )
      entry.url = release.url
      entry.title = release.name ?? ""
      return entry
    }
  }

  package static func new(_ release: FeedRelease, title: String, link: String) throws -> [UInt8] {
    guard let file = release.files.first else { return [] }
    return Array(
      ("{\n  \"currentRelease\": \(jsonQuoted(release.version)),\n  \"releases\": [\n"
        + "    \(object(file, release))\n  ]\n}\n").utf8
    )
  }

  private static func object(_ file: FeedFile, _ release: FeedRelease) -> String {
    let target = [
      ("version", jsonQuoted(release.version)), ("pub_date", jsonQuoted(release.date.iso)),
      ("notes", jsonQuoted(release.notesURL ?? "")),
      ("name", jsonQuoted("\(release.app) \(release.name)")), ("url", jsonQuoted(file.url)),
    ].map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", ")
    return "{ \"version\": \(jsonQuoted(release.version)), \"updateTo\": { \(target) } }"
  }

  package func adding(_ release: FeedRelease) throws -> [UInt8] {
    guard let file = release.files.first else { return bytes }
    var edit = ByteEdit(bytes)
    edit.replace(currentRange, by: jsonQuoted(release.version))
    edit.insertFirst(Self.object(file, release), into: list)
    return try edit.result()
  }

  /// The newest of the rest becomes the current release.
  package func withdrawing(_ version: String, restoring last: FeedRelease?) throws -> [UInt8] {
    try require(version)
    let rest = releases.filter { $0.version != version }.map(\.version)
    guard let newest = rest.max(by: { SquirrelVersionOrder.compareMac($0, $1) < 0 }) else {
      throw Problem(
        "feed.single-version",
        "\(version) is the only release of the feed, and currentRelease has to name one.",
        next: ["hotfix feed add FEED FILE --version …     adds another one first"]
      )
    }
    var edit = ByteEdit(bytes)
    if current == version { edit.replace(currentRange, by: jsonQuoted(newest)) }
    edit.remove(releases.indices.filter { releases[$0].version == version }, from: list)
    return try edit.result()
  }

  package func changing(_ change: FeedChange, of version: String) throws -> [UInt8] {
    throw FeedKind.noMechanism(
      for: change,
      .squirrelMac,
      instead: "Take it out:  hotfix feed remove FEED --version \(version)"
    )
  }
}
