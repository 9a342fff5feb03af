// The release host "GitHub".
//
// 1. Draft, upload, compare digests, publish last and once: an immutable release cannot be mended.
// 2. A draft carries a marker, so that whoever goes on finds it; drafts of the same tag that were
//    left behind are finished or removed.
// 3. `release.json`, `SHA256SUMS` and `notes.md` travel as assets; what the host says of an asset's
//    bytes counts, whatever release.json says.
// 4. "Latest" is decided by version order: a hotfix of an old line never takes it.

internal import Foundation
package import ReleaseModel
package import Runbook
internal import Signatures

package struct GitHubHost: Sendable {
  let client: GitHubClient
  let settings: Settings
  let files: Files
  let scratch: FilePath
  let boundary: @Sendable (String) async throws -> Void
  let feeds: GitHubFeeds

  package init(
    client: GitHubClient,
    settings: Settings,
    home: Settings.GitHubHost,
    files: Files,
    scratch: FilePath,
    boundary: @escaping @Sendable (String) async throws -> Void
  ) {
    self.client = client
    self.settings = settings
    self.files = files
    self.scratch = scratch
    self.boundary = boundary
    feeds = GitHubFeeds(client: client, settings: home, files: files, scratch: scratch)
  }

  var releases: GitHubReleases { GitHubReleases(client: client) }

  package var host: ReleaseHost {
    var host = ReleaseHost(
      release: { tag in try await client.told("reading \(tag)") { try await release(tag) } },
      releases: { try await client.told("listing the releases") { try await published() } },
      publish: { publication in
        try await client.told("publishing \(publication.release.tag)") {
          try await publish(publication)
        }
      },
      notes: { tag in try await client.told("reading the notes") { try await notes(tag) } },
      markWithdrawn: { tag, reason in
        try await client.told("marking \(tag) as withdrawn") { try await withdraw(tag, reason) }
      },
      readFile: { path in try await client.told("reading \(path)") { try await read(path) } },
      writeFile: { path, old, new in
        try await client.told("writing \(path)") { try await feeds.write(path, old: old, new: new) }
      },
      place: { tag, artifact, path in try requireBeside(tag, artifact, path) },
      fetch: { tag, name, file in
        try await client.told("downloading \(name)") { try await fetch(tag, name, file) }
      },
      url: { path in
        path.hasPrefix("releases/download/") ? "\(client.address.web)/\(path)" : feeds.url(path)
      },
      artifactPath: { tag, name in
        "releases/download/\(GitHubAddress.escaped(tag))/\(GitHubAddress.escaped(name))"
      },
      page: { tag in "\(client.address.web)/releases/tag/\(GitHubAddress.escaped(tag))" },
      feedsTravelWithRelease: feeds.settings.feeds == .release,
      // Pages is built after every commit, and raw files are kept by a cache for five minutes.
      feedDelaySecondsMax: feeds.settings.feeds == .release ? 0 : 600,
      reach: {}
    )
    host.requireChangeable = { path in
      try await client.told("looking at \(path)") { try await feeds.requireChangeable(path) }
    }
    return host
  }

  // MARK: reading

  private func release(_ tag: String) async throws -> HostedRelease? {
    guard let found = try await releases.published(tag), !found.draft else { return nil }
    return try await hosted(found)
  }

  /// How many releases have their `release.json` read, newest first.
  private static let readMax = 50

  /// The newest published releases that are named by the tag's scheme, oldest first.
  private func published() async throws -> [HostedRelease] {
    let newest = newestReleases(
      try await releases.all().filter { !$0.draft && version($0) != nil },
      version: { version($0) },
      isForAllUsers: { !$0.prerelease && version($0)?.isPrerelease == false }
    )
    return try await withThrowingTaskGroup(of: (Int, HostedRelease).self) { group in
      var all: [(Int, HostedRelease)] = []
      for (index, release) in newest.enumerated() {
        guard index < Self.readMax else {
          all.append((index, marked(bare(release), by: release)))
          continue
        }
        if index >= 8, let next = try await group.next() { all.append(next) }
        group.addTask { (index, try await listed(release)) }
      }
      for try await next in group { all.append(next) }
      return all.sorted { $0.0 > $1.0 }.map(\.1)
    }
  }

  /// One of the list: an old release that is broken does not hide all others.
  private func listed(_ found: GitHubRelease) async throws -> HostedRelease {
    do {
      return try await hosted(found)
    } catch let problem as Problem where problem.code == "host.unreadable" {
      var release = marked(bare(found), by: found)
      release.note = "\(found.tagName): \(problem.what) \(problem.why)"
      return release
    }
  }

  func version(_ release: GitHubRelease) -> VersionName? {
    settings.version(ofTag: release.tagName)
  }

  /// A release with what its release.json tells of it, as far as the host's own digests agree.
  func hosted(_ found: GitHubRelease) async throws -> HostedRelease {
    var release = try await own(found) ?? bare(found)
    let assets = Dictionary(found.assets.map { ($0.name, $0) }) { first, _ in first }
    release.artifacts = release.artifacts.compactMap { artifact in
      guard let asset = assets[artifact.name], asset.isWhole else { return nil }
      guard let digest = asset.digest, digest != artifact.digest else { return artifact }
      return Artifact(
        name: artifact.name,
        size: asset.size,
        digest: digest,
        platform: artifact.platform
      )
    }
    return marked(release, by: found)
  }

  /// The release with the marks that are on GitHub alone.
  private func marked(_ release: HostedRelease, by found: GitHubRelease) -> HostedRelease {
    var release = release
    release.withdrawn = Self.withdrawal(in: found.body ?? "")
    release.isPrerelease = found.prerelease
    return release
  }

  /// The release as this tool's own file tells it; nil where another tool made it.
  private func own(_ found: GitHubRelease) async throws -> HostedRelease? {
    guard let asset = found.assets.first(where: { $0.name == "release.json" && $0.isWhole }) else {
      return nil
    }
    let bytes = try await content(asset, bytesMax: 4 << 20)
    return try HostedRelease.read(bytes, tag: found.tagName, at: "that asset of \(found.htmlUrl)")
  }

  /// A release of another tool: its assets, and what the settings say of them.
  private func bare(_ found: GitHubRelease) -> HostedRelease {
    let files = found.assets.filter(\.isWhole).map {
      ListedFile(name: $0.name, size: $0.size, digest: $0.digest)
    }
    let published =
      (found.publishedAt ?? found.createdAt).flatMap { Moment(iso: $0) } ?? Moment(seconds: 0)
    var release =
      settings.foreignReleases.release(found.tagName, files, published)
      ?? HostedRelease(
        app: settings.app,
        tag: found.tagName,
        version: VersionName(found.tagName),
        commit: "",
        published: published,
        artifacts: []
      )
    release.isForeign = true
    release.commit = found.targetCommitish ?? ""
    return release
  }

  private func notes(_ tag: String) async throws -> String? {
    try await releases.published(tag).map { $0.body ?? "" }
  }

  private func read(_ path: String) async throws -> [UInt8]? {
    let parts = path.split(separator: "/").map { String($0).removingPercentEncoding ?? String($0) }
    guard parts.count == 4, parts[0] == "releases", parts[1] == "download" else {
      return try await feeds.read(path)
    }
    guard let asset = try await asset(parts[2], parts[3]) else { return nil }
    return try await content(asset, bytesMax: 64 << 20)
  }

  /// An asset's bytes; small ones are kept on this machine, by the digest that the host tells.
  private func content(_ asset: GitHubAsset, bytesMax: Int) async throws -> [UInt8] {
    guard let digest = asset.digest, asset.size <= 1 << 20 else {
      return try await releases.content(asset, bytesMax: bytesMax)
    }
    let file = scratch.appending("github-asset-\(digest.hex)")
    if let known = try? files.read(file, 1 << 20), ContentDigest.of(known) == digest {
      return known
    }
    let bytes = try await releases.content(asset, bytesMax: bytesMax)
    // What the storage serves is compared by whoever reads it; a wrong copy is not kept.
    if ContentDigest.of(bytes) == digest { try? files.write(file, bytes) }
    return bytes
  }

  private func asset(_ tag: String, _ name: String) async throws -> GitHubAsset? {
    try await releases.published(tag)?.assets.first { $0.name == name && $0.isWhole }
  }

  private func fetch(_ tag: String, _ name: String, _ file: FilePath) async throws -> Bool {
    guard let asset = try await asset(tag, name) else { return false }
    let url = "\(client.address.repository)/releases/assets/\(asset.id)"
    var request = HTTP.Request("GET", url, seconds: 120)
    request.headers = await client.headers(url, accept: "application/octet-stream")
    _ = try await client.answer(request, isRead: true) { request in
      let got = try await client.http.download(request, file, max(asset.size, 1)) {
        client.say(.progress(what: "downloading \(name)", done: $0, total: $1))
      }
      return HTTP.Answer(status: got.status, body: [])
    }
    return true
  }

  /// Updaters that look beside the feed find a release's own assets there.
  private func requireBeside(_ tag: String, _ artifact: Artifact, _ path: String) throws {
    guard feeds.settings.feeds != .release else { return }
    throw Problem(
      "host.beside",
      "\(path) has to lie beside its feed, and on GitHub only a release's assets do.",
      next: ["Keep that feed with the release:  host: { github: …, feeds: release }"]
    )
  }
}
