// What happens on a user's machine, done here: for every version in use, every feed and every
// updater that reads it.
//
// 1. The old release is downloaded from the host and installed, as that user has it.
// 2. What it carries says which version it is and which key it trusts.
// 3. The feed, as served, is read by its updater's rules; the offer has to be the new release.
// 4. The offer is downloaded, checked as that updater checks it, with the key that the *old* app
//    carries, and unpacked.
// 5. The result has to equal a fresh install, and the fix's check has to pass in it; where several
//    updaters bring the same bytes over the same bytes, that is tried once.

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

  /// What was looked at already in this trial.
  private struct Seen {
    /// By the old artifact: see `identity`.
    var installs: [String: BundleInfo] = [:]
    var downloads: [String: Download] = [:]
    /// Which bytes came over which, by their SHA-256.
    var updates: Set<[String]> = []
  }

  /// What a feed offered, as it came.
  private struct Download {
    let file: FilePath
    let size: Int
    let digests: FileDigests
  }

  /// One user of one feed by one updater.
  private struct Trial {
    let telling: FeedTelling
    let updater: Updater
    let used: VersionsInUse.Used
    let address: String
    let parsed: any FeedFormat
    let file: [UInt8]
  }

  func run() async throws {
    try await outsider.ensureInstalled()
    var evidence: [String] = []
    var seen = Seen()
    let inUse = try await VersionsInUse(situation).all()
    for feed in situation.settings.feeds {
      let telling = FeedTelling(feed: feed, host: toolbox.host)
      let address = toolbox.host.url(feed.path)
      let file = try await outsider.get(address)
      let parsed = try feed.kind.type.init(file)
      for used in inUse where (try? telling.artifact(of: used.release)) != nil {
        for updater in feed.updaters {
          let trial = Trial(
            telling: telling,
            updater: updater,
            used: used,
            address: address,
            parsed: parsed,
            file: file
          )
          evidence.append(try await update(trial, &seen))
        }
      }
    }
    if evidence.isEmpty { evidence = ["no earlier release is in use"] }
    try outsider.write("update", evidence)
  }

  private func update(_ trial: Trial, _ seen: inout Seen) async throws -> String {
    let feed = trial.telling.feed
    let name = "\(trial.used.version) by \(trial.updater.title)"
    let artifact = try trial.telling.artifact(of: trial.used.release)
    let identity = Self.identity(artifact, trial)
    let home = outsider.folder.appending("user-\(trial.used.version)-\(identity.prefix(12))")
    let old: BundleInfo
    if let known = seen.installs[identity] {
      old = version(known, trial)
    } else {
      let carried = try await installOld(trial, into: home.appending("app"))
      seen.installs[identity] = carried
      old = version(carried, trial)
    }
    let user = trial.telling.user(on: old.version, artifact.platform, now: toolbox.now())
    let answer = trial.updater.offer?(trial.file, feed.fileName, user) ?? FeedOffer()
    guard let offered = answer.offered, offered.shortVersion == situation.version.text else {
      throw wrong(
        trial,
        answer.failure.map { "ends its check with \($0.code): \($0.why)" }
          ?? "is offered \(answer.offered?.shortVersion ?? "nothing")",
        ["hotfix feed offer \(trial.address) --client \(trial.updater.name) --from \(old.version)"]
      )
    }
    if offered.informational { return "\(name): told of \(offered.shortVersion)" }
    let url = absolute(offered.url, beside: trial.address)
    let got = try await download(url, &seen)
    try check(got, offered, key: old.publicKey, trial)
    if seen.updates.insert([identity, got.digests.sha256]).inserted {
      try await apply(got.file, over: home, old, url, trial)
    }
    let size = got.size
    var how = "full download, \(size) bytes"
    if feed.kind == .appcast, let delta = answer.deltas.first {
      let delta = absolute(delta, beside: trial.address)
      let small = try await apply(delta: delta, over: artifact, home, old, full: url, trial)
      how = "delta, \(small) bytes (\(max(small * 100 / max(size, 1), 1)) % of \(how))"
    }
    let build = old.version == trial.used.version.text ? "" : " (\(old.version))"
    return "\(trial.used.version)\(build) → \(offered.shortVersion) by \(trial.updater.title), "
      + "\(feed.path), \(how), equal to a fresh install"
  }

  /// Tells one old artifact from another: by its bytes, or by its name where no digest is known.
  private static func identity(_ artifact: Artifact, _ trial: Trial) -> String {
    artifact.digest?.hex ?? "\(artifact.name) of \(trial.used.release.tag)"
  }

  private func download(_ url: String, _ seen: inout Seen) async throws -> Download {
    if let known = seen.downloads[url] { return known }
    let file = try await outsider.download(url, name: "update-\(seen.downloads.count)")
    let bytes = try bytes(of: file)
    let download = Download(file: file, size: bytes.count, digests: FileDigests(bytes))
    seen.downloads[url] = download
    return download
  }

  private func bytes(of file: FilePath) throws -> [UInt8] {
    guard let bytes = try toolbox.files.read(file, Outsider.artifactBytesMax) else {
      throw Problem(
        "file.missing",
        "\(file.string) is gone since it was downloaded.",
        next: ["hotfix next     downloads it again"]
      )
    }
    return bytes
  }

  private func apply(
    delta: String,
    over artifact: Artifact,
    _ home: FilePath,
    _ old: BundleInfo,
    full: String,
    _ trial: Trial
  ) async throws -> Int {
    let items = (trial.parsed as? SparkleFeed)?.items ?? []
    return try await DeltaTrial(
      outsider: outsider,
      from: artifact,
      full: full,
      home: home,
      key: old.publicKey
    ).run(delta, items) { wrong(trial, $0, []) }
  }

  private func apply(
    _ file: FilePath,
    over home: FilePath,
    _ old: BundleInfo,
    _ url: String,
    _ trial: Trial
  ) async throws {
    // The name decides nothing: libarchive looks at the bytes.
    let fresh = home.appending("new")
    try toolbox.files.makeFolder(fresh)
    try await toolbox.unpack(file, fresh)
    let new = try Bundles(toolbox: toolbox).info(inFolder: fresh)?.version
    if trial.telling.feed.kind == .appcast, let new,
      SparkleVersionOrder.compare(new, old.version) < 0
    {
      throw wrong(trial, "refuses \(new) as a downgrade", [])
    }
    let app = home.appending("app")
    try replace(app, by: fresh)
    try await compare(app, with: url, trial)
    try await outsider.checkFix(in: app, what: "\(trial.used.version) after its update")
  }

  /// The version as this feed's updaters compare it, and the key that the app carries.
  private func version(_ carried: BundleInfo, _ trial: Trial) -> BundleInfo {
    trial.telling.feed.kind == .appcast
      ? carried : BundleInfo(version: trial.used.version.text, publicKey: carried.publicKey)
  }

  /// A name without a scheme lies beside the feed.
  private func absolute(_ url: String, beside address: String) -> String {
    if url.contains("://") { return url }
    let folder = address.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    return (folder + [Substring(url)]).joined(separator: "/")
  }

  private func wrong(_ trial: Trial, _ what: String, _ next: [String]) -> Problem {
    Problem(
      "update.fails",
      "Users on \(trial.used.version) do not get \(situation.version).",
      why: "\(trial.updater.title) on \(trial.used.version) \(what).",
      next: next + ["hotfix help update", "hotfix withdraw --reason \"users cannot update\""]
    )
  }

  private func installOld(_ trial: Trial, into folder: FilePath) async throws -> BundleInfo {
    let release = trial.used.release
    let artifact = try trial.telling.artifact(of: release)
    let path = toolbox.host.artifactPath(release.tag, artifact.name)
    let file = try await outsider.download(toolbox.host.url(path), name: artifact.name)
    let found = try toolbox.files.digest(file)?.digest
    // An old asset on GitHub has no digest, and then there is nothing to compare with.
    guard artifact.digest == nil || found == artifact.digest else {
      throw wrong(trial, "was changed on the host: \(artifact.name)", [])
    }
    try toolbox.files.remove(folder.removingLastComponent())
    try toolbox.files.makeFolder(folder)
    try await toolbox.unpack(file, folder)
    return try Bundles(toolbox: toolbox).info(inFolder: folder)
      ?? BundleInfo(version: release.version.text, publicKey: nil)
  }

  /// What the updater checks before it installs.
  private func check(
    _ download: Download,
    _ offered: FeedOffer.Offered,
    key: String?,
    _ trial: Trial
  ) throws {
    let entry = trial.parsed.entries.first {
      $0.version == offered.version && $0.url == offered.url
    }
    guard let entry else { throw wrong(trial, "is offered what the feed does not list", []) }
    let digests = download.digests
    var got = FeedDownload(
      size: download.size,
      sha1: digests.sha1,
      sha256: digests.sha256,
      sha512Base64: digests.sha512.base64,
      sha512Hex: digests.sha512.hex
    )
    let bytes = key == nil && entry.minisign == nil ? [] : try bytes(of: download.file)
    got.edSignatureHolds = key.map { key in
      entry.edSignature.map { edSignatureHolds($0, over: bytes, publicKey: key) } ?? false
    }
    if let listed = entry.minisign {
      let signature = MinisignSignature(base64File: listed)
      let key = try situation.minisignPublicKey()
      got.minisignHolds = key.flatMap { key in signature?.holds(over: bytes, by: key) } ?? false
      got.trustedComment = signature?.trustedComment ?? ""
    }
    if let refusal = trial.updater.refusal(entry, got) {
      throw wrong(
        trial,
        "refuses the download: \(refusal)",
        ["hotfix doctor     compares the keys"]
      )
    }
  }

  private func replace(_ app: FilePath, by fresh: FilePath) throws {
    try toolbox.files.remove(app)
    try toolbox.files.rename(fresh, app)
  }

  private func compare(_ app: FilePath, with url: String, _ trial: Trial) async throws {
    let name = url.split(separator: "/").last.map(String.init) ?? ""
    let reference = outsider.folder.appending("installed-\(name)")
    guard toolbox.files.exists(reference) else { return }
    guard try toolbox.files.tree(app) == toolbox.files.tree(reference) else {
      throw wrong(trial, "ends up with other files than a fresh install", [])
    }
  }
}
