// Several applications in one repository, each with tags, paths, artifacts and feeds of its own.
//
// 1. A component's settings are the file's with its own keys laid over them: mappings are merged key
//    by key, everything else is replaced.
// 2. People are the repository's: `remote`, `main`, `policy` and `embargo` are the same for all.
// 3. A tag belongs to one component by its form, so no two components share one.

package import ReleaseModel
internal import Yams

extension Settings {
  /// Returns the settings of a component; nil is the file's own, where it has no components.
  ///
  /// Throws `component.unknown`.
  package func of(_ component: String?) throws -> Settings {
    guard let component else { return self }
    if let found = components[component] { return found }
    let names = components.keys.sorted()
    guard !names.isEmpty else {
      throw Problem(
        "component.unknown",
        "\(Self.fileName) has no components, so none is called \(component).",
        next: ["Repeat the command without --component."]
      )
    }
    let near = nearestName(to: component, in: names).map { "Did you mean \($0)?" }
    throw Problem(
      "component.unknown",
      "\(Self.fileName) has no component \(component).",
      why: near ?? "It has \(names.joined(separator: ", ")).",
      next: names.prefix(9).map { "--component \($0)" }
    )
  }

  /// The component that a tag belongs to by its form; nil where none or several do.
  package func component(ofTag tag: String) -> String? {
    let names = components.filter { $0.value.version(ofTag: tag) != nil }.keys
    return names.count == 1 ? names.first : nil
  }

  /// The component in whose paths a path of the repository is; nil where it is in none or several.
  package func component(ofPath path: String) -> String? {
    let names = components.filter { $0.value.owns(path) }.keys
    return names.count == 1 ? names.first : nil
  }

  /// Whether a path of the repository belongs to this component; to a whole project every path does.
  package func owns(_ path: String) -> Bool {
    paths.isEmpty
      || paths.contains { path == $0 || path.hasPrefix($0.hasSuffix("/") ? $0 : $0 + "/") }
  }

  /// The problem of a command that works on one component and was not told which; nil where one is
  /// chosen, or there are none.
  package func unchosen(_ command: String) -> Problem? {
    guard component == nil, !components.isEmpty else { return nil }
    let names = components.keys.sorted()
    return Problem(
      "component.which",
      "\(Self.fileName) has several components: \(names.joined(separator: ", ")).",
      why: "The command works on one of them.",
      next: names.prefix(9).map { "\(command) --component \($0)" }
    )
  }

  /// What does not go together between components.
  static func contradictions(
    between components: [String: Settings],
    _ places: SettingsPlaces
  ) -> [Problem] {
    var problems: [Problem] = []
    var tags: [String: String] = [:]
    var files: [String: String] = [:]
    var latest: [String: String] = [:]
    for (name, settings) in components.sorted(by: { $0.key < $1.key }) {
      func add(_ what: String, _ next: String) {
        problems.append(
          places.problem("component", at: "components.\(name)", "component \(name): \(what)", next)
        )
      }
      if let other = tags.updateValue(name, forKey: settings.tag.text) {
        add(
          "its releases are tagged \(settings.tag.text), like those of \(other).",
          "Give it a form of its own:  version: { tag: \"\(name)-v{version}\" }"
        )
      }
      for feed in settings.feeds {
        let place = "\(settings.host) \(feed.path)"
        guard let other = files.updateValue(name, forKey: place) else { continue }
        add(
          "\(feed.path) is a feed of \(other) too.",
          "Give each its own path:  feeds: [ { \(feed.reader.rawValue): \(name)/\(feed.path) } ]"
        )
      }
      if let github = settings.github, github.feeds == .release, !settings.feeds.isEmpty,
        let other = latest.updateValue(name, forKey: "\(github.server) \(github.repository)")
      {
        add(
          "its feeds are assets of the latest release, and so are those of \(other); GitHub has one "
            + "latest release.",
          "Put the feeds of one on a branch:  host: { feeds: pages }"
        )
      }
    }
    return problems
  }
}

extension Node {
  /// The components of a file, each with what stands around it; none where there are no names.
  var components: [(name: String, node: Node)] {
    guard case .mapping(let whole) = self, case .mapping(let named)? = whole["components"] else {
      return []
    }
    let around = Node.Mapping(
      whole.filter { $0.key.string != "components" }.map { ($0.key, $0.value) },
      whole.tag,
      whole.style,
      whole.mark
    )
    return named.compactMap { key, own in
      key.string.map { ($0, Node.mapping(around).overlaid(with: own)) }
    }
  }

  /// The mapping with another's keys laid over it, also inside of mappings.
  private func overlaid(with other: Node) -> Node {
    guard case .mapping(let mine) = self, case .mapping(let theirs) = other else { return other }
    var pairs = mine.map { ($0.key, $0.value) }
    for (key, value) in theirs {
      if let index = pairs.firstIndex(where: { $0.0 == key }) {
        pairs[index].1 = pairs[index].1.overlaid(with: value)
      } else {
        pairs.append((key, value))
      }
    }
    return .mapping(Node.Mapping(pairs, mine.tag, mine.style, theirs.mark))
  }
}
