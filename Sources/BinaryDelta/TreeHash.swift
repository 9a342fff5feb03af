internal import CCompression
internal import Crypto

/// The hash of one file's content or one link's target, as a tree's hash takes it.
package struct ContentHash: Sendable {
  private var sha1: Insecure.SHA1?
  private var crc: UInt = 0

  /// `size` is that of a file; nil for a link.
  package init(_ version: DeltaVersion, size: Int?) {
    switch version {
    case .three: sha1 = Insecure.SHA1()
    case .four:
      guard let size else { return }
      withUnsafeBytes(of: UInt64(size).littleEndian) { crc = crc32(crc, of: $0) }
    }
  }

  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    if sha1 == nil { crc = crc32(crc, of: bytes) } else { sha1?.update(bufferPointer: bytes) }
  }

  /// Twenty bytes of SHA-1, or the CRC-32 as eight bytes.
  package func finish() -> [UInt8] {
    if let sha1 { return Array(sha1.finalize()) }
    return withUnsafeBytes(of: UInt64(crc).littleEndian) { Array($0) }
  }
}

/// The hash by which Sparkle checks a bundle before and after a delta is applied.
///
/// `SUBinaryDeltaCommon.m` of Sparkle 2.9.2: SHA-1 for version 3, a running CRC-32 for version 4, over
/// content, path, type and permissions of every entry, folders before what is in them, siblings in the
/// order of their bytes. Neither the root's own permissions nor owners, dates and extended attributes.
package struct TreeHash: Sendable {
  private let version: DeltaVersion
  private var sha1 = Insecure.SHA1()
  private var crc: UInt = 0

  package init(_ version: DeltaVersion) {
    self.version = version
  }

  /// `content` is the entry's `ContentHash`; nil for a folder.
  package mutating func add(path: String, type: EntryType, mode: UInt16, content: [UInt8]?) {
    var bytes: [UInt8] = []
    if let content {
      bytes += content
    } else if version == .three {
      bytes += [UInt8](repeating: 0xDD, count: 20)
    }
    bytes += Array(path.utf8)
    bytes.append(little: type.number)
    bytes.append(little: type == .link ? 0o755 : mode & 0o7777)
    switch version {
    case .three: sha1.update(data: bytes)
    case .four: bytes.withUnsafeBytes { crc = crc32(crc, of: $0) }
    }
  }

  /// Twenty bytes; of the CRC-32 only the first four are used.
  package func finish() -> [UInt8] {
    switch version {
    case .three: return Array(sha1.finalize())
    case .four:
      let bytes = withUnsafeBytes(of: UInt64(crc).littleEndian) { Array($0) }
      return bytes + [UInt8](repeating: 0, count: 12)
    }
  }
}

extension EntryType {
  /// `FTS_D`, `FTS_F` and `FTS_SL` of `fts.h`, by which Sparkle walks.
  fileprivate var number: UInt16 {
    switch self {
    case .folder: 1
    case .file: 8
    case .link: 12
    }
  }
}

private func crc32(_ crc: UInt, of bytes: UnsafeRawBufferPointer) -> UInt {
  guard let start = bytes.baseAddress else { return crc }
  return crc32_z(crc, start.assumingMemoryBound(to: UInt8.self), bytes.count)
}
