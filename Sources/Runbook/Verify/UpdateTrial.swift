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
internal import Record
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
    var installs: [String: OldInstall] = [:]
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
    let old: OldInstall
    let address: String
    let parsed: any FeedFormat
    let file: [UInt8]
    /// Whether only some users of the version get the release: an older line's item in an appcast,
    /// or one in a channel.
    let isForSome: Bool

    /// What the updater knows of the installed app.
    var carried: BundleInfo {
      BundleInfo(
        version: telling.feed.kind == .appcast ? old.carried.version : old.version.text,
        publicKey: old.carried.publicKey
      )
    }
  }

  func run() async throws {
    try await outsider.ensureInstalled()
    var evidence: [String] = []
    var seen = Seen()
    let plan = try await FeedPlan.make(situation)
    let listed = VersionsInUse(situation).listed
    for version in listed where !plan.used.contains(where: { $0.version == version && $0.isSeen }) {
      throw Problem(
        "verify.unknown-version",
        "\(version) is listed as in use, and neither the host nor a feed has it.",
        next: ["Mend verify.from in hotfix.yml."]
      )
    }
    let release = try await toolbox.host.release(situation.opened.tag)
    for served in plan.feeds {
      if let release, try FeedPublisher(situation).leftAlone(served, plan, release) != nil {
        evidence.append("\(served.feed.path) belongs to another line, and was left alone")
      } else {
        evidence += try await update(served, plan, &seen)
      }
    }
    try outsider.write("update", evidence)
  }

  /// Lets the users of one feed update themselves.
  ///
  /// Throws `update.untried` when no earlier version could be tried although some are in use.
  private func update(
    _ served: ServedFeed,
    _ plan: FeedPlan,
    _ seen: inout Seen
  ) async throws -> [String] {
    let address = toolbox.host.url(served.feed.path)
    let file = try await outsider.get(address)
    let parsed = try served.feed.kind.type.init(file)
    let items = parsed.entries.filter { $0.shortVersion == situation.version.text }
    let isInChannel = !items.isEmpty && items.allSatisfy { $0.channel != nil }
    let isForSome =
      isInChannel || plan.newer(than: situation.version, for: served.feed) != nil
    let olds = plan.olds(served.telling, needing: isForSome)
    guard !olds.isEmpty else { return ["\(served.feed.path): nobody has an earlier version"] }
    var evidence: [String] = []
    var gone: [String] = []
    var tried = 0
    for used in olds where tried < plan.triedMax {
      let old: OldInstall
      do {
        old = try await OldInstalls(outsider).install(used, served.telling, address, &seen.installs)
      } catch let problem as OldInstalls.Unavailable {
        gone.append("\(used.version) was not tried: \(problem.why)")
        continue
      }
      var isTried = false
      for updater in served.feed.updaters {
        let trial = Trial(
          telling: served.telling,
          updater: updater,
          old: old,
          address: address,
          parsed: parsed,
          file: file,
          isForSome: isForSome
        )
        if let later = comesLater(trial) {
          evidence.append(later)
        } else {
          evidence.append(try await update(trial, &seen))
          isTried = true
        }
      }
      if isTried { tried += 1 }
    }
    guard tried > 0 else { throw untried(served, gone) }
    return evidence + gone
  }

  private func untried(_ served: ServedFeed, _ gone: [String]) -> Problem {
    Problem(
      "update.untried",
      "No earlier version could be tried through \(served.feed.path), and some are in use.",
      why: gone.joined(separator: "\n"),
      next: [
        "Make one of them downloadable, or set verify.install in hotfix.yml for what is no archive.",
        "hotfix waive \(outsider.isRehearsal ? "candidate" : "update") --reason \"…\"     when "
          + "somebody tried the update by hand",
      ]
    )
  }

  private func update(_ trial: Trial, _ seen: inout Seen) async throws -> String {
    let (feed, old, carried) = (trial.telling.feed, trial.old, trial.carried)
    let name = "\(old.version) by \(trial.updater.title)"
    let answer = answer(trial, on: carried.version)
    guard let offered = answer.offered, offered.shortVersion == situation.version.text else {
      throw wrong(
        trial,
        answer.failure.map { "ends its check with \($0.code): \($0.why)" }
          ?? "is offered \(answer.offered?.shortVersion ?? "nothing")",
        [
          "hotfix feed offer \(trial.address) --client \(trial.updater.name) --from "
            + OutsideText(carried.version).word
        ]
      )
    }
    if offered.informational { return "\(name): told of \(offered.shortVersion)" }
    let url = FeedAddress.absolute(offered.url, beside: trial.address)
    let got = try await download(url, &seen)
    try check(got, offered, key: carried.publicKey, trial)
    if seen.updates.insert([old.identity, got.digests.sha256]).inserted {
      try await apply(got.file, over: old.home, carried, url, trial)
    }
    let size = got.size
    var how = "full download, \(size) bytes"
    if feed.kind == .appcast, let delta = answer.deltas.first {
      let delta = FeedAddress.absolute(delta, beside: trial.address)
      let small = try await apply(delta: delta, carried, full: url, trial)
      how = "delta, \(small) bytes (\(max(small * 100 / max(size, 1), 1)) % of \(how))"
    }
    let build = carried.version == old.version.text ? "" : " (\(carried.version))"
    return "\(old.version)\(build) → \(offered.shortVersion) by \(trial.updater.title), "
      + "\(feed.path), \(how), equal to a fresh install"
  }

  /// Returns what the updater offers a usual user; where only some get the release, the first of
  /// those whom it reaches.
  private func answer(_ trial: Trial, on version: String) -> FeedOffer {
    let feed = trial.telling.feed
    let user = trial.telling.user(on: version, trial.old.platform, now: toolbox.now())
    let usual = trial.updater.offer?(trial.file, feed.fileName, user) ?? FeedOffer()
    func isReached(_ offer: FeedOffer) -> Bool {
      offer.offered?.shortVersion == situation.version.text
    }
    guard trial.isForSome, !isReached(usual) else { return usual }
    let others = OfferComparison(
      from: nil,
      to: trial.file,
      feed.kind,
      fileName: feed.fileName,
      updaters: [trial.updater],
      installed: [.init(version, name: trial.old.version.text)],
      now: toolbox.now()
    )
    return others.rows.first { $0.installed.compared == version && isReached($0.after) }?.after
      ?? usual
  }

  /// Says when the release is a major upgrade that these users are offered after a minor update;
  /// nil where it is not.
  private func comesLater(_ trial: Trial) -> String? {
    let version = trial.carried.version
    guard
      let item = (trial.parsed as? SparkleFeed)?.items.first(where: {
        $0.shortVersion == situation.version.text
      }), item.isMajorUpgrade(for: version),
      let first = answer(trial, on: version).offered, !first.majorUpgrade,
      first.shortVersion != situation.version.text,
      answer(trial, on: first.version).offered?.shortVersion == situation.version.text
    else { return nil }
    return "\(trial.old.version) by \(trial.updater.title): offered \(first.shortVersion) first; "
      + "\(situation.version) is a major upgrade, and offered after it"
  }

  private func download(_ url: String, _ seen: inout Seen) async throws -> Download {
    if let known = seen.downloads[url] { return known }
    let file = try await outsider.download(url, name: "update-\(seen.downloads.count)")
    let content = try content(of: file)
    let download = Download(file: file, size: content.size, digests: try FileDigests(content))
    seen.downloads[url] = download
    return download
  }

  private func content(of file: FilePath) throws -> Content {
    guard let content = try toolbox.files.content(file) else {
      throw Problem(
        "file.missing",
        "\(file.string) is gone since it was downloaded.",
        next: ["hotfix next     downloads it again"]
      )
    }
    return content
  }

  private func apply(
    delta: String,
    _ old: BundleInfo,
    full: String,
    _ trial: Trial
  ) async throws -> Int {
    let items = (trial.parsed as? SparkleFeed)?.items ?? []
    return try await DeltaTrial(
      outsider: outsider,
      from: trial.old.file,
      full: full,
      home: trial.old.home,
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
    try await outsider.checkFix(in: app, what: "\(trial.old.version) after its update")
  }

  private func wrong(_ trial: Trial, _ what: String, _ next: [String]) -> Problem {
    Problem(
      "update.fails",
      "Users on \(trial.old.version) do not get \(situation.version).",
      why: "\(trial.updater.title) on \(trial.old.version) \(what).",
      next: next + ["hotfix help update"]
        + (outsider.isRehearsal
          ? ["Mend it\(situation.onBranch), then:  \(situation.again)     nothing is published"]
          : ["hotfix withdraw --reason \"users cannot update\""])
    )
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
    let content = try content(of: download.file)
    got.edSignatureHolds = try key.map { key in
      try entry.edSignature.map { try edSignatureHolds($0, over: content, publicKey: key) } ?? false
    }
    if let listed = entry.minisign {
      let signature = MinisignSignature(base64File: listed)
      let key = try situation.minisignPublicKey()
      got.minisignHolds =
        try key.flatMap { key in try signature?.holds(over: content, by: key) } ?? false
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
