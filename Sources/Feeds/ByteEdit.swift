internal import ReleaseModel

/// Edits of a file's bytes by ranges, back to front, so that ranges stay true.
package struct ByteEdit {
  private let bytes: [UInt8]
  private var changes: [(range: Range<Int>, text: String)] = []

  package init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  package mutating func replace(_ range: Range<Int>, by text: String) {
    changes.append((range, text))
  }

  package mutating func insert(_ text: String, at offset: Int) {
    changes.append((offset..<offset, text))
  }

  /// The edited bytes; of insertions at one place, the last stands first.
  ///
  /// Throws `feed.edit` when two changes fall on the same bytes.
  package func result() throws -> [UInt8] {
    var result = bytes
    var untouched = bytes.count
    for change in changes.sorted(by: { $0.range.lowerBound > $1.range.lowerBound }) {
      guard change.range.upperBound <= untouched else {
        throw Problem(
          "feed.edit",
          "The feed was not edited.",
          why: "Two changes fall on the same bytes, as something stands in it twice.",
          next: ["hotfix feed lint FEED"]
        )
      }
      untouched = change.range.lowerBound
      result.replaceSubrange(change.range, with: Array(change.text.utf8))
    }
    return result
  }

  /// Puts an element in front of a JSON list; taking it out again restores the bytes.
  mutating func insertFirst(_ text: String, into list: JSONText) {
    guard let first = list.items?.first else {
      return insert(text, at: list.range.lowerBound + 1)
    }
    let start = first.range.lowerBound
    insert(text + "," + whitespace(before: start), at: start)
  }

  /// Takes the elements at some places out of a JSON list, with the commas that go with them.
  mutating func remove(_ indices: [Int], from list: JSONText) {
    guard let items = list.items else { return }
    let gone = Set(indices)
    guard gone.count < items.count else {
      guard let first = items.first, let last = items.last else { return }
      return replace(first.range.lowerBound..<last.range.upperBound, by: "")
    }
    let lastKept = items.indices.last { !gone.contains($0) } ?? 0
    for index in items.indices where gone.contains(index) {
      if index < lastKept {
        replace(items[index].range.lowerBound..<items[index + 1].range.lowerBound, by: "")
      } else {
        replace(items[index - 1].range.upperBound..<items[index].range.upperBound, by: "")
      }
    }
  }

  /// The white space that stands directly in front of an offset.
  func whitespace(before offset: Int) -> String {
    var start = offset
    while start > 0, bytes[start - 1].isASCIISpace { start -= 1 }
    return String(decoding: bytes[start..<offset], as: UTF8.self)
  }

  /// The line's indentation at an offset, if only white space stands before it on the line.
  func indentation(at offset: Int) -> String {
    let space = whitespace(before: offset)
    return String(space.lines(omittingEmpty: false).last ?? "")
  }

  /// Takes a piece out together with its line, when nothing else stands on the line.
  mutating func removeLine(_ range: Range<Int>) {
    var start = range.lowerBound
    var end = range.upperBound
    while start > 0, bytes[start - 1] == 0x20 || bytes[start - 1] == 0x09 { start -= 1 }
    while end < bytes.count, bytes[end] == 0x20 || bytes[end] == 0x0D { end += 1 }
    let isWhole =
      (start == 0 || bytes[start - 1] == 0x0A) && end < bytes.count && bytes[end] == 0x0A
    replace(isWhole ? start..<(end + 1) : range, by: "")
  }
}
