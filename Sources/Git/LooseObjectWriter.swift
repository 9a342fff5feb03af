package import ReleaseModel
internal import Signatures

/// Writes objects of git as loose objects, without starting a process for each.
///
/// Format: git `gitrepository-layout(5)`, `objects/[0-9a-f][0-9a-f]`: a zlib stream of
/// `<kind> SP <size> NUL <content>`. The stream's blocks are stored (RFC 1950, RFC 1951 §3.2.4): what
/// is written here is small, and git compresses it anew when it is pushed or packed.
package struct LooseObjectWriter: Sendable {
  private let folder: FilePath
  private let sha256: Bool
  private let put: @Sendable (FilePath, [UInt8]) throws -> Void

  /// `folder` is the repository's `objects`; `put` writes a file whole or not at all, and leaves one
  /// alone that is there.
  package init(
    folder: FilePath,
    sha256: Bool,
    put: @escaping @Sendable (FilePath, [UInt8]) throws -> Void
  ) {
    self.folder = folder
    self.sha256 = sha256
    self.put = put
  }

  package func write(_ kind: String, _ content: [UInt8]) throws -> String {
    let name = gitObjectName(kind: kind, content, sha256: sha256)
    let path = folder.appending(String(name.prefix(2))).appending(String(name.dropFirst(2)))
    try put(path, Self.stored(Array("\(kind) \(content.count)\0".utf8) + content))
    return name
  }

  private static func stored(_ content: [UInt8]) -> [UInt8] {
    var stream: [UInt8] = [0x78, 0x01]
    var rest = content[...]
    repeat {
      let block = rest.prefix(65_535)
      rest = rest.dropFirst(block.count)
      let size = UInt16(block.count)
      stream.append(rest.isEmpty ? 1 : 0)
      stream += [UInt8(size & 255), UInt8(size >> 8), UInt8(~size & 255), UInt8(~size >> 8)]
      stream += block
    } while !rest.isEmpty
    let check = adler32(content)
    return stream
      + stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: check >> UInt32($0)) }
  }

  private static func adler32(_ bytes: [UInt8]) -> UInt32 {
    var a: UInt32 = 1
    var b: UInt32 = 0
    for byte in bytes {
      a = (a + UInt32(byte)) % 65_521
      b = (b + a) % 65_521
    }
    return b << 16 | a
  }
}
