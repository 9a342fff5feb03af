// minisign's files (jedisct1/minisign 0.11, format description), which Tauri's updater reads:
//
//   public key   "Ed" ‖ key number (8) ‖ Ed25519 public key (32)
//   secret key   "Ed" ‖ "Sc" or 0 0 ‖ "B2" ‖ salt (32) ‖ opslimit (8) ‖ memlimit (8) ‖
//                [key number (8) ‖ seed and public key (64) ‖ checksum (32)], scrypt-encrypted
//   signature    "Ed" or "ED" ‖ key number (8) ‖ Ed25519 over the file, or over its BLAKE2b-512
//   and over signature ‖ trusted comment a second, "global" signature.
//
// A `.sig` file has four lines; Tauri carries base64 of the whole file, and of the whole `.pub`.

internal import Crypto
internal import CSodium
internal import Foundation
package import ReleaseModel

/// A minisign signature, read from its four lines.
package struct MinisignSignature: Sendable, Hashable {
  package let algorithm: String
  package let keyNumber: [UInt8]
  package let signature: [UInt8]
  package let trustedComment: String
  package let globalSignature: [UInt8]
  /// The whole file.
  package let text: String

  /// Base64 of the whole file, as Tauri's `latest.json` has it.
  package var base64File: String { Data(text.utf8).base64EncodedString() }

  /// Returns nil for anything that minisign would not read.
  package init?(_ text: String) {
    let lines = text.lines(omittingEmpty: false).map(String.init)
    guard lines.count >= 4, text.utf8.count <= 16_384, lines[0].hasPrefix("untrusted comment: "),
      lines[2].hasPrefix("trusted comment: "),
      let first = Data(base64Encoded: lines[1]), first.count == 74,
      let last = Data(base64Encoded: lines[3]), last.count == 64
    else { return nil }
    let bytes = [UInt8](first)
    algorithm = String(decoding: bytes[0..<2], as: UTF8.self)
    guard algorithm == "Ed" || algorithm == "ED" else { return nil }
    keyNumber = Array(bytes[2..<10])
    signature = Array(bytes[10...])
    trustedComment = String(lines[2].dropFirst("trusted comment: ".count))
    globalSignature = [UInt8](last)
    self.text = text
  }

  /// Reads base64 of a whole file.
  package init?(base64File: String) {
    guard let data = Data(base64Encoded: base64File), let text = String(data: data, encoding: .utf8)
    else { return nil }
    self.init(text)
  }

  /// Whether the file and the trusted comment are signed by this key.
  package func holds(over bytes: [UInt8], by key: MinisignPublicKey) -> Bool {
    (try? holds(over: Content(bytes), by: key)) ?? false
  }

  /// As for bytes, in memory that does not grow with the content; throws when it cannot be read.
  package func holds(over content: Content, by key: MinisignPublicKey) throws -> Bool {
    guard key.keyNumber == keyNumber,
      let verifier = try? Curve25519.Signing.PublicKey(rawRepresentation: key.key),
      verifier.isValidSignature(globalSignature, for: signature + Array(trustedComment.utf8))
    else { return false }
    guard algorithm == "ED" else {
      return try ed25519Holds(signature, over: content, by: key.key)
    }
    return verifier.isValidSignature(signature, for: try BLAKE2b.digest(content))
  }
}

/// The public half, as an app carries it.
package struct MinisignPublicKey: Sendable, Hashable {
  package let keyNumber: [UInt8]
  package let key: [UInt8]

  package init(keyNumber: [UInt8], key: [UInt8]) {
    self.keyNumber = keyNumber
    self.key = key
  }

  /// Reads a `.pub` file, its second line alone, or Tauri's base64 of the whole file.
  package init?(_ text: String) {
    let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
    let line = trimmed.lines().last.map(String.init) ?? trimmed
    guard let data = Data(base64Encoded: line) else { return nil }
    if data.count == 42, data.starts(with: "Ed".utf8) {
      keyNumber = Array(data[2..<10])
      key = Array(data[10...])
    } else if let inner = String(data: data, encoding: .utf8), inner.utf8.contains(0x0A),
      let key = MinisignPublicKey(inner)
    {
      self = key
    } else {
      return nil
    }
  }

  package var text: String {
    let number = hexadecimal(keyNumber.reversed()).uppercased()
    return "untrusted comment: minisign public key \(number)\n"
      + Data(Array("Ed".utf8) + keyNumber + key).base64EncodedString() + "\n"
  }

  /// Base64 of the whole file, as `tauri.conf.json` has it.
  package var base64File: String { Data(text.utf8).base64EncodedString() }
}

/// The secret half.
package struct MinisignKey: Sendable {
  package let publicKey: MinisignPublicKey
  private let seed: [UInt8]

  /// Reads a secret key file, or Tauri's base64 of one; `password` opens an encrypted one.
  ///
  /// Throws `key.unreadable` or `key.password`.
  package init(_ secret: Secret, password: Secret? = nil) throws {
    let bytes = try Self.bytes(secret)
    guard bytes.count == 158, bytes.starts(with: "Ed".utf8) else { throw Self.unreadable }
    var body = Array(bytes[54...])
    let isEncrypted = bytes[2..<4].elementsEqual("Sc".utf8)
    if isEncrypted {
      let stream = try Self.scrypt(
        password ?? Secret(""),
        salt: Array(bytes[6..<38]),
        opslimit: littleEndian(bytes[38..<46]),
        memlimit: littleEndian(bytes[46..<54])
      )
      for index in body.indices { body[index] ^= stream[index] }
    }
    let number = Array(body[0..<8])
    let checked = BLAKE2b.digest(Array("Ed".utf8) + body[0..<72], size: 32)
    // minisign leaves the checksum of an unencrypted key empty.
    guard !isEncrypted || checked.elementsEqual(body[72...]) else {
      throw Problem(
        "key.password",
        "The minisign key could not be opened.",
        why: "Its checksum does not hold, so the password is another one.",
        next: ["Set the password in the environment; an empty one is tried without."]
      )
    }
    seed = Array(body[8..<40])
    publicKey = MinisignPublicKey(keyNumber: number, key: Array(body[40..<72]))
    let own = try Curve25519.Signing.PrivateKey(rawRepresentation: seed).publicKey
    guard own.rawRepresentation.elementsEqual(publicKey.key) else { throw Self.unreadable }
  }

  private static var unreadable: Problem {
    Problem(
      "key.unreadable",
      "The minisign key could not be read.",
      why: "It has to be a minisign secret key file, or base64 of a whole one, as Tauri has it.",
      next: ["minisign -G -W -p key.pub -s key.sec     or:  tauri signer generate"]
    )
  }

  private static func bytes(_ secret: Secret) throws -> [UInt8] {
    let text = secret.reveal().trimmingCharacters(in: .whitespacesAndNewlines)
    let line = text.lines().last.map(String.init) ?? text
    guard let data = Data(base64Encoded: line) else { throw unreadable }
    if data.count != 158, let inner = String(data: data, encoding: .utf8), inner.utf8.contains(0x0A)
    {
      return try bytes(Secret(inner))
    }
    return [UInt8](data)
  }

  /// libsodium's `crypto_pwhash_scryptsalsa208sha256`: its limits as scrypt's N and p, r = 8.
  private static func scrypt(
    _ password: Secret,
    salt: [UInt8],
    opslimit: UInt64,
    memlimit: UInt64
  ) throws -> [UInt8] {
    let ops = max(opslimit, 32_768)
    var logN = 1
    var p: UInt64 = 1
    if ops < memlimit / 32 {
      while logN < 63, 1 << UInt64(logN) <= ops / 32 / 2 { logN += 1 }
    } else {
      while logN < 63, 1 << UInt64(logN) <= memlimit / 1024 / 2 { logN += 1 }
      p = min((ops / 4) / (1 << UInt64(logN)), 0x3FFF_FFFF) / 8
    }
    // A key file is not to be believed: 1 GiB is what minisign itself asks for.
    guard logN <= 20, p <= 16, p >= 1 else { throw unreadable }
    prepareSodium()
    let secret = Array(password.reveal().utf8)
    var key = [UInt8](repeating: 0, count: 104)
    let status = crypto_pwhash_scryptsalsa208sha256_ll(
      secret,
      secret.count,
      salt,
      salt.count,
      1 << UInt64(logN),
      8,
      UInt32(p),
      &key,
      key.count
    )
    guard status == 0 else { throw unreadable }
    return key
  }

  /// Makes an unencrypted key from 32 random bytes and a key number of 8.
  package static func make(seed: [UInt8], keyNumber: [UInt8]) throws -> (
    key: MinisignKey, secret: Secret
  ) {
    let key = try Curve25519.Signing.PrivateKey(rawRepresentation: seed)
    let body = keyNumber + seed + [UInt8](key.publicKey.rawRepresentation)
    let checksum = BLAKE2b.digest(Array("Ed".utf8) + body, size: 32)
    let bytes =
      Array("Ed".utf8) + [0, 0] + Array("B2".utf8) + [UInt8](repeating: 0, count: 48) + body
      + checksum
    let secret = Secret(
      "untrusted comment: minisign secret key\n" + Data(bytes).base64EncodedString() + "\n"
    )
    return (try MinisignKey(secret), secret)
  }

  /// Signs the content's BLAKE2b digest and the trusted comment, as `minisign -S` does.
  package func sign(_ content: Content, trustedComment: String) throws -> MinisignSignature {
    let digest = try BLAKE2b.digest(content)
    guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed),
      let signature = try? key.signature(for: digest),
      let global = try? key.signature(for: signature + Data(trustedComment.utf8))
    else { preconditionFailure("A key that could be read can sign.") }
    let line = Data(Array("ED".utf8) + publicKey.keyNumber + signature).base64EncodedString()
    let text =
      "untrusted comment: signature from hotfix\n\(line)\ntrusted comment: \(trustedComment)\n"
      + global.base64EncodedString() + "\n"
    guard let made = MinisignSignature(text) else {
      preconditionFailure("A signature just made can be read.")
    }
    return made
  }
}

private func littleEndian(_ bytes: ArraySlice<UInt8>) -> UInt64 {
  bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
}
