internal import ReleaseModel

/// A place in a feed, counted from 1.
package struct FeedPlace: Sendable, Hashable {
  package let line: Int
  package let column: Int

  package init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  package init(of offset: Int, in bytes: [UInt8]) {
    self = LineIndex(Array(bytes.prefix(offset))).place(of: offset)
  }
}

/// Where lines begin, so that many places are found in one reading.
struct LineIndex: Sendable {
  private var starts = [0]

  init(_ bytes: [UInt8]) {
    bytes.forEachIndex(ofByteBelow: 0x0B) { if bytes[$0] == 0x0A { starts.append($0 + 1) } }
  }

  func place(of offset: Int) -> FeedPlace {
    var low = 0
    var high = starts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= offset { low = middle } else { high = middle }
    }
    return FeedPlace(line: low + 1, column: offset - starts[low] + 1)
  }
}

extension Problem {
  /// `feed.malformed`, with its place.
  static func malformedFeed(_ what: String, _ place: FeedPlace, _ reason: String) -> Problem {
    Problem(
      "feed.malformed",
      "The feed is \(what).",
      why: "Line \(place.line), column \(place.column): \(reason).",
      next: ["Mend that line; every user's updater refuses the whole feed until then."]
    )
  }

  /// The place that `malformedFeed` names; the file's beginning where there is none.
  var feedPlace: FeedPlace {
    let match = why.firstMatch(of: /Line ([0-9]+)(, column ([0-9]+))?/)
    return FeedPlace(
      line: match.flatMap { Int($0.1) } ?? 1,
      column: match.flatMap { $0.3 }.flatMap { Int($0) } ?? 1
    )
  }
}
