/// The answers of `git cat-file --batch-command` to `info` or `contents`.
///
/// Format: git `cat-file(1)`, "BATCH OUTPUT": `<name> SP <kind> SP <size> LF`, then for `contents`
/// that many bytes and a line feed; `<revision> SP missing LF` (or `ambiguous`) where there is none.
struct GitBatch: Sendable {
  let count: Int
  let hasContents: Bool

  func isWhole(_ said: [UInt8]) -> Bool {
    var place = 0
    for _ in 0..<count where next(said, at: &place) == nil { return false }
    return true
  }

  /// One answer for each question; nil where there is no such object.
  func objects(_ said: [UInt8]) -> [GitObject?] {
    var place = 0
    return (0..<count).map { _ in
      guard let found = next(said, at: &place), let head = found.head else { return nil }
      return GitObject(
        name: head.name,
        kind: head.kind,
        content: Array(said[found.content])
      )
    }
  }

  private struct Answer {
    /// Nil: the object is missing.
    let head: (name: String, kind: String)?
    let content: Range<Int>
  }

  /// The answer at `place`, which moves behind it; nil when it is not whole yet.
  private func next(_ said: [UInt8], at place: inout Int) -> Answer? {
    guard let end = said[place...].firstIndex(of: 0x0A) else { return nil }
    let fields = said[place..<end].split(separator: 0x20, omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
    guard fields.count == 3, Self.kinds.contains(fields[1]), let size = Int(fields[2]), size >= 0
    else {
      place = end + 1
      return Answer(head: nil, content: 0..<0)
    }
    let head = (fields[0], fields[1])
    guard hasContents else {
      place = end + 1
      return Answer(head: head, content: 0..<0)
    }
    let start = end + 1
    let (close, overflow) = start.addingReportingOverflow(size)
    guard !overflow, close < said.count else { return nil }
    place = close + 1
    return Answer(head: head, content: start..<close)
  }

  private static let kinds: Set<String> = ["commit", "tree", "blob", "tag"]
}
