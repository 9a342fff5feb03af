internal import Feeds
internal import Git
internal import ReleaseModel

/// An earlier version as a user has it.
struct OldInstall: Sendable {
  let version: VersionName
  /// Its archive, as it was downloaded.
  let file: FilePath
  /// The user's folder; what is installed is in `app` below.
  let home: FilePath
  /// What the installed app says of itself.
  let carried: BundleInfo
  let platform: Platform
  /// Tells one old download from another: by its bytes, or by its address where no digest is known.
  let identity: String
}

/// Installs earlier versions, from where the host or a feed says that they are.
struct OldInstalls: Sendable {
  /// An earlier version that cannot be had any more, or not be opened here: others are tried.
  struct Unavailable: Error {
    let why: String
  }

  private let outsider: Outsider
  private var toolbox: Toolbox { outsider.toolbox }

  init(_ outsider: Outsider) {
    self.outsider = outsider
  }

  private struct Source {
    let url: String
    let name: String
    let artifact: Artifact?
  }

  /// Throws `Unavailable`, and `update.changed` where the host has other bytes than it lists.
  func install(
    _ used: VersionsInUse.Used,
    _ telling: FeedTelling,
    _ address: String,
    _ known: inout [String: OldInstall]
  ) async throws -> OldInstall {
    guard let source = source(used, telling, address) else {
      throw Unavailable(why: "neither the host nor the feed names a download of it")
    }
    let identity = source.artifact?.digest?.hex ?? source.url
    if let install = known[identity] { return install }
    let file = try await download(source, used)
    let short = identity.filter { $0.isLetter || $0.isNumber }.suffix(12)
    let home = outsider.folder.appending("user-\(used.version)-\(short)")
    let app = home.appending("app")
    try toolbox.files.remove(home)
    try toolbox.files.makeFolder(app)
    do {
      guard try await outsider.open(file, named: source.name, into: app) else {
        throw Unavailable(why: "\(source.name) cannot be opened here; see verify.install")
      }
    } catch let problem as Problem {
      throw Unavailable(why: "\(problem.what) \(problem.why)")
    }
    let named = telling.installed(used)?.compared ?? used.version.text
    let install = OldInstall(
      version: used.version,
      file: file,
      home: home,
      carried: try Bundles(toolbox: toolbox).info(inFolder: app)
        ?? BundleInfo(version: named, publicKey: nil),
      platform: source.artifact?.platform ?? telling.feed.platform ?? .any,
      identity: identity
    )
    known[identity] = install
    return install
  }

  private func source(
    _ used: VersionsInUse.Used,
    _ telling: FeedTelling,
    _ address: String
  ) -> Source? {
    if let release = used.release, let artifact = try? telling.artifact(of: release) {
      let path = toolbox.host.artifactPath(release.tag, artifact.name)
      return Source(url: toolbox.host.url(path), name: artifact.name, artifact: artifact)
    }
    guard let url = used.items[telling.feed.path]?.url, !url.isEmpty else { return nil }
    let name = url.split(separator: "/").last.map(String.init) ?? "download"
    return Source(url: FeedAddress.absolute(url, beside: address), name: name, artifact: nil)
  }

  private func download(_ source: Source, _ used: VersionsInUse.Used) async throws -> FilePath {
    let file: FilePath
    do {
      file = try await outsider.download(source.url, name: "\(used.version)-\(source.name)")
    } catch let problem as Problem where problem.code.hasPrefix("served.") {
      throw Unavailable(why: "\(problem.what) \(problem.why)")
    }
    // An old asset on GitHub has no digest, and then there is nothing to compare with.
    if let listed = source.artifact?.digest,
      try toolbox.files.digest(file)?.digest != listed
    {
      throw Problem(
        "update.changed",
        "The host has other bytes of \(source.name) than it lists for \(used.version).",
        why: source.url,
        next: [
          "hotfix verify \(OutsideText(used.release?.tag ?? "").word)",
          "Restore the file from a backup.",
        ]
      )
    }
    return file
  }
}

/// Addresses as feeds write them.
enum FeedAddress {
  /// A name without a scheme lies beside the feed.
  static func absolute(_ url: String, beside address: String) -> String {
    if url.contains("://") { return url }
    let folder = address.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    return (folder + [Substring(url)]).joined(separator: "/")
  }
}
