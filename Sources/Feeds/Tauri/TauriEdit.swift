internal import ReleaseModel

extension TauriFeed: FeedFormat {
  package static var namesOneVersion: Bool { true }
  package var content: [UInt8] { bytes }

  package var entries: [FeedEntry] {
    let places = LineIndex(bytes)
    return platformEntries.map { item in
      var entry = FeedEntry(
        version: plainVersion,
        place: places.place(of: item.range.lowerBound)
      )
      entry.url = item.url
      entry.platform = item.platform
      entry.minisign = item.signature
      return entry
    }
  }

  var plainVersion: String { String(version.drop { $0 == "v" }) }

  package static func new(_ release: FeedRelease, title: String, link: String) throws -> [UInt8] {
    let platforms = try release.files.map { file in
      let platform = try platform(of: file, release)
      return "    \(jsonQuoted(target(platform))): {\n      \"signature\": "
        + "\(jsonQuoted(try signature(of: file, release))),\n      \"url\": \(jsonQuoted(file.url))\n    }"
    }
    return Array(
      """
      {
        "version": \(jsonQuoted(release.version)),
        "pub_date": \(jsonQuoted(release.date.iso)),
        "platforms": {
      \(platforms.joined(separator: ",\n"))
        }
      }

      """.utf8
    )
  }

  private static func platform(of file: FeedFile, _ release: FeedRelease) throws -> FeedPlatform {
    guard let platform = file.platform else {
      throw Problem(
        "feed.platform",
        "It is not known for which platform \(file.name) is.",
        next: ["Set `platform` of the artifact in hotfix.yml, or --platform linux-x64."]
      )
    }
    return platform
  }

  private static func signature(of file: FeedFile, _ release: FeedRelease) throws -> String {
    guard let signature = file.minisign else {
      throw Problem(
        "feed.unsigned",
        "\(file.name) has no update signature, so Tauri would refuse it.",
        next: ["Set ship.sign.minisign.key in hotfix.yml, then:  hotfix next"]
      )
    }
    return signature
  }

  /// Names the new version in the place of the old one; every platform of the file has to have one.
  package func adding(_ release: FeedRelease) throws -> [UInt8] {
    var edit = ByteEdit(bytes)
    guard let version = root["version"] ?? root["name"] else { return bytes }
    edit.replace(version.range, by: jsonQuoted(release.version))
    if let date = root["pub_date"] { edit.replace(date.range, by: jsonQuoted(release.date.iso)) }
    if let notes = root["notes"] {
      edit.replace(
        notes.range,
        by: jsonQuoted(release.notesURL ?? "\(release.app) \(release.name)")
      )
    }
    let platforms = root["platforms"]?.members
    var taken: Set<String> = []
    for entry in platformEntries {
      let file = release.files.first { file in
        guard let platform = file.platform else { return platforms == nil }
        let target = Self.target(platform)
        return entry.platform == target || entry.platform.hasPrefix(target + "-")
          || entry.platform.isEmpty
      }
      guard let file else {
        throw Problem(
          "feed.platform",
          "\(release.name) has nothing for \(entry.platform), which the feed serves.",
          why: "Its users would be told of a version that is not there for them.",
          next: ["Build it for \(entry.platform) too, or take the platform out of the feed first."]
        )
      }
      taken.insert(file.name)
      let value = platforms?.last { $0.key == entry.platform }?.value ?? root
      guard let url = value["url"], let signature = value["signature"] else { continue }
      edit.replace(url.range, by: jsonQuoted(file.url))
      edit.replace(signature.range, by: jsonQuoted(try Self.signature(of: file, release)))
    }
    try add(release.files.filter { !taken.contains($0.name) }, of: release, &edit)
    return try edit.result()
  }

  /// Puts platforms behind the others; a file that is not by platform has no place for them.
  private func add(_ files: [FeedFile], of release: FeedRelease, _ edit: inout ByteEdit) throws {
    guard let platforms = root["platforms"], let members = platforms.members, !files.isEmpty else {
      return
    }
    let space = members.last.map { edit.whitespace(before: $0.range.lowerBound) } ?? " "
    let added = try files.map { file in
      let target = Self.target(try Self.platform(of: file, release))
      return "\(space)\(jsonQuoted(target)): { \"signature\": "
        + "\(jsonQuoted(try Self.signature(of: file, release))), \"url\": \(jsonQuoted(file.url)) }"
    }.joined(separator: ",")
    if let last = members.last {
      edit.insert("," + added, at: last.range.upperBound)
    } else {
      edit.insert(added + " ", at: platforms.range.lowerBound + 1)
    }
  }

  package func withdrawing(_ version: String, restoring last: FeedRelease?) throws -> [UInt8] {
    try require(version)
    guard let last else {
      throw Problem(
        "feed.single-version",
        "latest.json names one version, so taking \(version) out leaves nothing.",
        next: [
          "hotfix feed add FEED OLD-FILE --version OLD …     names the last good version again"
        ]
      )
    }
    return try adding(last)
  }

  package func changing(_ change: FeedChange, of version: String) throws -> [UInt8] {
    throw FeedKind.noMechanism(
      for: change,
      .tauri,
      instead: "Name the last good version again:  hotfix feed add FEED OLD-FILE --version OLD …"
    )
  }
}
