package import ReleaseModel
internal import Yams

/// `hotfix.yml` as a rehearsal needs it: another host, and no channel that reaches anybody.
package struct DrillSettings: Sendable {
  package private(set) var text: String
  /// What stands in for the project's own, one line each.
  package private(set) var replaced: [String] = []
  /// What a rehearsal cannot try, and why, one line each.
  package private(set) var notRehearsed: [String] = []

  /// Rewrites settings for the scratch host at `url`; `settings` are those of a component, where the
  /// file has some, and no other component stays.
  ///
  /// `missing` are the secrets that are not here, by their keys in the settings. Without its key
  /// nothing can be signed that an app would accept, so the feeds that need it are left out. Paths of
  /// secrets start at `home`, which the copy is not in.
  package init(
    _ original: String,
    _ settings: Settings,
    url: String,
    home: FilePath,
    missing: [String: String]
  ) throws {
    text = original
    guard
      var root = try Yams.load(yaml: String(original.withoutByteOrderMark)) as? [String: Any]
    else { return }
    say(settings)
    let unsigned = Self.signatures.filter { kind, _ in
      let why = missing.filter { $0.key.hasPrefix("ship.sign.\(kind).") }.min { $0.key < $1.key }
      if let why { say(unsigned: kind, why.value, settings) }
      return why != nil
    }
    let all = root.removeValue(forKey: "components") as? [String: Any]
    var part = settings.component.flatMap { all?[$0] as? [String: Any] } ?? [:]
    Self.rewrite(&root, unsigned, home)
    Self.rewrite(&part, unsigned, home)
    root["host"] = ["directory": "../site", "url": url]
    root["tell"] = ["announcement": [["atom": "announcements.atom"]]]
    if let component = settings.component { root["components"] = [component: part] }
    text = try Yams.dump(object: root, sortKeys: true)
  }

  /// What signs, and the readers that take nothing without it.
  private static let signatures: [(kind: String, readers: Set<String>)] = [
    ("ed25519", ["sparkle", "winsparkle", "netsparkle"]), ("minisign", ["tauri"]),
  ]

  private mutating func say(_ settings: Settings) {
    replaced.append("host: a scratch folder, in place of \(Self.words(settings.host))")
    if !(settings.team + settings.announcement + settings.users).isEmpty {
      replaced.append("tell: a file of announcements, in place of every channel")
    }
    if !settings.openPGP.isEmpty {
      replaced.append("policy.gpg: the drill's people sign with SSH keys")
    }
    if let workflow = settings.workflow {
      replaced.append("ship.workflow: this machine builds and ships, in place of \(workflow)")
    }
    if settings.notarizeCommand != nil {
      notRehearsed.append("notarize – it would send the artifacts to Apple; `hotfix next` does")
    }
  }

  private mutating func say(unsigned kind: String, _ why: String, _ settings: Settings) {
    let readers = Self.signatures.filter { $0.kind == kind }.flatMap(\.readers)
    let hasFeeds = settings.feeds.contains { readers.contains($0.reader.rawValue) }
    notRehearsed.append("sign (\(kind))\(hasFeeds ? ", the feeds that carry it" : "") – \(why)")
  }

  /// Takes out of a mapping what a rehearsal has its own of, or cannot do.
  private static func rewrite(
    _ part: inout [String: Any],
    _ unsigned: [(kind: String, readers: Set<String>)],
    _ home: FilePath
  ) {
    for key in ["host", "tell", "remote"] { part[key] = nil }
    if var policy = part["policy"] as? [String: Any] {
      policy["gpg"] = nil
      part["policy"] = policy.isEmpty ? nil : policy
    }
    if var ship = part["ship"] as? [String: Any] {
      ship["workflow"] = nil
      ship["notarize"] = nil
      if var sign = ship["sign"] as? [String: Any] {
        for (kind, _) in unsigned { sign[kind] = nil }
        ship["sign"] = sign.isEmpty ? nil : sign.mapValues { absolute($0, home) }
      }
      part["ship"] = ship
    }
    if let feeds = part["feeds"] as? [[String: Any]] {
      let lost = unsigned.reduce(into: Set<String>()) { $0.formUnion($1.readers) }
      part["feeds"] = feeds.filter { lost.isDisjoint(with: $0.keys) }
    }
  }

  /// The secrets of a signature, with the folder that their paths start from.
  private static func absolute(_ value: Any, _ home: FilePath) -> Any {
    if let keys = value as? [String: Any] { return keys.mapValues { absolute($0, home) } }
    guard let text = value as? String, case .file(let path)? = Settings.SecretSource(text) else {
      return value
    }
    return "file:\(home.pushing(FilePath(path)).lexicallyNormalized().string)"
  }

  private static func words(_ host: Settings.Host) -> String {
    if case .directory(let path, _) = host { return path }
    return "the project's releases on GitHub"
  }
}
