internal import Git
internal import ReleaseModel
package import Signatures

extension Situation {
  /// Minisign's key as `ship.sign.minisign` names it, or nil where it names none.
  package func minisignKey() throws -> MinisignKey? {
    try toolbox.minisignKey(settings)
  }

  /// The public half: as the settings have it, else of the secret key.
  func minisignPublicKey() throws -> MinisignPublicKey? {
    guard let text = settings.minisignPublic else { return try minisignKey()?.publicKey }
    guard let key = MinisignPublicKey(text) else {
      throw Problem(
        "minisign.public",
        "ship.sign.minisign.public is no minisign public key.",
        next: ["Copy `pubkey` from tauri.conf.json into hotfix.yml."]
      )
    }
    return key
  }
}

extension Toolbox {
  package func minisignKey(_ settings: Settings) throws -> MinisignKey? {
    guard let source = settings.minisignKey else { return nil }
    let password = try settings.minisignPassword.map { try secret($0) }
    return try MinisignKey(try secret(source), password: password)
  }
}
