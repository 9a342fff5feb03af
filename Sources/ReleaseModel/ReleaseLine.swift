/// The releases that replace one another for the same users: 1.1.0, 1.1.1 and 1.1.2 are line 1.1.
package struct ReleaseLine: Sendable, Hashable, CustomStringConvertible {
  package let major: Int
  package let minor: Int

  /// The line of a version; nil where it does not begin with a number.
  package init?(_ version: VersionName) {
    guard let numbers = version.numbers, let major = numbers.first else { return nil }
    self.major = major
    minor = numbers.count > 1 ? numbers[1] : 0
  }

  package var description: String { "\(major).\(minor)" }

  /// Returns whether users of the line are not meant to get this version: `1.2.0-rc1`, `1.2b1`.
  ///
  /// A hotfix by the scheme `suffix` is no pre-release, and neither is what comes after a plus.
  package static func isPreRelease(_ version: VersionName) -> Bool {
    let rest = version.text.drop { $0.isASCII && ($0.isNumber || $0 == ".") }
    return !rest.isEmpty && !rest.hasPrefix("+") && version.hotfixNumber == nil
  }
}

extension ReleaseLine: Comparable {
  package static func < (a: ReleaseLine, b: ReleaseLine) -> Bool {
    (a.major, a.minor) < (b.major, b.minor)
  }
}
