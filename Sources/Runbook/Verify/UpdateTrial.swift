// What happens on a user's machine, done here: for every version in use and every feed.
//
// 1. The old release is downloaded from the host and installed, as that user has it.
// 2. Its own Info.plist says which version it is and which key it trusts.
// 3. The feed, as served, is read by its updater's rules; the offer has to be the new release.
// 4. The offer is downloaded, checked with the key that the *old* app carries, and unpacked.
// 5. The result has to equal a fresh install, and the fix's check has to pass in it.

internal import Feeds
internal import Git
internal import ReleaseModel
internal import Signatures

/// Lets every version in use update itself.
struct UpdateTrial: Sendable {
  private let outsider: Outsider
  private var situation: Situation { outsider.situation }
  private var toolbox: Toolbox { outsider.toolbox }

  init(_ outsider: Outsider) {
    self.outsider = outsider
  }

  func run() async throws {
    try await outsider.ensureInstalled()
    var evidence: [String] = []
    for feed in situation.settings.feeds {
      let address = toolbox.host.url(feed.path)
      let parsed = try SparkleFeed(try await outsider.get(address))
      for used in try await VersionsInUse(situation).all() {
        evidence.append(try await update(used, through: parsed, feed: feed, address: address))
      }
    }
    if evidence.isEmpty { evidence = ["no earlier release is in use"] }
    try outsider.write("update", evidence)
  }

  private func update(
    _ used: VersionsInUse.Used,
    through parsed: SparkleFeed,
    feed: Settings.Feed,
    address: String
  ) async throws -> String {
    let folder = outsider.folder.appending("user-\(used.version)")
    try toolbox.files.remove(folder)
    try toolbox.files.makeFolder(folder)
    let old = try await installOld(used, feed: feed, into: folder.appending("app"))
    let client = SparkleClient(host: old.version, now: toolbox.now())
    let offered = client.offer(parsed).offered
    guard let item = offered, item.shortVersion == situation.version.text,
      let enclosure = item.enclosure
    else {
      throw wrong(
        used,
        "is offered \(offered?.shortVersion ?? "nothing")",
        ["hotfix feed offer \(address) --from \(old.version)"]
      )
    }
    let file = try await outsider.download(enclosure.url, name: "update-\(used.version).zip")
    try check(file, enclosure, key: old.publicKey, used)
    // The name decides nothing: libarchive looks at the bytes.
    let fresh = folder.appending("new")
    try toolbox.files.makeFolder(fresh)
    try await toolbox.unpack(file, fresh)
    let new = try Bundles(toolbox: toolbox).info(inFolder: fresh)?.version ?? item.version
    guard SparkleVersionOrder.compare(new, old.version) >= 0 else {
      throw wrong(used, "refuses \(new) as a downgrade", [])
    }
    try replace(folder.appending("app"), by: fresh)
    try await compare(folder.appending("app"), with: enclosure.url, used)
    try await outsider.checkFix(
      in: folder.appending("app"),
      what: "\(used.version) after its update"
    )
    return "\(used.version) (\(old.version)) → \(item.shortVersion) (\(new)) by \(feed.path), "
      + "full download, \(enclosure.length ?? 0) bytes, equal to a fresh install"
  }

  private func wrong(_ used: VersionsInUse.Used, _ what: String, _ next: [String]) -> Problem {
    Problem(
      "update.fails",
      "Users on \(used.version) do not get \(situation.version).",
      why: "Sparkle on \(used.version) \(what).",
      next: next + ["hotfix help update", "hotfix withdraw --reason \"users cannot update\""]
    )
  }

  private func installOld(
    _ used: VersionsInUse.Used,
    feed: Settings.Feed,
    into folder: FilePath
  ) async throws -> BundleInfo {
    let wanted = feed.artifact?.filled(["version": used.version.text])
    let artifact = used.release.artifacts.first { artifact in
      wanted.map { $0 == artifact.name } ?? [.macos, .any].contains(artifact.platform)
    }
    guard let artifact else { throw wrong(used, "has no artifact for \(feed.path)", []) }
    let path = toolbox.host.artifactPath(used.release.tag, artifact.name)
    let file = try await outsider.download(toolbox.host.url(path), name: artifact.name)
    guard try toolbox.files.digest(file)?.digest == artifact.digest else {
      throw wrong(used, "was changed on the host: \(artifact.name)", [])
    }
    try toolbox.files.makeFolder(folder)
    try await toolbox.unpack(file, folder)
    return try Bundles(toolbox: toolbox).info(inFolder: folder)
      ?? BundleInfo(version: used.version.text, publicKey: nil)
  }

  /// What Sparkle checks before it installs: the signature, with the key that the old app carries.
  private func check(
    _ file: FilePath,
    _ enclosure: SparkleItem.Enclosure,
    key: String?,
    _ used: VersionsInUse.Used
  ) throws {
    guard let key else { return }
    guard let signature = enclosure.edSignature,
      let size = try toolbox.files.digest(file)?.size,
      let bytes = try toolbox.files.read(file, max(size, 1)),
      edSignatureHolds(signature, over: bytes, publicKey: key)
    else {
      throw wrong(
        used,
        "refuses the download: its signature is not by the key that the app carries",
        ["hotfix doctor     compares the keys"]
      )
    }
  }

  private func replace(_ app: FilePath, by fresh: FilePath) throws {
    try toolbox.files.remove(app)
    try toolbox.files.rename(fresh, app)
  }

  private func compare(
    _ app: FilePath,
    with url: String,
    _ used: VersionsInUse.Used
  ) async throws {
    let name = url.split(separator: "/").last.map(String.init) ?? ""
    let reference = outsider.folder.appending("installed-\(name)")
    guard toolbox.files.exists(reference) else { return }
    guard try toolbox.files.tree(app) == toolbox.files.tree(reference) else {
      throw wrong(used, "ends up with other files than a fresh install", [])
    }
  }
}
