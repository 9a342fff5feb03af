/// A text with `{name}` places, as `hotfix.yml` and message templates use it.
package struct Template: Sendable, Hashable {
  package let text: String

  package init(_ text: String) {
    self.text = text
  }

  /// The names that occur, in order.
  package var names: [String] { parts.compactMap(\.name) }

  /// Returns the text with each `{name}` replaced; a name without a value stays as it is written.
  package func filled(_ values: [String: String]) -> String {
    parts.map { part in part.name.flatMap { values[$0] } ?? part.text }.joined()
  }

  /// Returns the text for `sh -c`: every value quoted, so that no value can add a command.
  package func shell(_ values: [String: String]) -> String {
    filled(values.mapValues(shellQuoted))
  }

  private struct Part {
    let text: String
    let name: String?
  }

  private var parts: [Part] {
    var parts: [Part] = []
    var rest = text[...]
    while let open = rest.firstIndex(of: "{") {
      parts.append(Part(text: String(rest[..<open]), name: nil))
      let after = rest.index(after: open)
      let name = rest[after...].prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }
      if !name.isEmpty, name.endIndex < rest.endIndex, rest[name.endIndex] == "}" {
        parts.append(Part(text: "{\(name)}", name: String(name)))
        rest = rest[rest.index(after: name.endIndex)...]
      } else {
        parts.append(Part(text: "{", name: nil))
        rest = rest[after...]
      }
    }
    parts.append(Part(text: String(rest), name: nil))
    return parts
  }
}

/// Returns `text` as one word of a POSIX shell.
package func shellQuoted(_ text: String) -> String {
  let plain = text.utf8.allSatisfy { byte in
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    default: "_-./:=@%+,".utf8.contains(byte)
    }
  }
  if plain && !text.isEmpty { return text }
  return "'" + escapingScalars(of: text) { $0 == "'" ? "'\\''" : nil } + "'"
}
