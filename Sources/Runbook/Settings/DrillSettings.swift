internal import ReleaseModel
internal import Yams

/// `hotfix.yml` as a rehearsal needs it: another host, and no channel that reaches anybody.
package enum DrillSettings {
  /// Returns the settings with the scratch host.
  ///
  /// Without the update key nothing can be signed that the app would accept, so the rehearsal then
  /// goes without update signatures and feeds.
  package static func rewritten(_ text: String, url: String, ownsKey: Bool) throws -> String {
    guard var root = try Yams.load(yaml: String(text.withoutByteOrderMark)) as? [String: Any] else {
      return text
    }
    root["host"] = ["directory": "../site", "url": url]
    root["tell"] = ["announcement": [["atom": "announcements.atom"]]]
    root["remote"] = nil
    var policy = root["policy"] as? [String: Any] ?? [:]
    policy["gpg"] = nil
    policy["approvals"] = nil
    root["policy"] = policy.isEmpty ? nil : policy
    if !ownsKey, var ship = root["ship"] as? [String: Any] {
      var sign = ship["sign"] as? [String: Any] ?? [:]
      sign["ed25519"] = nil
      ship["sign"] = sign.isEmpty ? nil : sign
      root["ship"] = ship
      root["feeds"] = nil
    }
    return try Yams.dump(object: root, sortKeys: true)
  }
}
