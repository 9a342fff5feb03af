// Feeds on GitHub, in one of two homes.
//
// 1. On a branch (the repository's own, or the one that Pages serves): a commit by
//    compare-and-swap, through the contents API, which refuses a file that is no longer `old`.
// 2. As an asset of the newest release, at `releases/latest/download/NAME`: the feed is uploaded
//    with the draft and appears with the release. Later changes replace the asset: uploaded under
//    another name, checked, and then renamed.

internal import Foundation
internal import ReleaseModel
internal import Runbook
internal import Signatures

struct GitHubFeeds: Sendable {
  let client: GitHubClient
  let settings: Settings.GitHubHost
  let files: Files
  let scratch: FilePath

  private var releases: GitHubReleases { GitHubReleases(client: client) }
  private static let bytesMax = 32 << 20

  /// Where users reach a feed.
  func url(_ path: String) -> String {
    if let site = settings.site { return "\(site)/\(path)" }
    let address = client.address
    switch settings.feeds {
    case .release: return "\(address.web)/releases/latest/download/\(path)"
    case .pages: return "https://\(address.owner.lowercased()).github.io/\(address.name)/\(path)"
    case .repository:
      return address.isDotCom
        ? "https://raw.githubusercontent.com/\(address.owner)/\(address.name)/\(settings.branch)/\(path)"
        : "\(address.web)/raw/\(settings.branch)/\(path)"
    }
  }

  func read(_ path: String) async throws -> [UInt8]? {
    guard settings.feeds != .release else {
      guard let latest = try await releases.latest(),
        let asset = latest.assets.first(where: { $0.name == path && $0.isWhole })
          ?? pending(path, in: latest)
      else { return nil }
      return try await releases.content(asset, bytesMax: Self.bytesMax)
    }
    do {
      return try await client.send(
        "GET",
        contents(path) + "?ref=\(GitHubAddress.escaped(settings.branch))",
        accept: "application/vnd.github.raw+json",
        bytesMax: Self.bytesMax
      ).body
    } catch let refusal as GitHubRefusal where refusal.status == 404 {
      try await client.requireRepository()
      return nil
    }
  }

  func write(_ path: String, old: ContentDigest?, new: [UInt8]) async throws {
    let now = try await read(path)
    let found = now.map { ContentDigest.of($0) }
    if found == ContentDigest.of(new), try await isNamed(path) { return }
    guard found == old || found == ContentDigest.of(new) else { throw moved(path, old, found) }
    if settings.feeds == .release {
      try await replaceAsset(path, with: new)
    } else {
      try await commit(path, over: now, new)
    }
  }

  /// Whether the feed has its own name, which for a moment of a replacement nothing has.
  private func isNamed(_ path: String) async throws -> Bool {
    guard settings.feeds == .release else { return true }
    return try await releases.latest()?.assets.contains { $0.name == path && $0.isWhole } ?? false
  }

  private func moved(_ path: String, _ old: ContentDigest?, _ now: ContentDigest?) -> Problem {
    Problem(
      "feed.moved",
      "\(path) changed on the host while it was being edited.",
      why: "It was \(old?.short ?? "absent"), and is \(now?.short ?? "absent") now.",
      next: ["hotfix next     reads it again"]
    )
  }

  // MARK: on a branch

  private func contents(_ path: String) -> String {
    "/contents/"
      + path.split(separator: "/").map { GitHubAddress.escaped(String($0)) }
      .joined(separator: "/")
  }

  private struct Commit: Encodable {
    let message: String
    let content: String
    let branch: String
    let sha: String?
  }

  private func commit(
    _ path: String,
    over old: [UInt8]?,
    _ new: [UInt8],
    attempts: Int = 4
  ) async throws {
    // The contents API compares the file's own object name.
    let sha = old.map { gitObjectName(kind: "blob", $0, sha256: false) }
    let body = Commit(
      message: "Update \(path)",
      content: Data(new).base64EncodedString(),
      branch: settings.branch,
      sha: sha
    )
    do {
      let _: Ignored = try await client.write("PUT", contents(path), body)
    } catch HTTP.Failure.unknown(let why) {
      guard try await read(path) == new else { throw HTTP.Failure.unknown(why) }
    } catch let refusal as GitHubRefusal where [409, 422].contains(refusal.status) {
      let now = try await read(path)
      if now == new { return }
      guard now == old else {
        throw moved(path, old.map { ContentDigest.of($0) }, now.map { ContentDigest.of($0) })
      }
      // Another file's commit on the same branch came first.
      guard refusal.status == 409, attempts > 1 else { throw refused(path, refusal) }
      try await client.pause(1)
      try await commit(path, over: old, new, attempts: attempts - 1)
    } catch let refusal as GitHubRefusal where refusal.status == 404 {
      throw refused(path, refusal)
    }
  }

  private func refused(_ path: String, _ refusal: GitHubRefusal) -> Problem {
    Problem(
      "feed.refused",
      "GitHub does not take a commit of \(path) on the branch \(settings.branch).",
      why: "\(refusal.status): \(refusal.message)",
      next: [
        "Make sure that the branch is there and takes commits of the token's owner.",
        "Or keep feeds elsewhere:  host: { github: …, feeds: pages, branch: gh-pages }",
      ]
    )
  }

  // MARK: as an asset

  /// A feed that was uploaded and not renamed: whoever did it was cut off in between.
  private func pending(_ path: String, in release: GitHubRelease) -> GitHubAsset? {
    release.assets.filter { $0.isWhole && isTemporary($0, path) }.max { $0.id < $1.id }
  }

  private func isTemporary(_ asset: GitHubAsset, _ path: String) -> Bool {
    asset.digest.map { asset.name == temporaryName(path, $0) } ?? false
  }

  /// What a feed is called until it has taken the old one's place.
  private func temporaryName(_ path: String, _ digest: ContentDigest) -> String {
    "\(path).\(digest.short)"
  }

  /// Throws `feed.immutable` where the feed is an asset of a release that GitHub lets nobody change.
  func requireChangeable(_ path: String) async throws {
    guard settings.feeds == .release, let latest = try await releases.latest() else { return }
    try requireMutable(latest, path)
  }

  private func requireMutable(_ release: GitHubRelease, _ path: String) throws {
    guard release.immutable == true else { return }
    throw Problem(
      "feed.immutable",
      "\(path) is an asset of \(release.tagName), and that release is immutable.",
      why: "A feed among a release's assets changes with the next release only.",
      next: [
        "Keep feeds on a branch, where they can be mended:  host: { github: …, feeds: pages }",
        "hotfix rollback     a new release brings a new feed",
      ]
    )
  }

  private func replaceAsset(_ path: String, with new: [UInt8]) async throws {
    guard let latest = try await releases.latest() else {
      throw Problem(
        "feed.no-release",
        "There is no release on GitHub that could carry \(path).",
        next: ["hotfix ship TAG"]
      )
    }
    try requireMutable(latest, path)
    let digest = ContentDigest.of(new)
    let temporary = temporaryName(path, digest)
    let file = scratch.appending("feed-\(digest.short)")
    try files.write(file, new)
    defer { try? files.remove(file) }
    let left = latest.assets.first { $0.name == temporary }
    if let left, !left.isWhole { try await releases.deleteAsset(left.id) }
    let made =
      if let left, left.isWhole { left } else {
        try await client.upload(file, as: temporary, digest: digest, to: latest)
      }
    // For the moment between these two calls nobody gets the feed: assets cannot be swapped.
    if let old = latest.assets.first(where: { $0.name == path }) {
      try await releases.deleteAsset(old.id)
    }
    try await releases.renameAsset(made.id, to: path)
    for other in latest.assets where other.id != made.id && isTemporary(other, path) {
      try await releases.deleteAsset(other.id)
    }
  }
}
