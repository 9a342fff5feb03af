import Foundation
import HotfixTesting
import Record
import ReleaseModel
import Signatures
import Testing

/// Signatures made by ssh-keygen, git and python-cryptography (Tests/Fixtures/ssh, and below).
@Suite struct SignatureTests {
  // RFC 8032 seed 00…1f; the same key in the form that Sparkle wrote before 2.6.
  static let seed = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
  static let old =
    "OJTupJxYCu+BaTV2K+BJVZ1tFEDe3hLmoSXxhB//jm+p1xhio+V0a1cb49GHsAQQRvUuvYUMfL1f3o7jhHO2SQOhB7/"
    + "zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
  static let publicKey = "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="
  static let message = Array("a lamp and a wick\n".utf8)
  static let signature =
    "bx++BegJwfVWClFyeT4zrNcLd5ZdU5WKIvDHrHcT+WQpBlbS8VjDpzfMVn+5LMyPDogTkn2elAkwfG+mHEy9Dw=="

  /// RFC 4251 §6: what is no name of an algorithm would get into lists, commands and messages.
  @Test(arguments: [
    "", "a b", "a\nb", "a,b", "a\u{1B}", "\u{E9}", String(repeating: "a", count: 65),
  ])
  func aKeysTypeIsAName(_ type: String) {
    func blob(_ type: [UInt8]) -> [UInt8] {
      [0, 0, 0, UInt8(type.count)] + type + [0, 0, 0, 1, 9]
    }
    #expect(SSHPublicKey(blob: blob(Array(type.utf8))) == nil)
    #expect(SSHPublicKey(blob: blob([0xFF])) == nil)
    #expect(SSHPublicKey(blob: blob(Array("sk-ssh-ed25519@openssh.com".utf8))) != nil)
  }

  @Test func theOldKeySignsByteForByteAsOthersDo() throws {
    let key = try UpdateKey(Secret(Self.old + "\n"))
    #expect(key.publicKey == Self.publicKey)
    #expect(try key.sign(Self.message) == Self.signature)
  }

  @Test func theSeedSignsSoThatOthersVerify() throws {
    let key = try UpdateKey(Secret(Self.seed))
    #expect(key.publicKey == Self.publicKey)
    let signature = try key.sign(Self.message)
    #expect(edSignatureHolds(signature, over: Self.message, publicKey: Self.publicKey))
  }

  @Test(arguments: 0..<20)
  func bothFormsSignAnyLength(_ length: Int) throws {
    let message = (0..<length * 37).map { UInt8($0 % 251) }
    let signature = try UpdateKey(Secret(Self.old)).sign(message)
    #expect(edSignatureHolds(signature, over: message, publicKey: Self.publicKey))
  }

  @Test func refusesAChangedMessageKeyOrSignature() {
    #expect(edSignatureHolds(Self.signature, over: Self.message, publicKey: Self.publicKey))
    #expect(!edSignatureHolds(Self.signature, over: Self.message + [0], publicKey: Self.publicKey))
    #expect(!edSignatureHolds("", over: Self.message, publicKey: Self.publicKey))
    #expect(!edSignatureHolds(Self.signature, over: Self.message, publicKey: Self.seed))
    #expect(
      !edSignatureHolds(
        "Z" + Self.signature.dropFirst(),
        over: Self.message,
        publicKey: Self.publicKey
      )
    )
  }

  @Test(arguments: ["", "AAAA", "not base64", seed + seed])
  func refusesWhatIsNoKey(_ text: String) {
    let problem = #expect(throws: Problem.self) { try UpdateKey(Secret(text)) }
    #expect(problem?.code == "key.unreadable")
  }

  @Test func refusesAnOldKeyWhoseHalvesDoNotBelongTogether() {
    var bytes = [UInt8](Data(base64Encoded: Self.old) ?? Data())
    bytes[95] ^= 1
    let text = Data(bytes).base64EncodedString()
    let problem = #expect(throws: Problem.self) { try UpdateKey(Secret(text)) }
    #expect(problem?.code == "key.inconsistent")
  }

  @Test(arguments: ["ed25519", "ecdsa", "e384", "e521"])
  func verifiesWhatSSHKeygenSigned(_ name: String) throws {
    let signature = try #require(SSHSignature(armor: Fixtures.text("ssh/\(name).sig")))
    #expect(signature.verify(Array("hello\n".utf8), namespace: "git") == .good)
    #expect(signature.verify(Array("hullo\n".utf8), namespace: "git") != .good)
    #expect(signature.verify(Array("hello\n".utf8), namespace: "file") != .good)
    let key = try #require(SSHPublicKey(line: Fixtures.text("ssh/\(name).pub")))
    #expect(signature.key == key)
  }

  @Test func leavesRSAToSSHKeygen() throws {
    let signature = try #require(SSHSignature(armor: Fixtures.text("ssh/rsa.sig")))
    #expect(signature.verify(Array("hello\n".utf8), namespace: "git") == .needsProgram)
  }

  @Test func signsByteForByteAsSSHKeygenDoes() throws {
    let key = Secret(try Fixtures.text("ssh/ed25519.private"))
    let armor = SSHSignature.sign(Array("hello\n".utf8), namespace: "git", privateKeyFile: key)
    // Ed25519 may be randomised by the library, so the signature is compared by verifying it.
    let signature = try #require(armor.flatMap { SSHSignature(armor: $0) })
    #expect(signature.verify(Array("hello\n".utf8), namespace: "git") == .good)
    let theirs = try Fixtures.text("ssh/ed25519.sig")
    #expect(armor?.split(separator: "\n").count == theirs.split(separator: "\n").count)
  }

  @Test func readsACommitAsGitSignsIt() throws {
    let object = try Fixtures.bytes("ssh/commit.txt")
    let commit = try #require(RecordCommit(name: "x", object: object))
    let signature = try #require(commit.signature.flatMap { SSHSignature(armor: $0) })
    #expect(signature.verify(commit.signedBytes, namespace: "git") == .good)
    #expect(commit.message == "A commit\n")
    let again = RecordCommit.signed(
      commit.signedBytes,
      signature: commit.signature ?? "",
      sha256: false
    )
    #expect(again == object, "taking apart and putting together gives the same bytes")
  }

  @Test func survivesEveryTruncationOfASignature() throws {
    let armor = try Fixtures.text("ssh/ecdsa.sig")
    for length in 0..<armor.count { _ = SSHSignature(armor: String(armor.prefix(length))) }
    let lines = armor.split(separator: "\n")
    let body = Data(base64Encoded: lines.dropFirst().dropLast().joined()) ?? Data()
    for length in 0..<body.count {
      let cut = Data(body.prefix(length)).base64EncodedString()
      let text = "\(lines[0])\n\(cut)\n\(lines[lines.count - 1])\n"
      _ = SSHSignature(armor: text)?.verify([1], namespace: "git")
    }
  }

  @Test func digestsAsEveryoneDoes() {
    // FIPS 180-2, appendix B.1.
    #expect(
      ContentDigest.of("abc").hex
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )
    // git hash-object -t tree /dev/null
    #expect(
      gitObjectName(kind: "tree", [], sha256: false) == "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
    )
  }
}
