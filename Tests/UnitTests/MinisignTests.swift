import Foundation
import HotfixTesting
import ReleaseModel
import Signatures
import Testing

@Suite struct MinisignTests {
  /// RFC 7693, appendix A, and Python's hashlib for the others.
  @Test func blake2bGivesThePublishedDigests() {
    #expect(
      hexadecimal(BLAKE2b.digest(Array("abc".utf8)))
        == "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
        + "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923"
    )
    #expect(
      hexadecimal(BLAKE2b.digest([], size: 18)) == "91a1a481a82eb3f3e6262de11f142d234945"
    )
    let long = (0..<768).map { UInt8($0 % 256) }
    #expect(
      hexadecimal(BLAKE2b.digest(long, size: 32))
        == "b8007121274217790e2923e0ad7027986e5a99d5531ef6ae7d294140fc81615d"
    )
  }

  @Test func verifiesWhatMinisignSigned() throws {
    let key = try #require(MinisignPublicKey(try Fixtures.text("minisign/key.pub")))
    let bytes = try Fixtures.bytes("minisign/file")
    for name in ["file.sig", "legacy.sig"] {
      let signature = try #require(MinisignSignature(try Fixtures.text("minisign/\(name)")))
      #expect(signature.holds(over: bytes, by: key), "\(name)")
      #expect(!signature.holds(over: bytes + [0], by: key))
      let other = try Fixtures.text("minisign/\(name)").replacing(
        "version:1.0.1",
        with: "version:9.9.9"
      )
      #expect(MinisignSignature(other)?.holds(over: bytes, by: key) == false)
    }
  }

  @Test func readsPlainAndEncryptedSecretKeys() throws {
    let key = try #require(MinisignPublicKey(try Fixtures.text("minisign/key.pub")))
    let plain = try MinisignKey(Secret(try Fixtures.text("minisign/key.sec")))
    #expect(plain.publicKey == key)
    // The password is "lantern"; Tauri's tool always writes this form, if only with an empty one.
    let locked = Secret(try Fixtures.text("minisign/locked.sec"))
    let opened = try MinisignKey(locked, password: Secret("lantern"))
    #expect(opened.publicKey == MinisignPublicKey(try Fixtures.text("minisign/locked.pub")))
    let bytes = try Fixtures.bytes("minisign/file")
    let made = try plain.sign(
      Content(bytes),
      trustedComment: "timestamp:1\tfile:file\tversion:1.0.1"
    )
    #expect(made.holds(over: bytes, by: key))
    #expect(MinisignSignature(base64File: made.base64File) == made)
    #expect(throws: Problem.self) { try MinisignKey(Secret("nonsense")) }
  }
}
