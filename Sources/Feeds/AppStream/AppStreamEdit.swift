internal import ReleaseModel

extension AppStreamFeed: FeedFormat {
  package var content: [UInt8] { bytes }

  package var entries: [FeedEntry] {
    let places = LineIndex(bytes)
    return releases.map { release in
      var entry = FeedEntry(
        version: release.version ?? "",
        place: places.place(of: release.range.lowerBound)
      )
      entry.url = release.url
      entry.channel = release.type == "stable" ? nil : release.type
      entry.critical = release.urgency == "critical" ? "for everyone" : nil
      return entry
    }
  }

  package static func new(_ release: FeedRelease, title: String, link: String) throws -> [UInt8] {
    let empty = """
      <?xml version="1.0" encoding="UTF-8"?>
      <releases>
      </releases>

      """
    return try AppStreamFeed(Array(empty.utf8)).adding(release)
  }

  package func adding(_ release: FeedRelease) throws -> [UInt8] {
    let urgency = release.criticalBelow == nil ? "medium" : "critical"
    var text =
      "<release version=\"\(xmlEscaped(release.version))\" date=\"\(release.date.day)\" "
      + "type=\"stable\" urgency=\"\(urgency)\""
    text += release.notesURL.map { "><url>\(xmlEscaped($0))</url></release>" } ?? "/>"
    var edit = ByteEdit(bytes)
    if let first = list.first("release") {
      let start = first.range.lowerBound
      edit.insert(text + edit.whitespace(before: start), at: start)
    } else if let inside = list.contentRange {
      edit.insert(
        "\n" + edit.indentation(at: list.range.lowerBound) + "  " + text,
        at: inside.lowerBound
      )
    } else {
      edit.replace(list.range, by: "<releases>\(text)</releases>")
    }
    return try edit.result()
  }

  package func withdrawing(_ version: String, restoring last: FeedRelease?) throws -> [UInt8] {
    try require(version)
    var edit = ByteEdit(bytes)
    for (index, release) in releases.enumerated() where release.version == version {
      if index + 1 < releases.count {
        edit.replace(release.range.lowerBound..<releases[index + 1].range.lowerBound, by: "")
      } else {
        let space = edit.whitespace(before: release.range.lowerBound)
        let start = release.range.lowerBound - space.utf8.count
        edit.replace(start..<release.range.upperBound, by: "")
      }
    }
    return try edit.result()
  }

  package func changing(_ change: FeedChange, of version: String) throws -> [UInt8] {
    guard case .critical = change else {
      throw FeedKind.noMechanism(
        "spread in stages or be halted",
        .appstream,
        "Take it out:  hotfix feed remove FEED --version \(version)"
      )
    }
    try require(version)
    var edit = ByteEdit(bytes)
    for release in releases where release.version == version {
      if let range = release.urgencyRange {
        edit.replace(range, by: "critical")
      } else {
        edit.insert(" urgency=\"critical\"", at: release.nameEnd)
      }
    }
    return try edit.result()
  }
}
