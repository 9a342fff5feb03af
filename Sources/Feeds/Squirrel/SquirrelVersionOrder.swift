/// How the two Squirrels order versions.
package enum SquirrelVersionOrder {
  /// Squirrel.Windows: the version in the package's file name, read by NuGet 2's `SemanticVersion`.
  ///
  /// Throws `VersionRefused`; one such line in `RELEASES` makes the check fail for everybody.
  package static func compareWindows(_ a: String, _ b: String) throws -> Int {
    func parsed(_ version: String) throws -> NuGetVersion {
      do {
        return try windows(fileName: "App-\(version)-full.nupkg")
      } catch let refused as VersionRefused { throw VersionRefused(version, refused.why) }
    }
    return try parsed(a).order(try parsed(b))
  }

  private static let endingForm = Pattern(/(-full|-delta)?\.nupkg$/)
  private static let versionForm = Pattern(/\d+(\.\d+){0,3}(-[A-Za-z][0-9A-Za-z-]*)?$/)

  /// Reads a version from a package's name: `ReleaseEntry`'s regular expressions, then NuGet's.
  static func windows(fileName: String) throws -> NuGetVersion {
    let ending = endingForm.first(in: fileName)?.0.count ?? 0
    let found = versionForm.first(in: String(fileName.dropLast(ending)))
    return try NuGetVersion(found.map { String($0.0) } ?? "", of: fileName)
  }

  struct NuGetVersion: Sendable, Hashable {
    let text: String
    /// Always four.
    let numbers: [Int32]
    /// Upper-cased, as an ordinal comparison without case does it.
    let label: String

    init(_ text: String, of whole: String) throws {
      self.text = text
      let pieces = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
      let parts = pieces.first?.split(separator: ".", omittingEmptySubsequences: false) ?? []
      let numbers = parts.map { Int32($0) }
      guard (2...4).contains(numbers.count), !numbers.contains(nil) else {
        throw VersionRefused(whole, "NuGet reads it as \"\(text)\" and refuses that")
      }
      self.numbers = numbers.compactMap(\.self) + Array(repeating: 0, count: 4 - numbers.count)
      label = pieces.count == 2 ? pieces[1].uppercased() : ""
    }

    func order(_ other: NuGetVersion) -> Int {
      let front = lexicographicOrder(numbers, other.numbers) { sign($0, $1) }
      if front != 0 { return front }
      if label.isEmpty || other.label.isEmpty {
        return sign(label.isEmpty ? 1 : 0, other.label.isEmpty ? 1 : 0)
      }
      return byteOrder(label, other.label)
    }
  }

  /// Squirrel.Mac's static JSON: `NSNumericSearch`, which knows no pre-releases.
  package static func compareMac(_ a: String, _ b: String) -> Int {
    var left = Array(a.utf16)[...]
    var right = Array(b.utf16)[...]
    while let x = left.first, let y = right.first {
      if isDigit(x), isDigit(y) {
        let m = String(decoding: left.prefix(while: isDigit), as: UTF16.self)
        let n = String(decoding: right.prefix(while: isDigit), as: UTF16.self)
        let order = digitsOrder(m, n)
        if order != 0 { return order }
        left = left.dropFirst(m.count)
        right = right.dropFirst(n.count)
      } else if x != y {
        return sign(x, y)
      } else {
        left.removeFirst()
        right.removeFirst()
      }
    }
    return sign(left.count, right.count)
  }

  private static func isDigit(_ unit: UInt16) -> Bool { (0x30...0x39).contains(unit) }
}
