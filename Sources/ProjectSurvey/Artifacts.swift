internal import ReleaseModel

/// A file of a release.
struct SurveyArtifact: Hashable {
  let path: String
  let platform: String?
}

extension Survey {
  /// The artifacts, by the names of the newest release's assets.
  static func artifacts(_ input: SurveyInput, _ commands: Commands, _ identity: Identity) -> (
    [SurveyArtifact], String, guess: String?
  ) {
    let version = input.release.flatMap { TagName($0.tag)?.version.text }
    if let release = input.release, let version {
      let assets = release.assets.filter(isArtifact).sorted().prefix(40)
      let found = assets.map { asset in
        let name = asset.replacing(version, with: "{version}")
        return SurveyArtifact(
          path: joined(folder(of: name, commands, identity), name),
          platform: platform(name)
        )
      }
      if !found.isEmpty {
        let isVersioned = found.allSatisfy { $0.path.contains("{version}") }
        return (
          found, "assets of \(release.tag)",
          isVersioned
            ? "look at the folder" : "assets without a version in their names; look at the folder"
        )
      }
    }
    let ending = [.make, .cmake, .none, .gradle].contains(identity.kind) ? "tar.gz" : "zip"
    let name = commands.artifact ?? "\(identity.name.value)-{version}.\(ending)"
    return (
      [SurveyArtifact(path: joined(commands.output, name), platform: nil)], "the build",
      "write the files that the build makes"
    )
  }

  /// Signatures, digests, feeds and sources are not what the build is asked for.
  private static func isArtifact(_ name: String) -> Bool {
    let low = name.lowercased()
    let others = [
      ".sha256", ".sha512", ".sha1", ".md5", ".sig", ".asc", ".minisig", ".blockmap", ".yml",
      ".yaml", ".json",
      ".xml", ".txt", ".md", ".pem", ".sigstore", ".intoto.jsonl", ".sbom", ".delta", ".zsync",
      "releases",
    ]
    return !others.contains(where: low.hasSuffix) && !low.contains("sha256sums")
      && !low.contains("{")
      && name.unicodeScalars.allSatisfy { $0.value > 0x1F }
  }

  private static func folder(of name: String, _ commands: Commands, _ identity: Identity) -> String
  {
    guard identity.kind == .tauri else { return commands.output }
    let low = name.lowercased()
    let folders = [
      (".app.tar.gz", "macos"), (".dmg", "dmg"), (".msi", "msi"), (".msi.zip", "msi"),
      (".nsis.zip", "nsis"), (".exe", "nsis"),
      (".appimage", "appimage"), (".appimage.tar.gz", "appimage"), (".deb", "deb"), (".rpm", "rpm"),
    ]
    return joined(commands.output, folders.first { low.hasSuffix($0.0) }?.1 ?? "")
  }

  static func platform(_ name: String) -> String? {
    let low = name.lowercased()
    let words = Set(low.split { !$0.isLetter && !$0.isNumber }.map(String.init))
    if [".dmg", ".pkg", ".app.tar.gz"].contains(where: low.hasSuffix) { return "macos" }
    if [".exe", ".msi", ".nupkg", ".msix", ".msi.zip", ".nsis.zip", ".appx"].contains(
      where: low.hasSuffix
    ) {
      return "windows"
    }
    if [".deb", ".rpm", ".appimage", ".snap", ".flatpak", ".appimage.tar.gz"].contains(
      where: low.hasSuffix
    ) {
      return "linux"
    }
    if !words.isDisjoint(with: ["mac", "macos", "darwin", "osx"]) { return "macos" }
    if !words.isDisjoint(with: ["win", "windows", "win32", "win64"]) { return "windows" }
    return words.contains { $0.hasPrefix("linux") } ? "linux" : nil
  }
}
