/// An element of an XML document, with the byte ranges that an edit needs.
///
/// A class, because elements are handed around a lot and never change.
package final class XMLElement: Sendable {
  package struct Attribute: Sendable {
    package let name: String
    package let value: String
    /// Where the value stands, between its quotes.
    package let valueRange: Range<Int>
  }

  /// A run of character data: where it stands, or what it says when entities are in it.
  enum Text: Sendable {
    case plain(Range<Int>)
    case resolved(String)
  }

  /// What stands between the tags.
  struct Content: Sendable {
    var children: [XMLElement] = []
    /// Most elements have one text; no list is made for it.
    var text: Text?
    var moreText: [Text] = []
    var range: Range<Int>?

    mutating func add(_ found: Text) {
      if text == nil { text = found } else { moreText.append(found) }
    }
  }

  /// The name with Sparkle's namespace written as `sparkle:`, whatever the prefix in the file.
  package let name: String
  package let attributes: [Attribute]
  package var children: [XMLElement] { content.children }
  private let content: Content
  /// The whole document; text is made of it when asked for, because most is never read.
  private let document: [UInt8]
  /// From `<` to the `>` of the end tag.
  package let range: Range<Int>
  /// Between the start tag and the end tag; nil for `<name/>`.
  package var contentRange: Range<Int>? { content.range }
  /// Just behind the name in the start tag, where an attribute can be added.
  package let nameEnd: Int
  /// The prefix is literally `sparkle`, and not bound to Sparkle's namespace.
  package let isForeignSparkle: Bool

  init(
    document: [UInt8],
    name: String,
    attributes: [Attribute],
    content: Content,
    range: Range<Int>,
    nameEnd: Int,
    isForeignSparkle: Bool
  ) {
    self.name = name
    self.attributes = attributes
    self.range = range
    self.nameEnd = nameEnd
    self.isForeignSparkle = isForeignSparkle
    self.content = content
    self.document = document
  }

  /// All character data inside, CDATA sections and entities resolved.
  package var text: String {
    guard let first = content.text else { return "" }
    return content.moreText.reduce(string(first)) { $0 + string($1) }
  }

  private func string(_ text: Text) -> String {
    switch text {
    case .plain(let range): String(decoding: document[range], as: UTF8.self)
    case .resolved(let text): text
    }
  }

  package func children(_ name: String) -> [XMLElement] { children.filter { $0.isNamed(name) } }
  package func first(_ name: String) -> XMLElement? { children.first { $0.isNamed(name) } }

  private func isNamed(_ name: String) -> Bool {
    self.name.utf8.count == name.utf8.count && self.name == name
  }

  package func attribute(_ name: String) -> String? {
    for attribute in attributes
    where attribute.name.utf8.count == name.utf8.count && attribute.name == name {
      return attribute.value
    }
    return nil
  }
}
