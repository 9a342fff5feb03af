internal import ArgumentParser
internal import Feeds
internal import Foundation
internal import Machine
internal import ReleaseModel
internal import Runbook
internal import Signatures

struct FeedManifestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "manifest",
    abstract: "Write a Homebrew cask or WinGet manifests for an artifact",
    discussion: """
      They go to other people's repositories, so they are written here and sent by you.

      $ hotfix feed manifest homebrew Lantern-1.0.1.zip --app Lantern --version 1.0.1 \\
          --url https://example.org/Lantern-1.0.1.zip --homepage https://example.org
      wrote lantern.rb
      $ hotfix feed manifest winget Lantern-1.0.1.exe --identifier Example.Lantern --app Lantern \\
          --version 1.0.1 --url https://example.org/Lantern-1.0.1.exe --type nullsoft
      """
  )

  enum Form: String, ExpressibleByArgument, CaseIterable {
    case homebrew, winget
  }

  @Argument(help: "homebrew or winget.")
  var form: Form

  @Argument(help: "The artifact's file.")
  var artifact: String

  @Option(help: "The application's name.")
  var app: String

  @Option(help: "The version.")
  var version: String

  @Option(help: "Where users download the artifact.")
  var url: String

  @Option(help: "What it is, in a few words.")
  var description = "Application"

  @Option(help: "The application's home page (Homebrew).")
  var homepage: String?

  @Flag(name: .customLong("auto-updates"), help: "The app updates itself (Homebrew).")
  var autoUpdates = false

  @Option(help: "Publisher.Application (WinGet).")
  var identifier: String?

  @Option(help: "The publisher's name (WinGet); default the identifier's first part.")
  var publisher: String?

  @Option(help: "The licence's name (WinGet).")
  var license = "Proprietary"

  @Option(help: "x64, x86, arm64 or neutral (WinGet).")
  var architecture = "x64"

  @Option(help: "exe, msi, zip, nullsoft, inno, wix, msix or portable (WinGet).")
  var type = "exe"

  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard url.hasPrefix("https://") else { throw ValidationError("--url has to be https.") }
    if form == .homebrew, homepage == nil { throw ValidationError("--homepage is needed.") }
    if form == .winget {
      guard identifier?.wholeMatch(of: /[^\s.\/\\]+(\.[^\s.\/\\]+){1,7}/) != nil else {
        throw ValidationError("--identifier is Publisher.Application.")
      }
    }
  }

  private struct Result: Encodable {
    let schema = "hotfix.manifest/1"
    let files: [String]
  }

  func run() async throws {
    let sha256 = try digest()
    let files = form == .homebrew ? [cask(sha256)] : manifests(sha256)
    for file in files {
      let path = global.folder.pushing(FilePath(file.name))
      try LiveFiles.files.write(path, Array(file.text.utf8))
    }
    try global.console.show(
      Result(files: files.map(\.name)),
      files.map { "wrote \($0.name)" }.joined(separator: "\n")
    )
  }

  private func digest() throws -> String {
    guard let found = try LiveFiles.files.digest(global.folder.pushing(FilePath(artifact))) else {
      throw Problem(
        "artifact.missing",
        "The file \(artifact) is not there.",
        next: ["Check the path."]
      )
    }
    return found.digest.hex
  }

  private func cask(_ sha256: String) -> (name: String, text: String) {
    let token = app.lowercased().map { $0.isLetter || $0.isNumber ? $0 : "-" }
    let cask = HomebrewCask(
      token: String(token),
      app: app,
      version: version,
      url: url,
      sha256: sha256,
      description: description,
      homepage: homepage ?? "",
      autoUpdates: autoUpdates
    )
    return ("\(cask.token).rb", cask.text)
  }

  private func manifests(_ sha256: String) -> [(name: String, text: String)] {
    let identifier = identifier ?? ""
    return WinGetManifests(
      identifier: identifier,
      version: version,
      app: app,
      publisher: publisher ?? identifier.split(separator: ".").first.map(String.init) ?? "",
      license: license,
      description: description,
      url: url,
      sha256: sha256,
      architecture: architecture,
      installerType: type
    ).files
  }
}
