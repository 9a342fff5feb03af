import ReleaseModel
import Testing

@Suite struct LinesTests {
  @Test(arguments: [
    ("a\nb", ["a", "b"]), ("a\r\nb\r\n", ["a", "b", ""]), ("", [""]), ("\n\r\n", ["", "", ""]),
    ("a\rb\nc", ["a\rb", "c"]), ("a\r\r\nb", ["a\r", "b"]), ("a\r", ["a"]),
    ("a\u{301}\n\u{301}b", ["a\u{301}", "\u{301}b"]), ("a\u{2028}b\u{85}c", ["a\u{2028}b\u{85}c"]),
  ])
  func endsLinesAtLineFeeds(_ text: String, _ lines: [String]) {
    #expect(text.lines(omittingEmpty: false).map(String.init) == lines)
    #expect(text[...].lines().map(String.init) == lines.filter { !$0.isEmpty })
  }

  @Test func leavesAByteOrderMarkOut() {
    #expect("\u{FEFF}a: 1".withoutByteOrderMark == "a: 1")
    #expect("\u{FEFF}\u{301}a".withoutByteOrderMark.unicodeScalars.first == "\u{301}")
    #expect("a\u{FEFF}".withoutByteOrderMark == "a\u{FEFF}")
    #expect("".withoutByteOrderMark.isEmpty)
  }

  @Test func takesOneLineFeedFromWhatAProgramPrinted() {
    #expect(Array("a\r\n".utf8).textOfLine == "a\r")
    #expect(Array("a\n\n".utf8).textOfLine == "a\n")
    #expect([UInt8]().textOfLine.isEmpty)
  }
}
