import HotfixTesting
import ReleaseModel
import Testing

/// Each form read back by a reader that knows nothing of how it was written.
@Suite struct OutsideTextTests {
  static let texts = StrangeText.texts(10_000, seed: 16)

  @Test func ordinaryTextStaysAsItIs() {
    for text in ["Notes are lost on save.", "Größe 漢字 👩‍👩‍👧 ❤️ می‌خواهم", "C:\\x (1.0.1-hotfix1)"] {
      #expect(OutsideText(text).line == text)
      #expect(OutsideText(text).lines == text)
    }
    for text in ["Notes are lost on save.", "Crash in a_b of 1.0.1 (Q & A), 50 % - twice!"] {
      #expect(OutsideText(text).markdown == text)
      #expect(OutsideText(text).slack == text.replacing("&", with: "&amp;"))
    }
  }

  @Test(arguments: [
    ("a\nb\tc", "a\\nb\\tc"), ("\u{1B}[31mred", "\\u{1B}[31mred"), ("a\u{202E}b", "a\\u{202E}b"),
    ("\u{9B}2J\u{7F}", "\\u{9B}2J\\u{7F}"), ("a\u{200D}b", "a\\u{200D}b"),
    ("a\u{2028}b\u{85}", "a\\u{2028}b\\u{85}"), ("\u{FEFF}\u{E0041}", "\\u{FEFF}\\u{E0041}"),
    ("\u{3164}\u{AD}", "\\u{3164}\\u{AD}"), ("\r\n", "\\r\\n"),
  ])
  func showsWhatIsInvisible(_ text: String, _ shown: String) {
    #expect(OutsideText(text).line == shown)
  }

  @Test func keepsTheLinesOfOutsideWords() {
    #expect(OutsideText("a\r\n\tb\u{7}\nc\rd").lines == "a\n\tb\\u{7}\nc\\rd")
  }

  @Test func aTerminalReadsTextAlone() {
    for text in Self.texts {
      #expect(!steers(OutsideText(text).line, layout: ""), "\(text.debugDescription)")
      #expect(!steers(OutsideText(text).lines, layout: "\n\t"), "\(text.debugDescription)")
    }
  }

  /// ECMA-48 and Unicode's bidirectional algorithm by their tables: C0, DEL, C1, the directions, the
  /// separators, and what has no width.
  private func steers(_ text: String, layout: String) -> Bool {
    text.unicodeScalars.contains { scalar in
      if layout.unicodeScalars.contains(scalar) { return false }
      switch scalar.value {
      case 0x00...0x1F, 0x7F...0x9F, 0xAD, 0x61C, 0x115F...0x1160, 0x180B...0x180F, 0x200B,
        0x200E...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0x3164, 0xFDD0...0xFDEF, 0xFEFF,
        0xFFA0, 0xFFF0...0xFFFB, 0xFFFE...0xFFFF, 0xE0000...0xE0FFF:
        return true
      default: return false
      }
    }
  }

  // MARK: Markdown

  @Test func markdownReadsTextAlone() {
    for text in Self.texts {
      let markdown = OutsideText(text).markdown
      let read = readMarkdown(markdown)
      #expect(read.fault == nil, "\(read.fault ?? "") in \(markdown.debugDescription)")
      let words = OutsideText(text).words
      #expect(read.text.replacing("\u{200B}", with: "") == words, "\(text.debugDescription)")
      #expect(githubFinds(read.text) == nil, "\(text.debugDescription)")
    }
  }

  /// Reads a line by CommonMark's rules for backslashes and entities; a mark that is left is a fault.
  private func readMarkdown(_ line: String) -> (text: String, fault: String?) {
    var text = String.UnicodeScalarView()
    var fault: String?
    var rest = line.unicodeScalars[...]
    let entities: [(String, Unicode.Scalar)] = [
      ("&lt;", "<"), ("&amp;", "&"), ("&#36;", "$"), ("&#8203;", "\u{200B}"),
    ]
    let punctuation = Set("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~".unicodeScalars)
    // Blocks begin at the line's beginning (CommonMark 4 and 5; GitHub's tables).
    let digits = rest.prefix { ("0"..."9").contains($0) }
    if let first = rest.first, "#>+=:- \t".unicodeScalars.contains(first) { fault = "a block" }
    if !digits.isEmpty, let mark = rest.dropFirst(digits.count).first, mark == "." || mark == ")" {
      fault = "a list"
    }
    while let scalar = rest.first {
      if scalar == "\\", let next = rest.dropFirst().first, punctuation.contains(next) {
        text.append(next)
        rest = rest.dropFirst(2)
      } else if let found = entities.first(where: { rest.starts(with: $0.0.unicodeScalars) }) {
        text.append(found.1)
        rest = rest.dropFirst(found.0.unicodeScalars.count)
      } else {
        if "`*[]~|<\\\n\r\t$".unicodeScalars.contains(scalar) { fault = "a bare \(scalar)" }
        let next = rest.dropFirst().first
        if scalar == "&", next == "#" || next?.properties.isAlphabetic == true {
          fault = "an entity"
        }
        text.append(scalar)
        rest = rest.dropFirst()
      }
    }
    if line.unicodeScalars.last == " " { fault = "a break" }
    return (String(text), fault)
  }

  /// What GitHub makes of rendered text: mentions, references, bare links, emojis.
  private func githubFinds(_ text: String) -> String? {
    let bytes = Array(text.lowercased().utf8)
    func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) }
    for index in bytes.indices {
      let rest = bytes[index...]
      guard let byte = rest.first, let next = rest.dropFirst().first else { return nil }
      if byte == 0x40, isDigit(next) || isLetter(next) { return "a mention" }
      if byte == 0x23, isDigit(next) { return "a reference" }
      if byte == 0x67, rest.starts(with: "gh-".utf8), rest.dropFirst(3).first.map(isDigit) == true {
        return "a reference"
      }
      if byte == 0x3A, rest.starts(with: "://".utf8) { return "a link" }
      if byte == 0x77, rest.starts(with: "www.".utf8) { return "a link" }
      guard byte == 0x3A else { continue }
      let name = rest.dropFirst().prefix { isDigit($0) || isLetter($0) || "_+-".utf8.contains($0) }
      if name.contains(where: isLetter), bytes[name.endIndex...].first == 0x3A { return "an emoji" }
    }
    return nil
  }

  @Test func aMessageOfACommitIsOneLineWithoutReferences() {
    #expect(OutsideText("Notes (a_b) are lost: 12:30").message == "Notes (a_b) are lost: 12:30")
    for text in Self.texts {
      let message = OutsideText(text).message
      #expect(!message.utf8.contains(0x0A) && githubFinds(message) == nil, "\(message)")
      #expect(message.replacing("\u{200B}", with: "") == OutsideText(text).words)
    }
  }

  @Test func aCodeBlockEndsAtItsOwnFence() {
    for text in Self.texts {
      let lines = OutsideText(text).codeBlock.split(
        separator: "\n",
        omittingEmptySubsequences: false
      )
      let fence = lines[0]
      #expect(fence.allSatisfy { $0 == "`" } && fence.count >= 3)
      let end = lines.dropFirst().firstIndex { line in
        let marks = line.drop { $0 == " " }
        return marks.prefix { $0 == "`" }.count >= fence.count
      }
      #expect(end == lines.count - 1, "\(text.debugDescription)")
    }
  }

  // MARK: HTML, Slack, Discord

  @Test func htmlAndSlackReadTextAlone() {
    for text in Self.texts {
      let html = OutsideText(text).html
      #expect(!html.utf8.contains { "<>\"'".utf8.contains($0) })
      #expect(decoded(html) == OutsideText(text).lines)
      let slack = OutsideText(text).slack
      // Slack's rules: a control begins with <, an entity with &; nothing else is read.
      #expect(!slack.utf8.contains { "<>".utf8.contains($0) })
      #expect(!holds(Array(slack.utf8)[...], "://"), "\(text.debugDescription)")
      #expect(
        decoded(slack).replacing("\u{200B}", with: "") == OutsideText(text).words,
        "\(text.debugDescription)"
      )
    }
  }

  private func decoded(_ text: String) -> String {
    let entities = ["amp": "&", "lt": "<", "gt": ">", "quot": "\"", "#39": "'"]
    let parts = Array(text.utf8).split(separator: 0x26, omittingEmptySubsequences: false)
    var read = Array(parts[0])
    for part in parts.dropFirst() {
      let name = String(decoding: part.prefix { $0 != 0x3B }, as: UTF8.self)
      read += Array((entities[name] ?? "?").utf8) + part.dropFirst(name.utf8.count + 1)
    }
    return String(decoding: read, as: UTF8.self)
  }

  @Test func discordReadsTextAlone() {
    for text in Self.texts {
      let discord = OutsideText(text).discord
      var read = ""
      var isEscaped = false
      for scalar in discord.unicodeScalars {
        if !isEscaped, scalar == "\\" {
          isEscaped = true
          continue
        }
        if !isEscaped, "*_~`|><#[]()-+:".unicodeScalars.contains(scalar) {
          Issue.record("a bare \(scalar) in \(discord)")
        }
        isEscaped = false
        read.unicodeScalars.append(scalar)
      }
      #expect(read.replacing("\u{200B}", with: "") == OutsideText(text).words)
      #expect(!read.contains("://") && !read.contains(/@[A-Za-z0-9&!]/))
    }
  }

  // MARK: GitHub's runner

  @Test func aRunnerFindsNoCommandInOutput() {
    for text in Self.texts {
      let output = Array(OutsideText.runnerOutput(text).utf8)
      for line in output.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
        let start = String(decoding: line, as: UTF8.self).unicodeScalars
          .drop { $0.properties.isWhitespace }
        #expect(!start.starts(with: "::".unicodeScalars), "\(text.debugDescription)")
        #expect(!holds(line, "##["), "\(text.debugDescription)")
      }
      // actions/runner, ActionCommand: the property up to ::, then the data up to the line's end.
      let property = Array(OutsideText(text).runnerProperty.utf8)
      let data = Array(OutsideText(text).runnerData.utf8)
      #expect(!property.contains { [0x3A, 0x2C, 0x0A, 0x0D].contains($0) })
      #expect(!data.contains { [0x0A, 0x0D].contains($0) })
      #expect(unescaped(property) == text && unescaped(data) == text, "\(text.debugDescription)")
    }
  }

  private func holds(_ bytes: ArraySlice<UInt8>, _ mark: String) -> Bool {
    bytes.indices.contains { bytes[$0...].starts(with: mark.utf8) }
  }

  private func unescaped(_ bytes: [UInt8]) -> String {
    var read: [UInt8] = []
    var rest = bytes[...]
    while let byte = rest.popFirst() {
      if byte == 0x25, let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      {
        read.append(code)
        rest = rest.dropFirst(2)
      } else {
        read.append(byte)
      }
    }
    return String(decoding: read, as: UTF8.self)
  }

  // MARK: words of a shell

  /// A quotation mark with an accent on it is one Character, and still ends the word.
  @Test func aShellReadsOneWord() {
    #expect(shellQuoted("'\u{301}; id #") == "''\\''\u{301}; id #'")
    for text in Self.texts {
      #expect(shellWord(shellQuoted(text)) == text, "\(text.debugDescription)")
    }
  }

  /// POSIX 2.2: bare characters, '…' and \c; nil where there is anything else.
  private func shellWord(_ word: String) -> String? {
    var read = String.UnicodeScalarView()
    var rest = word.unicodeScalars[...]
    while let scalar = rest.popFirst() {
      if scalar == "'" {
        read += rest.prefix { $0 != "'" }
        guard rest.contains("'") else { return nil }
        rest = rest.drop { $0 != "'" }.dropFirst()
      } else if scalar == "\\", let next = rest.popFirst() {
        read.append(next)
      } else if scalar.isASCII,
        scalar.properties.isAlphabetic || "0123456789_-./:=@%+,".unicodeScalars.contains(scalar)
      {
        read.append(scalar)
      } else {
        return nil
      }
    }
    return String(read)
  }

  // MARK: names that become arguments

  @Test(arguments: ["--output=x", "HEAD", "", "-", "abc", String(repeating: "A", count: 40)])
  func aCommitIsItsFullName(_ text: String) {
    #expect(!isCommitName(text))
    #expect(isCommitName(String(repeating: "0a", count: 20)))
    #expect(isCommitName(String(repeating: "f", count: 64)))
    #expect(!isCommitName(String(repeating: "ａ", count: 40)), "of full width")
  }
}
