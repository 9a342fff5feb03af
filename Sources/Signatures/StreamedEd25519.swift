// Pure Ed25519 (RFC 8032 §5.1.6 and §5.1.7) over content that is read in pieces: to sign takes two
// passes, r = H(prefix ‖ M) and k = H(R ‖ A ‖ M); to verify takes one.

internal import Crypto
internal import Foundation

/// A private key in the form that signs: the two halves of its seed's SHA-512.
struct ExpandedKey {
  /// Little-endian, clamped.
  let scalar: [UInt8]
  let prefix: [UInt8]
  let publicKey: [UInt8]

  init(scalar: [UInt8], prefix: [UInt8], publicKey: [UInt8]) {
    self.scalar = scalar
    self.prefix = prefix
    self.publicKey = publicKey
  }

  init(seed: [UInt8], publicKey: [UInt8]) {
    var half = Array(SHA512.hash(data: seed))
    half[0] &= 0xF8
    half[31] = half[31] & 0x7F | 0x40
    self.init(scalar: Array(half[0..<32]), prefix: Array(half[32...]), publicKey: publicKey)
  }

  /// Returns the signature's 64 bytes.
  ///
  /// Should the content change between the passes, the signature does not hold; whoever signs files
  /// verifies what was made.
  func sign(_ content: Content) throws -> [UInt8] {
    let r = Edwards25519.reduce(try hash([prefix], content))
    guard let point = Edwards25519.baseTimes(r) else {
      preconditionFailure("A SHA-512 digest is no multiple of the group's order.")
    }
    let k = Edwards25519.reduce(try hash([point, publicKey], content))
    return point + Edwards25519.multiplyAdd(k, Edwards25519.reduce(scalar), r)
  }
}

/// Returns whether the signature's 64 bytes are the key's over the content, by BoringSSL's rules.
func ed25519Holds(_ signature: [UInt8], over content: Content, by key: [UInt8]) throws -> Bool {
  if let small = try content.small() {
    let key = try? Curve25519.Signing.PublicKey(rawRepresentation: key)
    return key?.isValidSignature(signature, for: small) ?? false
  }
  return try streamedHolds(signature, over: content, by: key)
}

/// Returns whether the signature's 64 bytes are the key's over content that is read once in pieces.
///
/// Keys of small or mixed order are refused, as libsodium refuses them (RFC 8032 §5.1.7 leaves it
/// open); no key that belongs to a private key is one. Throws what reading the content throws.
func streamedHolds(_ signature: [UInt8], over content: Content, by key: [UInt8]) throws -> Bool {
  guard signature.count == 64, key.count == 32 else { return false }
  let (r, s) = (Array(signature[0..<32]), Array(signature[32...]))
  guard Edwards25519.isReduced(s), let base = Edwards25519.baseTimes(s) else { return false }
  let k = Edwards25519.reduce(try hash([r, key], content))
  guard let other = Edwards25519.times(k, key) else { return false }
  return Edwards25519.subtract(base, other) == r
}

/// SHA-512 over the parts and the content.
private func hash(_ parts: [[UInt8]], _ content: Content) throws -> [UInt8] {
  var hasher = SHA512Hasher(for: content)
  for part in parts { part.withUnsafeBytes { hasher.update($0) } }
  try content.forEachPiece { hasher.update($0) }
  return hasher.finish()
}
