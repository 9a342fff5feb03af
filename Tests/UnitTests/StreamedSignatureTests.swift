import Crypto
import Foundation
import HotfixTesting
import ReleaseModel
import Testing

@testable import Signatures

/// Ed25519 over content in pieces makes and takes the same signatures as swift-crypto over the whole.
@Suite struct StreamedSignatureTests {
  /// Seed, message and signature of RFC 8032 §7.1: TEST 1, 2, 3 and SHA(abc).
  static let vectors: [(seed: String, message: String, signature: String)] = [
    (
      "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "",
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        + "d25bf5f0595bbe24655141438e7a100b"
    ),
    (
      "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "72",
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
        + "387b2eaeb4302aeeb00d291612bb0c00"
    ),
    (
      "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7", "af82",
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
        + "4a7c15e9716ed28dc027beceea1ec40a"
    ),
    (
      "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd"
        + "454d4423643ce80e2a9ac94fa54ca49f",
      "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e030"
        + "3dca179c138ac17ad9bef1177331a704"
    ),
  ]

  private static func bytes(_ hex: String) -> [UInt8] {
    let digits = Array(hex)
    return stride(from: 0, to: digits.count, by: 2).compactMap {
      UInt8(String(digits[$0...$0 + 1]), radix: 16)
    }
  }

  /// The bytes in pieces of many sizes, also empty ones.
  private static func inPieces(_ bytes: [UInt8]) -> Content {
    Content(size: bytes.count) { body in
      var rest = bytes[...]
      var size = 0
      while !rest.isEmpty {
        try Array(rest.prefix(size)).withUnsafeBytes { try body($0) }
        rest = rest.dropFirst(size)
        size = (size * 7 + 1) % 1021
      }
    }
  }

  private static func random(_ seed: UInt64, _ count: Int) -> [UInt8] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(truncatingIfNeeded: state >> 33)
    }
  }

  @Test(arguments: vectors)
  func signsAsTheRFC(_ vector: (seed: String, message: String, signature: String)) throws {
    let key = try UpdateKey(Secret(Data(Self.bytes(vector.seed)).base64EncodedString()))
    let content = Self.inPieces(Self.bytes(vector.message))
    let signature = Data(Self.bytes(vector.signature))
    #expect(try key.signStreamed(content) == signature.base64EncodedString())
    let publicKey = [UInt8](Data(base64Encoded: key.publicKey) ?? Data())
    #expect(try streamedHolds([UInt8](signature), over: content, by: publicKey))
  }

  @Test(arguments: UInt64(1)...24)
  func agreesWithSwiftCrypto(_ seed: UInt64) throws {
    let message = Self.random(seed, Int(seed * seed * 37) % 9001)
    let secret = Self.random(seed + 1000, 32)
    let content = Self.inPieces(message)
    let key = try Curve25519.Signing.PrivateKey(rawRepresentation: secret)
    let publicKey = [UInt8](key.publicKey.rawRepresentation)
    let own = try ExpandedKey(seed: secret, publicKey: publicKey).sign(content)
    #expect(key.publicKey.isValidSignature(own, for: message))
    #expect(try streamedHolds(own, over: content, by: publicKey))
    #if !canImport(Darwin)
      // Apple's signatures are randomised.
      #expect([UInt8](try key.signature(for: message)) == own)
    #endif
    // One bit changed anywhere: both say the same of it.
    for position in [0, 13, 31, 32, 47, 62, 63] {
      var other = own
      other[position] ^= 1 << UInt8(seed % 8)
      let theirs = key.publicKey.isValidSignature(other, for: message)
      #expect(try streamedHolds(other, over: content, by: publicKey) == theirs, "byte \(position)")
      #expect(!theirs)
    }
    #expect(try !streamedHolds(own, over: Self.inPieces(message + [0]), by: publicKey))
  }

  /// A second signature that is not below the order would verify too; RFC 8032 §5.1.7 refuses it.
  @Test func refusesASecondHalfOverTheOrder() throws {
    let secret = Self.random(5, 32)
    let key = try Curve25519.Signing.PrivateKey(rawRepresentation: secret)
    let publicKey = [UInt8](key.publicKey.rawRepresentation)
    var signature = [UInt8](try key.signature(for: [1, 2, 3]))
    let order = Self.bytes("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010")
    var carry = 0
    for index in 0..<32 {
      carry += Int(signature[32 + index]) + Int(order[index])
      signature[32 + index] = UInt8(carry & 255)
      carry >>= 8
    }
    #expect(try !streamedHolds(signature, over: Content([1, 2, 3]), by: publicKey))
    #expect(!key.publicKey.isValidSignature(signature, for: [1, 2, 3]))
  }

  /// Half of all 32 bytes are no point; whatever they are, both say the same.
  @Test(arguments: UInt64(1)...24)
  func takesTheSamePublicKeysAsSwiftCrypto(_ seed: UInt64) throws {
    let bytes = Self.random(seed, 32)
    let signature = Self.random(seed + 7, 63) + [0]
    let theirs = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes)
    #expect(theirs?.isValidSignature(signature, for: [1]) != true)
    #expect(try !streamedHolds(signature, over: Content([1]), by: bytes))
  }

  /// With the neutral point as the key, R = s × base is a "signature" of every message.
  @Test func refusesAKeyOfSmallOrder() throws {
    let neutral = [1] + [UInt8](repeating: 0, count: 31)
    let base = Self.bytes("5866666666666666666666666666666666666666666666666666666666666666")
    let signature = base + neutral
    #expect(Edwards25519.baseTimes(neutral) == base)
    #expect(try !streamedHolds(signature, over: Content([1, 2, 3]), by: neutral))
  }

  @Test func digestsInPiecesAreThoseOfTheWhole() throws {
    for count in [0, 1, 127, 128, 129, 255, 256, 257, 5000] {
      let bytes = Self.random(UInt64(count), count)
      let digests = try FileDigests(Self.inPieces(bytes))
      #expect(digests.sha512 == SHA512Text(bytes))
      #expect(digests.sha256 == hexadecimal(SHA256.hash(data: bytes)))
      #expect(digests.sha1 == hexadecimal(Insecure.SHA1.hash(data: bytes)))
      #expect(try BLAKE2b.digest(Self.inPieces(bytes)) == BLAKE2b.digest(bytes), "\(count)")
    }
  }
}
