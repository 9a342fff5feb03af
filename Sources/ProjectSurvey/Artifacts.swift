internal import ReleaseModel

/// A file of a release.
struct SurveyArtifact: Hashable {
  let path: String
  let platform: Platform
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
          platform: Platform(ofFile: name)
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
      let found: [(String, Platform)] = [
        ("\(name)-{version}-mac.zip", .macos), ("\(name)-Setup-{version}.exe", .windows),
        ("\(name)-{version}.AppImage", .linux),
      ]
      return (
        found.map { SurveyArtifact(path: joined(commands.output, $0), platform: $1) },
        "electron-builder", "electron-builder's usual names; keep those that you build"
      )
    }
    if identity.kind == .tauri {
      let name = identity.name.value
      let found: [(String, Platform)] = [
        ("macos/\(name).app.tar.gz", .macos), ("nsis/\(name)_{version}_x64-setup.exe", .windows),
        ("appimage/\(name)_{version}_amd64.AppImage", .linux),
      ]
      return (
        found.map { SurveyArtifact(path: joined(commands.output, $0), platform: $1) },
        "tauri", "tauri's usual names; keep those that you build"
      )
    }
    let ending = [.make, .cmake, .none, .gradle].contains(identity.kind) ? "tar.gz" : "zip"
    let name = commands.artifact ?? "\(identity.name.value)-{version}.\(ending)"
    return (
      [SurveyArtifact(path: joined(commands.output, name), platform: .any)], "the build",
      "write the files that the build makes"
    )
  }

  private static func isArtifact(_ name: String) -> Bool {
    !isCompanionFile(name) && !name.contains("{")
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
}

extension Survey {
  /// The artifact that a channel file of electron-updater offers; nil where it is not one alone.
  static func artifact(of feed: SurveyFeed, _ facts: SurveyFacts) -> String? {
    guard feed.reader == "electron" else { return nil }
    let (platform, ending): (Platform, String) =
      feed.path.hasSuffix("-mac.yml")
      ? (.macos, ".zip")
      : feed.path.hasSuffix("-linux.yml") ? (.linux, ".AppImage") : (.windows, ".exe")
    let found = artifacts(facts.input, facts.commands, facts.identity).0.filter {
      [platform, .any].contains($0.platform) && $0.path.hasSuffix(ending)
    }
    return found.count == 1 ? fileName(found[0].path) : nil
  }
}
