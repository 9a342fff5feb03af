internal import Yams

/// `hotfix.yml` as a rehearsal needs it: another host, and no channel that reaches anybody.
package enum DrillSettings {
  /// Returns the settings with the scratch host; `key` replaces the update key's source.
  package static func rewritten(_ text: String, url: String, key: String?) throws -> String {
    guard var root = try Yams.load(yaml: text) as? [String: Any] else { return text }
    root["host"] = ["directory": "../site", "url": url]
    root["tell"] = ["announcement": [["atom": "announcements.atom"]]]
    root["remote"] = nil
    var policy = root["policy"] as? [String: Any] ?? [:]
    policy["gpg"] = nil
    policy["approvals"] = nil
    root["policy"] = policy.isEmpty ? nil : policy
    if let key, var ship = root["ship"] as? [String: Any],
      var sign = ship["sign"] as? [String: Any], sign["ed25519"] != nil
    {
      sign["ed25519"] = ["key": key]
      ship["sign"] = sign
      root["ship"] = ship
    }
    return try Yams.dump(object: root, sortKeys: true)
  }
}
