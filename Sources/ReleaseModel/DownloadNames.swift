// What the names of a release's files say.

/// Whether a file only accompanies downloads: a signature, a digest, a feed or a description.
package func isCompanionFile(_ name: String) -> Bool {
  let lower = name.lowercased()
  let endings = [
    ".sig", ".asc", ".minisig", ".sigstore", ".pem", ".sha1", ".sha256", ".sha512", ".md5",
    ".sum", ".sums", ".blockmap", ".yml", ".yaml", ".json", ".jsonl", ".xml", ".md", ".txt",
    ".delta", "-delta.nupkg", ".sbom", ".zsync",
  ]
  let beginnings = ["sha1sum", "sha256sum", "sha512sum", "shasum", "md5sum", "checksum"]
  return lower == "releases" || endings.contains { lower.hasSuffix($0) }
    || beginnings.contains { lower.hasPrefix($0) }
}

extension Platform {
  /// Guesses from a file's name where it runs; `any` where the name says nothing.
  package init(ofFile name: String) {
    let lower = name.lowercased()
    let endings: [(Platform, [String])] = [
      (.macos, [".dmg", ".pkg", ".app.zip", ".app.tar.gz"]),
      (.windows, [".exe", ".msi", ".msix", ".msixbundle", ".appx", ".msi.zip", ".nsis.zip"]),
      (.linux, [".appimage", ".deb", ".rpm", ".snap", ".flatpak", ".appimage.tar.gz"]),
    ]
    let words: [(Platform, Set<String>)] = [
      (.macos, ["mac", "macos", "macosx", "osx", "darwin"]),
      (.windows, ["win", "windows"]),
      (.linux, ["linux"]),
    ]
    let found = Set(lower.split { !$0.isLetter }.map(String.init))
    self =
      endings.first { $0.1.contains { lower.hasSuffix($0) } }?.0
      ?? words.first { !$0.1.isDisjoint(with: found) }?.0 ?? .any
  }
}
