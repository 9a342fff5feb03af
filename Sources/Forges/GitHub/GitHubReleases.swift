internal import ReleaseModel
internal import Runbook

/// Releases and their assets, as the REST API has them (docs.github.com, REST API: releases).
struct GitHubRelease: Decodable, Sendable {
  let id: Int
  let tagName: String
  let name: String?
  let body: String?
  let draft: Bool
  let prerelease: Bool
  let immutable: Bool?
  let htmlUrl: String
  let uploadUrl: String
  let targetCommitish: String?
  let createdAt: String?
  let publishedAt: String?
  let assets: [GitHubAsset]
}

struct GitHubAsset: Decodable, Sendable {
  let id: Int
  let name: String
  /// `uploaded`, or `starter` when an upload broke off; a starter holds the name.
  let state: String
  let size: Int
  let digest: ContentDigest?
  let downloadCount: Int?

  var isWhole: Bool { state == "uploaded" }
}

/// What is set on a release; nil fields are left as they are.
struct GitHubReleaseFields: Encodable, Sendable {
  var tagName: String?
  var targetCommitish: String?
  var name: String?
  var body: String?
  var draft: Bool?
  var prerelease: Bool?
  /// `"true"` or `"false"`, as texts.
  var makeLatest: String?
}

struct GitHubReleases: Sendable {
  let client: GitHubClient

  /// GitHub lists no more than 10,000 releases, in pages of 100.
  private static let pagesMax = 100

  /// Published releases and, for those who may push, drafts; newest first.
  func all() async throws -> [GitHubRelease] {
    try await client.list("/releases", pages: Self.pagesMax)
  }

  func published(_ tag: String) async throws -> GitHubRelease? {
    try await client.get("/releases/tags/\(GitHubAddress.escaped(tag))")
  }

  func latest() async throws -> GitHubRelease? {
    try await client.get("/releases/latest")
  }

  func release(_ id: Int) async throws -> GitHubRelease? {
    try await client.get("/releases/\(id)")
  }

  func create(_ fields: GitHubReleaseFields) async throws -> GitHubRelease {
    try await client.write("POST", "/releases", fields)
  }

  @discardableResult
  func update(_ id: Int, _ fields: GitHubReleaseFields) async throws -> GitHubRelease {
    try await client.write("PATCH", "/releases/\(id)", fields)
  }

  func delete(_ id: Int) async throws {
    _ = try await client.send("DELETE", "/releases/\(id)")
  }

  func assets(_ id: Int) async throws -> [GitHubAsset] {
    do {
      return try await client.list("/releases/\(id)/assets")
    } catch let refusal as GitHubRefusal where refusal.status == 404 {
      // What was made a moment ago may not be seen everywhere yet.
      try await client.pause(2)
      return try await client.list("/releases/\(id)/assets")
    }
  }

  func deleteAsset(_ id: Int) async throws {
    do {
      _ = try await client.send("DELETE", "/releases/assets/\(id)")
    } catch let refusal as GitHubRefusal where refusal.status == 404 {
      return
    }
  }

  func renameAsset(_ id: Int, to name: String) async throws {
    let _: GitHubAsset = try await client.write("PATCH", "/releases/assets/\(id)", ["name": name])
  }

  /// Returns an asset's bytes; the redirect to the storage goes without the token.
  func content(_ asset: GitHubAsset, bytesMax: Int) async throws -> [UInt8] {
    guard asset.size <= bytesMax else {
      throw Problem(
        "github.asset",
        "The asset \(asset.name) is too big to be read at once.",
        why: "It has \(asset.size) bytes; the limit is \(bytesMax).",
        next: ["gh release download"]
      )
    }
    return try await client.send(
      "GET",
      "/releases/assets/\(asset.id)",
      accept: "application/octet-stream",
      bytesMax: bytesMax
    ).body
  }
}

extension GitHubClient {
  /// Uploads a file as an asset, and makes sure that the host has its very bytes.
  ///
  /// An upload that broke off leaves a `starter` behind, which holds the name: it is removed.
  @discardableResult
  func upload(
    _ file: FilePath,
    as name: String,
    digest: ContentDigest,
    to release: GitHubRelease,
    sent: @escaping @Sendable (Int) -> Void = { _ in }
  ) async throws -> GitHubAsset {
    let releases = GitHubReleases(client: self)
    for attempt in 1...Self.attemptsMax {
      do {
        let asset = try await uploadOnce(file, as: name, to: release, sent)
        guard let found = asset.digest ?? (asset.isWhole ? digest : nil), found == digest,
          asset.name == name
        else { throw Self.changed(name, asset) }
        return asset
      } catch let failure as HTTP.Failure {
        guard attempt < Self.attemptsMax else { throw failure }
        try await pause(attempt)
        if let there = try await whole(name, digest, in: release, releases) { return there }
      } catch let refusal as GitHubRefusal where refusal.codes.contains("already_exists") {
        if let there = try await whole(name, digest, in: release, releases) { return there }
        guard attempt < Self.attemptsMax else { throw refusal }
      }
    }
    throw HTTP.Failure.unknown("\(name) was uploaded \(Self.attemptsMax) times in vain")
  }

  private static func changed(_ name: String, _ asset: GitHubAsset) -> Problem {
    Problem(
      "github.asset",
      "GitHub has something else than was uploaded as \(name).",
      why: "It says: \(asset.name), \(asset.state), \(asset.digest?.description ?? "no digest").",
      next: ["hotfix next     removes it and uploads it again"]
    )
  }

  /// The asset when it is there whole; what is there otherwise is removed.
  private func whole(
    _ name: String,
    _ digest: ContentDigest,
    in release: GitHubRelease,
    _ releases: GitHubReleases
  ) async throws -> GitHubAsset? {
    let assets = try await releases.assets(release.id)
    guard let there = assets.first(where: { $0.name == name }) else { return nil }
    if there.isWhole, there.digest == digest { return there }
    try await releases.deleteAsset(there.id)
    return nil
  }

  private func uploadOnce(
    _ file: FilePath,
    as name: String,
    to release: GitHubRelease,
    _ sent: @escaping @Sendable (Int) -> Void
  ) async throws -> GitHubAsset {
    let base = release.uploadUrl.prefix { $0 != "{" }
    let url = "\(base)?name=\(GitHubAddress.escaped(name))"
    guard address.isTrusted(url) else {
      throw Problem(
        "github.upload-address",
        "GitHub names another host for uploads than its own.",
        why: String(base),
        next: ["hotfix doctor"]
      )
    }
    var request = HTTP.Request("POST", url, seconds: 120)
    request.keepsConnection = true
    request.headers = await headers(url, accept: "application/vnd.github+json")
    request.headers.append(("Content-Type", "application/octet-stream"))
    let answer = try await answer(request, isRead: false) {
      try await self.http.upload($0, file, sent)
    }
    return try decoded(answer, "upload of \(name)")
  }
}
