internal import ReleaseModel

extension VelopackFeed: FeedFormat {
  package var content: [UInt8] { bytes }

  package var entries: [FeedEntry] {
    let places = LineIndex(bytes)
    return assets.map { asset in
      var entry = FeedEntry(
        version: asset.version,
        place: places.place(of: asset.range.lowerBound)
      )
      entry.url = asset.fileName
      entry.size = asset.size
      entry.isDelta = asset.isDelta
      entry.sha1 = asset.sha1.isEmpty ? nil : asset.sha1.lowercased()
      entry.sha256 = asset.sha256.isEmpty ? nil : asset.sha256.lowercased()
      return entry
    }
  }

  package static func new(_ release: FeedRelease, title: String, link: String) throws -> [UInt8] {
    let packages = release.files.map { object($0, release, id: release.app, indent: "    ") }
    let list = packages.map { "    \($0)" }.joined(separator: ",\n")
    return Array("{\n  \"Assets\": [\n\(list)\n  ]\n}\n".utf8)
  }

  /// A package as JSON; on one line without `indent`.
  ///
  /// Digests are upper-case, as the C# client wants them.
  private static func object(
    _ file: FeedFile,
    _ release: FeedRelease,
    id: String,
    indent: String?
  ) -> String {
    let members = [
      ("PackageId", jsonQuoted(id)), ("Version", jsonQuoted(release.version)),
      ("Type", file.isDelta ? "\"Delta\"" : "\"Full\""), ("FileName", jsonQuoted(file.name)),
      ("SHA1", jsonQuoted(file.sha1.uppercased())),
      ("SHA256", jsonQuoted(file.sha256.uppercased())), ("Size", "\(file.size)"),
    ].map { "\"\($0.0)\": \($0.1)" }
    guard let indent else { return "{" + members.joined(separator: ", ") + "}" }
    return "{\n" + members.map { "\(indent)  \($0)" }.joined(separator: ",\n") + "\n\(indent)}"
  }

  /// Puts the packages in front of the others.
  package func adding(_ release: FeedRelease) throws -> [UInt8] {
    guard let list, list.items != nil else {
      throw JSONReader.malformed("there is no list of Assets", bytes, 0)
    }
    var edit = ByteEdit(bytes)
    let id = assets.first?.packageID ?? release.app
    let isCompact = !bytes.contains(0x0A)
    let indent = list.items?.first.map { edit.indentation(at: $0.range.lowerBound) } ?? "    "
    for file in release.files.reversed() {
      let package = Self.object(file, release, id: id, indent: isCompact ? nil : indent)
      edit.insertFirst(package, into: list)
    }
    return try edit.result()
  }

  package func withdrawing(_ version: String, restoring last: FeedRelease?) throws -> [UInt8] {
    try require(version)
    guard let list else { return bytes }
    var edit = ByteEdit(bytes)
    edit.remove(assets.indices.filter { assets[$0].version == version }, from: list)
    return try edit.result()
  }

  package func changing(_ change: FeedChange, of version: String) throws -> [UInt8] {
    throw FeedKind.noMechanism(
      for: change,
      .velopack,
      instead: "Take it out:  hotfix feed remove FEED --version \(version)"
    )
  }
}
