internal import Feeds
internal import ReleaseModel

extension Settings {
  private func feedContradictions(_ file: String, _ value: SettingsValue) -> [Problem] {
    var problems: [Problem] = []
    func add(_ code: String, _ what: String, _ next: String) {
      problems.append(Problem("settings.\(code)", "\(file): \(what)", next: [next]))
    }
    let readers = Feed.Reader.allCases.map(\.rawValue)
    for (index, feed) in (value["feeds"]?.list ?? []).enumerated() {
      let named = readers.filter { feed[$0] != nil }
      if named.count != 1 {
        add(
          "feed",
          "feeds.\(index + 1) names \(named.count) feeds.",
          "Give each entry exactly one of \(readers.joined(separator: ", "))."
        )
      }
    }
    for feed in feeds where feed.deltas > 0 && feed.reader != .sparkle {
      add(
        "deltas",
        "\(feed.path) is for \(feed.reader.rawValue), and only Sparkle takes these deltas.",
        "Remove deltas there."
      )
    }
    return problems
  }

  /// What no single key can tell: values that do not go together.
  func contradictions(file: String, _ value: SettingsValue) -> [Problem] {
    var problems: [Problem] = []
    func add(_ code: String, _ what: String, _ next: String) {
      problems.append(Problem("settings.\(code)", "\(file): \(what)", next: [next]))
    }
    if !tag.names.contains("version") {
      add("tag", "version.tag has no {version}.", "Write, for example:  tag: v{version}")
    }
    problems += hostContradictions(file, value["host"])
    if artifacts.isEmpty {
      add("artifacts", "ship.artifacts is empty.", "List the files that the build makes.")
    }
    if feeds.contains(where: { $0.kind == .appcast }) && updateKey == nil {
      add(
        "unsigned",
        "an appcast needs ship.sign.ed25519.key.",
        "Add:  sign: { ed25519: { key: env:UPDATE_KEY } }"
      )
    }
    if feeds.contains(where: { $0.kind == .tauri }) && minisignKey == nil {
      add(
        "unsigned",
        "a Tauri feed needs ship.sign.minisign.key.",
        "Add:  sign: { minisign: { key: env:TAURI_SIGNING_PRIVATE_KEY } }"
      )
    }
    problems += feedContradictions(file, value)
    let paths = [changelog, documents, reviewersPath] + feeds.map(\.path)
    for path in paths where path.hasPrefix("/") || path.split(separator: "/").contains("..") {
      add("path", "\(path) leaves the folder that it belongs to.", "Write a path inside it.")
    }
    let kindNames = ["webhook", "slack", "discord", "mail", "atom", "discussion"]
    for name in ["team", "announcement", "users"] {
      for (index, channel) in (value["tell"]?[name]?.list ?? []).enumerated() {
        let kinds = kindNames.filter { channel[$0] != nil }
        if kinds.count != 1 {
          add(
            "channel",
            "tell.\(name).\(index + 1) names \(kinds.count) channels.",
            "Give each entry exactly one of \(kindNames.joined(separator: ", "))."
          )
        }
      }
    }
    return problems
  }
}
