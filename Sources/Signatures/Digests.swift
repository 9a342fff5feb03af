internal import Crypto
internal import Foundation
package import ReleaseModel

extension ContentDigest {
  /// Returns the SHA-256 digest of `bytes`.
  package static func of(_ bytes: some Sequence<UInt8>) -> ContentDigest {
    var hasher = DigestHasher()
    hasher.update(Array(bytes))
    return hasher.finish()
  }

  /// Returns the SHA-256 digest of the text's UTF-8 bytes.
  package static func of(_ text: String) -> ContentDigest { of(text.utf8) }
}

/// SHA-256 over bytes that come in pieces.
package struct DigestHasher {
  private var hasher = SHA256()

  package init() {}

  package mutating func update(_ bytes: [UInt8]) {
    hasher.update(data: bytes)
  }

  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    hasher.update(bufferPointer: bytes)
  }

  package func finish() -> ContentDigest {
    guard let digest = ContentDigest(hex: hexadecimal(hasher.finalize())) else {
      preconditionFailure("SHA-256 has 32 bytes.")
    }
    return digest
  }
}

/// Returns git's name of a loose object: SHA-1, or SHA-256 in a repository of that format.
package func gitObjectName(kind: String, _ content: [UInt8], sha256: Bool) -> String {
  let bytes = Array("\(kind) \(content.count)\0".utf8) + content
  return sha256
    ? hexadecimal(SHA256.hash(data: bytes)) : hexadecimal(Insecure.SHA1.hash(data: bytes))
}

package func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
  let digits = Array("0123456789abcdef".utf8)
  var text: [UInt8] = []
  for byte in bytes {
    text.append(digits[Int(byte >> 4)])
    text.append(digits[Int(byte & 15)])
  }
  return String(decoding: text, as: UTF8.self)
}

/// A SHA-512 digest in the two forms that electron-updater takes.
package struct SHA512Text: Sendable, Hashable {
  /// Base64 of 64 bytes, as `latest.yml` has it.
  package let base64: String
  /// 128 lower-case hexadecimal digits.
  package let hex: String

  package init(_ bytes: [UInt8]) {
    self.init(digest: Array(SHA512.hash(data: bytes)))
  }

  fileprivate init(digest: [UInt8]) {
    base64 = Data(digest).base64EncodedString()
    hex = hexadecimal(digest)
  }
}

/// Every digest of a file that some feed asks for.
package struct FileDigests: Sendable, Hashable {
  /// Lower-case hexadecimal digits.
  package let sha1: String
  package let sha256: String
  package let sha512: SHA512Text

  package init(_ content: Content) throws {
    var (one, two, five) = (Insecure.SHA1(), SHA256(), SHA512Hasher(for: content))
    try content.forEachPiece { piece in
      one.update(bufferPointer: piece)
      two.update(bufferPointer: piece)
      five.update(piece)
    }
    sha1 = hexadecimal(one.finalize())
    sha256 = hexadecimal(two.finalize())
    sha512 = SHA512Text(digest: five.finish())
  }
}
