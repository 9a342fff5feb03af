internal import ReleaseModel

/// Squirrel.Mac's static JSON (`serverType: 'json'`): the current release, and where each one is.
package struct SquirrelMacFeed: Sendable {
  package struct Release: Sendable, Hashable {
    package let version: String
    package let url: String
    package let name: String?
    package let notes: String?
    package let pubDate: String?
    package let range: Range<Int>
  }

  package let bytes: [UInt8]
  package let current: String
  package let currentRange: Range<Int>
  package let releases: [Release]
  let list: JSONText

  /// Throws `feed.malformed`.
  package init(_ file: [UInt8]) throws {
    bytes = file
    let root = try JSONReader.document(file)
    func fail(_ reason: String, _ value: JSONText) -> Problem {
      JSONReader.malformed(reason, file, value.range.lowerBound)
    }
    guard let current = root["currentRelease"], let text = current.text else {
      throw fail("currentRelease is missing or no text", root)
    }
    guard let list = root["releases"], let items = list.items else {
      throw fail("releases is missing or no list", root)
    }
    self.current = text
    currentRange = current.range
    self.list = list
    releases = try items.map { item in
      guard let version = item["version"]?.text, let target = item["updateTo"] else {
        throw fail("a release has no version or no updateTo", item)
      }
      guard let url = target["url"]?.text, isAbsoluteURL(url) else {
        throw fail("\(version) has no usable url", target)
      }
      return Release(
        version: version,
        url: url,
        name: target["name"]?.text,
        notes: target["notes"]?.text,
        pubDate: target["pub_date"]?.text,
        range: item.range
      )
    }
  }
}
