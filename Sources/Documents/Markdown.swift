/// Small pieces of Markdown and HTML that the documents share.
package enum Markup {
  /// Returns `text` as HTML text, fit for attributes too.
  package static func html(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
      .replacing("\"", with: "&quot;")
  }

  /// Returns `text` as one cell of a Markdown table.
  package static func cell(_ text: String) -> String {
    text.replacing("|", with: "\\|").replacing("\n", with: " ")
  }
}
