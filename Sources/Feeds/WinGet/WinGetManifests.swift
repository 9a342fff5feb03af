internal import ReleaseModel

/// WinGet's three manifests, as generated output: they are sent to a repository of packages.
///
/// Format: winget-cli, manifest schema 1.6.0 and later; versions are always quoted, since `1.10`
/// would be a number.
package struct WinGetManifests: Sendable, Hashable {
  package var identifier: String
  package var version: String
  package var app: String
  package var publisher: String
  package var license: String
  package var description: String
  package var url: String
  /// Hexadecimal digits.
  package var sha256: String
  /// x64, x86, arm64 or neutral.
  package var architecture: String
  /// What WinGet calls it: exe, msi, zip, nullsoft, inno and so on.
  package var installerType: String

  package init(
    identifier: String,
    version: String,
    app: String,
    publisher: String,
    license: String,
    description: String,
    url: String,
    sha256: String,
    architecture: String,
    installerType: String
  ) {
    self.identifier = identifier
    self.version = version
    self.app = app
    self.publisher = publisher
    self.license = license
    self.description = description
    self.url = url
    self.sha256 = sha256
    self.architecture = architecture
    self.installerType = installerType
  }

  private static let schema = "1.6.0"

  /// File names with their contents.
  package var files: [(name: String, text: String)] {
    let head = "PackageIdentifier: \(quoted(identifier))\nPackageVersion: \(quoted(version))\n"
    func end(_ type: String) -> String {
      "ManifestType: \(type)\nManifestVersion: \(Self.schema)\n"
    }
    return [
      ("\(identifier).yaml", head + "DefaultLocale: en-US\n" + end("version")),
      (
        "\(identifier).locale.en-US.yaml",
        head
          + "PackageLocale: en-US\nPublisher: \(quoted(publisher))\nPackageName: \(quoted(app))\n"
          + "License: \(quoted(license))\nShortDescription: \(quoted(description))\n"
          + end("defaultLocale")
      ),
      (
        "\(identifier).installer.yaml",
        head + "Installers:\n- Architecture: \(architecture)\n  InstallerType: \(installerType)\n"
          + "  InstallerUrl: \(quoted(url))\n  InstallerSha256: \(sha256.uppercased())\n"
          + end("installer")
      ),
    ]
  }

  private func quoted(_ text: String) -> String {
    "'" + escapingScalars(of: text) { ["'": "''", "\n": " ", "\r": " "][$0] } + "'"
  }
}
