internal import ReleaseModel

/// An electron-updater block map: a file as blocks with digests, so that a client downloads only
/// the blocks that it does not have.
///
/// Format: `{"version":"2","files":[{"name","offset","checksums","sizes"}]}`, gzipped beside the
/// artifact; checksums are base64 of BLAKE2b with 18 bytes. How blocks were cut is free.
package struct BlockMap: Sendable, Hashable {
  package struct Block: Sendable, Hashable {
    package let checksum: String
    package let size: Int

    package init(checksum: String, size: Int) {
      self.checksum = checksum
      self.size = size
    }
  }

  package let blocks: [Block]

  package init(blocks: [Block]) {
    self.blocks = blocks
  }

  /// Reads the JSON inside of a `.blockmap` file.
  ///
  /// Throws `feed.malformed`.
  package init(json bytes: [UInt8]) throws {
    let root = try JSONReader.document(bytes)
    guard let file = root["files"]?.items?.first, let checksums = file["checksums"]?.items,
      let sizes = file["sizes"]?.items, checksums.count == sizes.count,
      checksums.count <= 1_000_000
    else { throw JSONReader.malformed("it is no block map", bytes, 0) }
    blocks = try zip(checksums, sizes).map { checksum, size in
      guard let text = checksum.text, text.utf8.count == 24, let count = size.integer, count > 0,
        count <= 1 << 30
      else { throw JSONReader.malformed("a block is not usable", bytes, size.range.lowerBound) }
      return Block(checksum: text, size: count)
    }
  }

  package var json: [UInt8] {
    let checksums = blocks.map { "\"\($0.checksum)\"" }.joined(separator: ",")
    let sizes = blocks.map { "\($0.size)" }.joined(separator: ",")
    return Array(
      ("{\"version\":\"2\",\"files\":[{\"name\":\"file\",\"offset\":0,\"checksums\":[\(checksums)],"
        + "\"sizes\":[\(sizes)]}]}").utf8
    )
  }

  package var size: Int { blocks.reduce(0) { $0 + $1.size } }

  /// Where a file is cut: by content, so that an insertion moves no later cut.
  ///
  /// A gear hash over the last bytes; blocks of 8 to 32 KiB, 16 on the average, as
  /// electron-builder's are.
  package static func cuts(_ bytes: [UInt8]) -> [Int] {
    let smallest = 8 << 10
    let largest = 32 << 10
    let mask: UInt64 = 0x1FFF << 48
    var cuts: [Int] = []
    var start = 0
    var hash: UInt64 = 0
    for index in bytes.indices {
      hash = (hash << 1) &+ gear(bytes[index])
      let length = index + 1 - start
      guard length >= largest || (length >= smallest && hash & mask == 0) else { continue }
      cuts.append(index + 1)
      start = index + 1
      hash = 0
    }
    if start < bytes.count { cuts.append(bytes.count) }
    return cuts
  }

  /// SplitMix64 of a byte: well mixed, and the same everywhere.
  private static func gear(_ byte: UInt8) -> UInt64 {
    var z = (UInt64(byte) &+ 1) &* 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// The byte ranges of the new file that a client with the old one has to download.
  ///
  /// Blocks that the old map lists are copied; neighbours that it lacks are one request
  /// (`DifferentialDownloader`).
  package func downloads(having old: BlockMap) -> [Range<Int>] {
    let there = Set(old.blocks.map(\.checksum))
    var ranges: [Range<Int>] = []
    var offset = 0
    for block in blocks {
      let range = offset..<(offset + block.size)
      offset = range.upperBound
      if there.contains(block.checksum) { continue }
      if let last = ranges.last, last.upperBound == range.lowerBound {
        ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
      } else {
        ranges.append(range)
      }
    }
    return ranges
  }

  /// Why the map does not describe the file, or nil; `checksum` makes a block's checksum.
  package func mismatch(
    _ bytes: [UInt8],
    checksum: (ArraySlice<UInt8>) -> String
  ) -> String? {
    guard size == bytes.count else { return "it is for \(size) bytes; the file has \(bytes.count)" }
    var offset = 0
    for (number, block) in blocks.enumerated() {
      guard checksum(bytes[offset..<(offset + block.size)]) == block.checksum else {
        return "block \(number + 1) at byte \(offset) has another checksum"
      }
      offset += block.size
    }
    return nil
  }
}
