// Forms of outside text for places where some characters are markup.

extension OutsideText {
  /// A zero width space, as an entity that readers of the source see.
  ///
  /// GitHub looks for mentions and references in what was rendered, where no backslash is left; this
  /// parts them, as other tools do it there.
  private static let parting = "&#8203;"

  /// Text inside a line of Markdown or a cell of its table (CommonMark and GitHub's extensions).
  ///
  /// No HTML, mark, link, image, mention, reference or formula comes of it, at the line's beginning
  /// neither. A commit's name stays one that GitHub links.
  package var markdown: String {
    let scalars = Array(words.unicodeScalars)
    var markdown = ""
    var index = 0
    func at(_ index: Int) -> Unicode.Scalar? {
      scalars.indices.contains(index) ? scalars[index] : nil
    }
    var digitsAtBeginning = true
    while let scalar = at(index) {
      let (before, after) = (at(index - 1), at(index + 1))
      markdown += Self.markdown(scalar, before, after, isNumbered: digitsAtBeginning)
      if Self.isLinkBeginning(at: index, at) { markdown += Self.parting }
      if !("0"..."9").contains(scalar) { digitsAtBeginning = false }
      index += 1
    }
    return markdown
  }

  private static func markdown(
    _ scalar: Unicode.Scalar,
    _ before: Unicode.Scalar?,
    _ after: Unicode.Scalar?,
    isNumbered: Bool
  ) -> String {
    switch scalar {
    case "\\", "`", "*", "[", "]", "~", "|": return "\\\(scalar)"
    case "<": return "&lt;"
    case "$": return "&#36;"
    case "&": return after?.isAlphanumeric == true || after == "#" ? "&amp;" : "&"
    // Between two letters it is no emphasis.
    case "_": return before?.isAlphanumeric == true && after?.isAlphanumeric == true ? "_" : "\\_"
    case "#":
      let mark = before == nil || before == " " ? "\\#" : "#"
      return after?.isAlphanumeric == true ? mark + parting : mark
    case "@": return "@" + parting
    // A list, a quotation, an underline or a table begins with these.
    case "-", "+", "=", ">", ":": return before == nil ? "\\\(scalar)" : String(scalar)
    case ".", ")": return isNumbered && before != nil ? "\\\(scalar)" : String(scalar)
    default: return String(scalar)
    }
  }

  /// Whether, behind this place, there would be a bare link, an emoji's name or GH-12.
  private static func isLinkBeginning(at index: Int, _ at: (Int) -> Unicode.Scalar?) -> Bool {
    switch at(index) {
    case ":":
      if at(index + 1) == "/", at(index + 2) == "/" { return true }
      return isEmojiName(from: index + 1, at)
    case "w", "W":
      return at(index + 1) == "." && lower(at(index - 1)) == "w" && lower(at(index - 2)) == "w"
    case "-":
      return lower(at(index - 1)) == "h" && lower(at(index - 2)) == "g"
        && at(index + 1).map { ("0"..."9").contains($0) } == true
    default: return false
    }
  }

  /// Whether `name:` is here, with a letter in it: times are none.
  private static func isEmojiName(
    from start: Int,
    _ at: (Int) -> Unicode.Scalar?
  ) -> Bool {
    var hasLetter = false
    for index in start..<(start + 60) {
      guard let scalar = at(index) else { return false }
      switch scalar {
      case "_", "+", "-", "0"..."9": continue
      case "a"..."z", "A"..."Z": hasLetter = true
      case ":": return hasLetter
      default: return false
      }
    }
    return false
  }

  private static func lower(_ scalar: Unicode.Scalar?) -> Unicode.Scalar? {
    scalar.flatMap { $0.properties.lowercaseMapping.unicodeScalars.first }
  }

  /// One line of a commit's message: no second trailer, no mention, and no issue that GitHub would close.
  package var message: String {
    let scalars = Array(words.unicodeScalars)
    var message = String.UnicodeScalarView()
    for (index, scalar) in scalars.enumerated() {
      message.append(scalar)
      let isLink =
        scalar == "@" || scalar == "#"
        || Self.isLinkBeginning(at: index) { scalars.indices.contains($0) ? scalars[$0] : nil }
      if isLink, index + 1 < scalars.count { message.append("\u{200B}") }
    }
    return String(message)
  }

  /// Text of a Markdown code block with its fences, which the text cannot close.
  package var codeBlock: String {
    let lines = lines
    var (run, longest) = (0, 0)
    for byte in lines.utf8 {
      run = byte == 0x60 ? run + 1 : 0
      longest = max(longest, run)
    }
    let fence = String(repeating: "`", count: max(3, longest + 1))
    return "\(fence)\n\(lines)\n\(fence)"
  }

  /// Text of HTML or XML, fit for attributes in quotes too.
  package var html: String {
    escapingScalars(of: lines) { scalar in
      switch scalar {
      case "&": "&amp;"
      case "<": "&lt;"
      case ">": "&gt;"
      case "\"": "&quot;"
      case "'": "&#39;"
      default: nil
      }
    }
  }

  /// Text of a Slack message: its three characters are entities, and bare links are parted.
  ///
  /// Stars and underscores stay: Slack has no escape for them, and they change no more than the look.
  package var slack: String {
    var before: Unicode.Scalar?
    return escapingScalars(of: OutsideText(words).slackAddress) { scalar in
      defer { before = scalar }
      return scalar == "/" && before == ":" ? "\u{200B}/" : nil
    }
  }

  /// An address of ours in a Slack message, which stays a link.
  package var slackAddress: String {
    escapingScalars(of: line) { scalar in
      switch scalar {
      case "&": "&amp;"
      case "<": "&lt;"
      case ">": "&gt;"
      default: nil
      }
    }
  }

  /// Text of a Discord message: its marks behind backslashes, mentions and bare links parted.
  package var discord: String {
    var discord = ""
    var before: Unicode.Scalar?
    for scalar in words.unicodeScalars {
      switch scalar {
      case "\\", "*", "_", "~", "`", "|", ">", "<", "#", "[", "]", "(", ")", "-", "+":
        discord += "\\\(scalar)"
      case "@": discord += "@\u{200B}"
      case "/" where before == ":": discord += "\u{200B}/"
      // 1. begins a list, :name: is an emoji.
      case ".": discord += before.map { ("0"..."9").contains($0) } == true ? "\\." : "."
      case ":": discord += "\\:"
      default: discord.unicodeScalars.append(scalar)
      }
      before = scalar
    }
    return discord
  }

  // MARK: GitHub's runner, which reads commands from what a job prints (workflow commands)

  /// The text of a workflow command.
  package var runnerData: String {
    escapingScalars(of: text) { ["%": "%25", "\r": "%0D", "\n": "%0A"][$0] }
  }

  /// A property of a workflow command.
  package var runnerProperty: String {
    escapingScalars(of: runnerData) { [":": "%3A", ",": "%2C"][$0] }
  }

  /// JSON that a job prints, with what `##[` would begin as an escape of its string.
  package static func runnerJSON(_ encoded: String) -> String {
    escapingScalars(of: encoded) { $0 == "#" ? "\\u0023" : nil }
  }

  /// Output of a job in which no line is a command: one begins with `::`, the old ones hold `##[`.
  package static func runnerOutput(_ text: String) -> String {
    var output = ""
    var (isBeginning, marks) = (true, 0)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "[" where marks >= 2: output += "\\u{5B}"
      case ":" where isBeginning: output += "\\u{3A}"
      default: output.unicodeScalars.append(scalar)
      }
      marks = scalar == "#" ? marks + 1 : 0
      isBeginning =
        scalar == "\n" || scalar == "\r" || isBeginning && scalar.properties.isWhitespace
    }
    return output
  }
}

extension Unicode.Scalar {
  fileprivate var isAlphanumeric: Bool {
    properties.isAlphabetic || properties.numericType != nil
  }
}

/// Returns `text` with some of its scalars as other text.
///
/// A `Character` may be a mark together with what combines with it, and CRLF is one too: whoever looks
/// for the mark among characters overlooks it there.
package func escapingScalars(
  of text: String,
  _ escape: (Unicode.Scalar) -> String?
) -> String {
  var escaped = ""
  for scalar in text.unicodeScalars {
    if let other = escape(scalar) {
      escaped += other
    } else {
      escaped.unicodeScalars.append(scalar)
    }
  }
  return escaped
}
