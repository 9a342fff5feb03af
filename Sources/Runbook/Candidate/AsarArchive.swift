internal import Feeds

// The form of an archive, as electron/asar writes it (`disk.ts`, `pickle.ts`, `filesystem.ts`):
//
// 1. Two Chromium pickles, little-endian: `4, headerSize`, then `payloadSize, jsonLength, JSON`,
//    padded to 4 bytes. `headerSize` is the size of the second pickle.
// 2. The JSON is `{"files": {name: entry}}`; an entry is a folder (`files`), a `link`, or a file:
//    `size`, and `offset` as decimal text, from the end of the header.
// 3. A file with `unpacked` lies beside the archive, not in it.

/// Reads the archive (`app.asar`) in which Electron apps carry their files.
///
/// The archive is attackers' data: each length is bounded, and the header is read without recursion.
package enum AsarArchive {
  /// The largest header that is read, in bytes.
  package static let headerBytesMax = 32 << 20
  /// The largest `package.json` that is read, in bytes.
  package static let fileBytesMax = 1 << 20
  /// The largest offset of a file after the header, in bytes.
  private static let offsetMax = 1 << 40
  /// An entry has a size, an offset and one digest per 4 MiB, so this is far more than it needs.
  private static let entryBytesMax = 1 << 16

  /// Returns the bytes of the archive's top-level `package.json`, or nil when it holds none.
  ///
  /// Nil as well for bytes that are no archive, for a file over the limits, and for one that lies
  /// beside the archive (`unpacked`). `read` returns the archive's bytes in a range, fewer where it
  /// ends before; it is called at most three times, and what it throws is thrown.
  package static func packageJSON(
    read: (Range<Int>) throws -> [UInt8]?
  ) throws -> [UInt8]? {
    guard let head = try read(0..<16), head.unsigned32(at: 0) == 4,
      let headerSize = head.unsigned32(at: 4), headerSize <= headerBytesMax,
      let jsonLength = head.unsigned32(at: 12), jsonLength + 8 <= headerSize,
      let header = try read(16..<16 + jsonLength), header.count == jsonLength,
      let place = place(of: "package.json", in: header)
    else { return nil }
    let start = 8 + headerSize + place.lowerBound
    guard let bytes = try read(start..<start + place.count), bytes.count == place.count else {
      return nil
    }
    return bytes
  }

  /// Where a top-level file lies, in bytes from the end of the header.
  private static func place(of name: String, in header: [UInt8]) -> Range<Int>? {
    guard let files = JSONWalk.member("files", of: header[...]),
      let bytes = JSONWalk.member(name, of: files), bytes.count <= entryBytesMax,
      let entry = try? JSONReader.document(Array(bytes)),
      entry["link"] == nil, entry["files"] == nil
    else { return nil }
    if case .bool(true, _)? = entry["unpacked"] { return nil }
    guard let size = entry["size"]?.integer, (0...fileBytesMax).contains(size),
      let text = entry["offset"]?.text, let offset = Int(text), (0...offsetMax).contains(offset)
    else { return nil }
    return offset..<offset + size
  }
}

/// Finds members of a JSON object in one pass, without a tree of the other values.
///
/// A header of 32 MiB describes some 100,000 files, of which one is wanted.
private enum JSONWalk {
  /// Each folder in an archive's header is two levels.
  private static let depthMax = 512

  /// Returns the bytes of a member's value; the last one where a key is there twice, as JavaScript.
  ///
  /// Nil when `json` does not begin with an object, does not close it, or is nested too deeply. Keys
  /// are compared as they are spelled, so a key with an escape is not found.
  static func member(_ name: String, of json: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    guard let start = json.firstIndex(where: { !isSpace($0) }), json[start] == brace else {
      return nil
    }
    var found: ArraySlice<UInt8>?
    var (depth, index) = (0, start)
    var isWanted = false
    var valueStart: Int?
    while index < json.endIndex {
      switch json[index] {
      case quote:
        guard let end = endOfString(json, from: index + 1) else { return nil }
        if depth == 1, valueStart == nil {
          isWanted = json[index + 1..<end].elementsEqual(name.utf8)
        }
        index = end
      case brace, bracket:
        depth += 1
        guard depth <= depthMax else { return nil }
      case comma where depth == 1, braceEnd where depth == 1, bracketEnd where depth == 1:
        if isWanted, let valueStart { found = json[valueStart..<index] }
        (isWanted, valueStart) = (false, nil)
        if json[index] != comma { return json[index] == braceEnd ? found : nil }
      case braceEnd, bracketEnd: depth -= 1
      case colon where depth == 1: valueStart = index + 1
      default: break
      }
      index += 1
    }
    return nil
  }

  /// The place of the quote that ends a text.
  private static func endOfString(_ json: ArraySlice<UInt8>, from start: Int) -> Int? {
    var index = start
    while index < json.endIndex, json[index] != quote {
      index += json[index] == backslash ? 2 : 1
    }
    return index < json.endIndex ? index : nil
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
  }

  private static let quote = UInt8(ascii: "\"")
  private static let backslash = UInt8(ascii: "\\")
  private static let brace = UInt8(ascii: "{")
  private static let braceEnd = UInt8(ascii: "}")
  private static let bracket = UInt8(ascii: "[")
  private static let bracketEnd = UInt8(ascii: "]")
  private static let comma = UInt8(ascii: ",")
  private static let colon = UInt8(ascii: ":")
}
