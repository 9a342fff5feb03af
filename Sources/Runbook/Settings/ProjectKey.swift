internal import Foundation
internal import ReleaseModel
internal import Signatures

/// The public key of an updater, as a file of the project's sources names it.
package struct ProjectKey: Sendable, Hashable {
  package let text: String
  package let isMinisign: Bool

  /// Whether a file of this name may name a key.
  package static func mayName(_ path: String) -> Bool {
    path.hasSuffix("Info.plist") || path.hasSuffix("tauri.conf.json")
      || path.hasSuffix(".xcconfig") || path.hasSuffix(".pbxproj")
  }

  /// Reads `SUPublicEDKey` of an `Info.plist` or of an Xcode build setting, or `pubkey` of Tauri 1 and 2; nil where there is none.
  package init?(_ path: String, _ bytes: [UInt8]) {
    isMinisign = path.hasSuffix(".json")
    let found =
      if isMinisign {
        Self.ofTauri(bytes)
      } else if path.hasSuffix("Info.plist") {
        InfoPlist.text("SUPublicEDKey", in: bytes)
      } else {
        Self.ofBuildSettings(bytes)
      }
    // `$(SPARKLE_KEY)` is filled in by the build.
    guard let found, !found.isEmpty, !found.contains("$") else { return nil }
    text = found.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// The first key that build settings have under one of the names in use.
  private static func ofBuildSettings(_ bytes: [UInt8]) -> String? {
    let setting =
      /^\s*(?:INFOPLIST_KEY_SUPublicEDKey|SUPublicEDKey|SPARKLE_PUBLIC_(?:ED_)?KEY)\s*=\s*"?([A-Za-z0-9+\/]+=*)/
    return String(decoding: bytes, as: UTF8.self).lines()
      .lazy.compactMap { $0.firstMatch(of: setting).map { String($0.1) } }.first
  }

  private static func ofTauri(_ bytes: [UInt8]) -> String? {
    let top = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
    let homes = [top?["plugins"], top?["tauri"]].compactMap { $0 as? [String: Any] }
    return homes.compactMap { ($0["updater"] as? [String: Any])?["pubkey"] as? String }.first
  }

  /// Whether it is the key `other`, written in the same form.
  package func isSame(as other: String) -> Bool {
    guard isMinisign else { return text == other }
    guard let key = MinisignPublicKey(text) else { return false }
    return key == MinisignPublicKey(other)
  }
}
