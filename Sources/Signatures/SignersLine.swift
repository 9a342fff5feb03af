internal import ReleaseModel

/// Reads one line of a list of signers: names, options, key.
struct SignersLine {
  /// What is wrong with the line, and where.
  struct Fault: Error {
    private let code: String
    private let why: String
    /// From 0, in bytes.
    private let offset: Int
    private let text: String

    init(_ code: String, _ why: String, _ offset: Int, in text: String = "") {
      self.code = code
      self.why = why
      self.offset = offset
      self.text = text
    }

    func problem(line: Int) -> Problem {
      let column = String(decoding: text.utf8.prefix(offset), as: UTF8.self).count + 1
      return Problem(
        "signers.\(code)",
        "Line \(line), column \(column) of the list of signers cannot be used: \(why).",
        why: text,
        next: [
          "Write one line a person and key:  ana@example.org,ana@home.example ssh-ed25519 AAAA…",
          "ssh-keygen -l -f FILE     shows the keys that ssh-keygen reads",
        ]
      )
    }
  }

  private let bytes: [UInt8]
  private var offset = 0

  init(_ bytes: [UInt8]) {
    // The line ends of other systems: ssh-keygen counts a CR there as white space.
    self.bytes = bytes.last == 0x0D ? Array(bytes.dropLast()) : bytes
  }

  private var text: String { String(decoding: bytes, as: UTF8.self) }
  private var isAtEnd: Bool { offset == bytes.count }
  private var isAtBlank: Bool { !isAtEnd && (bytes[offset] == 0x20 || bytes[offset] == 0x09) }

  private func fault(_ why: String, at place: Int? = nil, code: String = "unreadable") -> Fault {
    Fault(code, why, place ?? offset, in: text)
  }

  /// Returns the line's content; nil for an empty line and for a comment.
  mutating func read() throws(Fault) -> ([String], SignerOptions, SSHPublicKey)? {
    if let control = bytes.firstIndex(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) {
      throw fault("there is a control character", at: control)
    }
    skipBlanks()
    if isAtEnd || bytes[offset] == 0x23 { return nil }
    let names = try names()
    skipBlanks()
    if let key = key(at: offset) { return (names, SignerOptions(), key) }
    if isAtEnd { throw fault("there is no key behind the names") }
    let options = try options()
    guard isAtBlank else { throw fault("there is no key behind the options") }
    skipBlanks()
    guard let key = key(at: offset) else { throw fault("there is no key that SSH knows") }
    return (names, options, key)
  }

  private mutating func skipBlanks() {
    while isAtBlank { offset += 1 }
  }

  private mutating func names() throws(Fault) -> [String] {
    var start = offset
    let end: Int
    if bytes[offset] == 0x22 {
      start += 1
      guard let quote = bytes[start...].firstIndex(of: 0x22) else {
        throw fault("the quotation mark is not closed")
      }
      end = quote
      offset = quote + 1
      guard isAtBlank || isAtEnd else { throw fault("text follows the quotation mark") }
    } else {
      while !isAtEnd && !isAtBlank {
        if bytes[offset] == 0x22 { throw fault("there is a quotation mark inside a name") }
        offset += 1
      }
      end = offset
    }
    var names: [String] = []
    for part in bytes[start..<end].split(separator: 0x2C, omittingEmptySubsequences: false) {
      names.append(try name(part))
    }
    return names
  }

  private func name(_ part: ArraySlice<UInt8>) throws(Fault) -> String {
    func refused(_ why: String, at place: Int) -> Fault { fault(why, at: place, code: "name") }
    guard let name = String(validating: part, as: UTF8.self) else {
      throw refused("the name is not UTF-8", at: part.startIndex)
    }
    guard name.contains(where: { !$0.isWhitespace }) else {
      throw refused("a name is empty", at: part.startIndex)
    }
    if let wildcard = part.firstIndex(where: { $0 == 0x2A || $0 == 0x3F }) {
      throw refused("a wildcard stands for nobody in particular; list each person", at: wildcard)
    }
    guard part.first != 0x21 else {
      throw refused("\"!\" excludes names, and here each name is a person's", at: part.startIndex)
    }
    guard !name.unicodeScalars.contains(where: isHidden) else {
      throw refused(
        name.hasPrefix("\u{FEFF}")
          ? "the file begins with a byte-order mark, which ssh-keygen takes for part of the name"
          : "a name holds a character that cannot be seen",
        at: part.startIndex
      )
    }
    return name
  }

  private func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: true
    default: false
    }
  }

  private func key(at start: Int) -> SSHPublicKey? {
    let words = bytes[start...].split(maxSplits: 2, omittingEmptySubsequences: true) {
      $0 == 0x20 || $0 == 0x09
    }
    guard words.count >= 2 else { return nil }
    let line = words[..<2].map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
    guard let key = SSHPublicKey(line: line), key.isWhole else { return nil }
    return key
  }

  private mutating func options() throws(Fault) -> SignerOptions {
    var options = SignerOptions()
    while true {
      let start = offset
      while !isAtEnd, !isAtBlank, bytes[offset] != 0x3D, bytes[offset] != 0x2C { offset += 1 }
      let name = String(decoding: bytes[start..<offset], as: UTF8.self).lowercased()
      switch name {
      case "cert-authority":
        throw fault(
          "certificates are not followed, because people are counted by their own keys",
          at: start,
          code: "certificate"
        )
      case "namespaces":
        guard options.namespaces == nil else { throw fault("it is there twice", at: start) }
        options.namespaces = try value()
      case "valid-after":
        guard options.validAfter == nil else { throw fault("it is there twice", at: start) }
        options.validAfter = try moment(zone: 12 * 3600)
      case "valid-before":
        guard options.validBefore == nil else { throw fault("it is there twice", at: start) }
        options.validBefore = try moment(zone: -14 * 3600)
      default: throw fault("there is neither a key nor an option that SSH knows", at: start)
      }
      if isAtEnd || isAtBlank { break }
      guard bytes[offset] == 0x2C else { throw fault("a comma is missing") }
      offset += 1
    }
    if let after = options.validAfter, let before = options.validBefore, before <= after {
      throw fault("valid-before is not later than valid-after")
    }
    return options
  }

  private mutating func value() throws(Fault) -> String {
    guard !isAtEnd, bytes[offset] == 0x3D, offset + 1 < bytes.count, bytes[offset + 1] == 0x22
    else { throw fault("the value has to be in quotation marks") }
    offset += 2
    var value: [UInt8] = []
    while !isAtEnd, bytes[offset] != 0x22 {
      if bytes[offset] == 0x5C, offset + 1 < bytes.count, bytes[offset + 1] == 0x22 { offset += 1 }
      value.append(bytes[offset])
      offset += 1
    }
    guard !isAtEnd else { throw fault("the quotation mark is not closed") }
    offset += 1
    return String(decoding: value, as: UTF8.self)
  }

  /// Reads `YYYYMMDD[HHMM[SS]][Z]` (openssh misc.c, `parse_absolute_time`).
  ///
  /// Without `Z` the time is local to whoever reads it. The list has to mean the same to everybody, so
  /// `zone` moves such a time to where the key counts for the shortest.
  private mutating func moment(zone: Int) throws(Fault) -> Moment {
    let start = offset
    var digits = Array(try value().utf8)
    var isUTC = false
    for suffix in ["UTC", "Z", "z"]
    where digits.suffix(suffix.utf8.count).elementsEqual(suffix.utf8) {
      digits.removeLast(suffix.utf8.count)
      isUTC = true
      break
    }
    guard [8, 12, 14].contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) })
    else { throw fault("a time is written YYYYMMDDHHMMZ", at: start) }
    let all = String(
      decoding: digits + Array(repeating: 0x30, count: 14 - digits.count),
      as: UTF8.self
    )
    func part(_ from: Int, _ count: Int) -> Substring { all.dropFirst(from).prefix(count) }
    let iso =
      "\(part(0, 4))-\(part(4, 2))-\(part(6, 2))T\(part(8, 2)):\(part(10, 2)):\(part(12, 2))Z"
    guard let moment = Moment(iso: iso), moment.seconds > 0 else {
      throw fault("there is no such time", at: start)
    }
    return isUTC ? moment : moment + zone
  }
}

extension SSHPublicKey {
  /// Whether the blob is a key of its type and nothing else (RFC 4253 §6.6, RFC 5656 §3.1, RFC 8709
  /// §4, openssh `PROTOCOL.u2f`).
  var isWhole: Bool {
    var reader = SSHReader(blob)
    guard reader.text() == type else { return false }
    let fields: Int
    switch type {
    case "ssh-ed25519": return reader.string()?.count == 32 && reader.isAtEnd
    case "sk-ssh-ed25519@openssh.com":
      return reader.string()?.count == 32 && reader.string() != nil && reader.isAtEnd
    case "ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521": fields = 2
    case "sk-ecdsa-sha2-nistp256@openssh.com": fields = 3
    default: return false
    }
    return (0..<fields).allSatisfy { _ in reader.string()?.isEmpty == false } && reader.isAtEnd
  }
}
