internal import ReleaseModel

/// `RELEASES` of Squirrel.Windows: a line for each package.
///
/// Format: Squirrel.Windows `ReleaseEntry.ParseReleaseFile`. Any line that does not match throws,
/// and then nobody updates.
package struct SquirrelWindowsFeed: Sendable {
  package struct Line: Sendable, Hashable {
    package let sha1: String
    /// A file name beside the feed, or an absolute URL.
    package let file: String
    package let size: Int
    package let isDelta: Bool
    /// Percent of the users; nil: everybody.
    package let staging: Int?
    /// The line without its end.
    package let range: Range<Int>

    /// The name that the version is read from.
    package var fileName: String {
      String(file.prefix { $0 != "?" }.split(separator: "/").last ?? "")
    }
  }

  package let bytes: [UInt8]
  package let lines: [Line]

  /// Throws `feed.malformed` with the line that stops every client.
  package init(_ file: [UInt8]) throws {
    guard file.count <= 4 << 20, String(validating: file, as: UTF8.self) != nil else {
      throw Self.malformed(1, "it is too big, or not UTF-8")
    }
    bytes = file
    var lines: [Line] = []
    var start = file.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    var number = 1
    while start < file.count {
      let end = file[start...].firstIndex(of: 0x0A) ?? file.count
      if let line = try Self.line(file, start..<end, number) { lines.append(line) }
      start = end + 1
      number += 1
    }
    self.lines = lines
  }

  private static let stagingForm = Pattern(/#\s+([0-9]{1,3})%\r?$/)
  private static let entryForm = Pattern(/([0-9a-fA-F]{40})\s+(\S+)\s+([0-9]+)\r*/)

  private static func line(
    _ file: [UInt8],
    _ range: Range<Int>,
    _ number: Int
  ) throws -> Line? {
    let whole = String(decoding: file[range], as: UTF8.self)
    let staging = stagingForm.first(in: whole).flatMap { Int($0.1) }
    let hash = whole.firstIndex(of: "#") ?? whole.endIndex
    var text = whole[..<hash]
    while text.last?.isWhitespace == true { text.removeLast() }
    guard text.contains(where: { !$0.isWhitespace }) else { return nil }
    guard let match = entryForm.whole(text),
      let size = Int(match.3)
    else { throw malformed(number, "\"\(text.prefix(60))\" is not SHA1, file, size") }
    let name = String(match.2)
    let isURL = name.lowercased().hasPrefix("http://") || name.lowercased().hasPrefix("https://")
    guard isURL || !name.contains("/") else {
      throw malformed(number, "\(name) is neither a file name nor an http URL")
    }
    return Line(
      sha1: String(match.1),
      file: name,
      size: size,
      isDelta: name.prefix { $0 != "?" }.lowercased().hasSuffix("-delta.nupkg"),
      staging: staging,
      range: range
    )
  }

  private static func malformed(_ line: Int, _ reason: String) -> Problem {
    .malformedFeed("not a RELEASES file", FeedPlace(line: line, column: 1), reason)
  }
}
