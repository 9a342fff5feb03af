/// The expressions of workflows: `${{ … }}` and the conditions of `if`.
struct Expressions: Sendable {
  /// github, env, secrets, inputs, matrix, steps, needs, runner, vars.
  var contexts: [String: JSON] = [:]
  /// How the job, or the jobs before it, went so far.
  var hasFailed = false
  var isCancelled = false

  struct Malformed: Error {
    let why: String
  }

  /// Puts values in for every `${{ … }}` of a text.
  func fill(_ text: String) throws -> String {
    var result = ""
    var rest = Substring(text)
    while let start = rest.firstRange(of: "${{") {
      result += rest[..<start.lowerBound]
      rest = rest[start.upperBound...]
      guard let end = rest.firstRange(of: "}}") else { throw Malformed(why: "}} is missing") }
      result += Self.text(try evaluate(String(rest[..<end.lowerBound])))
      rest = rest[end.upperBound...]
    }
    return result + rest
  }

  /// Fills a value, or returns what an expression alone gives, whatever its type.
  func fill(_ json: JSON) throws -> JSON {
    switch json {
    case .string(let text):
      let trimmed = text.drop { $0 == " " }
      if trimmed.hasPrefix("${{"), trimmed.hasSuffix("}}"),
        trimmed.dropFirst(3).firstRange(of: "${{") == nil
      {
        return try evaluate(String(trimmed.dropFirst(3).dropLast(2)))
      }
      return .string(try fill(text))
    case .array(let items): return .array(try items.map(fill))
    case .object(let members): return .object(try members.mapValues(fill))
    default: return json
    }
  }

  /// Decides a condition; one that asks for no status asks for success too.
  func holds(_ condition: JSON) throws -> Bool {
    guard var text = condition.text ?? condition.truth.map({ "\($0)" }) else {
      return !hasFailed && !isCancelled
    }
    if text.hasPrefix("${{"), text.hasSuffix("}}") { text = String(text.dropFirst(3).dropLast(2)) }
    let value = Self.truth(try evaluate(text))
    let asksStatus = ["success(", "failure(", "always(", "cancelled("].contains {
      text.firstRange(of: $0) != nil
    }
    return value && (asksStatus || (!hasFailed && !isCancelled))
  }

  func evaluate(_ text: String) throws -> JSON {
    var reader = ExpressionReader(tokens: try ExpressionReader.tokens(of: text), contexts: self)
    return try reader.whole()
  }

  static func truth(_ value: JSON) -> Bool {
    switch value {
    case .null: false
    case .bool(let truth): truth
    case .int(let number): number != 0
    case .double(let number): number != 0
    case .string(let text): !text.isEmpty
    case .array, .object: true
    }
  }

  static func text(_ value: JSON) -> String {
    switch value {
    case .null: ""
    case .string(let text): text
    case .bool(let truth): "\(truth)"
    case .int(let number): "\(number)"
    default: String(decoding: value.bytes, as: UTF8.self)
    }
  }

  func call(_ name: String, _ arguments: [JSON]) throws -> JSON {
    func text(_ index: Int) -> String {
      arguments.indices.contains(index) ? Self.text(arguments[index]) : ""
    }
    switch name.lowercased() {
    case "success": return .bool(!hasFailed && !isCancelled)
    case "failure": return .bool(hasFailed)
    case "cancelled": return .bool(isCancelled)
    case "always": return true
    case "contains":
      if case .array(let items)? = arguments.first {
        return .bool(items.contains { Self.text($0).lowercased() == text(1).lowercased() })
      }
      return .bool(text(1).isEmpty || text(0).lowercased().contains(text(1).lowercased()))
    case "startswith": return .bool(text(0).lowercased().hasPrefix(text(1).lowercased()))
    case "endswith": return .bool(text(0).lowercased().hasSuffix(text(1).lowercased()))
    case "tojson": return .string(String(decoding: (arguments.first ?? .null).bytes, as: UTF8.self))
    case "fromjson": return JSON(parsing: Array(text(0).utf8)) ?? .null
    case "join":
      let mark = arguments.count > 1 ? text(1) : ","
      return .string((arguments.first ?? .null).items.map(Self.text).joined(separator: mark))
    case "format":
      var result = text(0)
      for index in arguments.indices.dropFirst() {
        result = result.replacing("{\(index - 1)}", with: text(index))
      }
      return .string(result)
    case "hashfiles": return ""
    default: throw Malformed(why: "Unrecognized function: '\(name)'")
    }
  }
}

/// Reads one expression, evaluating on the way.
struct ExpressionReader {
  private var tokens: [String]
  private var position = 0
  private let contexts: Expressions

  init(tokens: [String], contexts: Expressions) {
    self.tokens = tokens
    self.contexts = contexts
  }

  static func tokens(of text: String) throws -> [String] {
    var tokens: [String] = []
    let characters = Array(text)
    var at = 0
    while at < characters.count {
      let character = characters[at]
      if character.isWhitespace {
        at += 1
      } else if character == "'" {
        var word = "'"
        at += 1
        while at < characters.count {
          if characters[at] == "'" {
            // A quote is doubled inside of a string.
            guard at + 1 < characters.count, characters[at + 1] == "'" else { break }
            at += 1
          }
          word.append(characters[at])
          at += 1
        }
        guard at < characters.count else { throw Expressions.Malformed(why: "A string has no end") }
        at += 1
        tokens.append(word)
      } else if character.isLetter || character.isNumber || character == "_" || character == "-" {
        let start = at
        while at < characters.count,
          characters[at].isLetter || characters[at].isNumber || "_-".contains(characters[at])
        { at += 1 }
        tokens.append(String(characters[start..<at]))
      } else {
        let two = String(characters[at..<min(at + 2, characters.count)])
        let token = ["==", "!=", "<=", ">=", "&&", "||"].contains(two) ? two : String(character)
        tokens.append(token)
        at += token.count
      }
    }
    return tokens
  }

  private var next: String? { position < tokens.count ? tokens[position] : nil }

  private mutating func skip(_ token: String) -> Bool {
    guard next == token else { return false }
    position += 1
    return true
  }

  mutating func whole() throws -> JSON {
    let value = try or()
    guard let rest = next else { return value }
    throw Expressions.Malformed(why: "Unexpected symbol: '\(rest)'")
  }

  private mutating func or() throws -> JSON {
    var value = try and()
    while skip("||") {
      let other = try and()
      if !Expressions.truth(value) { value = other }
    }
    return value
  }

  private mutating func and() throws -> JSON {
    var value = try comparison()
    while skip("&&") {
      let other = try comparison()
      if Expressions.truth(value) { value = other }
    }
    return value
  }

  private mutating func comparison() throws -> JSON {
    let value = try unary()
    for mark in ["==", "!=", "<=", ">=", "<", ">"] where skip(mark) {
      let other = try unary()
      switch mark {
      case "==": return .bool(Self.equal(value, other))
      case "!=": return .bool(!Self.equal(value, other))
      case "<": return .bool(Self.number(value) < Self.number(other))
      case ">": return .bool(Self.number(value) > Self.number(other))
      case "<=": return .bool(Self.number(value) <= Self.number(other))
      default: return .bool(Self.number(value) >= Self.number(other))
      }
    }
    return value
  }

  private static func equal(_ one: JSON, _ other: JSON) -> Bool {
    if case .string(let first) = one, case .string(let second) = other {
      return first.lowercased() == second.lowercased()
    }
    if one == other { return true }
    return number(one) == number(other)
  }

  private static func number(_ value: JSON) -> Double {
    switch value {
    case .null: 0
    case .bool(let truth): truth ? 1 : 0
    case .int(let number): Double(number)
    case .double(let number): number
    case .string(let text): text.isEmpty ? 0 : Double(text) ?? .nan
    default: .nan
    }
  }

  private mutating func unary() throws -> JSON {
    if skip("!") { return .bool(!Expressions.truth(try unary())) }
    return try path(from: primary())
  }

  private mutating func primary() throws -> JSON {
    guard let token = next else { throw Expressions.Malformed(why: "Unexpected end of expression") }
    position += 1
    if token.hasPrefix("'") { return .string(String(token.dropFirst())) }
    if token == "(" {
      let value = try or()
      guard skip(")") else { throw Expressions.Malformed(why: ") is missing") }
      return value
    }
    switch token {
    case "true": return true
    case "false": return false
    case "null": return .null
    default: break
    }
    if let number = Int(token) { return .int(number) }
    guard token.first?.isLetter == true || token.first == "_" else {
      throw Expressions.Malformed(why: "Unexpected symbol: '\(token)'")
    }
    guard skip("(") else {
      guard let context = contexts.contexts[token] else {
        throw Expressions.Malformed(why: "Unrecognized named-value: '\(token)'")
      }
      return context
    }
    var arguments: [JSON] = []
    while !skip(")") {
      arguments.append(try or())
      if !skip(","), next != ")" { throw Expressions.Malformed(why: ") is missing") }
    }
    return try contexts.call(token, arguments)
  }

  private mutating func path(from start: JSON) throws -> JSON {
    var value = start
    while true {
      if skip(".") {
        guard let name = next else { throw Expressions.Malformed(why: "A name is missing") }
        position += 1
        value =
          name == "*" ? .array(Array(value.members.values) + value.items) : member(value, name)
      } else if skip("[") {
        let key = try or()
        guard skip("]") else { throw Expressions.Malformed(why: "] is missing") }
        value = key.number.map { value[$0] } ?? member(value, Expressions.text(key))
      } else {
        return value
      }
    }
  }

  /// Names are looked up whatever their case, as GitHub does.
  private func member(_ value: JSON, _ name: String) -> JSON {
    if case .array(let items) = value { return .array(items.map { member($0, name) }) }
    if value.has(name) { return value[name] }
    return value.members.first { $0.key.lowercased() == name.lowercased() }?.value ?? .null
  }
}
