/// How Tauri's updater plugin orders versions: Rust's semver 1.0 behind any leading `v`s.
package enum TauriVersionOrder {
  /// Returns −1, 0 or 1; build metadata counts.
  ///
  /// Throws `VersionRefused`.
  package static func compare(_ a: String, _ b: String) throws -> Int {
    try parsed(a).order(try parsed(b))
  }

  static func parsed(_ text: String) throws -> RustVersion {
    try RustVersion(text.drop { $0 == "v" }, of: text)
  }
}
