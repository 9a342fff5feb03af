internal import Crypto
internal import Foundation
package import ReleaseModel

/// A public key as SSH writes it: a type and a blob.
package struct SSHPublicKey: Sendable, Hashable {
  package let type: String
  package let blob: [UInt8]

  /// Reads the blob; nil when it does not begin with its own type.
  ///
  /// A type is a name of at most 64 printable characters of ASCII, without a comma (RFC 4251 §6).
  package init?(blob: [UInt8]) {
    var reader = SSHReader(blob)
    guard blob.count <= 16_384, let name = reader.string(), (1...64).contains(name.count),
      name.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: ",") })
    else { return nil }
    type = String(decoding: name, as: UTF8.self)
    self.blob = blob
  }

  /// Reads a line such as `ssh-ed25519 AAAA… comment`.
  package init?(line: String) {
    let parts = line.split(separator: " ")
    guard parts.count >= 2, let data = Data(base64Encoded: String(parts[1])) else { return nil }
    self.init(blob: [UInt8](data))
    guard type == parts[0] else { return nil }
  }

  /// The key as a line of `authorized_keys` begins: type and base64.
  package var text: String { "\(type) \(Data(blob).base64EncodedString())" }

  /// `SHA256:` and the digest of the blob in base64 without padding, as ssh-keygen prints it.
  package var fingerprint: String {
    let text = Data(SHA256.hash(data: blob)).base64EncodedString()
    return "SHA256:" + text.prefix { $0 != "=" }
  }
}

/// A detached signature in OpenSSH's SSHSIG form (openssh `PROTOCOL.sshsig`).
package struct SSHSignature: Sendable, Hashable {
  package let key: SSHPublicKey
  package let namespace: String
  private let hashAlgorithm: String
  private let signature: [UInt8]

  private static let begin = "-----BEGIN SSH SIGNATURE-----"
  private static let end = "-----END SSH SIGNATURE-----"

  /// Reads the armoured form; nil when it is anything else.
  ///
  /// At most 16 KiB.
  package init?(armor: String) {
    let lines = armor.lines().map(String.init)
    guard armor.utf8.count <= 16_384, lines.first == Self.begin, lines.last == Self.end,
      let data = Data(base64Encoded: lines.dropFirst().dropLast().joined())
    else { return nil }
    var reader = SSHReader([UInt8](data))
    guard reader.raw(6) == Array("SSHSIG".utf8), reader.uint32() == 1,
      let keyBlob = reader.string(), let key = SSHPublicKey(blob: keyBlob),
      let namespace = reader.text(), !namespace.isEmpty, reader.string() != nil,
      let hashAlgorithm = reader.text(), let signature = reader.string(), reader.isAtEnd
    else { return nil }
    self.key = key
    self.namespace = namespace
    self.hashAlgorithm = hashAlgorithm
    self.signature = signature
  }

  /// What a verification says.
  package enum Verdict: Sendable, Hashable {
    case good
    case bad(String)
    /// The key's algorithm is not ours to check (RSA, hardware keys): ask ssh-keygen.
    case needsProgram
  }

  /// Checks the signature over `message` in `namespace`; who the key belongs to is not asked here.
  package func verify(_ message: [UInt8], namespace expected: String) -> Verdict {
    guard namespace == expected else {
      return .bad("made for \"\(namespace)\", not for \"\(expected)\"")
    }
    guard let signed = signedBytes(message) else {
      return .bad("unknown hash algorithm \(hashAlgorithm)")
    }
    var reader = SSHReader(signature)
    guard let algorithm = reader.text(), let body = reader.string(), reader.isAtEnd else {
      return .bad("not a signature")
    }
    var keyReader = SSHReader(key.blob)
    _ = keyReader.text()
    switch key.type {
    case "ssh-ed25519":
      guard algorithm == key.type, let raw = keyReader.string(), keyReader.isAtEnd,
        let publicKey = try? Curve25519.Signing.PublicKey(rawRepresentation: raw)
      else { return .bad("not an Ed25519 signature") }
      return publicKey.isValidSignature(body, for: signed) ? .good : .bad("does not match")
    case let type where type.hasPrefix("ecdsa-sha2-"):
      guard algorithm == type, keyReader.text() != nil, let point = keyReader.string(),
        keyReader.isAtEnd
      else { return .bad("not an ECDSA signature") }
      return verifyECDSA(curve: type, point: point, body: body, signed: signed)
    case "ssh-rsa", "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com":
      return .needsProgram
    default:
      return .bad("unknown key type \(key.type)")
    }
  }

  private func signedBytes(_ message: [UInt8]) -> [UInt8]? {
    let hash: [UInt8]
    switch hashAlgorithm {
    case "sha512": hash = Array(SHA512.hash(data: message))
    case "sha256": hash = Array(SHA256.hash(data: message))
    default: return nil
    }
    return Self.signedBytes(namespace: namespace, hashAlgorithm: hashAlgorithm, hash: hash)
  }

  private static func signedBytes(
    namespace: String,
    hashAlgorithm: String,
    hash: [UInt8]
  ) -> [UInt8] {
    var writer = SSHWriter()
    writer.raw("SSHSIG".utf8)
    writer.string(namespace)
    writer.string("")
    writer.string(hashAlgorithm)
    writer.string(hash)
    return writer.bytes
  }

  /// Signs `message` with an unencrypted Ed25519 key file's content.
  ///
  /// Returns nil when the key is of another kind or locked; then `ssh-keygen -Y sign` has to do it.
  package static func sign(
    _ message: [UInt8],
    namespace: String,
    privateKeyFile: Secret
  ) -> String? {
    guard let (key, blob) = openSSHKey(privateKeyFile.reveal()) else { return nil }
    let hash = Array(SHA512.hash(data: message))
    let signed = signedBytes(namespace: namespace, hashAlgorithm: "sha512", hash: hash)
    guard let raw = try? key.signature(for: signed) else { return nil }
    var signature = SSHWriter()
    signature.string("ssh-ed25519")
    signature.string(Array(raw))
    var writer = SSHWriter()
    writer.raw("SSHSIG".utf8)
    writer.uint32(1)
    writer.string(blob)
    writer.string(namespace)
    writer.string("")
    writer.string("sha512")
    writer.string(signature.bytes)
    let text = Data(writer.bytes).base64EncodedString()
    var lines = [begin]
    var rest = text[...]
    while !rest.isEmpty {
      lines.append(String(rest.prefix(70)))
      rest = rest.dropFirst(70)
    }
    lines.append(end)
    return lines.joined(separator: "\n") + "\n"
  }

  /// Reads an `openssh-key-v1` file without a passphrase (openssh `PROTOCOL.key`).
  private static func openSSHKey(
    _ text: String
  ) -> (key: Curve25519.Signing.PrivateKey, blob: [UInt8])? {
    let lines = text.lines().map(String.init)
    guard lines.first == "-----BEGIN OPENSSH PRIVATE KEY-----",
      lines.last == "-----END OPENSSH PRIVATE KEY-----",
      let data = Data(base64Encoded: lines.dropFirst().dropLast().joined())
    else { return nil }
    var reader = SSHReader([UInt8](data))
    guard reader.raw(15) == Array("openssh-key-v1\0".utf8), reader.text() == "none",
      reader.text() == "none", reader.string() != nil, reader.uint32() == 1,
      let blob = reader.string(), let secrets = reader.string()
    else { return nil }
    var inner = SSHReader(secrets)
    guard inner.uint32() == inner.uint32(), inner.text() == "ssh-ed25519",
      inner.string() != nil, let pair = inner.string(), pair.count == 64,
      let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: pair[0..<32])
    else { return nil }
    return (key, blob)
  }
}

/// Checks an ECDSA signature: two multi-precision integers (RFC 5656 §3.1.2).
private func verifyECDSA(
  curve: String,
  point: [UInt8],
  body: [UInt8],
  signed: [UInt8]
) -> SSHSignature.Verdict {
  var reader = SSHReader(body)
  let width = curve.hasSuffix("256") ? 32 : curve.hasSuffix("384") ? 48 : 66
  guard let r = reader.string().flatMap({ fixedWidth($0, width) }),
    let s = reader.string().flatMap({ fixedWidth($0, width) }), reader.isAtEnd
  else { return .bad("not an ECDSA signature") }
  let holds: Bool?
  switch curve {
  case "ecdsa-sha2-nistp256":
    holds = try? P256.Signing.PublicKey(x963Representation: point)
      .isValidSignature(.init(rawRepresentation: r + s), for: signed)
  case "ecdsa-sha2-nistp384":
    holds = try? P384.Signing.PublicKey(x963Representation: point)
      .isValidSignature(.init(rawRepresentation: r + s), for: signed)
  case "ecdsa-sha2-nistp521":
    holds = try? P521.Signing.PublicKey(x963Representation: point)
      .isValidSignature(.init(rawRepresentation: r + s), for: signed)
  default: return .bad("unknown curve")
  }
  return holds == true ? .good : .bad("does not match")
}

private func fixedWidth(_ integer: [UInt8], _ width: Int) -> [UInt8]? {
  let digits = Array(integer.drop { $0 == 0 })
  guard digits.count <= width else { return nil }
  return [UInt8](repeating: 0, count: width - digits.count) + digits
}
