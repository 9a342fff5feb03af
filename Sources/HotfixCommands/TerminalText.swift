internal import ReleaseModel

/// Text for people, as a command shows it.
///
/// What stands in it as a literal is ours, its line breaks and colours too. What is put into it comes
/// from outside and is shown as one line of text, whatever it holds.
struct TerminalText: Sendable, ExpressibleByStringInterpolation {
  /// Ready for the terminal: nothing but our own colours steers it.
  fileprivate(set) var rendered: String

  /// What goes out.
  var printed: String { rendered }

  fileprivate init(rendered: String) {
    self.rendered = rendered
  }

  init(stringLiteral literal: String) {
    rendered = literal
  }

  init(stringInterpolation: StringInterpolation) {
    rendered = stringInterpolation.rendered
  }

  /// One value in one line.
  init(_ value: some StringProtocol) {
    rendered = OutsideText(value).line
  }

  /// Outside words whole, over as many lines as they have.
  static func lines(_ text: some StringProtocol) -> TerminalText {
    TerminalText(rendered: OutsideText(text).lines)
  }

  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var rendered = ""

    init(literalCapacity: Int, interpolationCount: Int) {
      rendered.reserveCapacity(literalCapacity + interpolationCount * 16)
    }

    mutating func appendLiteral(_ literal: String) { rendered += literal }
    mutating func appendInterpolation(_ text: TerminalText) { rendered += text.rendered }
    mutating func appendInterpolation(_ value: some Any) {
      rendered += OutsideText("\(value)").line
    }
  }

  static func + (left: TerminalText, right: TerminalText) -> TerminalText {
    TerminalText(rendered: left.rendered + right.rendered)
  }

  static func += (left: inout TerminalText, right: TerminalText) { left = left + right }

  /// The text in a colour, by a code of ECMA-48's SGR.
  func painted(_ code: String) -> TerminalText {
    TerminalText(rendered: "\u{1B}[\(code)m\(rendered)\u{1B}[0m")
  }

  /// The text with spaces up to a width.
  func padded(_ width: Int) -> TerminalText { TerminalText(rendered: rendered.padded(width)) }
}

extension Sequence<TerminalText> {
  func joined(separator: TerminalText = "\n") -> TerminalText {
    TerminalText(rendered: map(\.rendered).joined(separator: separator.rendered))
  }
}
