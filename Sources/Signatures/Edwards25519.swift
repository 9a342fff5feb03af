// Just enough of edwards25519 to sign with an expanded key, which no library on Linux offers.
// Formulas: RFC 8032 §5.1.4 (extended homogeneous coordinates). It is used for signing with old
// update keys only; verification and new keys go through swift-crypto.

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
    let a = [x.limbs.0, x.limbs.1, x.limbs.2, x.limbs.3, x.limbs.4].map { UInt128($0) }
    let b = [y.limbs.0, y.limbs.1, y.limbs.2, y.limbs.3, y.limbs.4].map { UInt128($0) }
    var product = [UInt128](repeating: 0, count: 5)
    for i in 0..<5 {
      for j in 0..<5 {
        let term = a[i] * b[j]
        product[(i + j) % 5] += i + j >= 5 ? term * 19 : term
      }
    }
    var carry: UInt128 = 0
    for i in 0..<5 {
      product[i] += carry
      carry = product[i] >> 51
      product[i] &= UInt128(mask)
    }
    product[0] += carry * 19
    return Self(
      limbs: (
        UInt64(product[0]), UInt64(product[1]), UInt64(product[2]), UInt64(product[3]),
        UInt64(product[4])
      )
    ).carried
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

  /// Returns the point added to itself `scalar` (32 bytes, little-endian) times.
  ///
  /// Both branches of every bit do the same additions; the key leaks through no loop length.
  func times(_ scalar: [UInt8]) -> Self {
    var result = Self.neutral
    for byte in scalar.reversed() {
      for bit in stride(from: 7, through: 0, by: -1) {
        result = result + result
        let sum = result + self
        if byte >> UInt8(bit) & 1 == 1 { result = sum }
      }
    }
    return result
  }

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
        if Self.notBelowOrder(value) { Self.subtractOrder(&value) }
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

  private static func notBelowOrder(_ value: [UInt64]) -> Bool {
    for i in stride(from: 3, through: 0, by: -1) where value[i] != order[i] {
      return value[i] > order[i]
    }
    return true
  }

  private static func subtractOrder(_ value: inout [UInt64]) {
    var borrow = false
    for i in 0..<4 {
      let (first, over) = value[i].subtractingReportingOverflow(order[i])
      let (second, overAgain) = first.subtractingReportingOverflow(borrow ? 1 : 0)
      value[i] = second
      borrow = over || overAgain
    }
  }
}
