internal import Feeds
internal import Foundation
package import ReleaseModel

/// What an app bundle says of itself in `Contents/Info.plist`.
package struct BundleInfo: Sendable, Hashable {
  package let version: String
  package let publicKey: String?
  /// `LSMinimumSystemVersion`: the oldest macOS that the app starts on.
  package var minimumSystem: String?
}

/// Looks into archives for app bundles.
package struct Bundles: Sendable {
  let toolbox: Toolbox

  private static let archives = [".zip", ".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2"]

  static func isArchive(_ name: String) -> Bool { archives.contains { name.hasSuffix($0) } }

  func info(ofArchive file: FilePath) async throws -> BundleInfo? {
    guard Self.isArchive(file.string) else { return nil }
    let folder = toolbox.scratch.appending("look-\(toolbox.makeKey())")
    try toolbox.files.makeFolder(folder)
    defer { try? toolbox.files.remove(folder) }
    try await toolbox.unpack(file, folder)
    return try info(inFolder: folder)
  }

  func info(inFolder folder: FilePath) throws -> BundleInfo? {
    try Self.info(inFolder: folder, files: toolbox.files)
  }

  /// Returns what the first app bundle in the folder says, at most two levels down.
  package static func info(inFolder folder: FilePath, files: Files) throws -> BundleInfo? {
    try bundle(inFolder: folder, files: files).flatMap { try info(ofBundle: $0, files) }
  }

  /// The first app bundle in the folder, at most two levels down.
  static func bundle(inFolder folder: FilePath, files: Files) throws -> FilePath? {
    for name in try files.list(folder) {
      let inside = folder.appending(name)
      if name.hasSuffix(".app") { return inside }
      for deeper in try files.list(inside) where deeper.hasSuffix(".app") {
        return inside.appending(deeper)
      }
    }
    return nil
  }

  private static func info(ofBundle bundle: FilePath, _ files: Files) throws -> BundleInfo? {
    let file = bundle.appending("Contents").appending("Info.plist")
    guard let bytes = try files.read(file, 1 << 20),
      let plist = try? PropertyListSerialization.propertyList(from: Data(bytes), format: nil)
        as? [String: Any],
      let version = plist["CFBundleVersion"] as? String
    else { return nil }
    return BundleInfo(
      version: version,
      publicKey: plist["SUPublicEDKey"] as? String,
      minimumSystem: plist["LSMinimumSystemVersion"] as? String
    )
  }
}

extension Toolbox {
  /// Returns the public update key that the app in an archive carries, if any.
  package func updateKey(inArchive file: FilePath) async throws -> String? {
    try await Bundles(toolbox: self).info(ofArchive: file)?.publicKey
  }
}
