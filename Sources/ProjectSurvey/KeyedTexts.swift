internal import ReleaseModel

/// Values of `KEY = value` lines: `.pbxproj`, `.xcconfig`, `version.env` and TOML's tables.
struct KeyedTexts {
  private var values: [(table: String, key: String, value: String)] = []

  init(_ text: String?) {
    var table = ""
    for line in (text ?? "").lines().prefix(50_000) {
      let line = trimmed(line)
      if line.hasPrefix("["), let end = line.lastIndex(of: "]") {
        table = line[..<end].filter { $0 != "[" && $0 != "]" && $0 != " " }
        continue
      }
      guard let equals = line.firstIndex(of: "="), !line.hasPrefix("#"), !line.hasPrefix("//")
      else { continue }
      let key = unquoted(trimmed(line[..<equals]))
      values.append((table, key, Self.value(trimmed(line[line.index(after: equals)...]))))
    }
  }

  /// The values of a key, in their order; `table` is TOML's.
  func all(_ key: String, table: String? = nil) -> [String] {
    values.filter { $0.key == key && (table == nil || $0.table == table) }.map(\.value)
  }

  func first(_ key: String, table: String? = nil) -> String? { all(key, table: table).first }

  func keys(table: String) -> [String] { values.filter { $0.table == table }.map(\.key) }

  private static func value(_ text: String) -> String {
    if let quote = text.first, "\"'".contains(quote) {
      return String(text.dropFirst().prefix { $0 != quote })
    }
    var value = text[...]
    // A comment begins after a space, so that the slashes of an address stay.
    for mark in [" //", " #"] {
      if let comment = value.firstRange(of: mark) { value = value[..<comment.lowerBound] }
    }
    if value.hasSuffix(";") { value = value.dropLast() }
    return trimmed(value)
  }
}

func trimmed(_ text: some StringProtocol) -> String {
  var rest = Substring(text)
  while rest.first?.isWhitespace == true { rest.removeFirst() }
  while rest.last?.isWhitespace == true { rest.removeLast() }
  return String(rest)
}

func unquoted(_ text: String) -> String {
  guard text.count > 1, let quote = text.first, "\"'".contains(quote), text.last == quote else {
    return text
  }
  return String(text.dropFirst().dropLast())
}

/// Returns what stands between two marks, first place first.
func between(_ open: String, _ close: String, in text: String, limit: Int = 20) -> [String] {
  var found: [String] = []
  var rest = text[...]
  while found.count < limit, let start = rest.firstRange(of: open) {
    rest = rest[start.upperBound...]
    guard let end = rest.firstRange(of: close) else { break }
    found.append(String(rest[..<end.lowerBound]))
    rest = rest[end.lowerBound...]
  }
  return found
}

/// Returns the text of a key in a property list.
func plistText(_ key: String, in text: String?) -> String? {
  guard let text, let at = text.firstRange(of: "<key>\(key)</key>") else { return nil }
  let rest = trimmed(text[at.upperBound...].prefix(4096))
  guard rest.hasPrefix("<string>") else { return nil }
  return between("<string>", "</string>", in: rest, limit: 1).first.map {
    trimmed($0.replacing("&amp;", with: "&"))
  }
}
