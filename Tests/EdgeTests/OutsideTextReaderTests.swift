import Foundation
import Git
import HotfixTesting
import ReleaseModel
import Testing

/// Outside text as other people's programs read it: Python's readers of HTML, JSON and mail, a shell,
/// and GitHub's own Markdown parser (cmark-gfm, by PyPI's cmarkgfm) where it is installed.
@Suite struct OutsideTextReaderTests {
  private static let texts = StrangeText.texts(10_000, seed: 9)
  private let scratch = ScratchFolder()

  /// Runs a script over the forms; returns its list of texts.
  private func read(_ forms: [String], _ script: String) async throws -> [String] {
    let file = scratch.path.appending("forms.json")
    try JSONEncoder().encode(forms).write(to: URL(fileURLWithPath: file.string))
    let answer = try await Judges.run(Judges.python, ["-c", script, file.string])
    #expect(answer.succeeded, "\(answer.errors)")
    return try JSONDecoder().decode([String].self, from: Data(answer.output))
  }

  @Test func pythonReadsHTMLAsText() async throws {
    guard await Judges.has(module: "html.parser") else { return print("skipped: no Python") }
    let forms = Self.texts.map { text in
      let html = OutsideText(text).html
      return "<td title=\"\(html)\">\(html)</td>"
    }
    let read = try await read(
      forms,
      """
      import html.parser, json, sys
      class Reader(html.parser.HTMLParser):
        def handle_starttag(self, tag, attrs): self.log.append(("tag", tag, attrs))
        def handle_endtag(self, tag): self.log.append(("end", tag))
        def handle_data(self, data): self.log.append(("data", data))
        def handle_comment(self, data): self.log.append(("comment", data))
        def handle_decl(self, data): self.log.append(("decl", data))
        def handle_pi(self, data): self.log.append(("pi", data))
        def unknown_decl(self, data): self.log.append(("unknown", data))
      texts = []
      for form in json.load(open(sys.argv[1], encoding="utf-8")):
        reader = Reader(); reader.log = []; reader.feed(form); reader.close()
        data = "".join(entry[1] for entry in reader.log if entry[0] == "data")
        rest = [entry for entry in reader.log if entry[0] != "data"]
        assert rest == [("tag", "td", [("title", data)]), ("end", "td")], (form, reader.log)
        texts.append(data)
      json.dump(texts, sys.stdout)
      """
    )
    #expect(read == Self.texts.map { OutsideText($0).lines })
  }

  /// As in an Atom file: expat refuses what XML 1.0 does not allow.
  @Test func pythonReadsXMLAsText() async throws {
    guard await Judges.has(module: "xml.etree.ElementTree") else {
      return print("skipped: no Python")
    }
    let read = try await read(
      Self.texts.map { "<a t=\"\(OutsideText($0).html)\">\(OutsideText($0).html)</a>" },
      """
      import json, sys, xml.etree.ElementTree as tree
      texts = []
      for form in json.load(open(sys.argv[1], encoding="utf-8")):
        read = tree.fromstring(form)
        text = read.text or ""
        assert len(read) == 0 and read.tag == "a", form
        # White space of an attribute is read as spaces.
        flat = text.replace("\\n", " ").replace("\\t", " ")
        assert read.attrib == {"t": flat}, (form, read.attrib)
        texts.append(text)
      json.dump(texts, sys.stdout)
      """
    )
    #expect(read == Self.texts.map { OutsideText($0).lines })
  }

  @Test func pythonReadsJSONAsText() async throws {
    guard await Judges.has(module: "json") else { return print("skipped: no Python") }
    let encoder = JSONEncoder()
    let forms = try Self.texts.map {
      OutsideText.json(String(decoding: try encoder.encode(["a": $0]), as: UTF8.self))
    }
    for form in forms { #expect(OutsideText(form).line == form, "nothing in it steers a terminal") }
    let read = try await read(
      forms,
      """
      import json, sys
      texts = [json.loads(form) for form in json.load(open(sys.argv[1], encoding="utf-8"))]
      assert all(list(text) == ["a"] for text in texts)
      json.dump([text["a"] for text in texts], sys.stdout)
      """
    )
    #expect(read == Self.texts)
  }

  @Test func gitHubsParserReadsMarkdownAsText() async throws {
    guard await Judges.has(module: "cmarkgfm") else {
      return print("skipped: Python's cmarkgfm is not here")
    }
    // Where it stands in our documents: a line, a list's entry, a table's cell, a heading, bold.
    for (before, after, tag) in [
      ("", "", "p"), ("- ", "", "li"), ("| a |\\n|---|\\n| ", " |", "td"), ("# ", "", "h1"),
      ("**", "** x", "strong"), ("> ", "", "blockquote"), ("- [ ] ", ".", "li"), ("x\\n", "", "p"),
    ] {
      let read = try await read(
        Self.texts.map { OutsideText($0).markdown },
        """
        import cmarkgfm, html.parser, json, sys
        from cmarkgfm.cmark import Options
        class Reader(html.parser.HTMLParser):
          def handle_starttag(self, tag, attrs): self.tags.append(tag)
          def handle_data(self, data): self.data += data
          def handle_comment(self, data): self.tags.append("comment")
        before, after, tag = "\(before)", "\(after)", "\(tag)"
        def render(text):
          reader = Reader(); reader.tags = []; reader.data = ""
          page = cmarkgfm.markdown_to_html_with_extensions(
            before + text + after + "\\n", options=Options.CMARK_OPT_UNSAFE,
            extensions=["table", "autolink", "tagfilter", "strikethrough", "tasklist"])
          reader.feed(page); reader.close()
          return reader.tags, reader.data, page
        plain = render("x")[0]
        texts = []
        for form in json.load(open(sys.argv[1], encoding="utf-8")):
          # Bold around nothing is no bold.
          if not form: form = "x"
          tags, data, page = render(form)
          assert tags == plain, (before, form, page)
          texts.append(data.replace("\\u200b", ""))
        json.dump(texts, sys.stdout)
        """
      )
      for (text, form) in zip(read, Self.texts) {
        let words = OutsideText(form).words
        #expect(
          words.isEmpty || text.contains(words),
          "\(before.debugDescription)\(form.debugDescription)"
        )
      }
    }
  }

  @Test func aShellReadsOneWord() async throws {
    // No argument can hold a NUL.
    let texts = Self.texts.map { $0.replacing("\0", with: "") }
    let words = texts.map { OutsideText($0).word }
    for word in words { #expect(OutsideText(word).line == word, "pasted as it is shown") }
    let file = scratch.path.appending("words.sh")
    let script = words.map { "printf '%s\\0' \($0)\n" }.joined()
    try Data(script.utf8).write(to: URL(fileURLWithPath: file.string))
    let answer = try await Judges.run("bash", [file.string])
    let read = answer.output.split(separator: 0, omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
    #expect(Array(read.dropLast()) == texts)
  }
}
