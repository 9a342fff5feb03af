internal import ReleaseModel

/// The people who may sign, as ssh-keygen's allowed-signers file lists them (ssh-keygen(1)).
package struct AllowedSigners: Sendable, Hashable {
  /// One line of the file.
  package struct Entry: Sendable, Hashable {
    package let person: String
    package let key: SSHPublicKey
    /// The namespaces that the key is limited to; empty means any.
    package let namespaces: [String]
    package let line: String
  }

  package let entries: [Entry]
  package let text: String

  /// Reads the file.
  ///
  /// Throws `signers.unreadable` for a line that cannot be read, and `signers.shared-key` when one
  /// key stands for two people: then nobody could say who signed.
  package init(_ text: String) throws {
    var entries: [Entry] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      let trimmed = line.drop { $0 == " " || $0 == "\t" }
      if trimmed.isEmpty || trimmed.hasPrefix("#") { continue }
      entries.append(try Self.entry(String(trimmed), number: index + 1))
    }
    for (index, entry) in entries.enumerated() {
      for other in entries[..<index] where other.key == entry.key && other.person != entry.person {
        throw Problem(
          "signers.shared-key",
          "One key stands for two people in the list of signers.",
          why: "\(entry.key.fingerprint) belongs to \(other.person) and to \(entry.person).",
          next: ["Give each person a key of their own, and remove the line of the wrong one."]
        )
      }
    }
    self.entries = entries
    self.text = text
  }

  private static func entry(_ line: String, number: Int) throws -> Entry {
    let words = shellWords(line)
    guard let person = words.first, words.count >= 3,
      let at = words.dropFirst().firstIndex(where: isKeyType), at + 1 < words.count,
      let key = SSHPublicKey(line: words[at] + " " + words[at + 1])
    else {
      throw Problem(
        "signers.unreadable",
        "Line \(number) of the list of signers could not be read.",
        why: line,
        next: ["Write:  person@example.org ssh-ed25519 AAAA…"]
      )
    }
    var namespaces: [String] = []
    for option in words[1..<at].joined(separator: " ").split(separator: " ") {
      let lower = option.lowercased()
      if lower.hasPrefix("namespaces=") {
        namespaces = option.dropFirst(11).filter { $0 != "\"" }.split(separator: ",")
          .map(String.init)
      } else if lower == "cert-authority" {
        throw Problem(
          "signers.certificate",
          "Line \(number) of the list of signers names a certificate authority.",
          why: "hotfix counts people by their own keys; certificates are not followed.",
          next: ["List each person's own public key."]
        )
      }
    }
    return Entry(person: person, key: key, namespaces: namespaces, line: line)
  }

  /// Returns the person whose key this is, when the key may be used in `namespace`.
  package func person(for key: SSHPublicKey, namespace: String) -> String? {
    entries.first {
      $0.key == key && ($0.namespaces.isEmpty || $0.namespaces.contains(namespace))
    }?.person
  }

  package var people: [String] {
    entries.map(\.person).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}

private func isKeyType(_ word: String) -> Bool {
  word.hasPrefix("ssh-") || word.hasPrefix("ecdsa-") || word.hasPrefix("sk-")
}

/// Splits on blanks outside double quotes.
private func shellWords(_ line: String) -> [String] {
  var words: [String] = []
  var word = ""
  var quoted = false
  for character in line {
    if character == "\"" { quoted.toggle() }
    if (character == " " || character == "\t") && !quoted {
      if !word.isEmpty { words.append(word) }
      word = ""
    } else {
      word.append(character)
    }
  }
  if !word.isEmpty { words.append(word) }
  return words
}
