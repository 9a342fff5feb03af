/// Something that a person has to know about: what happened, why, and what to do next.
///
/// `next` is never empty; each entry is an imperative or a command to paste. `code` is stable and
/// documented in `docs/errors.md`.
package struct Problem: Error, Sendable, Hashable, Codable, CustomStringConvertible {
  package let code: String
  package let what: String
  package let why: String
  package let next: [String]

  package init(_ code: String, _ what: String, why: String = "", next: [String]) {
    precondition(!next.isEmpty, "A problem says what to do next (\(code)).")
    self.code = code
    self.what = what
    self.why = why
    self.next = next
  }

  package var description: String { "\(what) [\(code)]" }

  /// Returns the problem as it is shown to a person, without colour.
  package var text: String {
    var lines = ["error: \(what)"]
    for line in why.lines(omittingEmpty: false) where !why.isEmpty {
      lines.append("  \(line)")
    }
    for (index, step) in next.enumerated() {
      lines.append((index == 0 ? "next:  " : "       ") + step)
    }
    lines.append("[\(code)]")
    return lines.joined(separator: "\n")
  }
}

/// Several independent problems, told together.
package struct Problems: Error, Sendable {
  package let all: [Problem]

  package init(_ all: [Problem]) {
    self.all = all
  }
}
