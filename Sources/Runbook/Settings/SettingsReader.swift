internal import ReleaseModel
internal import Yams

/// A checked value of `hotfix.yml`.
package indirect enum SettingsValue: Sendable, Hashable {
  case text(String)
  case number(Int)
  case flag(Bool)
  case list([SettingsValue])
  case map([String: SettingsValue])

  package subscript(_ name: String) -> SettingsValue? {
    if case .map(let map) = self { map[name] } else { nil }
  }

  package var text: String? { if case .text(let text) = self { text } else { nil } }
  package var number: Int? { if case .number(let number) = self { number } else { nil } }
  package var flag: Bool? { if case .flag(let flag) = self { flag } else { nil } }
  package var list: [SettingsValue]? { if case .list(let list) = self { list } else { nil } }
  package var texts: [String] { list?.compactMap(\.text) ?? [] }
}

/// Where in the file the values stand.
struct SettingsPlaces {
  let file: String
  private var places: [[String]: String] = [:]
  /// The sections, as `ship`, in which something is wrong by itself already.
  private var broken: Set<String> = []

  init(file: String) { self.file = file }

  mutating func note(_ path: [String], line: Int, column: Int) {
    places[path] = place(line: line, column: column)
  }

  mutating func breakSection(_ name: String) { broken.insert(name) }

  /// Whether it makes sense to hold a section against others: what is half read would give rise to
  /// false complaints.
  func isWhole(_ section: String) -> Bool { !broken.contains(section) }

  func place(line: Int, column: Int) -> String { "\(file):\(line):\(column)" }

  /// The place of a value, such as `host.url`, or of what it is missing in.
  func of(_ name: String) -> String {
    var path = name.split(separator: ".").map(String.init)
    while !path.isEmpty {
      if let place = places[path] { return place }
      path.removeLast()
    }
    return file
  }

  func problem(_ code: String, at name: String, _ what: String, _ next: String) -> Problem {
    Problem("settings.\(code)", "\(of(name)): \(what)", next: [next])
  }
}

/// Reads YAML against a shape and gathers every mistake, each with line, column and the nearest
/// right name.
struct SettingsReader {
  static let bytesMax = 256 * 1024

  private let file: String
  private(set) var problems: [Problem] = []
  private(set) var places: SettingsPlaces

  /// The component that is read, with what stands around it.
  private let component: String?

  init(file: String, component: String? = nil) {
    self.file = file
    self.component = component
    places = SettingsPlaces(file: file)
  }

  /// Returns the file's content, parsed and not checked.
  mutating func parse(_ text: String) -> Node? {
    guard text.utf8.count <= Self.bytesMax else {
      problems.append(
        Problem(
          "settings.too-big",
          "\(file) is too big.",
          why: "It has \(text.utf8.count) bytes; the limit is \(Self.bytesMax).",
          next: ["Shorten it."]
        )
      )
      return nil
    }
    do {
      if let node = try Yams.compose(yaml: String(text.withoutByteOrderMark)) { return node }
      problems.append(
        Problem("settings.empty", "\(file) is empty.", next: ["hotfix init     writes one"])
      )
    } catch let error as YamlError {
      problems.append(
        Problem(
          "settings.yaml",
          "\(file) is not YAML.",
          why: "\(error)",
          next: ["Mend the line named above."]
        )
      )
    } catch {
      problems.append(
        Problem("settings.yaml", "\(file) is not YAML.", why: "\(error)", next: ["Mend it."])
      )
    }
    return nil
  }

  mutating func read(_ node: Node, as shape: Shape) -> SettingsValue? {
    value(node, shape, path: [])
  }

  private mutating func complain(_ code: String, _ node: Node, _ path: [String], _ what: String) {
    let place = node.mark.map { places.place(line: $0.line, column: $0.column) } ?? file
    let whole = component.map { "component \($0)" } ?? "the file"
    let name = path.isEmpty ? whole : path.joined(separator: ".")
    if let section = path.first { places.breakSection(section) }
    problems.append(
      Problem(
        "settings.\(code)",
        "\(place): \(name) \(what)",
        next: ["Mend \(place), then:  hotfix doctor"]
      )
    )
  }

  private mutating func value(_ node: Node, _ shape: Shape, path: [String]) -> SettingsValue? {
    if let mark = node.mark { places.note(path, line: mark.line, column: mark.column) }
    switch shape {
    case .map(let keys): return map(node, keys, path)
    case .texts: return texts(node, path)
    case .named(let element): return named(node, element, path)
    case .list(let element):
      guard case .sequence(let sequence) = node else { return wrong(node, shape, path) }
      let values = sequence.enumerated().compactMap { index, node in
        value(node, element, path: path + ["\(index + 1)"])
      }
      return .list(values)
    case .perLine(let shape):
      if case .mapping = node { return lines(node, shape, path) }
      return value(node, shape, path: path)
    case .either(let a, let b):
      if case .sequence = node { return value(node, b, path: path) }
      return value(node, a, path: path)
    case .text, .secret, .number, .flag, .choice: return scalar(node, shape, path)
    }
  }

  private mutating func scalar(_ node: Node, _ shape: Shape, _ path: [String]) -> SettingsValue? {
    guard case .scalar(let scalar) = node else { return wrong(node, shape, path) }
    let text = scalar.string
    switch shape {
    case .text where !text.isEmpty: return .text(text)
    case .secret where text.hasPrefix("env:") || text.hasPrefix("file:"): return .text(text)
    case .secret:
      complain("secret", node, path, "must not hold the secret itself; write \(shape.words).")
      return nil
    case .number(let range):
      if let number = Int(text), range.contains(number) { return .number(number) }
    case .flag:
      if let flag = Bool(text) { return .flag(flag) }
    case .choice(let names):
      if names.contains(text) { return .text(text) }
      if let near = nearestName(to: text, in: names) {
        complain("value", node, path, "is \"\(text)\"; did you mean \"\(near)\"?")
        return nil
      }
    default: break
    }
    return wrong(node, shape, path)
  }

  private mutating func wrong(_ node: Node, _ shape: Shape, _ path: [String]) -> SettingsValue? {
    let found =
      if case .scalar(let scalar) = node { "\"\(scalar.string)\"" } else { "a collection" }
    complain("type", node, path, "is \(found); it has to be \(shape.words).")
    return nil
  }

  /// A mapping from version prefixes to values.
  private mutating func lines(_ node: Node, _ shape: Shape, _ path: [String]) -> SettingsValue? {
    guard case .mapping(let mapping) = node else { return wrong(node, .perLine(shape), path) }
    var values: [String: SettingsValue] = [:]
    for (key, node) in mapping {
      let name = key.string ?? ""
      guard VersionName(name).isLine else {
        complain("value", key, path, "has \"\(name)\", which is no version prefix such as \"1\".")
        continue
      }
      values[name] = value(node, shape, path: path + [name])
    }
    return .map(values)
  }

  private mutating func texts(_ node: Node, _ path: [String]) -> SettingsValue? {
    guard case .mapping(let mapping) = node else { return wrong(node, .texts, path) }
    var values: [String: SettingsValue] = [:]
    for (key, value) in mapping {
      if let name = key.string, let text = value.string { values[name] = .text(text) }
    }
    return .map(values)
  }

  private mutating func named(_ node: Node, _ shape: Shape, _ path: [String]) -> SettingsValue? {
    guard case .mapping(let mapping) = node else { return wrong(node, .named(shape), path) }
    var values: [String: SettingsValue] = [:]
    for (key, node) in mapping {
      let name = key.string ?? ""
      guard isSaneName(name), !name.contains("/") else {
        complain("value", key, path, "has \"\(name)\", which cannot be a name.")
        continue
      }
      if values[name] != nil { complain("twice", key, path + [name], "stands twice.") }
      values[name] = value(node, shape, path: path + [name]) ?? .map([:])
    }
    return .map(values)
  }

  private mutating func map(
    _ node: Node,
    _ keys: [Shape.Key],
    _ path: [String]
  ) -> SettingsValue? {
    guard case .mapping(let mapping) = node else { return wrong(node, .map(keys), path) }
    var values: [String: SettingsValue] = [:]
    for (keyNode, valueNode) in mapping {
      let name = keyNode.string ?? ""
      guard let key = keys.first(where: { $0.name == name }) else {
        let near = nearestName(to: name, in: keys.map(\.name))
        let hint =
          near.map { "did you mean \"\($0)\"?" }
          ?? "known here: \(keys.map(\.name).joined(separator: ", "))."
        complain("unknown-key", keyNode, path + [name], "is not known; \(hint)")
        continue
      }
      if values[name] != nil { complain("twice", keyNode, path + [name], "stands twice.") }
      if let value = value(valueNode, key.shape, path: path + [name]) {
        values[name] = value
      }
      // A mistake inside was told already; "is missing" would be a second, false complaint.
      else {
        values[name] = .map([:])
      }
    }
    for key in keys where key.isRequired && values[key.name] == nil {
      complain("missing", node, path, "needs \(key.name): \(key.says)")
      if path.isEmpty { places.breakSection(key.name) }
    }
    return .map(values)
  }
}
