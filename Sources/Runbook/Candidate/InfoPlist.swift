internal import Feeds

// XML: the document type is left out, since only its name is ever used, then `plist`, `dict`, and in
// it `key` and value in turn. Binary ("bplist00", CFBinaryPList.c): objects, then a table of their
// offsets, then a trailer of 32 bytes; numbers are big-endian. Both readers of Foundation build every
// object, by recursion; these look for one text.

/// Reads a text of a property list (`Info.plist`), in XML or binary form.
package enum InfoPlist {
  /// The largest property list that is read, in bytes.
  package static let bytesMax = 1 << 20

  /// Returns the text of a key of the outermost dictionary, or nil.
  ///
  /// Nil as well for bytes that are no property list, and for more than `bytesMax`.
  package static func text(_ key: String, in bytes: [UInt8]) -> String? {
    guard bytes.count <= bytesMax else { return nil }
    return bytes.starts(with: "bplist0".utf8)
      ? BinaryPropertyList(bytes)?.text(key) : xmlText(key, in: bytes)
  }

  private static func xmlText(_ key: String, in bytes: [UInt8]) -> String? {
    guard let document = try? XMLScanner.document(withoutDocumentType(bytes)),
      document.name == "plist", let values = document.first("dict")?.children
    else { return nil }
    for index in values.indices.dropLast()
    where values[index].name == "key" && values[index].text == key {
      let value = values[index + 1]
      return value.name == "string" ? value.text : nil
    }
    return nil
  }

  /// Blanks the document type, which the scanner refuses; one with declarations in it stays.
  private static func withoutDocumentType(_ bytes: [UInt8]) -> [UInt8] {
    let head = bytes.prefix(4096)
    guard let start = head.firstRange(of: "<!DOCTYPE".utf8)?.lowerBound,
      let end = head[start...].firstIndex(where: { ">[".utf8.contains($0) }),
      head[end] == UInt8(ascii: ">")
    else { return bytes }
    var blanked = bytes
    for index in start...end { blanked[index] = 0x20 }
    return blanked
  }
}

/// A binary property list, of which only the outermost dictionary is looked at.
private struct BinaryPropertyList {
  private let bytes: [UInt8]
  private let offsetWidth: Int
  private let referenceWidth: Int
  private let objectCount: Int
  private let top: Int
  private let table: Int

  init?(_ bytes: [UInt8]) {
    let trailer = bytes.count - 32
    guard trailer >= 8, let count = bytes.bigEndian(8, at: trailer + 8), count <= bytes.count,
      let top = bytes.bigEndian(8, at: trailer + 16), top < count,
      let table = bytes.bigEndian(8, at: trailer + 24), table < trailer
    else { return nil }
    self.bytes = bytes
    offsetWidth = Int(bytes[trailer + 6])
    referenceWidth = Int(bytes[trailer + 7])
    objectCount = count
    self.top = top
    self.table = table
    guard (1...8).contains(offsetWidth), (1...8).contains(referenceWidth) else { return nil }
  }

  func text(_ key: String) -> String? {
    guard let dictionary = content(of: top), dictionary.kind == 0xD else { return nil }
    let (start, count) = (dictionary.start, dictionary.count)
    for index in 0..<count where string(at: start + index * referenceWidth, limit: key) == key {
      return string(at: start + (count + index) * referenceWidth, limit: nil)
    }
    return nil
  }

  /// Returns the kind of an object, how many items it has, and where they begin.
  private func content(of object: Int) -> (kind: UInt8, count: Int, start: Int)? {
    guard object < objectCount,
      let offset = bytes.bigEndian(offsetWidth, at: table + object * offsetWidth), offset < table
    else { return nil }
    let (kind, low) = (bytes[offset] >> 4, Int(bytes[offset] & 0xF))
    guard low == 0xF else { return (kind, low, offset + 1) }
    // A count over 14 is a number object: 0x1k, then 2^k bytes.
    guard let mark = bytes.bigEndian(1, at: offset + 1), mark >> 4 == 1, mark & 0xF <= 3,
      let count = bytes.bigEndian(1 << (mark & 0xF), at: offset + 2), count <= bytes.count
    else { return nil }
    return (kind, count, offset + 2 + 1 << (mark & 0xF))
  }

  /// Returns the text that the reference at an offset means; nil when it cannot be `limit`.
  ///
  /// All keys of a hostile list can be one long text, and must not each be read.
  private func string(at offset: Int, limit: String?) -> String? {
    guard let object = bytes.bigEndian(referenceWidth, at: offset),
      let found = content(of: object), limit.map({ $0.utf8.count == found.count }) ?? true
    else { return nil }
    let width = found.kind == 5 ? 1 : 2
    guard found.kind == 5 || found.kind == 6, found.start + found.count * width <= table else {
      return nil
    }
    let range = found.start..<found.start + found.count * width
    guard width == 2 else { return String(decoding: bytes[range], as: UTF8.self) }
    let units = stride(from: range.lowerBound, to: range.upperBound, by: 2).map {
      UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1])
    }
    return String(decoding: units, as: UTF16.self)
  }
}
