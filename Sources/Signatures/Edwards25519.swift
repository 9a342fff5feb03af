// Just enough of edwards25519 for what no library on Linux offers: to sign with an expanded key, and
// to sign and verify a file that does not fit into the memory.
// Formulas: RFC 8032 §5.1.4 (extended homogeneous coordinates). All else goes through swift-crypto.
// What is secret decides about no branch and no place in memory.

/// An element of GF(2^255 − 19), as five limbs of 51 bits.
struct FieldElement {
  private static let mask: UInt64 = (1 << 51) - 1
  private var limbs: (UInt64, UInt64, UInt64, UInt64, UInt64)

  init(_ small: UInt64) {
    limbs = (small, 0, 0, 0, 0)
  }

  private init(limbs: (UInt64, UInt64, UInt64, UInt64, UInt64)) {
    self.limbs = limbs
  }

  init(hex: StaticString) {
    var value = FieldElement(0)
    hex.withUTF8Buffer { digits in
      for digit in digits {
        let nibble = digit <= 0x39 ? digit - 0x30 : digit - 0x57
        value = value * FieldElement(16) + FieldElement(UInt64(nibble))
      }
    }
    self = value
  }

  static func + (a: Self, b: Self) -> Self {
    Self(
      limbs: (
        a.limbs.0 + b.limbs.0, a.limbs.1 + b.limbs.1, a.limbs.2 + b.limbs.2,
        a.limbs.3 + b.limbs.3, a.limbs.4 + b.limbs.4
      )
    ).carried
  }

  static func - (a: Self, b: Self) -> Self {
    // 4p is added first, so that no limb goes below zero.
    let low: UInt64 = 4 * ((1 << 51) - 19)
    let high: UInt64 = 4 * ((1 << 51) - 1)
    return Self(
      limbs: (
        a.limbs.0 + low - b.limbs.0, a.limbs.1 + high - b.limbs.1, a.limbs.2 + high - b.limbs.2,
        a.limbs.3 + high - b.limbs.3, a.limbs.4 + high - b.limbs.4
      )
    ).carried
  }

  static func * (x: Self, y: Self) -> Self {
    let (a, b) = (x.limbs, y.limbs)
    func m(_ a: UInt64, _ b: UInt64) -> UInt128 { UInt128(a) * UInt128(b) }
    // 2^255 is 19: what overflows the top comes back below, nineteenfold.
    let (b1, b2, b3, b4) = (b.1 * 19, b.2 * 19, b.3 * 19, b.4 * 19)
    var p0 = m(a.0, b.0) + m(a.1, b4) + m(a.2, b3) + m(a.3, b2) + m(a.4, b1)
    var p1 = m(a.0, b.1) + m(a.1, b.0) + m(a.2, b4) + m(a.3, b3) + m(a.4, b2)
    var p2 = m(a.0, b.2) + m(a.1, b.1) + m(a.2, b.0) + m(a.3, b4) + m(a.4, b3)
    var p3 = m(a.0, b.3) + m(a.1, b.2) + m(a.2, b.1) + m(a.3, b.0) + m(a.4, b4)
    var p4 = m(a.0, b.4) + m(a.1, b.3) + m(a.2, b.2) + m(a.3, b.1) + m(a.4, b.0)
    let low = UInt128(mask)
    p1 += p0 >> 51
    p2 += p1 >> 51
    p3 += p2 >> 51
    p4 += p3 >> 51
    p0 = (p0 & low) + (p4 >> 51) * 19
    return Self(
      limbs: (
        UInt64(p0), UInt64(p1 & low), UInt64(p2 & low), UInt64(p3 & low), UInt64(p4 & low)
      )
    ).carried
  }

  /// Returns `other` where the bit is 1, and `self` where it is 0, in the same time.
  func replaced(by other: Self, if bit: UInt64) -> Self {
    let mask = 0 &- bit
    let (a, b) = (limbs, other.limbs)
    return Self(
      limbs: (
        a.0 ^ (mask & (a.0 ^ b.0)), a.1 ^ (mask & (a.1 ^ b.1)), a.2 ^ (mask & (a.2 ^ b.2)),
        a.3 ^ (mask & (a.3 ^ b.3)), a.4 ^ (mask & (a.4 ^ b.4))
      )
    )
  }

  /// Reads 32 little-endian bytes without their highest bit.
  init(_ bytes: [UInt8]) {
    func word(_ start: Int) -> UInt64 {
      (0..<8).reduce(0) { $0 | UInt64(bytes[start + $1]) << UInt64(8 * $1) }
    }
    let mask = Self.mask
    limbs = (
      word(0) & mask, word(6) >> 3 & mask, word(12) >> 6 & mask, word(19) >> 1 & mask,
      word(24) >> 12 & mask
    )
  }

  var isZero: Bool { bytes.allSatisfy { $0 == 0 } }
  var negated: Self { FieldElement(0) - self }

  /// The power (p − 5) / 8 = 2^252 − 3 (RFC 8032 §5.1.3, for the square root).
  var rootPower: Self {
    var result = FieldElement(1)
    for bit in stride(from: 251, through: 0, by: -1) {
      result = result * result
      if bit != 1 { result = result * self }
    }
    return result
  }

  private var carried: Self {
    var l = limbs
    l.1 += l.0 >> 51
    l.0 &= Self.mask
    l.2 += l.1 >> 51
    l.1 &= Self.mask
    l.3 += l.2 >> 51
    l.2 &= Self.mask
    l.4 += l.3 >> 51
    l.3 &= Self.mask
    l.0 += 19 * (l.4 >> 51)
    l.4 &= Self.mask
    return Self(limbs: l)
  }

  /// The inverse, as the power p − 2 (Fermat).
  var inverted: Self {
    var result = FieldElement(1)
    for bit in stride(from: 254, through: 0, by: -1) {
      result = result * result
      // p − 2 = 2^255 − 21: every bit is set but bits 2 and 4.
      if bit != 2 && bit != 4 { result = result * self }
    }
    return result
  }

  /// The 32 bytes of the fully reduced value, little-endian.
  var bytes: [UInt8] {
    var l = carried.carried.limbs
    // Adding 19 and looking at bit 255 tells whether the value is at least p.
    var q = (l.0 + 19) >> 51
    q = (l.1 + q) >> 51
    q = (l.2 + q) >> 51
    q = (l.3 + q) >> 51
    q = (l.4 + q) >> 51
    l.0 += 19 * q
    let reduced = Self(limbs: l).carriedWithoutWrap
    var bytes: [UInt8] = []
    var buffer: UInt128 = 0
    var bits: UInt128 = 0
    for limb in [reduced.0, reduced.1, reduced.2, reduced.3, reduced.4] {
      buffer |= UInt128(limb) << bits
      bits += 51
      while bits >= 8 {
        bytes.append(UInt8(truncatingIfNeeded: buffer))
        buffer >>= 8
        bits -= 8
      }
    }
    bytes.append(UInt8(truncatingIfNeeded: buffer))
    return bytes
  }

  private var carriedWithoutWrap: (UInt64, UInt64, UInt64, UInt64, UInt64) {
    var l = limbs
    l.1 += l.0 >> 51
    l.0 &= Self.mask
    l.2 += l.1 >> 51
    l.1 &= Self.mask
    l.3 += l.2 >> 51
    l.2 &= Self.mask
    l.4 += l.3 >> 51
    l.3 &= Self.mask
    l.4 &= Self.mask
    return l
  }
}

/// A point of edwards25519 in extended coordinates.
struct EdwardsPoint {
  private var x: FieldElement
  private var y: FieldElement
  private var z: FieldElement
  private var t: FieldElement

  private static let d2 = FieldElement(
    hex: "2406d9dc56dffce7198e80f2eef3d13000e0149a8283b156ebd69b9426b2f159"
  )

  static let neutral = EdwardsPoint(
    x: FieldElement(0),
    y: FieldElement(1),
    z: FieldElement(1),
    t: FieldElement(0)
  )

  static let base: EdwardsPoint = {
    let x = FieldElement(hex: "216936d3cd6e53fec0a4e231fdd6dc5c692cc7609525a7b2c9562d608f25d51a")
    let y = FieldElement(hex: "6666666666666666666666666666666666666666666666666666666666666658")
    return EdwardsPoint(x: x, y: y, z: FieldElement(1), t: x * y)
  }()

  static func + (p: Self, q: Self) -> Self {
    let a = (p.y - p.x) * (q.y - q.x)
    let b = (p.y + p.x) * (q.y + q.x)
    let c = p.t * d2 * q.t
    let d = p.z * q.z + p.z * q.z
    let e = b - a
    let f = d - c
    let g = d + c
    let h = b + a
    return Self(x: e * f, y: g * h, z: f * g, t: e * h)
  }

  /// Returns the point added to itself `scalar` (32 bytes, little-endian) times, in a time that does
  /// not depend on it.
  func times(_ scalar: [UInt8]) -> Self {
    var result = Self.neutral
    for byte in scalar.reversed() {
      for bit in stride(from: 7, through: 0, by: -1) {
        result = result + result
        result = result.replaced(by: result + self, if: UInt64(byte >> UInt8(bit) & 1))
      }
    }
    return result
  }

  private func replaced(by other: Self, if bit: UInt64) -> Self {
    Self(
      x: x.replaced(by: other.x, if: bit),
      y: y.replaced(by: other.y, if: bit),
      z: z.replaced(by: other.z, if: bit),
      t: t.replaced(by: other.t, if: bit)
    )
  }

  var negated: Self { Self(x: x.negated, y: y, z: z, t: t.negated) }

  /// Reads a point from its 32 bytes, or returns nil where no point has this y (RFC 8032 §5.1.3).
  ///
  /// As lenient as BoringSSL, libsodium's forerunner and so the updaters: y may be over p.
  static func decoded(_ bytes: [UInt8]) -> Self? {
    let y = FieldElement(bytes)
    let square = y * y
    let u = square - FieldElement(1)
    let v = d * square + FieldElement(1)
    let cube = v * v * v
    var x = u * cube * (u * cube * cube * v).rootPower
    let found = v * x * x
    if !(found - u).isZero {
      guard (found + u).isZero else { return nil }
      x = x * rootOfMinusOne
    }
    if x.bytes[0] & 1 != bytes[31] >> 7 { x = x.negated }
    return Self(x: x, y: y, z: FieldElement(1), t: x * y)
  }

  private static let d = FieldElement(
    hex: "52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3"
  )
  private static let rootOfMinusOne = FieldElement(
    hex: "2b8324804fc1df0b2b4d00993dfbd7a72f431806ad2fe478c4ee1b274a0ea0b0"
  )

  /// RFC 8032 §5.1.2: y, with x's lowest bit on top.
  var encoded: [UInt8] {
    let inverse = z.inverted
    var bytes = (y * inverse).bytes
    bytes[31] |= ((x * inverse).bytes[0] & 1) << 7
    return bytes
  }
}

/// An integer modulo the group's order L = 2^252 + 27742317777372353535851937790883648493.
struct Scalar {
  /// Little-endian.
  let bytes: [UInt8]

  private static let order: [UInt64] = [
    0x5812_631a_5cf5_d3ed, 0x14de_f9de_a2f7_9cd6, 0, 0x1000_0000_0000_0000,
  ]

  /// Reduces up to 64 little-endian bytes, bit by bit: slow and plain, once per signature.
  init(reducing wide: [UInt8]) {
    var value: [UInt64] = [0, 0, 0, 0]
    for byte in wide.reversed() {
      for bit in stride(from: 7, through: 0, by: -1) {
        var carry = UInt64(byte >> UInt8(bit) & 1)
        for i in 0..<4 {
          let next = value[i] >> 63
          value[i] = value[i] << 1 | carry
          carry = next
        }
        Self.subtractOrder(ifNotBelow: &value)
      }
    }
    bytes = value.flatMap { limb in (0..<8).map { UInt8(truncatingIfNeeded: limb >> ($0 * 8)) } }
  }

  /// Returns a × b + c.
  static func multiplyAdd(_ a: Scalar, _ b: Scalar, _ c: Scalar) -> Scalar {
    var product = [UInt64](repeating: 0, count: 65)
    for i in 0..<32 {
      product[i] += UInt64(c.bytes[i])
      for j in 0..<32 { product[i + j] += UInt64(a.bytes[i]) * UInt64(b.bytes[j]) }
    }
    var bytes: [UInt8] = []
    var carry: UInt64 = 0
    for limb in product {
      let sum = limb + carry
      bytes.append(UInt8(truncatingIfNeeded: sum))
      carry = sum >> 8
    }
    return Scalar(reducing: bytes)
  }

  /// Returns whether 32 little-endian bytes are a number below the order, as a signature's second
  /// half has to be.
  static func isReduced(_ bytes: [UInt8]) -> Bool { Scalar(reducing: bytes).bytes == bytes }

  private static func subtractOrder(ifNotBelow value: inout [UInt64]) {
    var less = value
    var borrow: UInt64 = 0
    for i in 0..<4 {
      let (first, over) = value[i].subtractingReportingOverflow(order[i])
      let (second, overAgain) = first.subtractingReportingOverflow(borrow)
      less[i] = second
      borrow = (over ? 1 : 0) | (overAgain ? 1 : 0)
    }
    // A borrow is left where the value was below the order: it stays then.
    let mask = borrow &- 1
    for i in 0..<4 { value[i] ^= mask & (value[i] ^ less[i]) }
  }
}
