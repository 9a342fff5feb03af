import Crypto
import Foundation
import Testing

@testable import Signatures

/// The system's OpenSSL and swift-crypto hash to the same bytes.
@Suite struct SHA512HasherTests {
  enum Backend: CaseIterable {
    case swiftCrypto
    case system

    var hasher: SHA512Hasher? { self == .system ? .system : .swiftCrypto }
    static var present: [Self] { allCases.filter { $0.hasher != nil } }
  }

  /// Messages and digests of NIST's examples for FIPS 180-4, and of nothing.
  static let vectors: [(message: String, digest: String)] = [
    (
      "abc",
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd"
        + "454d4423643ce80e2a9ac94fa54ca49f"
    ),
    (
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrs"
        + "mnopqrstnopqrstu",
      "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018501d289e4900f7e4331b99dec4b5433a"
        + "c7d329eeb6dd26545e96e55b874be909"
    ),
    (
      String(repeating: "a", count: 1_000_000),
      "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973ebde0ff244877ea60a4cb0432ce577c31b"
        + "eb009c5c2c49aa2e4eadb217ad8cc09b"
    ),
    (
      "",
      "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f"
        + "63b931bd47417a81a538327af927da3e"
    ),
  ]

  private static func digest(
    _ bytes: [UInt8],
    by backend: Backend,
    pieces: (Int) -> Int
  ) throws -> [UInt8] {
    var hasher = try #require(backend.hasher)
    var rest = bytes[...]
    var number = 0
    while !rest.isEmpty {
      let size = pieces(number)
      rest.prefix(size).withUnsafeBytes { hasher.update($0) }
      rest = rest.dropFirst(size)
      number += 1
    }
    return hasher.finish()
  }

  @Test(arguments: Backend.present, vectors)
  func hashesAsFIPS180(_ backend: Backend, _ vector: (message: String, digest: String)) throws {
    let bytes = Array(vector.message.utf8)
    let whole = try Self.digest(bytes, by: backend) { _ in bytes.count }
    #expect(hexadecimal(whole) == vector.digest)
    let inPieces = try Self.digest(bytes, by: backend) { $0 * 31 % 257 }
    #expect(hexadecimal(inPieces) == vector.digest)
  }

  @Test(arguments: Backend.present, UInt64(0)..<48)
  func hashesRandomBytesInAnyPieces(_ backend: Backend, _ seed: UInt64) throws {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    func next() -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33)
    }
    let bytes = (0..<next() % 20_000).map { _ in UInt8(truncatingIfNeeded: next()) }
    let digest = try Self.digest(bytes, by: backend) { _ in next() % 700 }
    #expect(digest == Array(SHA512.hash(data: bytes)))
  }

  /// A copy goes on by itself.
  @Test(arguments: Backend.present)
  func isAValue(_ backend: Backend) throws {
    var one = try #require(backend.hasher)
    Array("a".utf8).withUnsafeBytes { one.update($0) }
    var other = one
    Array("b".utf8).withUnsafeBytes { one.update($0) }
    Array("c".utf8).withUnsafeBytes { other.update($0) }
    #expect(one.finish() == Array(SHA512.hash(data: Array("ab".utf8))))
    #expect(other.finish() == Array(SHA512.hash(data: Array("ac".utf8))))
  }

  @Test func loadsTheSystemsLibraryForLargeContentAlone() {
    let small = Content(size: 16 << 20) { _ in }
    let large = Content(size: 16 << 20 + 1) { _ in }
    #expect(!SHA512Hasher(for: small).isSystem)
    #expect(SHA512Hasher(for: large).isSystem == (SHA512Hasher.system != nil))
  }

  private static var hasLibrary: Bool {
    ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib"].contains {
      FileManager.default.fileExists(atPath: $0 + "/libcrypto.so.3")
    }
  }

  @Test(.enabled(if: hasLibrary, "This system has no OpenSSL 3."))
  func findsTheSystemsLibrary() {
    #expect(SHA512Hasher.system != nil)
  }
}
