internal import CSodium

/// The group and scalar arithmetic of edwards25519, by libsodium (1.0.18 or newer).
///
/// Points and scalars are 32 bytes as RFC 8032 §5.1.2 encodes them; scalars are numbers modulo the
/// group's order. libsodium computes with secret scalars in constant time.
enum Edwards25519 {
  /// Returns `scalar` times the base point, or nil where `scalar` is zero.
  ///
  /// The scalar is used as it is, without clamping; its highest bit does not count.
  static func baseTimes(_ scalar: [UInt8]) -> [UInt8]? {
    precondition(scalar.count == 32)
    return point { crypto_scalarmult_ed25519_base_noclamp($0, scalar) }
  }

  /// Returns `scalar` times `point`.
  ///
  /// Returns nil where `scalar` is zero, and where `point` is not the canonical encoding of a point
  /// of the main subgroup: libsodium refuses points of small or mixed order.
  static func times(_ scalar: [UInt8], _ other: [UInt8]) -> [UInt8]? {
    precondition(scalar.count == 32 && other.count == 32)
    return point { crypto_scalarmult_ed25519_noclamp($0, scalar, other) }
  }

  /// Returns `a` − `b`, or nil where one of them is not a point of the curve.
  static func subtract(_ a: [UInt8], _ b: [UInt8]) -> [UInt8]? {
    precondition(a.count == 32 && b.count == 32)
    return point { crypto_core_ed25519_sub($0, a, b) }
  }

  /// Returns the scalar of at most 64 little-endian bytes, reduced modulo the group's order.
  static func reduce(_ wide: [UInt8]) -> [UInt8] {
    precondition(wide.count <= 64)
    let padded = wide + [UInt8](repeating: 0, count: 64 - wide.count)
    return scalar { crypto_core_ed25519_scalar_reduce($0, padded) }
  }

  /// Returns whether 32 little-endian bytes are a number below the group's order.
  static func isReduced(_ bytes: [UInt8]) -> Bool { reduce(bytes) == bytes }

  /// Returns a × b + c modulo the group's order.
  static func multiplyAdd(_ a: [UInt8], _ b: [UInt8], _ c: [UInt8]) -> [UInt8] {
    precondition(a.count == 32 && b.count == 32 && c.count == 32)
    let product = scalar { crypto_core_ed25519_scalar_mul($0, a, b) }
    return scalar { crypto_core_ed25519_scalar_add($0, product, c) }
  }

  /// Returns the 32 bytes that a function of libsodium writes, or nil where it does not return 0.
  private static func point(_ body: (UnsafeMutablePointer<UInt8>) -> CInt) -> [UInt8]? {
    prepareSodium()
    var bytes = [UInt8](repeating: 0, count: 32)
    let status = bytes.withUnsafeMutableBufferPointer { buffer in buffer.baseAddress.map(body) }
    return status == 0 ? bytes : nil
  }

  private static func scalar(_ body: (UnsafeMutablePointer<UInt8>) -> Void) -> [UInt8] {
    prepareSodium()
    return [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
      if let address = buffer.baseAddress { body(address) }
      count = 32
    }
  }
}
