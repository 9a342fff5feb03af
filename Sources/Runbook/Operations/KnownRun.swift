package import ReleaseModel

/// A run as somebody who opens another one has to know it.
package struct KnownRun: Sendable, Hashable {
  package let run: String
  package let tag: String
  package let title: String
  package let branch: String
  /// The release that it mends.
  package let base: VersionName
  /// Every tag's name that it has had.
  package let names: [String]
  package let isOpen: Bool

  package init(
    run: String,
    tag: String,
    title: String,
    branch: String,
    base: VersionName,
    names: [String],
    isOpen: Bool
  ) {
    self.run = run
    self.tag = tag
    self.title = title
    self.branch = branch
    self.base = base
    self.names = names
    self.isOpen = isOpen
  }

  /// Whether two titles name the same fault: case and white space do not count.
  package static func isSame(_ a: String, _ b: String) -> Bool { folded(a) == folded(b) }

  private static func folded(_ title: String) -> [String] {
    title.lowercased().split(whereSeparator: \.isWhitespace).map(String.init)
  }
}
