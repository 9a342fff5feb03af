/// Texts as a stranger would write them: made of what is markup, a command or invisible somewhere.
package enum StrangeText {
  private static let pieces: [String] = [
    "a", "b", "Z", "0", "7", "12", " ", " ", "  ", "    ", "\t", "\n", "\n", "\r\n", "\r", "\u{0}",
    "\u{7}", "\u{8}", "\u{B}", "\u{C}", "\u{1B}", "\u{1B}[31;1m", "\u{1B}[8m", "\u{1B}]0;x\u{7}",
    "\u{1B}[2J", "\u{7F}", "\u{85}", "\u{9B}31m", "\u{9D}", "\u{A0}", "\u{AD}", "\u{61C}",
    "\u{200B}", "\u{200C}", "\u{200D}", "\u{200E}", "\u{200F}", "\u{2028}", "\u{2029}", "\u{202A}",
    "\u{202E}", "\u{202C}", "\u{2060}", "\u{2066}", "\u{2069}", "\u{3164}", "\u{FEFF}", "\u{FE0F}",
    "\u{FFF9}", "\u{E0041}", "\u{E007F}", "<", ">", "&", "\"", "'", "`",
    "``", "```", "~~~", "*", "**", "_", "__", "~", "#", "##", "-", "---", "===", "=", "+", "|",
    "\\",
    "\\\\", "[", "]", "(", ")", "!", "{", "}", ":", ";", ",", ".", "/", "@", "$", "%", "^", "?",
    "&amp;",
    "&lt;", "&#60;", "&#x3C;", "&copy", "<b>", "</td>", "<script>alert(1)</script>", "<!--", "-->",
    "<!-- hotfix: run -->", "<![CDATA[", "]]>", "<?x", "<a href=\"javascript:alert(1)\">",
    "[x](https://evil.example)", "![x](https://evil.example/i.png)", "[x]: https://evil.example",
    "[^1]", "- [ ] ", "1. ", "1) ", "> ", "|---|", ":-", "@ana", "@org/team", "#12", "org/repo#12",
    "GH-12", "gh-7", "0123456789abcdef0123456789abcdef01234567", "https://evil.example/x?a=b&c",
    "http://evil.example", "ftp://evil.example", "www.evil.example", "WWW.evil.example",
    "ana@evil.example", "mailto:ana@evil.example", "xmpp:ana@evil.example", "javascript:alert(1)",
    "evil.example", "$x$", "$$x$$", ":smile:", ":+1:", "<@U123>", "<!channel>", "<!subteam^S1>",
    "<#C1>", "<https://evil.example|click>", "<@&5>", "<:x:1>", "<t:1>", "@everyone", "@here",
    "=?utf-8?B?eA==?=",
    "=?utf-8?q?=0ABcc:x?=", "Bcc: x@evil.example", "\r\nBcc: x@evil.example\r\n", "::error::x",
    "::add-mask::x", "##[set-output name=x]y", "%0A", "%", "{title}", "{text}", "\",\"x\":\"",
    "$(id)",
    "`id`", "; rm -rf /", "'\\''", "-----BEGIN SSH SIGNATURE-----", "é", "Ä", "e\u{301}", "漢字",
    "ع\u{200C}ع",
    "👩\u{200D}👩\u{200D}👧", "❤\u{FE0F}", "😀", "İ", "ß",
  ]

  /// Returns texts, the same ones for a seed.
  package static func texts(_ count: Int, seed: UInt64) -> [String] {
    var state = seed
    func draw(_ below: Int) -> Int {
      // SplitMix64 (Steele, Lea, Flood 2014).
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return Int((mixed ^ (mixed >> 31)) % UInt64(below))
    }
    return (0..<count).map { _ in
      (0..<(1 + draw(10))).map { _ in
        if draw(60) == 0, let scalar = Unicode.Scalar(UInt32([0xFFFE, 0xFDD0, 0x1FFFF][draw(3)])) {
          return String(Character(scalar))
        }
        if draw(12) == 0, let scalar = Unicode.Scalar(UInt32(draw(0x11_0000))) {
          return String(Character(scalar))
        }
        return pieces[draw(pieces.count)]
      }.joined()
    }
  }
}
