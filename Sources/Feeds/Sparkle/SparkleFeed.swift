package import ReleaseModel

/// An appcast: its bytes, its items, and the signing block that may end it.
///
/// Edits keep every byte that they do not have to change, so a person's comments, order and white
/// space survive. Format: Sparkle 2.9.2 `SUAppcast`, `SUSignatures`.
package struct SparkleFeed: Sendable {
  private static let marker = Array("<!-- sparkle-signatures:\n".utf8)

  /// What is parsed and signed: the file without its signing block.
  package let content: [UInt8]
  package let items: [SparkleItem]
  /// The Ed25519 signature of `content` from the signing block, when there is one.
  package let signature: String?
  let channel: XMLElement
  let places: LineIndex

  /// Throws `feed.malformed` or `feed.item` where Sparkle would refuse the whole feed.
  package init(_ file: [UInt8]) throws {
    (content, signature) = Self.split(file)
    let root = try XMLScanner.document(content)
    guard root.name == "rss", let channel = root.first("channel") else {
      throw XMLScanner.malformed("there is no <rss><channel>", content, root.range.lowerBound)
    }
    self.channel = channel
    places = LineIndex(content)
    items = try root.children("channel").flatMap { $0.children("item") }
      .map { [content] in try SparkleItem($0, feed: content) }
  }

  /// Returns a feed without items.
  package static func empty(title: String, link: String) -> [UInt8] {
    Array(
      """
      <?xml version="1.0" encoding="utf-8"?>
      <rss version="2.0" xmlns:sparkle="\(XMLScanner.sparkleNamespace)">
        <channel>
          <title>\(xmlEscaped(title))</title>
          <link>\(xmlEscaped(link))</link>
        </channel>
      </rss>

      """.utf8
    )
  }

  /// Splits at the last marker, as Sparkle does: what follows the block is neither signed nor read.
  static func split(_ file: [UInt8]) -> (content: [UInt8], signature: String?) {
    guard let start = lastIndex(of: marker, in: file),
      let end = firstIndex(of: Array("-->".utf8), in: file, from: start)
    else { return (file, nil) }
    let block = String(decoding: file[(start + marker.count)..<end], as: UTF8.self)
    let line = block.lines().last { $0.hasPrefix("edSignature:") }
    return (Array(file[..<start]), line.map { trimmed(String($0.dropFirst(12))) })
  }

  /// Returns the file for `content`, with a signing block when there is a signature.
  package static func file(content: [UInt8], signature: String?) -> [UInt8] {
    guard let signature else { return content }
    let block = """
      edSignature: \(signature)
      length: \(content.count)
      -->

      """
    return content + marker + Array(block.utf8)
  }

  /// Returns the content with `item` in front of the others, indented as they are.
  package func adding(_ item: NewItem) -> [UInt8] {
    let first = channel.first("item")
    let indent = first.map { indentation(before: $0.range.lowerBound) } ?? "    "
    let lines = item.lines.map { indent + $0 }.joined(separator: "\n")
    if let first {
      let at = first.range.lowerBound
      let text = lines.dropFirst(indent.count) + "\n" + indent
      return Array(content[..<at]) + Array(text.utf8) + Array(content[at...])
    }
    let end = channel.contentRange?.upperBound ?? channel.range.upperBound
    var at = end
    while at > 0, content[at - 1] == 0x20 || content[at - 1] == 0x09 { at -= 1 }
    return Array(content[..<at]) + Array((lines + "\n").utf8) + Array(content[at...])
  }

  /// Returns the content without the items of `version`, and without their lines.
  package func removing(version: String) -> [UInt8] {
    var result = content
    for item in items.reversed() where item.version == version {
      var start = item.range.lowerBound
      var end = item.range.upperBound
      while start > 0, result[start - 1] == 0x20 || result[start - 1] == 0x09 { start -= 1 }
      let lineStarts = start == 0 || result[start - 1] == 0x0A
      while end < result.count, result[end] == 0x20 || result[end] == 0x0D { end += 1 }
      if lineStarts && end < result.count && result[end] == 0x0A {
        end += 1
      } else {
        start = item.range.lowerBound
        end = item.range.upperBound
      }
      result.removeSubrange(start..<end)
    }
    return result
  }

  private func indentation(before offset: Int) -> String {
    var start = offset
    while start > 0, content[start - 1] == 0x20 || content[start - 1] == 0x09 { start -= 1 }
    return String(decoding: content[start..<offset], as: UTF8.self)
  }

  /// An item to be written.
  package struct NewItem: Sendable, Hashable {
    package var title: String
    package var version: String
    package var shortVersion: String
    package var pubDate: Moment
    package var notesURL: String?
    /// Ed25519 over the served notes; an app that requires signed feeds wants it.
    package var notesSignature: String?
    package var notesLength: Int?
    package var minimumSystem: String?
    package var channel: String?
    /// What the item before it says and this one keeps.
    var carried = Carried()
    /// Critical for every version below this one; Sparkle then hides "Skip" and "Later".
    package var criticalBelow: String?
    package var url: String
    package var length: Int
    package var edSignature: String
    package var deltas: [FeedFile.Delta] = []

    package init(
      title: String,
      version: String,
      shortVersion: String,
      pubDate: Moment,
      notesURL: String?,
      minimumSystem: String?,
      criticalBelow: String?,
      url: String,
      length: Int,
      edSignature: String
    ) {
      self.title = title
      self.version = version
      self.shortVersion = shortVersion
      self.pubDate = pubDate
      self.notesURL = notesURL
      self.minimumSystem = minimumSystem
      self.criticalBelow = criticalBelow
      self.url = url
      self.length = length
      self.edSignature = edSignature
    }

    var lines: [String] {
      var lines = [
        "<item>",
        "  <title>\(xmlEscaped(title))</title>",
        "  <pubDate>\(pubDate.rfc822)</pubDate>",
        "  <sparkle:version>\(xmlEscaped(version))</sparkle:version>",
        "  <sparkle:shortVersionString>\(xmlEscaped(shortVersion))</sparkle:shortVersionString>",
      ]
      if let notesURL {
        let signed = notesSignature.map { " sparkle:edSignature=\"\($0)\"" } ?? ""
        let length = notesLength.map { " sparkle:length=\"\($0)\"" } ?? ""
        lines.append(
          "  <sparkle:releaseNotesLink\(signed)\(length)>\(xmlEscaped(notesURL))"
            + "</sparkle:releaseNotesLink>"
        )
      }
      if let channel {
        lines.append("  <sparkle:channel>\(xmlEscaped(channel))</sparkle:channel>")
      }
      if let minimumSystem {
        lines.append(
          "  <sparkle:minimumSystemVersion>\(xmlEscaped(minimumSystem))"
            + "</sparkle:minimumSystemVersion>"
        )
      }
      lines += carried.elements.map { "  \($0.xml)" }
      if let criticalBelow {
        lines.append("  <sparkle:criticalUpdate sparkle:version=\"\(xmlEscaped(criticalBelow))\"/>")
      }
      lines.append(
        "  <enclosure url=\"\(xmlEscaped(url))\" length=\"\(length)\" "
          + "type=\"application/octet-stream\" sparkle:edSignature=\"\(edSignature)\""
          + carried.attributes.map { " \($0.name)=\"\(xmlEscaped($0.text))\"" }.joined() + "/>"
      )
      if !deltas.isEmpty {
        lines.append("  <sparkle:deltas>")
        lines += deltas.map { delta in
          "    <enclosure url=\"\(xmlEscaped(delta.url))\" sparkle:deltaFrom=\"\(xmlEscaped(delta.from))\" "
            + "length=\"\(delta.size)\" type=\"application/octet-stream\" "
            + "sparkle:edSignature=\"\(delta.edSignature)\"/>"
        }
        lines.append("  </sparkle:deltas>")
      }
      lines.append("</item>")
      return lines
    }
  }
}

/// Looks from the end, a needle's length at a time where it can (Horspool, 1980).
private func lastIndex(of needle: [UInt8], in bytes: [UInt8]) -> Int? {
  var shift = [Int](repeating: needle.count, count: 256)
  for index in needle.indices.dropFirst().reversed() { shift[Int(needle[index])] = index }
  var start = bytes.count - needle.count
  while start >= 0 {
    let byte = bytes[start]
    if byte == needle[0], bytes[start..<start + needle.count].elementsEqual(needle) {
      return start
    }
    start -= shift[Int(byte)]
  }
  return nil
}

private func firstIndex(of needle: [UInt8], in bytes: [UInt8], from: Int) -> Int? {
  guard bytes.count - needle.count >= from else { return nil }
  for start in from...(bytes.count - needle.count)
  where bytes[start] == needle[0] && bytes[start..<start + needle.count].elementsEqual(needle) {
    return start
  }
  return nil
}
