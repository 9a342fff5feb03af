/// How Velopack's two clients order versions; they do not agree.
package enum VelopackVersionOrder {
  /// The Rust core (also Python, Node and C++): Rust's semver; build metadata counts.
  ///
  /// Throws `VersionRefused`. 0.0.0 stands for "no version" in the client.
  package static func compareRust(_ a: String, _ b: String) throws -> Int {
    try rust(a).order(try rust(b))
  }

  static func rust(_ text: String) throws -> RustVersion {
    guard text != "0.0.0" else { throw VersionRefused(text, "0.0.0 means no version") }
    return try RustVersion(Substring(text), of: text)
  }

  /// The C# client: two to four numbers, labels without case, build metadata ignored.
  ///
  /// Throws `VersionRefused`.
  package static func compareCS(_ a: String, _ b: String) throws -> Int {
    let left = try DotNetVersion(a)
    let right = try DotNetVersion(b)
    let front = lexicographicOrder(left.numbers, right.numbers) { sign($0, $1) }
    if front != 0 { return front }
    if left.labels.isEmpty || right.labels.isEmpty {
      return sign(left.labels.isEmpty ? 1 : 0, right.labels.isEmpty ? 1 : 0)
    }
    return lexicographicOrder(left.labels, right.labels, SemanticVersion.identifierOrder)
  }

  /// A version as `SemanticVersion` of Velopack's C# library reads it.
  private struct DotNetVersion {
    /// Always four.
    let numbers: [Int32]
    /// Lower-cased.
    let labels: [Substring]

    init(_ text: String) throws {
      let refused = VersionRefused(text, "it is not two to four numbers with labels")
      let front = text.prefix { $0 != "+" }
      let pieces = front.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
      let parts = pieces[0].split(separator: ".", omittingEmptySubsequences: false)
      let numbers = parts.map { $0.isDigits ? Int32($0) : nil }
      guard (2...4).contains(numbers.count), !numbers.contains(nil) else { throw refused }
      self.numbers = numbers.compactMap(\.self) + Array(repeating: 0, count: 4 - numbers.count)
      labels =
        pieces.count == 2
        ? Substring(pieces[1].lowercased()).split(
          separator: ".",
          omittingEmptySubsequences: false
        ) : []
      let isLabel = { (label: Substring) in
        !label.isEmpty
          && label.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
      }
      guard labels.allSatisfy(isLabel) else { throw refused }
      if front.count < text.count {
        let build = text[front.endIndex...].dropFirst()
        guard build.split(separator: ".", omittingEmptySubsequences: false).allSatisfy(isLabel)
        else { throw refused }
      }
    }
  }
}
