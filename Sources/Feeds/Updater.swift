/// An updater, as a value: its name in options and JSON, and its rules.
///
/// Adding one is a folder beside this file, a line in `all`, and a file of vectors.
package struct Updater: Sendable {
  package let name: String
  package let title: String
  /// Returns −1, 0 or 1 as the first version is older than, the same as, or newer than the second.
  /// Throws `VersionRefused` where the updater's own parser gives up.
  package let order: @Sendable (_ a: String, _ b: String) throws -> Int

  package static let all: [Updater] = [
    Updater("sparkle", "Sparkle", SparkleVersionOrder.compare),
    Updater("winsparkle", "WinSparkle", WinSparkleVersionOrder.compare),
    Updater("netsparkle", "NetSparkle", NetSparkleVersionOrder.compare),
    Updater("electron-updater", "electron-updater", ElectronVersionOrder.compare),
    Updater("tauri", "Tauri", TauriVersionOrder.compare),
    Updater("velopack-rust", "Velopack (Rust, Python, Node, C++)", VelopackVersionOrder.compareRust),
    Updater("velopack-cs", "Velopack (C#)", VelopackVersionOrder.compareCS),
    Updater("squirrel-windows", "Squirrel.Windows", SquirrelVersionOrder.compareWindows),
    Updater("squirrel-mac", "Squirrel.Mac", SquirrelVersionOrder.compareMac),
    Updater("appstream", "AppStream", AppStreamVersionOrder.compare),
    Updater("dpkg", "dpkg and apt", DebianVersionOrder.compare),
    Updater("homebrew", "Homebrew", HomebrewVersionOrder.compare),
    Updater("winget", "WinGet", WinGetVersionOrder.compare),
  ]

  package static func named(_ name: String) -> Updater? { all.first { $0.name == name } }

  private init(
    _ name: String,
    _ title: String,
    _ order: @escaping @Sendable (String, String) throws -> Int
  ) {
    self.name = name
    self.title = title
    self.order = order
  }
}
