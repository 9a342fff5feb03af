// The form of a program for Windows, by Microsoft's "PE Format" and "VS_VERSIONINFO structure":
//
// 1. At 0x3C of the DOS header lies the offset of `PE\0\0`; then the COFF header (20 bytes), the
//    optional header (its third data directory is the resources) and the section table.
// 2. The resources are three levels of directories: type (16 is a version), name, language. Offsets
//    in them count from the first directory; only the data itself has an address in memory.
// 3. A version resource is a tree of blocks: length, length of the value, type, key in UTF-16 with a
//    zero, value, blocks; keys and values begin at multiples of 4 bytes.

/// Reads the version resource of a program for Windows.
///
/// The file is attackers' data: exactly three levels of directories are followed, each length is
/// bounded, and each byte of the resource is read at most once for each of its four levels.
package struct PortableExecutable {
  /// The versions in a version resource.
  package struct Version: Sendable, Hashable {
    /// The text `ProductVersion` of the first language that has either text.
    package let productVersion: String?
    /// The text `FileVersion` of the same language.
    package let fileVersion: String?
    /// The four numbers of the fixed part's product version, as `1.0.1.0`.
    package let fixedProductVersion: String?
    /// The four numbers of the fixed part's file version, as `1.0.1.7`.
    package let fixedFileVersion: String?
  }

  /// The largest version resource that is read, in bytes; real ones have about a thousand.
  package static let resourceBytesMax = 1 << 16
  /// The most sections that Windows loads.
  package static let sectionsMax = 96
  /// The most entries of a resource directory that are looked at.
  package static let entriesMax = 4096

  private struct Section {
    /// Where it begins in memory, from the program's base.
    let address: Int
    /// What the file holds of it, in bytes.
    let size: Int
    /// Where it begins in the file.
    let offset: Int
  }

  private let read: (Range<Int>) throws -> [UInt8]?
  private let sections: [Section]
  private let resources: Int

  /// Returns what the version resource says, or nil when there is none or the file is malformed.
  ///
  /// `read` returns the file's bytes in a range, fewer where it ends before; it is called at most
  /// eleven times for at most 70,000 bytes, and what it throws is thrown.
  package static func version(read: (Range<Int>) throws -> [UInt8]?) throws -> Version? {
    try withoutActuallyEscaping(read) { read in
      guard let program = try PortableExecutable(read: read),
        let resource = try program.resource(type: 16)
      else { return nil }
      return VersionResource(bytes: resource).version
    }
  }

  /// Reads the headers; nil when this is no program or it has no resources.
  private init?(read: @escaping (Range<Int>) throws -> [UInt8]?) throws {
    guard let dos = try read(0..<64), dos.starts(with: "MZ".utf8),
      let start = dos.unsigned32(at: 0x3C),
      let coff = try read(start..<start + 24), coff.starts(with: [0x50, 0x45, 0, 0]),
      let sectionCount = coff.unsigned16(at: 6), sectionCount <= Self.sectionsMax,
      let optionalSize = coff.unsigned16(at: 20),
      let table = try read(start + 24..<start + 24 + optionalSize + 40 * sectionCount),
      let magic = table.unsigned16(at: 0), magic == 0x10B || magic == 0x20B
    else { return nil }
    let directories = magic == 0x10B ? 96 : 112
    guard optionalSize >= directories + 24,
      let count = table.unsigned32(at: directories - 4), count > 2,
      let resources = table.unsigned32(at: directories + 16), resources > 0
    else { return nil }
    self.read = read
    self.resources = resources
    sections = (0..<sectionCount).compactMap { number in
      let at = optionalSize + 40 * number
      guard let address = table.unsigned32(at: at + 12), let size = table.unsigned32(at: at + 16),
        let offset = table.unsigned32(at: at + 20)
      else { return nil }
      return Section(address: address, size: size, offset: offset)
    }
  }

  /// Reads `count` bytes at an address in memory.
  private func bytes(at address: Int, count: Int) throws -> [UInt8]? {
    let holding = sections.first {
      address >= $0.address && address + count <= $0.address + $0.size
    }
    guard let holding else { return nil }
    let start = address - holding.address + holding.offset
    guard let bytes = try read(start..<start + count), bytes.count == count else { return nil }
    return bytes
  }

  /// Returns the first resource of a type: its first name, and of that its first language.
  private func resource(type: Int) throws -> [UInt8]? {
    guard let names = try entry(at: 0, where: { $0 == type }), names.isDirectory,
      let languages = try entry(at: names.offset, where: { _ in true }), languages.isDirectory,
      let leaf = try entry(at: languages.offset, where: { _ in true }), !leaf.isDirectory,
      let data = try bytes(at: resources + leaf.offset, count: 16),
      let address = data.unsigned32(at: 0), let size = data.unsigned32(at: 4),
      size <= Self.resourceBytesMax
    else { return nil }
    return try bytes(at: address, count: size)
  }

  /// Returns the first entry of a directory whose number is wanted; `offset` counts from the first.
  private func entry(
    at offset: Int,
    where isWanted: (Int) -> Bool
  ) throws -> (isDirectory: Bool, offset: Int)? {
    guard let head = try bytes(at: resources + offset, count: 16),
      let named = head.unsigned16(at: 12), let numbered = head.unsigned16(at: 14),
      let table = try bytes(
        at: resources + offset + 16,
        count: 8 * min(named + numbered, Self.entriesMax)
      )
    else { return nil }
    for at in stride(from: 0, to: table.count, by: 8) {
      guard let name = table.unsigned32(at: at), let value = table.unsigned32(at: at + 4) else {
        return nil
      }
      if isWanted(name) { return (value >> 31 == 1, value & 0x7FFF_FFFF) }
    }
    return nil
  }
}

/// The blocks of a version resource.
private struct VersionResource {
  private struct Block {
    let key: String
    let value: Int
    /// Of the value: bytes, or 16-bit units where it is a text; some compilers say bytes there too.
    let valueLength: Int
    let end: Int
  }

  /// Keys are at most `VarFileInfo`, `StringFileInfo` and names of strings.
  private static let keyUnitsMax = 64

  let bytes: [UInt8]

  var version: PortableExecutable.Version? {
    guard let root = block(at: 0, before: bytes.count), root.key == "VS_VERSION_INFO" else {
      return nil
    }
    let hasFixed = root.valueLength >= 52 && bytes.unsigned32(at: root.value) == 0xFEEF_04BD
    let texts = strings(of: root)
    return PortableExecutable.Version(
      productVersion: texts["ProductVersion"],
      fileVersion: texts["FileVersion"],
      fixedProductVersion: hasFixed ? numbers(at: root.value + 16, before: root.end) : nil,
      fixedFileVersion: hasFixed ? numbers(at: root.value + 8, before: root.end) : nil
    )
  }

  /// The versions in the first language's table that has one.
  private func strings(of root: Block) -> [String: String] {
    let start = aligned(root.value + root.valueLength)
    for info in blocks(from: start, before: root.end) where info.key == "StringFileInfo" {
      for table in blocks(from: info.value, before: info.end) {
        var found: [String: String] = [:]
        for string in blocks(from: table.value, before: table.end)
        where string.key == "ProductVersion" || string.key == "FileVersion" {
          found[string.key] = text(from: string.value, before: string.end)?.text
        }
        if !found.isEmpty { return found }
      }
    }
    return [:]
  }

  private func blocks(from start: Int, before end: Int) -> [Block] {
    var found: [Block] = []
    var at = start
    while let block = block(at: at, before: end) {
      found.append(block)
      at = aligned(block.end)
    }
    return found
  }

  private func block(at offset: Int, before end: Int) -> Block? {
    guard let length = bytes.unsigned16(at: offset), length >= 8, offset + length <= end,
      let valueLength = bytes.unsigned16(at: offset + 2),
      let key = text(from: offset + 6, before: offset + min(length, 6 + 2 * Self.keyUnitsMax))
    else { return nil }
    return Block(
      key: key.text,
      value: aligned(key.end),
      valueLength: valueLength,
      end: offset + length
    )
  }

  /// Returns the UTF-16 text up to its zero or to `end`, and where what follows begins.
  private func text(from start: Int, before end: Int) -> (text: String, end: Int)? {
    var units: [UInt16] = []
    var at = start
    while at + 2 <= end, let unit = bytes.unsigned16(at: at) {
      at += 2
      if unit == 0 { break }
      units.append(UInt16(unit))
    }
    return (String(decoding: units, as: UTF16.self), at)
  }

  private func numbers(at offset: Int, before end: Int) -> String? {
    guard offset + 8 <= end, let high = bytes.unsigned32(at: offset),
      let low = bytes.unsigned32(at: offset + 4)
    else { return nil }
    return [high >> 16, high & 0xFFFF, low >> 16, low & 0xFFFF].map(String.init)
      .joined(separator: ".")
  }

  private func aligned(_ offset: Int) -> Int { (offset + 3) & ~3 }
}
