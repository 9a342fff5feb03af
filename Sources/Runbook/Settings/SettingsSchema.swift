internal import ReleaseModel

extension Shape {
  /// The shape as a JSON Schema (draft 2020-12), for editors: `hotfix.schema.json`.
  package var jsonSchema: String {
    let body = schemaLines(
      indent: 2,
      more: [
        "\"$schema\": \"https://json-schema.org/draft/2020-12/schema\"",
        "\"title\": \"hotfix.yml\"",
      ]
    )
    return "{\n\(body)\n}\n"
  }

  private func schemaLines(indent: Int, more: [String] = []) -> String {
    let pad = String(repeating: " ", count: indent)
    return (more + members(indent: indent)).map { pad + $0 }.joined(separator: ",\n")
  }

  private func object(indent: Int, says: String?) -> String {
    let more = says.map { ["\"description\": \(quoted($0))"] } ?? []
    let pad = String(repeating: " ", count: indent)
    return "{\n\(schemaLines(indent: indent + 2, more: more))\n\(pad)}"
  }

  private func members(indent: Int) -> [String] {
    switch self {
    case .text: return ["\"type\": [\"string\", \"number\"]"]
    case .secret: return ["\"type\": \"string\"", "\"pattern\": \"^(env|file):\""]
    case .number(let range):
      return [
        "\"type\": \"integer\"", "\"minimum\": \(range.lowerBound)",
        "\"maximum\": \(range.upperBound)",
      ]
    case .flag: return ["\"type\": \"boolean\""]
    case .choice(let names):
      return ["\"enum\": [\(names.map(quoted).joined(separator: ", "))]"]
    case .list(let element):
      return ["\"type\": \"array\"", "\"items\": \(element.object(indent: indent, says: nil))"]
    case .texts:
      return ["\"type\": \"object\"", "\"additionalProperties\": { \"type\": \"string\" }"]
    case .named(let element):
      let values = element.object(indent: indent, says: nil)
      return ["\"type\": \"object\"", "\"additionalProperties\": \(values)"]
    case .either(let a, let b):
      return [
        "\"anyOf\": [\(a.object(indent: indent, says: nil)), "
          + "\(b.object(indent: indent, says: nil))]"
      ]
    case .perLine(let value):
      let lines = [
        "\"type\": \"object\"",
        "\"additionalProperties\": \(value.object(indent: indent, says: nil))",
      ].joined(separator: ", ")
      return ["\"anyOf\": [\(value.object(indent: indent, says: nil)), { \(lines) }]"]
    case .map(let keys):
      let pad = String(repeating: " ", count: indent + 2)
      let properties = keys.map { key in
        "\(pad)\(quoted(key.name)): \(key.shape.object(indent: indent + 2, says: key.says))"
      }
      let end = String(repeating: " ", count: indent)
      var members = [
        "\"type\": \"object\"", "\"additionalProperties\": false",
        "\"properties\": {\n\(properties.joined(separator: ",\n"))\n\(end)}",
      ]
      let required = keys.filter(\.isRequired).map { quoted($0.name) }
      if !required.isEmpty {
        let all = "\"required\": [\(required.joined(separator: ", "))]"
        let hasComponents = keys.contains { $0.name == "components" }
        members.append(
          hasComponents ? "\"anyOf\": [{ \(all) }, { \"required\": [\"components\"] }]" : all
        )
      }
      return members
    }
  }
}

private func quoted(_ text: String) -> String {
  "\"" + escapingScalars(of: text) { ["\\": "\\\\", "\"": "\\\""][$0] } + "\""
}
