internal import ReleaseModel
internal import Yams

/// A YAML document as js-yaml 4 reads it: plain scalars by the YAML 1.2 core rules and timestamps.
struct YAMLText {
  static let bytesMax = 1 << 20
  /// Aliases are counted each time they are used, so that a small file cannot unfold into a big one.
  static let nodesMax = 20_000

  enum Value {
    case null
    case bool(Bool)
    /// As written; JavaScript turns it into a number.
    case number(String)
    case date
    case string(String)
    case list([YAMLText])
    case map([(key: String, value: YAMLText)])
  }

  let value: Value
  let place: FeedPlace
  /// Written without quotes.
  let isPlain: Bool

  /// Throws `feed.malformed` with the parser's own words.
  static func document(_ bytes: [UInt8]) throws -> YAMLText {
    guard bytes.count <= bytesMax else {
      throw malformed("it has more than \(bytesMax >> 20) MiB", .init(line: 1, column: 1))
    }
    // js-yaml takes a byte-order mark off.
    let bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw malformed("it is not UTF-8", .init(line: 1, column: 1))
    }
    do {
      guard let node = try Yams.Parser(yaml: text).singleRoot() else {
        return YAMLText(value: .null, place: .init(line: 1, column: 1), isPlain: true)
      }
      var left = nodesMax
      return try YAMLText(node, depth: 1, left: &left)
    } catch let error as YamlError {
      let (reason, place) = Self.reason(error)
      throw malformed(reason, place)
    }
  }

  private static func reason(_ error: YamlError) -> (String, FeedPlace) {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      return (problem, FeedPlace(line: max(1, mark.line), column: max(1, mark.column)))
    case .duplicatedKeysInMapping(let keys, let context):
      let place = FeedPlace(line: max(1, context.mark.line), column: max(1, context.mark.column))
      return ("the key \(keys.first ?? "") stands twice in the mapping that begins here", place)
    default: return ("it cannot be read", FeedPlace(line: 1, column: 1))
    }
  }

  static func malformed(_ reason: String, _ place: FeedPlace) -> Problem {
    .malformedFeed("not well-formed YAML", place, reason)
  }

  private init(value: Value, place: FeedPlace, isPlain: Bool) {
    self.value = value
    self.place = place
    self.isPlain = isPlain
  }

  private init(_ node: Node, depth: Int, left: inout Int) throws {
    place = FeedPlace(line: max(1, node.mark?.line ?? 1), column: max(1, node.mark?.column ?? 1))
    guard depth <= 32 else { throw Self.malformed("values are nested too deeply", place) }
    left -= 1
    guard left > 0 else { throw Self.malformed("it unfolds into too many values", place) }
    switch node {
    case .scalar(let scalar):
      isPlain = scalar.style == .plain || scalar.style == .any
      value = isPlain ? Self.resolved(scalar.string) : .string(scalar.string)
    case .sequence(let sequence):
      isPlain = false
      var items: [YAMLText] = []
      for item in sequence { items.append(try YAMLText(item, depth: depth + 1, left: &left)) }
      value = .list(items)
    case .mapping(let mapping):
      isPlain = false
      var members: [(key: String, value: YAMLText)] = []
      for (key, value) in mapping {
        let read = try YAMLText(value, depth: depth + 1, left: &left)
        members.append((key.scalar?.string ?? "", read))
      }
      value = .map(members)
    case .alias:
      isPlain = false
      value = .null
    }
  }

  private static let integer = Pattern(
    /[-+]?(0b[01_]+|0x[0-9a-fA-F_]+|0o[0-7_]+|[0-9][0-9_]*)/
  )
  private static let float = Pattern(
    /[-+]?([0-9][0-9_]*(\.[0-9_]*)?([eE][-+]?[0-9]+)?|\.[0-9_]+([eE][-+]?[0-9]+)?)/
  )
  private static let notFinite = Pattern(/[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)/)
  private static let date = Pattern(/[0-9]{4}-[0-9]{2}-[0-9]{2}/)
  private static let dateAndTime = Pattern(
    /[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}.*/
  )

  /// js-yaml's default schema: null, bool, int, float, timestamp, else text.
  private static func resolved(_ text: String) -> Value {
    if ["", "~", "null", "Null", "NULL"].contains(text) { return .null }
    if ["true", "True", "TRUE"].contains(text) { return .bool(true) }
    if ["false", "False", "FALSE"].contains(text) { return .bool(false) }
    let isNumber = integer.matches(text) || float.matches(text) || notFinite.matches(text)
    if isNumber, !text.hasSuffix("_") { return .number(text.replacing("_", with: "")) }
    let isDate = date.matches(text) || dateAndTime.matches(text)
    return isDate ? .date : .string(text)
  }

  var isNull: Bool { if case .null = value { true } else { false } }
  var text: String? { if case .string(let text) = value { text } else { nil } }
  var items: [YAMLText]? { if case .list(let items) = value { items } else { nil } }
  var map: [(key: String, value: YAMLText)]? { if case .map(let map) = value { map } else { nil } }

  subscript(_ key: String) -> YAMLText? { map?.first { $0.key == key }?.value }

  /// A whole number, for sizes.
  var integer: Int? {
    if case .number(let text) = value { Int(text) } else { nil }
  }

  /// JavaScript's `parseInt(value, 10)`: the digits in front; nil is NaN.
  var leadingInteger: Int? {
    let text: String
    switch value {
    case .string(let string): text = trimmed(string)
    case .number(let number): text = number
    default: return nil
    }
    let sign = text.hasPrefix("-") ? -1 : 1
    let digits = text.drop { $0 == "-" || $0 == "+" }.prefix(while: \.isASCIIDigit)
    return Int(digits.prefix(15)).map { $0 * sign }
  }
}
