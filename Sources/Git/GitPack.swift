internal import Signatures

/// A git pack of whole objects, stored uncompressed: one process writes many objects.
///
/// Format: git `gitformat-pack(5)`; zlib streams of stored blocks (RFC 1950, RFC 1951 §3.2.4).
enum GitPack {
  enum Kind: UInt8 {
    case commit = 1
    case tree = 2
  }

  static func bytes(_ objects: [(kind: Kind, content: [UInt8])], sha256: Bool) -> [UInt8] {
    var pack = Array("PACK".utf8) + bigEndian(2) + bigEndian(UInt32(objects.count))
    for object in objects {
      pack += header(object.kind, size: object.content.count)
      pack += stored(object.content)
    }
    return pack + checksum(pack, sha256: sha256)
  }

  private static func header(_ kind: Kind, size: Int) -> [UInt8] {
    var byte = kind.rawValue << 4 | UInt8(size & 15)
    var rest = size >> 4
    var bytes: [UInt8] = []
    while rest > 0 {
      bytes.append(byte | 0x80)
      byte = UInt8(rest & 0x7F)
      rest >>= 7
    }
    return bytes + [byte]
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
    return stream + bigEndian(adler32(content))
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

  private static func bigEndian(_ value: UInt32) -> [UInt8] {
    stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> UInt32($0)) }
  }
}
