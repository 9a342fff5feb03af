internal import Documents
internal import Feeds
internal import ReleaseModel

/// What no single key can tell: values that do not go together. Sections that are wrong by themselves
/// are left out.
extension Settings {
  func contradictions(_ value: SettingsValue, _ places: SettingsPlaces) -> [Problem] {
    var problems: [Problem] = []
    func add(_ code: String, at name: String, _ what: String, _ next: String) {
      problems.append(places.problem(code, at: name, what, next))
    }
    if places.isWhole("version"), !tag.names.contains("version") {
      add(
        "tag",
        at: "version.tag",
        "version.tag has no {version}.",
        "Write, for example:  tag: v{version}"
      )
    }
    if places.isWhole("version") { problems += versionContradictions(value["version"], places) }
    if places.isWhole("host") { problems += hostContradictions(value["host"], places) }
    if places.isWhole("ship"), artifacts.isEmpty {
      add(
        "artifacts",
        at: "ship.artifacts",
        "ship.artifacts is empty.",
        "List the files that the build makes."
      )
    }
    if places.isWhole("feeds") {
      problems += feedContradictions(value, places) + repeatedFeeds(value, places)
    }
    if places.isWhole("tell") { problems += channelContradictions(value["tell"], places) }
    let paths = [
      ("changelog", changelog ?? ""), ("documents", documents ?? ""),
      ("policy.reviewers", reviewersPath),
      ("policy.revocation", revocationPath ?? ""),
    ]
    problems += paths.filter { places.isWhole(String($0.0.prefix { $0 != "." })) }
      .compactMap { Self.leaving($1, at: $0, places) }
    return problems
  }

  private func versionContradictions(
    _ value: SettingsValue?,
    _ places: SettingsPlaces
  ) -> [Problem] {
    (value?["files"]?.texts ?? []).enumerated().compactMap { index, entry in
      let place = "version.files.\(index + 1)"
      guard let file = VersionFile(entry), file.isKnown else {
        return places.problem(
          "version-file",
          at: place,
          "\(entry) is no manifest that is known by its name.",
          "Add the text around the version:  \"\(entry.prefix { $0 != ":" }): VERSION = {version}\""
        )
      }
      return Self.leaving(file.path, at: place, places)
    }
  }

  private static func leaving(
    _ path: String,
    at name: String,
    _ places: SettingsPlaces
  ) -> Problem? {
    guard path.hasPrefix("/") || path.split(separator: "/").contains("..") else { return nil }
    return places.problem(
      "path",
      at: name,
      "\(path) leaves the folder that it belongs to.",
      "Write a path inside it."
    )
  }

  private func feedContradictions(
    _ value: SettingsValue,
    _ places: SettingsPlaces
  ) -> [Problem] {
    var problems: [Problem] = []
    func add(_ code: String, at name: String, _ what: String, _ next: String) {
      problems.append(places.problem(code, at: name, what, next))
    }
    let readers = Feed.Reader.allCases.map(\.rawValue)
    for (index, entry) in (value["feeds"]?.list ?? []).enumerated() {
      let name = "feeds.\(index + 1)"
      let named = readers.filter { entry[$0] != nil }
      guard named.count == 1, let feed = Feed(entry) else {
        add(
          "feed",
          at: name,
          "feeds.\(index + 1) names \(named.count) feeds.",
          "Give each entry exactly one of \(readers.joined(separator: ", "))."
        )
        continue
      }
      if let problem = Self.leaving(feed.path, at: name, places) { problems.append(problem) }
      if let line = feed.line, !VersionName(line).isLine {
        add(
          "line",
          at: name + ".line",
          "\(line) is no version prefix.",
          "Write the numbers that the line's versions begin with, such as  line: \"1\""
        )
      }
      if feed.deltas > 0, feed.reader != .sparkle {
        add(
          "deltas",
          at: name + ".deltas",
          "\(feed.path) is for \(feed.reader.rawValue), and only Sparkle takes these deltas.",
          "Remove deltas there."
        )
      }
      if places.isWhole("ship"), feed.kind == .appcast, updateKey == nil {
        add(
          "unsigned",
          at: name,
          "an appcast needs ship.sign.ed25519.key.",
          "Add:  sign: { ed25519: { key: env:UPDATE_KEY } }"
        )
      }
      if places.isWhole("ship"), feed.kind == .tauri, minisignKey == nil {
        add(
          "unsigned",
          at: name,
          "a Tauri feed needs ship.sign.minisign.key.",
          "Add:  sign: { minisign: { key: env:TAURI_SIGNING_PRIVATE_KEY } }"
        )
      }
    }
    return problems
  }

  /// Two entries of one file would each write it, and two lines would take it from each other.
  private func repeatedFeeds(_ value: SettingsValue, _ places: SettingsPlaces) -> [Problem] {
    var paths: Set<String> = []
    return (value["feeds"]?.list ?? []).enumerated().compactMap { index, entry in
      guard let feed = Feed(entry), !paths.insert(feed.path).inserted else { return nil }
      return places.problem(
        "feed",
        at: "feeds.\(index + 1)",
        "\(feed.path) is there twice.",
        "Write it once: `also` names other updaters of an appcast, and without `line` an appcast "
          + "serves every line."
      )
    }
  }

  private func channelContradictions(
    _ value: SettingsValue?,
    _ places: SettingsPlaces
  ) -> [Problem] {
    var problems: [Problem] = []
    let kindNames = ["webhook", "slack", "discord", "mail", "atom", "discussion"]
    for list in ["team", "announcement", "users"] {
      for (index, channel) in (value?[list]?.list ?? []).enumerated() {
        let name = "tell.\(list).\(index + 1)"
        let kinds = kindNames.filter { channel[$0] != nil }
        if kinds.count != 1 {
          problems.append(
            places.problem(
              "channel",
              at: name,
              "\(name) names \(kinds.count) channels.",
              "Give each entry exactly one of \(kindNames.joined(separator: ", "))."
            )
          )
        }
        for key in ["mail", "from"] {
          guard let text = channel[key]?.text, !isMailAddress(text) else { continue }
          problems.append(
            places.problem(
              "channel",
              at: "\(name).\(key)",
              "\(name).\(key) is not one mail address.",
              "Write it like team@example.org; a list has an address of its own."
            )
          )
        }
        if let problem = Self.unusableServer(channel["smtp"]?.text, at: "\(name).smtp", places) {
          problems.append(problem)
        }
        if channel["login"] != nil, channel["smtp"] == nil {
          problems.append(
            places.problem(
              "channel",
              at: "\(name).login",
              "\(name).login says nothing without smtp.",
              "Add smtp there, or remove login."
            )
          )
        }
      }
    }
    return problems
  }

  /// A mail server is a name and a port; curl takes its own port for a name alone.
  private static func unusableServer(
    _ text: String?,
    at name: String,
    _ places: SettingsPlaces
  ) -> Problem? {
    guard let text,
      HTTPAddress.fault("http://\(text)/") != nil || text.contains(where: { "/?#".contains($0) })
    else { return nil }
    return places.problem(
      "url",
      at: name,
      "\(name) is not host:port.",
      "Write, for example:  smtp: mail.example.org:587"
    )
  }
}

/// Whether a text is one address as RFC 5322 writes it without quotes and comments.
///
/// It becomes a header and an argument of programs, so that nothing else may be in it.
package func isMailAddress(_ text: String) -> Bool {
  let parts = text.split(separator: "@", omittingEmptySubsequences: false)
  guard parts.count == 2, text.utf8.count <= 254, !text.hasPrefix("-") else { return false }
  let isWord = { (byte: UInt8) in
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    default: "!#$%&'*+-/=?^_`{|}~.".utf8.contains(byte)
    }
  }
  return !parts[0].isEmpty && parts[0].utf8.allSatisfy(isWord) && isHostName(parts[1])
}

private func isHostName(_ text: Substring) -> Bool {
  let labels = text.split(separator: ".", omittingEmptySubsequences: false)
  return labels.allSatisfy { label in
    !label.isEmpty && !label.hasPrefix("-") && label.utf8.count <= 63
      && label.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D: true
        default: false
        }
      }
  }
}
