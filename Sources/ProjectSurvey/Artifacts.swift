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
    if identity.kind == .electron {
      // The names that electron-builder gives them, with blanks as GitHub has them.
      let name = identity.name.value.replacing(" ", with: "-")
      let found = [
        ("\(name)-{version}-mac.zip", "macos"), ("\(name)-Setup-{version}.exe", "windows"),
        ("\(name)-{version}.AppImage", "linux"),
      ]
      return (
        found.map { SurveyArtifact(path: joined(commands.output, $0), platform: $1) },
        "electron-builder", "electron-builder's usual names; keep those that you build"
      )
    }
    if identity.kind == .tauri {
      let name = identity.name.value
      let found = [
        ("macos/\(name).app.tar.gz", "macos"), ("nsis/\(name)_{version}_x64-setup.exe", "windows"),
        ("appimage/\(name)_{version}_amd64.AppImage", "linux"),
      ]
      return (
        found.map { SurveyArtifact(path: joined(commands.output, $0), platform: $1) },
        "tauri", "tauri's usual names; keep those that you build"
      )
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

extension Survey {
  /// The artifact that a channel file of electron-updater offers; nil where it is not one alone.
  static func artifact(of feed: SurveyFeed, _ facts: SurveyFacts) -> String? {
    guard feed.reader == "electron" else { return nil }
    let (platform, ending) =
      feed.path.hasSuffix("-mac.yml")
      ? ("macos", ".zip")
      : feed.path.hasSuffix("-linux.yml") ? ("linux", ".AppImage") : ("windows", ".exe")
    let found = artifacts(facts.input, facts.commands, facts.identity).0.filter {
      ($0.platform ?? platform) == platform && $0.path.hasSuffix(ending)
    }
    return found.count == 1 ? fileName(found[0].path) : nil
  }
}
