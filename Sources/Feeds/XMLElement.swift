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

  /// What stands between the tags.
  struct Content {
    var children: [XMLElement] = []
    var text = ""
    var range: Range<Int>?
  }

  /// The name with Sparkle's namespace written as `sparkle:`, whatever the prefix in the file.
  package let name: String
  package let attributes: [Attribute]
  package let children: [XMLElement]
  /// All character data inside, CDATA sections and entities resolved.
  package let text: String
  /// From `<` to the `>` of the end tag.
  package let range: Range<Int>
  /// Between the start tag and the end tag; nil for `<name/>`.
  package let contentRange: Range<Int>?
  /// Just behind the name in the start tag, where an attribute can be added.
  package let nameEnd: Int
  /// The prefix is literally `sparkle`, and not bound to Sparkle's namespace.
  package let isForeignSparkle: Bool

  init(
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
    children = content.children
    text = content.text
    contentRange = content.range
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
