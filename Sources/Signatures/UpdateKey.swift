internal import Crypto
internal import Foundation
package import ReleaseModel

/// The private key that signs artifacts and feeds, in one of Sparkle's two forms.
///
/// `generate_keys -x` writes base64 of 32 bytes (the RFC 8032 seed, since Sparkle 2.6) or, before
/// that, of 96 bytes: the clamped SHA-512 of a seed that is lost, and the public key.
/// Source: Sparkle 2.9.2 `generate_keys`, `sign_update`.
package struct UpdateKey: Sendable {
  private enum Form {
    case seed([UInt8])
    case expanded(scalar: [UInt8], prefix: [UInt8])
  }

  private let form: Form
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
      form = .seed(bytes)
      let key = try Curve25519.Signing.PrivateKey(rawRepresentation: bytes)
      publicKey = key.publicKey.rawRepresentation.base64EncodedString()
    } else {
      let scalar = Array(bytes[0..<32])
      form = .expanded(scalar: scalar, prefix: Array(bytes[32..<64]))
      let point = EdwardsPoint.base.times(scalar).encoded
      guard point == Array(bytes[64...]) else {
        throw Problem(
          "key.inconsistent",
          "The update key's public half does not belong to its private half.",
          next: ["Export the key again:  generate_keys -x FILE"]
        )
      }
      publicKey = Data(point).base64EncodedString()
    }
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
    switch form {
    case .seed(let seed):
      let key = try Curve25519.Signing.PrivateKey(rawRepresentation: seed)
      return Data(try key.signature(for: bytes)).base64EncodedString()
    case .expanded(let scalar, let prefix):
      let r = Scalar(reducing: Array(SHA512.hash(data: prefix + bytes)))
      let point = EdwardsPoint.base.times(r.bytes).encoded
      let publicBytes = [UInt8](Data(base64Encoded: publicKey) ?? Data())
      let k = Scalar(reducing: Array(SHA512.hash(data: point + publicBytes + bytes)))
      let s = Scalar.multiplyAdd(k, Scalar(reducing: scalar), r)
      return Data(point + s.bytes).base64EncodedString()
    }
  }
}

/// Returns whether `signature` (base64 of 64 bytes) is `publicKey`'s (base64 of 32 bytes) over
/// `bytes`.
///
/// Outer white space is trimmed and the rest decoded strictly, as Sparkle 2.9 does.
package func edSignatureHolds(_ signature: String, over bytes: [UInt8], publicKey: String) -> Bool {
  let trimmed = signature.trimmingCharacters(in: .whitespacesAndNewlines)
  let keyText = publicKey.trimmingCharacters(in: .whitespacesAndNewlines)
  guard let signature = Data(base64Encoded: trimmed), signature.count == 64,
    let raw = Data(base64Encoded: keyText), raw.count == 32,
    let key = try? Curve25519.Signing.PublicKey(rawRepresentation: raw)
  else { return false }
  return key.isValidSignature(signature, for: bytes)
}
