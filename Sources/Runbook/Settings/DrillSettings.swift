internal import ReleaseModel
internal import Yams

/// `hotfix.yml` as a rehearsal needs it: another host, and no channel that reaches anybody.
package struct DrillSettings: Sendable {
  package private(set) var text: String
  /// What stands in for the project's own, one line each.
  package private(set) var replaced: [String] = []
  /// What a rehearsal cannot try, and why, one line each.
  package private(set) var notRehearsed: [String] = []

  /// Rewrites settings for the scratch host at `url`.
  ///
  /// `missing` are the secrets that are not here, by their keys in the settings. Without its key
  /// nothing can be signed that an app would accept, so the feeds that need it are left out.
  package init(_ original: String, _ settings: Settings, url: String, missing: [String: String])
    throws
  {
    text = original
    guard
      var root = try Yams.load(yaml: String(original.withoutByteOrderMark)) as? [String: Any]
    else { return }
    root["host"] = ["directory": "../site", "url": url]
    replaced.append("host: a scratch folder, in place of \(Self.words(settings.host))")
    root["tell"] = ["announcement": [["atom": "announcements.atom"]]]
    if !(settings.team + settings.announcement + settings.users).isEmpty {
      replaced.append("tell: a file of announcements, in place of every channel")
    }
    root["remote"] = nil
    if var policy = root["policy"] as? [String: Any], policy["gpg"] != nil {
      policy["gpg"] = nil
      root["policy"] = policy.isEmpty ? nil : policy
      replaced.append("policy.gpg: the drill's people sign with SSH keys")
    }
    if var ship = root["ship"] as? [String: Any] {
      if let workflow = settings.workflow {
        ship["workflow"] = nil
        replaced.append("ship.workflow: this machine builds and ships, in place of \(workflow)")
      }
      if ship["notarize"] != nil {
        ship["notarize"] = nil
        notRehearsed.append("notarize – it would send the artifacts to Apple; `hotfix next` does")
      }
      root["ship"] = ship
    }
    leaveOut("ed25519", ["sparkle", "winsparkle", "netsparkle"], missing, &root)
    leaveOut("minisign", ["tauri"], missing, &root)
    text = try Yams.dump(object: root, sortKeys: true)
  }

  /// Leaves a signature out whose secret is not here, and the feeds that nobody could read without.
  private mutating func leaveOut(
    _ kind: String,
    _ readers: Set<String>,
    _ missing: [String: String],
    _ root: inout [String: Any]
  ) {
    let why = missing.filter { $0.key.hasPrefix("ship.sign.\(kind).") }.min { $0.key < $1.key }
    guard let why else { return }
    if var ship = root["ship"] as? [String: Any], var sign = ship["sign"] as? [String: Any] {
      sign[kind] = nil
      ship["sign"] = sign.isEmpty ? nil : sign
      root["ship"] = ship
    }
    var gone = ["sign (\(kind))"]
    if let feeds = root["feeds"] as? [[String: Any]] {
      let kept = feeds.filter { readers.isDisjoint(with: $0.keys) }
      root["feeds"] = kept.isEmpty ? nil : kept
      if kept.count < feeds.count { gone.append("the feeds that carry it") }
    }
    notRehearsed.append("\(gone.joined(separator: ", ")) – \(why.value)")
  }

  private static func words(_ host: Settings.Host) -> String {
    if case .directory(let path, _) = host { return path }
    return "the project's releases on GitHub"
  }
}
