/// A GraphQL document, as far as clients of GitHub write it.
struct GraphDocument: Sendable {
  var operations: [GraphOperation] = []
  var fragments: [String: (type: String, selections: [GraphSelection])] = [:]
}

struct GraphOperation: Sendable {
  let kind: String
  let name: String?
  /// Variables that have a default, and those that must be given.
  let defaults: [String: JSON]
  let required: [String]
  let selections: [GraphSelection]
}

indirect enum GraphSelection: Sendable {
  case field(GraphField)
  case spread(String)
  case inline(type: String?, [GraphSelection])
}

struct GraphField: Sendable {
  let alias: String
  let name: String
  let arguments: [(String, GraphValue)]
  /// `@include` and `@skip` with their conditions.
  let directives: [(String, GraphValue)]
  let selections: [GraphSelection]
}

indirect enum GraphValue: Sendable {
  case variable(String)
  case literal(JSON)
  case list([GraphValue])
  case object([(String, GraphValue)])

  func resolved(_ variables: [String: JSON]) -> JSON? {
    switch self {
    case .variable(let name): variables[name]
    case .literal(let json): json
    case .list(let items): .array(items.map { $0.resolved(variables) ?? .null })
    case .object(let members):
      .object(
        Dictionary(members.compactMap { pair in pair.1.resolved(variables).map { (pair.0, $0) } }) {
          $1
        }
      )
    }
  }
}

/// What was wrong with a document.
struct GraphSyntaxError: Error {
  let message: String
}

/// Reads GraphQL documents.
struct GraphParser {
  /// Deeper documents than this are refused before they fill the stack.
  private static let depthMax = 40
  private var tokens: [String]
  private var position = 0
  private var depth = 0

  static func parse(_ text: String) throws -> GraphDocument {
    var parser = GraphParser(tokens: try tokens(of: text))
    return try parser.document()
  }

  private init(tokens: [String]) { self.tokens = tokens }

  private var next: String? { position < tokens.count ? tokens[position] : nil }

  private mutating func take() throws -> String {
    guard let token = next else { throw GraphSyntaxError(message: "Unexpected end of document") }
    position += 1
    return token
  }

  private mutating func expect(_ token: String) throws {
    let found = try take()
    guard found == token else {
      throw GraphSyntaxError(message: "Expected \(token), actual: \(found)")
    }
  }

  private mutating func skip(_ token: String) -> Bool {
    guard next == token else { return false }
    position += 1
    return true
  }

  private mutating func name() throws -> String {
    let token = try take()
    guard token.first?.isLetter == true || token.first == "_" else {
      throw GraphSyntaxError(message: "Expected NAME, actual: \(token)")
    }
    return token
  }

  private mutating func document() throws -> GraphDocument {
    var document = GraphDocument()
    while let token = next {
      switch token {
      case "{":
        document.operations.append(
          GraphOperation(
            kind: "query",
            name: nil,
            defaults: [:],
            required: [],
            selections: try selections()
          )
        )
      case "fragment":
        _ = try take()
        let name = try name()
        try expect("on")
        document.fragments[name] = (try self.name(), try selections())
      case "query", "mutation":
        document.operations.append(try operation())
      default:
        throw GraphSyntaxError(
          message: "Expected one of query, mutation, fragment, actual: \(token)"
        )
      }
    }
    return document
  }

  private mutating func operation() throws -> GraphOperation {
    let kind = try take()
    let name = next == "{" || next == "(" ? nil : try name()
    var defaults: [String: JSON] = [:]
    var required: [String] = []
    if skip("(") {
      while !skip(")") {
        try expect("$")
        let variable = try self.name()
        try expect(":")
        let isRequired = try type()
        if skip("=") {
          defaults[variable] = try value().resolved([:]) ?? .null
        } else if isRequired {
          required.append(variable)
        }
      }
    }
    return GraphOperation(
      kind: kind,
      name: name,
      defaults: defaults,
      required: required,
      selections: try selections()
    )
  }

  /// Reads a type, and tells whether a value must be given.
  private mutating func type() throws -> Bool {
    if skip("[") {
      _ = try type()
      try expect("]")
    } else {
      _ = try name()
    }
    return skip("!")
  }

  private mutating func selections() throws -> [GraphSelection] {
    depth += 1
    defer { depth -= 1 }
    guard depth < Self.depthMax else { throw GraphSyntaxError(message: "The query is too deep") }
    try expect("{")
    var selections: [GraphSelection] = []
    while !skip("}") {
      if skip("...") {
        if next == "{" {
          selections.append(.inline(type: nil, try self.selections()))
        } else if skip("on") {
          selections.append(.inline(type: try name(), try self.selections()))
        } else {
          selections.append(.spread(try name()))
        }
      } else {
        selections.append(.field(try field()))
      }
    }
    return selections
  }

  private mutating func field() throws -> GraphField {
    let first = try name()
    let name = skip(":") ? try self.name() : first
    let arguments = try arguments()
    var directives: [(String, GraphValue)] = []
    while skip("@") {
      let directive = try self.name()
      let condition = try self.arguments().first { $0.0 == "if" }?.1
      directives.append((directive, condition ?? .literal(true)))
    }
    return GraphField(
      alias: first,
      name: name,
      arguments: arguments,
      directives: directives,
      selections: next == "{" ? try selections() : []
    )
  }

  private mutating func arguments() throws -> [(String, GraphValue)] {
    var arguments: [(String, GraphValue)] = []
    guard skip("(") else { return [] }
    while !skip(")") {
      let name = try name()
      try expect(":")
      arguments.append((name, try value()))
    }
    return arguments
  }

  private mutating func value() throws -> GraphValue {
    depth += 1
    defer { depth -= 1 }
    guard depth < Self.depthMax else { throw GraphSyntaxError(message: "The value is too deep") }
    let token = try take()
    switch token {
    case "$": return .variable(try name())
    case "[":
      var items: [GraphValue] = []
      while !skip("]") { items.append(try value()) }
      return .list(items)
    case "{":
      var members: [(String, GraphValue)] = []
      while !skip("}") {
        let name = try name()
        try expect(":")
        members.append((name, try value()))
      }
      return .object(members)
    case "true": return .literal(true)
    case "false": return .literal(false)
    case "null": return .literal(.null)
    default:
      if token.hasPrefix("\"") { return .literal(JSON(parsing: Array(token.utf8)) ?? .null) }
      if let number = Int(token) { return .literal(.int(number)) }
      if let number = Double(token) { return .literal(.double(number)) }
      return .literal(.string(token))
    }
  }
}

extension GraphParser {
  /// Splits the text; a string keeps its quotes, a block string becomes an ordinary one.
  private static func tokens(of text: String) throws -> [String] {
    var tokens: [String] = []
    let characters = Array(text)
    var at = 0
    func isWord(_ character: Character) -> Bool {
      character.isLetter || character.isNumber || "_-.".contains(character)
    }
    while at < characters.count {
      let character = characters[at]
      if character.isWhitespace || character == "," {
        at += 1
      } else if character == "#" {
        while at < characters.count, !characters[at].isNewline { at += 1 }
      } else if character == "\"" {
        tokens.append(try string(characters, &at))
      } else if characters[at...].starts(with: "...") {
        tokens.append("...")
        at += 3
      } else if isWord(character) {
        let start = at
        while at < characters.count, isWord(characters[at]) {
          // `name...Fragment` is a word and a spread.
          if characters[at...].starts(with: "...") { break }
          at += 1
        }
        tokens.append(String(characters[start..<at]))
      } else {
        tokens.append(String(character))
        at += 1
      }
    }
    return tokens
  }

  private static func string(_ characters: [Character], _ at: inout Int) throws -> String {
    let isBlock = characters[at...].starts(with: "\"\"\"")
    let mark = isBlock ? "\"\"\"" : "\""
    at += mark.count
    let start = at
    while at < characters.count, !characters[at...].starts(with: mark) {
      at += characters[at] == "\\" ? 2 : 1
    }
    guard at < characters.count else { throw GraphSyntaxError(message: "A string has no end") }
    let inside = String(characters[start..<at])
    at += mark.count
    return isBlock ? String(decoding: JSON.string(inside).bytes, as: UTF8.self) : "\"\(inside)\""
  }
}
