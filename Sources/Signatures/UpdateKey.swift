internal import Crypto
internal import Foundation
package import ReleaseModel

/// The private key that signs artifacts and feeds, in one of Sparkle's two forms.
///
/// `generate_keys -x` writes base64 of 32 bytes (the RFC 8032 seed, since Sparkle 2.6) or, before
/// that, of 96 bytes: the clamped SHA-512 of a seed that is lost, and the public key.
/// Source: Sparkle 2.9.2 `generate_keys`, `sign_update`.
package struct UpdateKey: Sendable {
  /// Nil for a key made before Sparkle 2.6.
  private let seed: [UInt8]?
  private let expanded: ExpandedKey
  /// The public key as the app carries it in `SUPublicEDKey`: base64 of 32 bytes.
  package let publicKey: String

  /// Reads a key; outer white space does not matter.
  ///
  /// Throws `key.unreadable` for anything that is not base64 of 32 or 96 bytes, and
  /// `key.inconsistent` when the public half of an old key does not belong to it.
  package init(_ secret: Secret) throws {
    let text = secret.reveal().trimmingCharacters(in: .whitespacesAndNewlines)
    guard let data = Data(base64Encoded: text), data.count == 32 || data.count == 96 else {
      throw Problem(
        "key.unreadable",
        "The update key could not be read.",
        why: "It has to be base64 of 32 bytes, or of 96 bytes for a key made before Sparkle 2.6.",
        next: ["hotfix signature keygen     makes a new key; `generate_keys -x FILE` exports one"]
      )
    }
    let bytes = [UInt8](data)
    if bytes.count == 32 {
      seed = bytes
      let key = try Curve25519.Signing.PrivateKey(rawRepresentation: bytes).publicKey
      expanded = ExpandedKey(seed: bytes, publicKey: [UInt8](key.rawRepresentation))
    } else {
      let scalar = Array(bytes[0..<32])
      seed = nil
      guard let point = Edwards25519.baseTimes(scalar), point == Array(bytes[64...]) else {
        throw Problem(
          "key.inconsistent",
          "The update key's public half does not belong to its private half.",
          next: ["Export the key again:  generate_keys -x FILE"]
        )
      }
      expanded = ExpandedKey(scalar: scalar, prefix: Array(bytes[32..<64]), publicKey: point)
    }
    publicKey = Data(expanded.publicKey).base64EncodedString()
  }

  /// Makes a new key from 32 random bytes.
  package static func make(seed: [UInt8]) throws -> (key: UpdateKey, secret: Secret) {
    let secret = Secret(Data(seed).base64EncodedString())
    return (try UpdateKey(secret), secret)
  }

  /// Returns the Ed25519 signature of `bytes` as base64 of 64 bytes.
  ///
  /// Pure Ed25519 (RFC 8032 §5.1.6) over the whole content. A seed signs through swift-crypto,
  /// whose signatures may be randomised and verify all the same.
  package func sign(_ bytes: [UInt8]) throws -> String {
    try sign(Content(bytes))
  }

  /// As for bytes, in memory that does not grow with the content.
  package func sign(_ content: Content) throws -> String {
    if let seed, let small = try content.small() {
      let key = try Curve25519.Signing.PrivateKey(rawRepresentation: seed)
      return Data(try key.signature(for: small)).base64EncodedString()
    }
    return try signStreamed(content)
  }

  /// Reads the content twice; the signature is the one that swift-crypto makes of the whole.
  func signStreamed(_ content: Content) throws -> String {
    Data(try expanded.sign(content)).base64EncodedString()
  }
}

/// Returns whether `signature` (base64 of 64 bytes) is `publicKey`'s (base64 of 32 bytes) over
/// `bytes`.
///
/// Outer white space is trimmed and the rest decoded strictly, as Sparkle 2.9 does.
package func edSignatureHolds(_ signature: String, over bytes: [UInt8], publicKey: String) -> Bool {
  (try? edSignatureHolds(signature, over: Content(bytes), publicKey: publicKey)) ?? false
}

/// As for bytes, in memory that does not grow with the content; throws when it cannot be read.
package func edSignatureHolds(
  _ signature: String,
  over content: Content,
  publicKey: String
) throws -> Bool {
  let trimmed = signature.trimmingCharacters(in: .whitespacesAndNewlines)
  let keyText = publicKey.trimmingCharacters(in: .whitespacesAndNewlines)
  guard let signature = Data(base64Encoded: trimmed), signature.count == 64,
    let raw = Data(base64Encoded: keyText), raw.count == 32
  else { return false }
  return try ed25519Holds([UInt8](signature), over: content, by: [UInt8](raw))
}
