/// Glob patterns over paths: `*` inside a component, `**` across them, `?` one character.
package struct Glob: Sendable, Hashable {
  private let pattern: [Character]

  package init(_ pattern: String) {
    self.pattern = Array(pattern)
  }

  package func matches(_ path: String) -> Bool {
    match(pattern[...], Array(path)[...], depth: 0)
  }

  private func match(
    _ pattern: ArraySlice<Character>,
    _ path: ArraySlice<Character>,
    depth: Int
  ) -> Bool {
    // A pattern of many stars would take exponential time; no sensible one goes this deep.
    guard depth < 64 else { return false }
    guard let first = pattern.first else { return path.isEmpty }
    if first == "*" {
      let crosses = pattern.dropFirst().first == "*"
      var rest = pattern.dropFirst(crosses ? 2 : 1)
      if crosses && rest.first == "/" { rest = rest.dropFirst() }
      var tail = path
      while true {
        if match(rest, tail, depth: depth + 1) { return true }
        guard let next = tail.first, crosses || next != "/" else { return false }
        tail = tail.dropFirst()
      }
    }
    guard let next = path.first, first == next || (first == "?" && next != "/") else {
      return false
    }
    return match(pattern.dropFirst(), path.dropFirst(), depth: depth)
  }
}
