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
}

extension ReleaseLine: Comparable {
  package static func < (a: ReleaseLine, b: ReleaseLine) -> Bool {
    (a.major, a.minor) < (b.major, b.minor)
  }
}
