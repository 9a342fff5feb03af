internal import Yams

/// A workflow as its file says it.
struct WorkflowFile: Sendable {
  let path: String
  let name: String
  let runName: String?
  /// Events with their filters.
  let on: [String: JSON]
  let environment: JSON
  let defaults: JSON
  let permissions: JSON?
  /// The group that runs of it take turns in, or null.
  let concurrency: JSON
  let jobs: [(key: String, job: JSON)]

  struct Invalid: Error {
    let why: String
  }

  /// Reads a file; a key that YAML would take for a truth value, such as `on`, stays a word.
  static func read(_ text: String, path: String) throws -> WorkflowFile {
    guard let root = try compose(yaml: text), case .mapping(let mapping) = root else {
      throw Invalid(why: "The file is not a mapping.")
    }
    let json = Self.json(root)
    guard case .mapping(let jobs)? = mapping["jobs"], !jobs.isEmpty else {
      throw Invalid(why: "There are no jobs.")
    }
    let file = WorkflowFile(
      path: path,
      name: json["name"].text ?? path,
      runName: json["run-name"].text,
      on: events(json["on"]),
      environment: json["env"],
      defaults: json["defaults"]["run"],
      permissions: json.has("permissions") ? json["permissions"] : nil,
      concurrency: json["concurrency"],
      jobs: jobs.map { ($0.key.string ?? "", Self.json($0.value)) }
    )
    try file.check()
    return file
  }

  private func check() throws {
    let keys = Set(jobs.map(\.key))
    for (key, job) in jobs {
      for need in needs(job) where !keys.contains(need) {
        throw Invalid(why: "Job '\(key)' depends on unknown job '\(need)'.")
      }
      if job["runs-on"].isNull, job["uses"].isNull {
        throw Invalid(why: "Job '\(key)' has no runs-on.")
      }
    }
  }

  func needs(_ job: JSON) -> [String] {
    job["needs"].text.map { [$0] } ?? job["needs"].items.compactMap(\.text)
  }

  /// Reads any YAML document, such as an action's.
  static func document(_ text: String) throws -> JSON {
    guard let root = try compose(yaml: text) else { return .null }
    return json(root)
  }

  private static func events(_ on: JSON) -> [String: JSON] {
    switch on {
    case .string(let name): [name: .null]
    case .array(let names): Dictionary(names.compactMap { $0.text.map { ($0, .null) } }) { $1 }
    default: on.members
    }
  }

  static func json(_ node: Node) -> JSON {
    switch node {
    case .mapping(let mapping):
      return .object(
        Dictionary(mapping.map { ($0.key.scalar?.string ?? "", json($0.value)) }) { $1 }
      )
    case .sequence(let sequence): return .array(sequence.map(json))
    case .scalar(let scalar):
      guard scalar.style == .plain || scalar.style == .any else { return .string(scalar.string) }
      switch scalar.string {
      case "true", "True", "TRUE": return true
      case "false", "False", "FALSE": return false
      case "", "~", "null": return .null
      default:
        if let number = Int(scalar.string) { return .int(number) }
        return .string(scalar.string)
      }
    default: return .null
    }
  }

  // MARK: - Does an event start it?

  func isStarted(by event: WorkflowEvent) -> Bool {
    guard let filters = on[event.name] else { return false }
    switch event.name {
    case "push": return matchesPush(filters, event.ref)
    case "pull_request":
      let types = Self.words(filters["types"]) ?? ["opened", "synchronize", "reopened"]
      guard types.contains(event.action ?? "") else { return false }
      return Self.passes(filters, "branches", event.base ?? "")
    case "release", "repository_dispatch":
      return Self.words(filters["types"])?.contains(event.action ?? "") ?? true
    default: return true
    }
  }

  /// Filters of branches alone leave tags out, and the other way round.
  private func matchesPush(_ filters: JSON, _ ref: String) -> Bool {
    let isTag = ref.hasPrefix("refs/tags/")
    let mine = isTag ? "tags" : "branches"
    let other = isTag ? "branches" : "tags"
    func has(_ kind: String) -> Bool { filters.has(kind) || filters.has("\(kind)-ignore") }
    if !has(mine), has(other) { return false }
    return Self.passes(filters, mine, String(ref.dropFirst(isTag ? 10 : 11)))
  }

  private static func words(_ json: JSON) -> [String]? {
    if let one = json.text { return [one] }
    return json.isNull ? nil : json.items.compactMap(\.text)
  }

  private static func passes(_ filters: JSON, _ kind: String, _ name: String) -> Bool {
    if let ignored = words(filters["\(kind)-ignore"]),
      ignored.contains(where: { matches($0, name) })
    {
      return false
    }
    guard let patterns = words(filters[kind]) else { return true }
    var passes = false
    for pattern in patterns {
      if pattern.hasPrefix("!") {
        if matches(pattern.dropFirst(), name) { passes = false }
      } else if matches(pattern, name) {
        passes = true
      }
    }
    return passes
  }

  /// Matches as GitHub's filters do: `*` stays within a segment, `**` does not.
  static func matches(_ pattern: some StringProtocol, _ name: String) -> Bool {
    var expression = "^"
    var rest = Substring(pattern)
    while let character = rest.first {
      if rest.hasPrefix("**/") {
        expression += "(?:.*/)?"
        rest = rest.dropFirst(3)
      } else if rest.hasPrefix("**") {
        expression += ".*"
        rest = rest.dropFirst(2)
      } else {
        switch character {
        case "*": expression += "[^/]*"
        case "?", "+", "[", "]": expression.append(character)
        default:
          if !character.isLetter, !character.isNumber { expression.append("\\") }
          expression.append(character)
        }
        rest = rest.dropFirst()
      }
    }
    guard let regex = try? Regex(expression + "$") else { return false }
    return (try? regex.wholeMatch(in: name)) ?? nil != nil
  }
}
