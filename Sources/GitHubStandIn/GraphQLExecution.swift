internal import Foundation

/// What a field of a node is.
enum GraphResult: Sendable {
  case value(JSON)
  case node(GraphNode?)
  case list([GraphNode?])
}

/// An object of the graph, with its fields by name.
struct GraphNode: Sendable {
  typealias Field = @Sendable (JSON) async throws -> GraphResult

  let type: String
  /// Interfaces that a fragment may name instead.
  var interfaces: [String] = []
  var fields: [String: Field] = [:]

  init(_ type: String, _ values: [String: JSON] = [:], interfaces: [String] = []) {
    self.type = type
    self.interfaces = interfaces
    for (name, value) in values { fields[name] = { _ in .value(value) } }
  }

  func isA(_ name: String) -> Bool { name == type || interfaces.contains(name) || name == "Node" }
}

/// An error of one field: the field is null, and the rest is answered.
struct GraphError: Error {
  let type: String
  let message: String
}

/// An error of the whole document, as validation finds it.
struct GraphInvalid: Error {
  let message: String
}

/// Executes a document over nodes.
struct GraphExecution {
  let document: GraphDocument
  let variables: [String: JSON]
  private(set) var errors: [JSON] = []

  init(_ document: GraphDocument, variables: [String: JSON]) {
    self.document = document
    self.variables = variables
  }

  mutating func select(
    _ selections: [GraphSelection],
    of node: GraphNode,
    path: [JSON]
  ) async throws -> JSON {
    var members: [String: JSON] = [:]
    for selection in selections {
      switch selection {
      case .field(let field):
        guard isIncluded(field) else { continue }
        let value = try await self.value(of: field, in: node, path: path)
        members[field.alias] = members[field.alias].map { merged($0, value) } ?? value
      case .spread(let name):
        guard let fragment = document.fragments[name] else {
          throw GraphInvalid(message: "Fragment \(name) was used, but not defined")
        }
        guard node.isA(fragment.type) else { continue }
        let more = try await select(fragment.selections, of: node, path: path)
        members.merge(more.members) { merged($0, $1) }
      case .inline(let type, let inner):
        guard type.map(node.isA) ?? true else { continue }
        let more = try await select(inner, of: node, path: path)
        members.merge(more.members) { merged($0, $1) }
      }
    }
    return .object(members)
  }

  private func isIncluded(_ field: GraphField) -> Bool {
    field.directives.allSatisfy { name, condition in
      let isTrue = condition.resolved(variables) == true
      return name == "skip" ? !isTrue : name == "include" ? isTrue : true
    }
  }

  /// The same field asked twice with different selections is one answer.
  private func merged(_ one: JSON, _ other: JSON) -> JSON {
    guard case .object(let first) = one, case .object(let second) = other else { return other }
    return .object(first.merging(second) { merged($0, $1) })
  }

  private mutating func value(
    of field: GraphField,
    in node: GraphNode,
    path: [JSON]
  ) async throws -> JSON {
    if field.name == "__typename" { return .string(node.type) }
    guard let resolve = node.fields[field.name] else {
      throw GraphInvalid(
        message: "Field '\(field.name)' doesn't exist on type '\(node.type)'"
      )
    }
    let arguments = field.arguments.compactMap { pair in
      pair.1.resolved(variables).map { (pair.0, $0) }
    }
    let here = path + [.string(field.alias)]
    let result: GraphResult
    do {
      result = try await resolve(.object(Dictionary(arguments) { $1 }))
    } catch let error as GraphError {
      errors.append([
        "type": .string(error.type), "path": .array(here), "message": .string(error.message),
        "locations": [["line": 1, "column": 1]],
      ])
      return .null
    }
    switch result {
    case .value(let value): return value
    case .node(let child):
      guard let child else { return .null }
      try requireSelections(field, child)
      return try await select(field.selections, of: child, path: here)
    case .list(let children):
      var items: [JSON] = []
      for (index, child) in children.enumerated() {
        guard let child else {
          items.append(.null)
          continue
        }
        try requireSelections(field, child)
        items.append(
          try await select(field.selections, of: child, path: here + [.int(index)])
        )
      }
      return .array(items)
    }
  }

  private func requireSelections(_ field: GraphField, _ child: GraphNode) throws {
    guard field.selections.isEmpty else { return }
    throw GraphInvalid(
      message: "Field must have selections (field '\(field.name)' returns \(child.type) "
        + "but has no selections. Did you mean '\(field.name) { ... }'?)"
    )
  }
}

extension GitHubStandIn {
  /// Answers a GraphQL request: errors come with status 200, as GitHub sends them.
  func graphQL(_ call: Call) async throws -> Reply {
    guard call.viewer != nil else {
      throw Refusal(401, "This endpoint requires you to be authenticated.")
    }
    guard let text = call.json["query"].text else {
      return Reply(
        200,
        ["errors": [["message": "A query attribute must be specified and must be a string."]]]
      )
    }
    do {
      let document = try GraphParser.parse(text)
      let wanted = call.json["operationName"].text
      let operation = document.operations.first { wanted == nil || $0.name == wanted }
      guard let operation else {
        throw GraphInvalid(message: "No operation named \"\(wanted ?? "")\"")
      }
      let given = call.json["variables"].members
      for name in operation.required where given[name]?.isNull ?? true {
        throw GraphInvalid(message: "Variable $\(name) of type was provided invalid value")
      }
      var execution = GraphExecution(
        document,
        variables: operation.defaults.merging(given) { $1 }
      )
      let root = operation.kind == "mutation" ? mutations(call) : query(call)
      let data = try await execution.select(operation.selections, of: root, path: [])
      var answer: JSON = ["data": data]
      if !execution.errors.isEmpty { answer["errors"] = .array(execution.errors) }
      return Reply(200, answer)
    } catch let error as GraphInvalid {
      return Reply(200, ["errors": [["message": .string(error.message), "locations": []]]])
    } catch let error as GraphSyntaxError {
      return Reply(200, ["errors": [["message": .string(error.message), "locations": []]]])
    }
  }

  /// Makes a connection; as at GitHub, who asks for one says how many, and no more than a hundred.
  nonisolated static func connection(
    _ type: String,
    _ nodes: [GraphNode],
    _ arguments: JSON,
    more: [String: JSON] = [:]
  ) throws -> GraphResult {
    let first = arguments["first"].number
    let last = arguments["last"].number
    guard let size = first ?? last else {
      throw GraphError(
        type: "MISSING_PAGINATION_BOUNDARIES",
        message: "You must provide a `first` or `last` value to properly paginate the "
          + "`\(type)` connection."
      )
    }
    guard (0...100).contains(size) else {
      throw GraphError(
        type: "EXCESSIVE_PAGINATION",
        message: "Requesting \(size) records on the `\(type)` connection exceeds the "
          + "`first` limit of 100 records."
      )
    }
    var range = 0..<nodes.count
    if let after = position(arguments["after"]) {
      range = min(after + 1, nodes.count)..<nodes.count
    }
    if let before = position(arguments["before"]) {
      range = min(range.lowerBound, before)..<min(range.upperBound, before)
    }
    let whole = range
    range = first != nil ? range.prefix(size) : range.suffix(size)
    let cursors = range.map { JSON.string(Data("cursor:\($0)".utf8).base64EncodedString()) }
    let page = GraphNode(
      "PageInfo",
      [
        "hasNextPage": .bool(range.upperBound < whole.upperBound),
        "hasPreviousPage": .bool(range.lowerBound > 0), "endCursor": cursors.last ?? nil,
        "startCursor": cursors.first ?? nil,
      ]
    )
    var connection = GraphNode(
      type,
      ["totalCount": .int(nodes.count)].merging(more) { $1 }
    )
    let chosen = Array(nodes[range])
    connection.fields["nodes"] = { _ in .list(chosen) }
    connection.fields["pageInfo"] = { _ in .node(page) }
    connection.fields["edges"] = { _ in
      .list(
        zip(chosen, cursors).map { node, cursor in
          var edge = GraphNode("Edge", ["cursor": cursor])
          edge.fields["node"] = { _ in .node(node) }
          return edge
        }
      )
    }
    return .node(connection)
  }

  private nonisolated static func position(_ cursor: JSON) -> Int? {
    guard let text = cursor.text, let data = Data(base64Encoded: text) else { return nil }
    return Int(String(decoding: data, as: UTF8.self).dropFirst(7))
  }
}
