/// How dpkg orders versions: epoch, upstream version, revision (deb-version(7)).
package enum DebianVersionOrder {
  /// Returns −1, 0 or 1.
  ///
  /// Throws `VersionRefused` where `dpkg --compare-versions` ends with an error.
  package static func compare(_ a: String, _ b: String) throws -> Int {
    for version in [a, b] { try check(version) }
    return order(a, b)
  }

  /// The same without dpkg's checks: AppStream's `as_vercmp` orders like this.
  static func order(_ a: String, _ b: String) -> Int {
    if a.isEmpty || b.isEmpty { return sign(a.isEmpty ? 0 : 1, b.isEmpty ? 0 : 1) }
    let left = split(a)
    let right = split(b)
    let epoch = digitsOrder(left.epoch, right.epoch)
    if epoch != 0 { return epoch }
    let upstream = partOrder(left.upstream, right.upstream)
    return upstream == 0 ? partOrder(left.revision, right.revision) : upstream
  }

  private static func split(
    _ version: String
  ) -> (epoch: Substring, upstream: Substring, revision: Substring) {
    var rest = version[...]
    var epoch: Substring = "0"
    if let colon = rest.firstIndex(of: ":"), rest[..<colon].isDigits {
      epoch = rest[..<colon]
      rest = rest[rest.index(after: colon)...]
    }
    guard let dash = rest.lastIndex(of: "-") else { return (epoch, rest, "") }
    return (epoch, rest[..<dash], rest[rest.index(after: dash)...])
  }

  private static func check(_ version: String) throws {
    let text = trimmedSubstring(version)
    guard !text.isEmpty else { return }
    if text.contains(where: \.isWhitespace) { throw VersionRefused(version, "it holds a space") }
    let (_, upstream, revision) = split(String(text))
    if text.hasSuffix("-") && revision.isEmpty {
      throw VersionRefused(version, "its revision is empty")
    }
    if upstream.isEmpty { throw VersionRefused(version, "nothing stands behind the colon") }
    if let colon = text.firstIndex(of: ":"), !text[..<colon].isDigits {
      throw VersionRefused(version, "its epoch is no number")
    }
  }

  /// Runs of non-digits and of digits in turn; `~` before everything, letters before the rest.
  private static func partOrder(_ a: Substring, _ b: Substring) -> Int {
    var left = Array(a.utf8)[...]
    var right = Array(b.utf8)[...]
    while !left.isEmpty || !right.isEmpty {
      while left.first.map({ !isDigit($0) }) ?? false || right.first.map({ !isDigit($0) }) ?? false
      {
        let order = sign(weight(left.first), weight(right.first))
        if order != 0 { return order }
        left = left.dropFirst()
        right = right.dropFirst()
      }
      let m = left.prefix(while: isDigit)
      let n = right.prefix(while: isDigit)
      let order = digitsOrder(
        String(decoding: m, as: UTF8.self),
        String(decoding: n, as: UTF8.self)
      )
      if order != 0 { return order }
      left = left.dropFirst(m.count)
      right = right.dropFirst(n.count)
    }
    return 0
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  private static func weight(_ byte: UInt8?) -> Int {
    guard let byte, !isDigit(byte) else { return 0 }
    if byte == UInt8(ascii: "~") { return -1 }
    return Character(Unicode.Scalar(byte)).isLetter && byte < 0x80 ? Int(byte) : Int(byte) + 256
  }
}
