internal import Foundation
internal import ReleaseModel
internal import Runbook
internal import Signatures

extension GitHubHost {
  /// How many files go up at once.
  private static let uploadsMax = 4
  /// The largest asset that GitHub takes, in bytes.
  private static let assetBytesMax = 2 << 30

  /// Hidden in the notes of every draft that this tool makes for a tag.
  private static func mark(_ tag: String) -> String { "<!-- hotfix-release: \(tag) " }

  /// The same, of one commit.
  private static func marker(_ release: HostedRelease) -> String {
    "\(mark(release.tag))\(release.commit.prefix(12)) -->"
  }

  /// One file that the release is to have.
  private struct File: Sendable {
    let name: String
    let path: FilePath
    let digest: ContentDigest
    let size: Int
  }

  // MARK: publishing

  func publish(_ publication: Publication) async throws {
    let release = publication.release
    let files = try await staged(publication)
    try requireUploadable(publication)
    if let there = try await releases.published(release.tag), !there.draft {
      return try await finish(there, files, publication)
    }
    let draft = try await draft(publication)
    try await removeLeftovers(of: draft, files, release.tag)
    try await fill(draft, files)
    try await boundary("before publishing \(release.tag)")
    // Somebody else may have published the same tag since.
    if let there = try await releases.published(release.tag), there.id != draft.id {
      return try await finish(there, files, publication)
    }
    try await publish(draft, release)
    try await boundary("after publishing \(release.tag)")
    try await sweep(release, keeping: draft.id)
  }

  /// All files of the release, with those that the tool adds, in the shipping folder.
  private func staged(_ publication: Publication) async throws -> [File] {
    let release = publication.release
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    var texts: [String: [UInt8]] = [
      "SHA256SUMS": Array(publication.checksums.utf8), "notes.md": Array(publication.notes.utf8),
      "release.json": [UInt8](try encoder.encode(release)) + [0x0A],
    ]
    if feeds.settings.feeds == .release { texts.merge(publication.feeds) { $1 } }
    let folder = scratch.appending("github-\(release.tag)")
    try self.files.makeFolder(folder)
    var staged = try release.artifacts.compactMap { artifact -> File? in
      let path = publication.folder.appending(artifact.name)
      let digest = try artifact.digest ?? self.files.digest(path)?.digest
      return digest.map { File(name: artifact.name, path: path, digest: $0, size: artifact.size) }
    }
    for (name, bytes) in texts.sorted(by: { $0.key < $1.key }) {
      let path = folder.appending(name)
      try self.files.write(path, bytes)
      staged.append(
        File(name: name, path: path, digest: ContentDigest.of(bytes), size: bytes.count)
      )
    }
    return staged
  }

  /// GitHub renames what it does not like, and a renamed file is not found again.
  private func requireUploadable(_ publication: Publication) throws {
    let names = publication.release.artifacts.map(\.name) + publication.feeds.keys
    for name in names {
      let isPlain = name.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "._-+@".utf8.contains(byte)
        }
      }
      guard isPlain, !name.hasPrefix("."), !name.hasSuffix(".") else {
        throw Problem(
          "github.asset-name",
          "GitHub would rename the asset \(name).",
          why: "Names of assets have letters, digits and . _ - + @ alone, and no dot at an end.",
          next: ["Mend ship.artifacts in hotfix.yml, then:  hotfix next"]
        )
      }
    }
    for artifact in publication.release.artifacts where artifact.size >= Self.assetBytesMax {
      throw Problem(
        "github.asset-size",
        "\(artifact.name) is too big for a release on GitHub.",
        why: "It has \(artifact.size) bytes; the limit is 2 GiB.",
        next: ["Make it smaller, or split it, then:  hotfix next"]
      )
    }
  }

  /// Whether an asset has a file's bytes; of an old asset GitHub tells the size alone.
  private func isSame(_ asset: GitHubAsset, _ file: File) -> Bool {
    asset.digest.map { $0 == file.digest } ?? (asset.size == file.size)
  }

  /// A release of that tag is public already: ours, or another tool's, whole or half-made.
  private func finish(_ there: GitHubRelease, _ files: [File], _ publication: Publication)
    async throws
  {
    let assets = Dictionary(there.assets.map { ($0.name, $0) }) { first, _ in first }
    let ours = Set(publication.release.artifacts.map(\.name))
    let differing = files.filter { file in
      ours.contains(file.name)
        && assets[file.name].map { $0.isWhole && !isSame($0, file) } == true
    }
    guard differing.isEmpty else {
      throw Problem(
        "release.exists",
        "\(there.tagName) is on GitHub already, with other artifacts.",
        why: differing.map(\.name).joined(separator: ", ") + " differ.",
        next: ["hotfix verify \(OutsideText(there.tagName).word)"]
      )
    }
    try await sweep(publication.release, keeping: there.id)
    let missing = files.filter { assets[$0.name]?.isWhole != true }
    guard !missing.isEmpty else { return }
    guard there.immutable != true else {
      // The artifacts are what counts; without our own additions the release is another tool's.
      if missing.allSatisfy({ !ours.contains($0.name) }) { return }
      throw Problem(
        "release.immutable",
        "\(there.tagName) is on GitHub, immutable, and lacks artifacts.",
        why:
          "Missing: \(missing.map(\.name).joined(separator: ", ")). Its tag can never be used again.",
        next: [
          "hotfix abandon --reason \"\(there.tagName) was published half-made\"",
          "hotfix open \"…\"     takes the next version",
        ]
      )
    }
    try await fill(there, missing)
  }

  /// Finds the draft of this release, or makes it.
  private func draft(_ publication: Publication) async throws -> GitHubRelease {
    let release = publication.release
    let marker = Self.marker(release)
    @Sendable func look() async throws -> GitHubRelease? {
      let drafts = try await releases.all().filter { $0.draft && $0.tagName == release.tag }
      return drafts.filter { $0.body?.contains(marker) == true }.min { $0.id < $1.id }
        ?? drafts.min { $0.id < $1.id }
    }
    return try await client.once(look) {
      let fields = GitHubReleaseFields(
        tagName: release.tag,
        targetCommitish: release.commit,
        name: "\(release.app) \(release.version)",
        body: publication.notes + "\n" + marker + "\n",
        draft: true,
        prerelease: !release.isForAllUsers
      )
      try await boundary("before drafting \(release.tag)")
      do {
        let made = try await releases.create(fields)
        try await boundary("after drafting \(release.tag)")
        return made
      } catch let refusal as GitHubRefusal where refusal.message.contains("immutable release") {
        throw burnt(release.tag, refusal)
      }
    }
  }

  private func burnt(_ tag: String, _ refusal: GitHubRefusal) -> Problem {
    Problem(
      "release.burnt",
      "The name \(tag) cannot be released any more.",
      why: refusal.message,
      next: [
        "hotfix abandon --reason \"\(tag) was used by an immutable release\"",
        "hotfix open \"…\"     takes the next version",
      ]
    )
  }

  /// Uploads what is missing, and compares every digest with the host's own.
  private func fill(_ draft: GitHubRelease, _ wanted: [File]) async throws {
    let there = try await releases.assets(draft.id)
    let whole = there.filter(\.isWhole)
    let missing = wanted.filter { file in
      !whole.contains { $0.name == file.name && $0.digest == file.digest }
    }
    for file in missing {
      if let old = there.first(where: { $0.name == file.name }) {
        try await releases.deleteAsset(old.id)
      }
    }
    let meter = UploadMeter(total: missing.reduce(0) { $0 + $1.size }, say: client.say)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (index, file) in missing.enumerated() {
        if index >= Self.uploadsMax { try await group.next() }
        group.addTask {
          try await boundary("before uploading \(file.name)")
          try await client.upload(
            file.path,
            as: file.name,
            digest: file.digest,
            to: draft,
            sent: { meter.add($0) }
          )
          try await boundary("after uploading \(file.name)")
        }
      }
      try await group.waitForAll()
    }
    let found = try await releases.assets(draft.id)
    for file in wanted {
      guard let asset = found.first(where: { $0.name == file.name }), asset.isWhole,
        asset.digest == nil || asset.digest == file.digest
      else {
        throw Problem(
          "artifact.changed",
          "GitHub does not have \(file.name) as it was built.",
          why: "Built \(file.digest.short)….",
          next: ["hotfix next     uploads it again"]
        )
      }
    }
  }

  /// Takes away what an earlier attempt left in the draft; what a person put there is theirs.
  private func removeLeftovers(
    of draft: GitHubRelease,
    _ wanted: [File],
    _ tag: String
  ) async throws {
    let names = Set(wanted.map(\.name))
    let extra = draft.assets.filter { !names.contains($0.name) }
    let isOurs = draft.body?.contains(Self.mark(tag)) == true
    for asset in extra where isOurs || !asset.isWhole { try await releases.deleteAsset(asset.id) }
    guard !isOurs, let stranger = extra.first(where: \.isWhole) else { return }
    throw Problem(
      "release.foreign-draft",
      "A draft of \(tag) is on GitHub with a file that was not built here.",
      why: "\(stranger.name) in \(draft.htmlUrl)",
      next: [
        "gh release delete-asset \(tag) \(OutsideText(stranger.name).word)",
        "hotfix next     finishes the draft",
      ]
    )
  }

  /// The one step that cannot be taken back.
  private func publish(_ draft: GitHubRelease, _ release: HostedRelease) async throws {
    var fields = GitHubReleaseFields(draft: false, prerelease: !release.isForAllUsers)
    // An update was seen to drop the tag of a draft, so it is always named again.
    fields.tagName = release.tag
    fields.makeLatest = try await isNewest(release) ? "true" : "false"
    do {
      try await releases.update(draft.id, fields)
    } catch let refusal as GitHubRefusal where refusal.message.contains("immutable release") {
      throw burnt(release.tag, refusal)
    } catch HTTP.Failure.unknown(let why) {
      guard try await releases.release(draft.id)?.draft == false else {
        throw HTTP.Failure.unknown(why)
      }
    }
  }

  /// Whether all users get the release and none that they have is newer: only then it may be "latest".
  ///
  /// A repository has one "latest"; a component does not take it from another one.
  private func isNewest(_ release: HostedRelease) async throws -> Bool {
    guard release.isForAllUsers else { return false }
    if settings.component != nil, let latest = try await releases.latest(), version(latest) == nil {
      return false
    }
    return try await releases.all().filter { mayBeLatest($0) && $0.tagName != release.tag }
      .compactMap { version($0) }
      .allSatisfy { isOlder($0, than: release.version) }
  }

  /// Whether a release stands and is for all users, by its flag and by its name.
  private func mayBeLatest(_ found: GitHubRelease) -> Bool {
    !found.draft && !found.prerelease && version(found)?.isPrerelease != true
      && Self.withdrawal(in: found.body ?? "") == nil
  }

  /// Removes other drafts of this tool for the same tag, which two machines may have made at once.
  private func sweep(_ release: HostedRelease, keeping id: Int) async throws {
    for other in try await releases.all()
    where other.draft && other.id != id && other.tagName == release.tag
      && other.body?.contains(Self.mark(release.tag)) == true
    {
      try await releases.delete(other.id)
    }
  }

  // MARK: withdrawing

  private static let withdrawn = "<!-- hotfix-withdrawn: "
  private static let wasLatest = "<!-- hotfix-was-latest -->"

  /// Why a release was taken back, as its notes say.
  static func withdrawal(in body: String) -> String? {
    guard let start = body.firstRange(of: withdrawn) else { return nil }
    let rest = body[start.upperBound...]
    let reason = rest[..<(rest.firstRange(of: " -->")?.lowerBound ?? rest.endIndex)]
    return reason.removingPercentEncoding ?? String(reason)
  }

  func withdraw(_ tag: String, _ reason: String) async throws {
    guard let bad = try await releases.published(tag) else {
      throw Problem(
        "host.no-release",
        "\(tag) is not on GitHub.",
        next: ["hotfix status"]
      )
    }
    let line = reason.split(whereSeparator: \.isNewline).joined(separator: " ")
    let wasLatest = try await releases.latest()?.id == bad.id
    if Self.withdrawal(in: bad.body ?? "") == nil {
      let latest = wasLatest ? Self.wasLatest : ""
      let mark = "\(Self.withdrawn)\(GitHubAddress.escaped(line)) -->"
      var fields = GitHubReleaseFields()
      fields.tagName = tag
      fields.name = "\(bad.name ?? tag) (withdrawn)"
      fields.body =
        "> [!CAUTION]\n> This release was taken back: \(OutsideText(line).markdown)\n\(mark)\(latest)\n\n\(bad.body ?? "")"
      fields.prerelease = true
      do {
        try await releases.update(bad.id, fields)
      } catch let refusal as GitHubRefusal where refusal.status == 422 && bad.immutable == true {
        fields.prerelease = nil
        try await releases.update(bad.id, fields)
      }
    }
    try await boundary("after marking \(tag)")
    // A release of an old line never was latest, and takes it from nobody.
    if wasLatest || bad.body?.contains(Self.wasLatest) == true {
      try await giveLatestBack(from: bad)
    }
  }

  /// "Latest" goes to the newest release before it that stands.
  private func giveLatestBack(from bad: GitHubRelease) async throws {
    let good = try await releases.all().filter {
      mayBeLatest($0) && $0.id != bad.id
        && version($0).map { isOlder($0, than: version(bad) ?? .init("")) } ?? false
    }.max { isOlder(version($0) ?? .init(""), than: version($1) ?? .init("")) }
    guard let good, try await releases.latest()?.id != good.id else { return }
    var fields = GitHubReleaseFields()
    fields.tagName = good.tagName
    fields.makeLatest = "true"
    try await releases.update(good.id, fields)
  }
}

extension GitHubClient {
  /// Makes something once: looks first, and again when nobody knows whether it was made.
  ///
  /// Lists may lag behind, so "not there" takes two looks before it is made again.
  func once<Value: Sendable>(
    _ look: @Sendable () async throws -> Value?,
    _ make: @Sendable () async throws -> Value
  ) async throws -> Value {
    if let there = try await look() { return there }
    for _ in 0..<2 {
      do {
        return try await make()
      } catch is HTTP.Failure {
        for seconds in [1, 10] {
          try await pause(seconds)
          if let there = try await look() { return there }
        }
      }
    }
    return try await make()
  }
}
