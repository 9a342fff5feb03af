internal import Git
package import ReleaseModel
package import Signatures

extension Situation {
  /// Minisign's key as `ship.sign.minisign` names it, or nil where it names none.
  package func minisignKey() throws -> MinisignKey? {
    try toolbox.minisignKey(settings, root: git.directory)
  }
}

extension Toolbox {
  package func minisignKey(_ settings: Settings, root: FilePath) throws -> MinisignKey? {
    guard let source = settings.minisignKey else { return nil }
    let password = try settings.minisignPassword.map { try secret($0, root: root) }
    return try MinisignKey(try secret(source, root: root), password: password)
  }
}
