/// `releases.{channel}.json` of Velopack: full and delta packages of several versions.
///
/// Format: Velopack 1.2 `VelopackAssetFeed`; keys are read without case.
package struct VelopackFeed: Sendable {
  package struct Asset: Sendable, Hashable {
    package let packageID: String
    package let version: String
    package let isFull: Bool
    package let isDelta: Bool
    package let fileName: String
    package let sha1: String
    package let sha256: String
    package let size: Int?
    package let range: Range<Int>
  }

  package let bytes: [UInt8]
  package let assets: [Asset]
  let list: JSONText?

  /// Throws `feed.malformed`.
  package init(_ file: [UInt8]) throws {
    bytes = file
    let root = try JSONReader.document(file)
    guard root.members != nil else {
      throw JSONReader.malformed("there is no object with Assets", file, root.range.lowerBound)
    }
    list = root.anyCase("Assets")
    if let list, list.items == nil, !list.isNull {
      throw JSONReader.malformed("Assets is no list", file, list.range.lowerBound)
    }
    assets = try (list?.items ?? []).map { try Self.asset($0, file) }
  }

  private static func asset(_ value: JSONText, _ file: [UInt8]) throws -> Asset {
    guard value.members != nil else {
      throw JSONReader.malformed("an asset is no object", file, value.range.lowerBound)
    }
    func text(_ key: String) throws -> String {
      guard let found = value.anyCase(key), !found.isNull else { return "" }
      guard let text = found.text else {
        throw JSONReader.malformed("\(key) is no text", file, found.range.lowerBound)
      }
      return text
    }
    let type = try text("Type").lowercased()
    return Asset(
      packageID: try text("PackageId"),
      version: try text("Version"),
      isFull: type == "full",
      isDelta: type == "delta",
      fileName: try text("FileName"),
      sha1: try text("SHA1"),
      sha256: try text("SHA256"),
      size: value.anyCase("Size")?.integer,
      range: value.range
    )
  }
}
