/// Text from outside: titles, reasons, names, file names, answers of servers and programs.
///
/// Anybody may have written it, so it is shown and sent in one of these forms alone. In each of them
/// a reader of that place finds text and nothing else: no command, no mention, no link, no control
/// sequence.
package struct OutsideText: Sendable, Hashable {
  package let text: String

  package init(_ text: some StringProtocol) {
    self.text = String(text)
  }

  /// One line for a terminal, a header or a log: line breaks and tabs are shown as `\n` and `\t`,
  /// other invisible characters as `\u{202E}`.
  package var line: String { shown(keeping: "") }

  /// Several lines for a terminal: as `line`, with its line breaks and tabs.
  package var lines: String { shown(keeping: "\n\t") }

  /// The text of one line of Markdown prose, with every run of white space as one space.
  package var words: String {
    var words = String.UnicodeScalarView()
    for word in text.unicodeScalars.split(whereSeparator: \.properties.isWhitespace) {
      if !words.isEmpty { words.append(" ") }
      words += word
    }
    return OutsideText(String(words)).line
  }

  private func shown(keeping layout: String) -> String {
    // Most texts are plain ASCII.
    if text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) { return text }
    let kept = layout.unicodeScalars
    var shown = String.UnicodeScalarView()
    let scalars = Array(text.unicodeScalars)
    for (index, scalar) in scalars.enumerated() {
      let before = index > 0 ? scalars[index - 1] : nil
      let after = index + 1 < scalars.count ? scalars[index + 1] : nil
      // A line of Windows ends like one of ours.
      if scalar == "\r", after == "\n", kept.contains("\n") { continue }
      if kept.contains(scalar) || !scalar.isHidden || scalar.joins(before, after) {
        shown.append(scalar)
      } else {
        shown.append(contentsOf: scalar.name.unicodeScalars)
      }
    }
    return String(shown)
  }

  /// The text for JSON that was encoded already: what is invisible in its strings as `\u202E`.
  package static func json(_ encoded: String) -> String {
    if encoded.utf8.allSatisfy({ (0x20...0x7E).contains($0) || $0 == 0x0A }) { return encoded }
    var shown = ""
    for scalar in encoded.unicodeScalars {
      if scalar.isHidden, scalar != "\n" {
        for unit in String(scalar).utf16 { shown += "\\u" + hexadecimal(UInt32(unit), digits: 4) }
      } else {
        shown.unicodeScalars.append(scalar)
      }
    }
    return shown
  }

  /// The text as one word of a shell, for a command that a person pastes.
  ///
  /// What is invisible is written as `$'\033'`, which POSIX shells read since 2024, and bash, zsh and
  /// ksh always did.
  package var word: String {
    guard text.unicodeScalars.contains(where: \.isHidden) else { return shellQuoted(text) }
    var word = "$'"
    for scalar in text.unicodeScalars {
      if scalar.isHidden {
        for byte in String(scalar).utf8 {
          let octal = String(byte, radix: 8)
          word += "\\" + String(repeating: "0", count: 3 - octal.count) + octal
        }
      } else {
        if scalar == "'" || scalar == "\\" { word += "\\" }
        word.unicodeScalars.append(scalar)
      }
    }
    return word + "'"
  }
}

private func hexadecimal(_ value: UInt32, digits: Int = 1) -> String {
  let text = String(value, radix: 16, uppercase: true)
  return String(repeating: "0", count: max(0, digits - text.count)) + text
}

extension Unicode.Scalar {
  /// Whether a reader does not see it, or sees others in another order because of it: controls,
  /// line breaks, directions, zero widths, fillers, tags, noncharacters.
  var isHidden: Bool {
    if (0x20...0x7E).contains(value) { return false }
    switch value {
    // Selectors of an emoji's look.
    case 0xFE0E, 0xFE0F: return false
    // Marks of annotations, and the fillers that have no width in some fonts and one in others.
    case 0xFFF9...0xFFFB: return true
    default: break
    }
    switch properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: return true
    default:
      return properties.isDefaultIgnorableCodePoint || properties.isNoncharacterCodePoint
    }
  }

  /// Whether it is a joiner where writing needs one: in an emoji, or inside an Arabic or Indic word.
  fileprivate func joins(_ before: Unicode.Scalar?, _ after: Unicode.Scalar?) -> Bool {
    guard value == 0x200C || value == 0x200D, let before, let after else { return false }
    return before.takesJoiners && after.takesJoiners
  }

  private var takesJoiners: Bool {
    switch value {
    case 0x0600...0x0DFF, 0xFE0F, 0x1F3FB...0x1F3FF: !isHidden
    case 0x2190...: properties.isEmoji
    default: false
    }
  }

  fileprivate var name: String {
    switch self {
    case "\n": "\\n"
    case "\r": "\\r"
    case "\t": "\\t"
    default: "\\u{" + hexadecimal(value) + "}"
    }
  }
}
