// The release host "directory": a folder that any static web server serves.
//
//   releases/<tag>/<artifact> … SHA256SUMS notes.md release.json
//   appcast.xml …
//
// 1. A release appears by one rename of a finished folder: whole or not at all, and once.
// 2. Feeds change by rename under a lock, after a look at what is there (compare-and-swap).
// 3. A withdrawn release keeps its files; release.json and WITHDRAWN.md say why it was taken back.

internal import Foundation
package import ReleaseModel
package import Runbook
internal import Signatures

package struct DirectoryHost: Sendable {
  private let root: FilePath
  private let base: String
  private let files: Files
  private let http: HTTP

  package init(root: FilePath, base: String, files: Files, http: HTTP) {
    self.root = root
    self.base = base
    self.files = files
    self.http = http
  }

  package var host: ReleaseHost {
    ReleaseHost(
      release: { try release($0) },
      releases: { try releases() },
      publish: { try publish($0) },
      notes: { tag in
        try files.read(path("releases/\(tag)/notes.md"), 4 << 20)
          .map { String(decoding: $0, as: UTF8.self) }
      },
      markWithdrawn: { try markWithdrawn($0, reason: $1) },
      readFile: { try files.read(path($0), 64 << 20) },
      writeFile: { try write($0, old: $1, new: $2) },
      place: { try place($1, of: $0, at: $2) },
      fetch: { tag, name, file in
        let source = try path("releases/\(tag)/\(name)")
        guard files.exists(source) else { return false }
        try files.copy(source, file)
        return true
      },
      url: { "\(base)/\($0)" },
      artifactPath: { "releases/\($0)/\($1)" },
      page: { "\(base)/releases/\($0)/" },
      reach: { try await reach() }
    )
  }

  private func path(_ relative: String) throws -> FilePath {
    let path = FilePath(relative).lexicallyNormalized()
    guard path.isRelative, path.components.first?.kind != .parentDirectory else {
      throw Problem(
        "host.path",
        "\(relative) leaves the release host's folder.",
        next: ["Mend the path in hotfix.yml."]
      )
    }
    return root.pushing(path)
  }

  private func release(_ tag: String) throws -> HostedRelease? {
    let file = try path("releases/\(tag)/release.json")
    guard let bytes = try files.read(file, 4 << 20) else { return nil }
    do {
      let release = try JSONDecoder().decode(HostedRelease.self, from: Data(bytes))
      guard release.isSane else { throw CocoaError(.fileReadCorruptFile) }
      return release
    } catch {
      throw Problem(
        "host.unreadable",
        "The release.json of \(tag) on the host cannot be read.",
        why: "\(error)",
        next: ["Restore \(file.string) from a backup."]
      )
    }
  }

  private func releases() throws -> [HostedRelease] {
    try files.list(root.appending("releases")).filter { !$0.hasPrefix(".") }
      .compactMap { try release($0) }
      .sorted { $0.published < $1.published }
  }

  private func publish(_ publication: Publication) throws {
    let release = publication.release
    let target = try path("releases/\(release.tag)")
    if let there = try self.release(release.tag) {
      guard there.artifacts.map(\.digest) == release.artifacts.map(\.digest) else {
        throw Problem(
          "release.exists",
          "\(release.tag) is on the host already, with other artifacts.",
          next: ["hotfix verify \(release.tag)"]
        )
      }
      return
    }
    // Two publishers never share a staging folder; who renames first has published.
    let staging = root.appending(".staging")
      .appending("\(release.tag)-\(UInt64.random(in: 0 ..< .max))")
    defer { try? files.remove(staging) }
    try files.makeFolder(staging)
    for artifact in release.artifacts {
      try files.copy(publication.folder.appending(artifact.name), staging.appending(artifact.name))
      guard try files.digest(staging.appending(artifact.name))?.digest == artifact.digest else {
        throw Problem(
          "artifact.changed",
          "\(artifact.name) changed while it was copied to the host.",
          next: ["Check the disk, then:  hotfix next"]
        )
      }
    }
    try files.write(staging.appending("SHA256SUMS"), Array(publication.checksums.utf8))
    try files.write(staging.appending("notes.md"), Array(publication.notes.utf8))
    try files.write(staging.appending("release.json"), json(release))
    try files.rename(staging, target)
  }

  private func json(_ release: HostedRelease) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return [UInt8](try encoder.encode(release)) + [0x0A]
  }

  private func markWithdrawn(_ tag: String, reason: String) throws {
    guard var release = try release(tag) else {
      throw Problem(
        "host.no-release",
        "\(tag) is not on the release host.",
        next: ["hotfix status"]
      )
    }
    guard release.withdrawn == nil else { return }
    release.withdrawn = reason
    try files.write(
      path("releases/\(tag)/WITHDRAWN.md"),
      Array("# \(tag) was taken back\n\n\(reason)\n".utf8)
    )
    try files.write(path("releases/\(tag)/release.json"), json(release))
  }

  private func write(_ relative: String, old: ContentDigest?, new: [UInt8]) throws {
    let file = try path(relative)
    let unlock = try files.lock(root.appending(".lock"))
    defer { unlock() }
    let now = try files.read(file, 64 << 20).map { ContentDigest.of($0) }
    if now == ContentDigest.of(new) { return }
    guard now == old else {
      throw Problem(
        "feed.moved",
        "\(relative) changed on the host while it was being edited.",
        why: "It was \(old?.short ?? "absent"), and is \(now?.short ?? "absent") now.",
        next: ["hotfix next     reads it again"]
      )
    }
    try files.write(file, new)
  }

  /// A copy with the release's own bytes, which appears by one rename.
  private func place(_ artifact: Artifact, of tag: String, at relative: String) throws {
    let source = try path("releases/\(tag)/\(artifact.name)")
    let target = try path(relative)
    if let there = try files.digest(target) {
      guard there.digest != artifact.digest else { return }
      throw Problem(
        "host.file-differs",
        "\(relative) is on the host already, with other bytes.",
        why: "It is \(there.digest.short)…; the release has \(artifact.digest.short)….",
        next: ["Find out who put it there; then remove it and:  hotfix next"]
      )
    }
    let staging = root.appending(".staging").appending("\(UInt64.random(in: 0 ..< .max))")
    defer { try? files.remove(staging) }
    try files.makeFolder(staging)
    try files.copy(source, staging.appending(artifact.name))
    try files.makeFolder(target.removingLastComponent())
    try files.rename(staging.appending(artifact.name), target)
  }

  /// Serves the folder when its address is on loopback and nobody serves it.
  private func reach() async throws {
    do {
      _ = try await http.send(HTTP.Request("GET", base + "/", seconds: 5))
    } catch is HTTP.Failure {
      guard let url = URLComponents(string: base), let port = url.port,
        url.host == "127.0.0.1" || url.host == "localhost"
      else { return }
      _ = try await http.serve(root, port)
    }
  }
}
