internal import ReleaseModel

/// A commit object's bytes, taken apart.
package struct RecordCommit: Sendable, Hashable {
  package let name: String
  package let tree: String
  package let parents: [String]
  /// The lines above the message, without the signature.
  package let headers: [String]
  package let message: String
  /// The armoured signature, SSH or OpenPGP.
  package let signature: String?
  /// What the signature covers: the object without its signature header.
  package let signedBytes: [UInt8]

  /// Reads an object as `git cat-file` gives it; nil when it is not a commit.
  package init?(name: String, object: [UInt8]) {
    guard
      let end = object.indices.dropLast().first(where: {
        object[$0] == 0x0A && object[$0 + 1] == 0x0A
      })
    else { return nil }
    var tree: String?
    var parents: [String] = []
    var signature: [String]?
    var inSignature = false
    var kept: [UInt8] = []
    var headers: [String] = []
    for line in object[..<end].split(separator: 0x0A, omittingEmptySubsequences: false) {
      let text = String(decoding: line, as: UTF8.self)
      if text.hasPrefix(" ") {
        if inSignature {
          signature?.append(String(text.dropFirst()))
          continue
        }
      } else if text.hasPrefix("gpgsig ") || text.hasPrefix("gpgsig-sha256 ") {
        inSignature = true
        guard signature == nil else { return nil }
        signature = [
          String(text[text.index(after: text.firstIndex(of: " ") ?? text.startIndex)...])
        ]
        continue
      } else {
        inSignature = false
        if text.hasPrefix("tree ") { tree = String(text.dropFirst(5)) }
        if text.hasPrefix("parent ") { parents.append(String(text.dropFirst(7))) }
        headers.append(text)
      }
      kept.append(contentsOf: line)
      kept.append(0x0A)
    }
    guard let tree else { return nil }
    kept.append(contentsOf: object[(end + 1)...])
    self.name = name
    self.tree = tree
    self.parents = parents
    self.headers = headers
    self.message = String(decoding: object[(end + 2)...], as: UTF8.self)
    self.signature = signature.map { $0.joined(separator: "\n") + "\n" }
    self.signedBytes = kept
  }

  /// Returns the bytes of a new commit that are signed.
  package static func unsigned(
    tree: String,
    parents: [String],
    person: String,
    seconds: Int,
    message: String
  ) -> [UInt8] {
    var text = "tree \(tree)\n"
    for parent in parents { text += "parent \(parent)\n" }
    text += "author \(person) \(seconds) +0000\ncommitter \(person) \(seconds) +0000\n"
    return Array("\(text)\n\(message)".utf8)
  }

  /// Returns the commit object: `unsigned` with the signature as its last header.
  package static func signed(_ unsigned: [UInt8], signature: String, sha256: Bool) -> [UInt8] {
    guard
      let end = unsigned.indices.dropLast().first(where: {
        unsigned[$0] == 0x0A && unsigned[$0 + 1] == 0x0A
      })
    else { return unsigned }
    let lines = signature.lines(omittingEmpty: false)
    let body = lines.reversed().drop { $0.isEmpty }.reversed().joined(separator: "\n ")
    let header = "\(sha256 ? "gpgsig-sha256" : "gpgsig") \(body)\n"
    return Array(unsigned[...end]) + Array(header.utf8) + Array(unsigned[(end + 1)...])
  }
}
