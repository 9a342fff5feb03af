// The list of those who may sign, as ssh-keygen reads it (ssh-keygen(1), ALLOWED SIGNERS; openssh
// sshsig.c, `parse_principals_key_and_options`).
//
// Whoever this reader accepts, ssh-keygen accepts too. It refuses more: ssh-keygen passes over a line
// that it cannot read, and matches names by wildcards. Both leave open who a person is.

package import ReleaseModel

package struct AllowedSigners: Sendable, Hashable {
  /// One line of the file: the names and the key of one person.
  package struct Entry: Sendable, Hashable {
    /// The names of the person, at least one, as the line spells them.
    package let names: [String]
    package let key: SSHPublicKey
    package let options: SignerOptions
    /// The number of the line, from 1.
    package let line: Int
  }

  package let entries: [Entry]

  private static let bytesMax = 1 << 20
  private static let entriesMax = 10_000

  /// Reads the file.
  ///
  /// Throws `signers.unreadable`, `signers.name` and `signers.certificate`, with line and column.
  package init(_ text: String) throws {
    guard text.utf8.count <= Self.bytesMax else {
      throw SignersLine.Fault("unreadable", "the list is longer than \(Self.bytesMax) bytes", 0)
        .problem(line: 1)
    }
    var entries: [Entry] = []
    for (index, bytes) in text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false)
      .enumerated()
    {
      var line = SignersLine(Array(bytes))
      do throws(SignersLine.Fault) {
        guard let (names, options, key) = try line.read() else { continue }
        guard entries.count < Self.entriesMax else {
          throw SignersLine.Fault("unreadable", "the list has over \(Self.entriesMax) keys", 0)
        }
        entries.append(Entry(names: names, key: key, options: options, line: index + 1))
      } catch {
        throw error.problem(line: index + 1)
      }
    }
    self.entries = entries
  }
}

/// What limits a key of the list.
package struct SignerOptions: Sendable, Hashable {
  /// A pattern list as ssh_config(5) has it; nil means any namespace.
  package var namespaces: String?
  /// The first moment at which the key counts.
  package var validAfter: Moment?
  /// The last moment at which the key counts.
  package var validBefore: Moment?

  package init() {}

  /// Returns why the key does not count for a signature in `namespace` at `moment`, or nil.
  package func refusal(namespace: String, at moment: Moment) -> String? {
    if let namespaces, !matches(namespace, patterns: namespaces) {
      return "the key may not sign in the namespace \(namespace), only in \(namespaces)"
    }
    if let validAfter, moment < validAfter { return "the key is valid from \(validAfter.iso) on" }
    if let validBefore, moment > validBefore { return "the key expired at \(validBefore.iso)" }
    return nil
  }
}

/// Whether a list of patterns matches: `*`, `?`, and `!`, which excludes (openssh match.c,
/// `match_pattern_list`).
func matches(_ text: String, patterns: String) -> Bool {
  var isMatch = false
  for pattern in patterns.utf8.split(separator: 0x2C, omittingEmptySubsequences: false) {
    let isExclusion = pattern.first == 0x21
    guard matches(Array(text.utf8), pattern: Array(isExclusion ? pattern.dropFirst() : pattern))
    else { continue }
    if isExclusion { return false }
    isMatch = true
  }
  return isMatch
}

/// One pass with one point to return to: linear in the text for each `*` of the pattern.
private func matches(_ text: [UInt8], pattern: [UInt8]) -> Bool {
  var (t, p) = (0, 0)
  var star: (pattern: Int, text: Int)?
  while t < text.count {
    if p < pattern.count, pattern[p] == 0x2A {
      star = (p, t)
      p += 1
    } else if p < pattern.count, pattern[p] == 0x3F || pattern[p] == text[t] {
      (t, p) = (t + 1, p + 1)
    } else if let last = star {
      star = (last.pattern, last.text + 1)
      (t, p) = (last.text + 1, last.pattern + 1)
    } else {
      return false
    }
  }
  return pattern[p...].allSatisfy { $0 == 0x2A }
}
