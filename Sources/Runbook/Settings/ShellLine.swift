internal import ReleaseModel

/// A command line as a POSIX shell reads it, as far as that can be told without running it.
package struct ShellLine: Sendable {
  package struct Word: Sendable, Hashable {
    package var text = ""
    /// Whether the word is known: nothing in it is expanded, and no `{name}` is filled in.
    package var isLiteral = true

    package init(text: String = "", isLiteral: Bool = true) {
      self.text = text
      self.isLiteral = isLiteral
    }
  }

  /// A program and its arguments, without assignments and redirections.
  package struct Command: Sendable, Hashable {
    package let words: [Word]
    /// Where it runs, from where the line starts.
    package let directory: String
    /// Whether another command may have made what this one needs.
    package let isAfterOthers: Bool
  }

  package private(set) var commands: [Command] = []

  private var words: [Word] = []
  private var directory: String? = ""
  private var outer: [String?] = []
  private var isAfterOthers = false

  /// Returns nil for what is not read: functions, here-documents, `case`, and quotes that do not end.
  package init?(_ line: String) {
    var reader = ShellTokens(line)
    var skipsNext = false
    var skipsToEnd = false
    while let token = reader.next() {
      switch token {
      case .unreadable: return nil
      case .redirection: skipsNext = true
      case .end:
        end()
        skipsToEnd = false
      case .open:
        guard words.isEmpty else { return nil }
        outer.append(directory)
      case .close:
        end()
        guard let before = outer.popLast() else { return nil }
        directory = before
      case .word(let word):
        if skipsNext {
          skipsNext = false
        } else if !skipsToEnd {
          if words.isEmpty, word.isLiteral, ["case", "function", "[["].contains(word.text) {
            return nil
          }
          skipsToEnd = words.isEmpty && word == Word(text: "for")
          if !skipsToEnd { take(word) }
        }
      }
    }
    end()
  }

  private static let reserved: Set = [
    "if", "then", "elif", "else", "fi", "while", "until", "do", "done", "!", "{", "}", "time",
    "exec", "command", "nohup", "env",
  ]

  private mutating func take(_ word: Word) {
    if words.isEmpty {
      if word.text.prefixMatch(of: /[A-Za-z_][A-Za-z0-9_]*=/) != nil { return }
      if word.isLiteral, Self.reserved.contains(word.text) { return }
    }
    words.append(word)
  }

  private mutating func end() {
    defer { words = [] }
    guard let program = words.first else { return }
    if program.text == "cd" || program.text == "pushd" {
      let target = words.dropFirst().first { $0.text != "--" }
      directory = target.flatMap { target in
        guard target.isLiteral, target.text != "-", let directory else { return nil }
        if target.text.hasPrefix("/") { return target.text }
        return directory.isEmpty ? target.text : "\(directory)/\(target.text)"
      }
      return
    }
    if let directory {
      commands.append(Command(words: words, directory: directory, isAfterOthers: isAfterOthers))
    }
    isAfterOthers = true
  }
}

/// The tokens of a command line (POSIX XCU 2.3).
private struct ShellTokens {
  enum Token {
    case word(ShellLine.Word)
    /// What ends a command.
    case end
    /// `(` and `)`.
    case open, close
    /// The next word is a file.
    case redirection
    case unreadable
  }

  private var rest: Substring

  init(_ line: String) {
    rest = line[...]
  }

  mutating func next() -> Token? {
    while let first = rest.first, first == " " || first == "\t" { rest.removeFirst() }
    if rest.first == "#" { rest = rest.drop { !$0.isNewline } }
    guard let first = rest.first else { return nil }
    switch first {
    case ";", "&", "|":
      if rest.hasPrefix("&>") {
        rest.removeFirst(rest.hasPrefix("&>>") ? 3 : 2)
        return .redirection
      }
      rest.removeFirst()
      return .end
    case _ where first.isNewline:
      rest.removeFirst()
      return .end
    case "(", ")":
      rest.removeFirst()
      return first == "(" ? .open : .close
    case "<", ">": return redirection()
    default: return word()
    }
  }

  private mutating func redirection() -> Token {
    guard !rest.hasPrefix("<<") else { return .unreadable }
    rest.removeFirst()
    if let second = rest.first, "><&|".contains(second) { rest.removeFirst() }
    return .redirection
  }

  private mutating func word() -> Token {
    var word = ShellLine.Word()
    var isQuoted = false
    while let first = rest.first, !first.isNewline, !" \t;&|()<>".contains(first) {
      rest.removeFirst()
      switch first {
      case "\\":
        guard let next = rest.popFirst() else { return .unreadable }
        if !next.isNewline { word.text.append(next) }
      case "'":
        isQuoted = true
        guard let end = rest.firstIndex(of: "'") else { return .unreadable }
        word.text += rest[..<end]
        rest = rest[rest.index(after: end)...]
      case "\"":
        isQuoted = true
        guard quoted(&word) else { return .unreadable }
      case "$", "`":
        guard expansion(first, &word) else { return .unreadable }
      default:
        if "*?~".contains(first) { word.isLiteral = false }
        word.text.append(first)
      }
    }
    if !Template(word.text).names.isEmpty { word.isLiteral = false }
    // `2>`: the number belongs to the redirection.
    let isNumber = !isQuoted && word.text.allSatisfy(\.isNumber)
    if isNumber, let next = rest.first, "<>".contains(next) { return redirection() }
    return .word(word)
  }

  private mutating func quoted(_ word: inout ShellLine.Word) -> Bool {
    while let first = rest.popFirst() {
      switch first {
      case "\"": return true
      case "\\":
        guard let next = rest.popFirst() else { return false }
        if !"\"\\$`".contains(next) { word.text.append("\\") }
        word.text.append(next)
      case "$", "`": guard expansion(first, &word) else { return false }
      default: word.text.append(first)
      }
    }
    return false
  }

  /// Passes over what is expanded; false where its end is missing.
  private mutating func expansion(_ first: Character, _ word: inout ShellLine.Word) -> Bool {
    word.isLiteral = false
    word.text.append(first)
    if first == "`" {
      guard let end = rest.firstIndex(of: "`") else { return false }
      rest = rest[rest.index(after: end)...]
      return true
    }
    guard let open = rest.first, open == "(" || open == "{" else { return true }
    let close: Character = open == "(" ? ")" : "}"
    var depth = 0
    var quote: Character?
    while let next = rest.popFirst() {
      if let mark = quote {
        if next == mark { quote = nil }
      } else if next == "'" || next == "\"" {
        quote = next
      } else if next == open {
        depth += 1
      } else if next == close {
        depth -= 1
        if depth == 0 { return true }
      }
    }
    return false
  }
}
