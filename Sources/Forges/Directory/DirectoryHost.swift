// The release host "directory": a folder that any static web server serves.
//
//   releases/<tag>/<artifact> … SHA256SUMS notes.md release.json
//   appcast.xml …
//
// 1. A release appears by one rename of a finished folder: whole or not at all, and once.
// 2. Feeds change by rename under a lock, after a look at what is there (compare-and-swap).
// 3. A folder below releases/ without release.json is another tool's release: its files count.
// 4. "Not there" and "cannot be read" are two answers: only a folder that does not exist is empty.
// 5. A withdrawn release keeps its files; release.json and WITHDRAWN.md say why it was taken back.
// 6. What is read and written lies below the folder, also after its links are followed; the folder
//    itself may be a link.
// 7. Several people may share it: the mode of a folder says who may do what in it (SharedFiles.swift).

internal import Foundation
package import ReleaseModel
package import Runbook
internal import Signatures

package struct DirectoryHost: Sendable {
  private let root: FilePath
  private let base: String
  private let files: Files
  private let http: HTTP
  private let foreign: ForeignReleases

  /// How many folders below releases/ are looked at, before the newest of them are read.
  private static let foldersMax = 10_000
  /// The largest file of another tool's release whose digest is computed, in bytes.
  private static let digestBytesMax = 64 << 20

  package init(
    root: FilePath,
    base: String,
    files: Files,
    http: HTTP,
    foreign: ForeignReleases
  ) {
    self.root = root
    self.base = base
    self.files = files
    self.http = http
    self.foreign = foreign
  }

  package var host: ReleaseHost {
    ReleaseHost(
      release: { try release($0) },
      releases: { try releases() },
      publish: { try publish($0) },
      notes: { tag in
        try read("releases/\(tag)/notes.md", bytesMax: 4 << 20)
          .map { String(decoding: $0, as: UTF8.self) }
      },
      markWithdrawn: { try markWithdrawn($0, reason: $1) },
      readFile: { try read($0, bytesMax: 64 << 20) },
      writeFile: { try write($0, old: $1, new: $2) },
      place: { try place($1, of: $0, at: $2) },
      fetch: { try fetch($0, $1, into: $2) },
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
    let whole = root.pushing(path)
    guard let base = files.resolve(root) else { return whole }
    var there = whole
    while there != root, !files.exists(there) { there.removeLastComponent() }
    let real = files.resolve(there)
    guard let real, real.starts(with: base) else { throw leadsOut(there, real) }
    return whole
  }

  /// Rule 6: nobody who may write here reads or writes elsewhere with the rights of who releases.
  private func leadsOut(_ link: FilePath, _ real: FilePath?) -> Problem {
    Problem(
      "host.link",
      "\(link.string) leads out of the release host's folder.",
      why: real.map { "It is \($0.string)." } ?? "It is a link that leads nowhere.",
      next: [
        "ls -ld \(shellQuoted(link.string))     shows the link",
        "Put the files themselves in its place, then repeat the command.",
      ]
    )
  }

  // MARK: reading

  /// Runs something on the host's folder; what the system refuses is a problem of the host.
  private func reading<Value>(_ what: FilePath, _ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch let problem as Problem where problem.code.hasPrefix("file.") {
      throw Problem(
        "host.unreadable",
        "The release host's folder cannot be read: \(what.string).",
        why: "\(problem.what) \(problem.why)",
        next: [
          "Mount it, or mend its permissions; host.directory in hotfix.yml names it.",
          "Then repeat the command.",
        ]
      )
    }
  }

  /// What is in a folder of the host; nil when it does not exist yet.
  private func entries(_ folder: FilePath) throws -> [Files.Entry]? {
    if let found = try reading(folder, { try files.entries(folder) }) { return found }
    try requireRoot()
    return nil
  }

  private func read(_ relative: String, bytesMax: Int) throws -> [UInt8]? {
    let file = try path(relative)
    if let bytes = try reading(file, { try files.read(file, bytesMax) }) { return bytes }
    try requireRoot()
    return nil
  }

  /// What is not there is only missing where the host's own folder can be read or does not exist yet:
  /// a file in its place, or a link to a disk that is not mounted, tells nothing.
  private func requireRoot() throws {
    _ = try reading(root) { try files.entries(root) }
  }

  private func release(_ tag: String) throws -> HostedRelease? {
    let folder = try path("releases/\(tag)")
    guard let found = try entries(folder) else { return nil }
    if let own = try own(tag, found) { return own }
    var digests: [String: ContentDigest] = [:]
    for file in found where file.kind == .file && file.size <= Self.digestBytesMax {
      digests[file.name] = try files.digest(folder.appending(file.name))?.digest
    }
    return described(tag, found, digests: digests)
  }

  /// The release as this tool's own file tells it; nil where another tool made it.
  private func own(_ tag: String, _ found: [Files.Entry]) throws -> HostedRelease? {
    guard found.contains(where: { $0.name == "release.json" }) else { return nil }
    let file = try path("releases/\(tag)/release.json")
    guard let bytes = try reading(file, { try files.read(file, 4 << 20) }) else { return nil }
    return try HostedRelease.read(bytes, tag: tag, at: file.string)
  }

  /// The release by the files in its folder; nil where they are none.
  private func described(
    _ tag: String,
    _ found: [Files.Entry],
    digests: [String: ContentDigest] = [:]
  ) -> HostedRelease? {
    let whole = found.filter { $0.kind == .file && !$0.name.hasPrefix(".") }
    let listed = whole.map { ListedFile(name: $0.name, size: $0.size, digest: digests[$0.name]) }
    let published = whole.map(\.modified).max() ?? Moment(seconds: 0)
    let release = foreign.release(tag, listed, published)
    return release?.artifacts.isEmpty == true ? nil : release
  }

  /// The newest releases, oldest first; one whose release.json is broken is told by its files.
  private func releases() throws -> [HostedRelease] {
    let folder = try path("releases")
    // A link is a release when its own release.json says so.
    let names = (try entries(folder) ?? []).filter {
      !$0.name.hasPrefix(".") && ($0.kind == .folder || $0.kind == .link)
    }
    return try newestReleases(
      Array(names.prefix(Self.foldersMax)),
      version: { foreign.version($0.name) },
      isForAllUsers: { foreign.version($0.name)?.isPrerelease == false }
    ).compactMap { try listed($0) }.sorted { isOlder($0.version, than: $1.version) }
  }

  private func listed(_ entry: Files.Entry) throws -> HostedRelease? {
    do {
      let folder = try path("releases/\(entry.name)")
      guard let found = try entries(folder) else { return nil }
      if let own = try own(entry.name, found) { return own }
      return entry.kind == .folder ? described(entry.name, found) : nil
    } catch let problem as Problem where ["host.unreadable", "host.link"].contains(problem.code) {
      // One old release that is broken does not hide all others.
      var release = foreign.release(entry.name, [], Moment(seconds: 0))
      if let folder = try? path("releases/\(entry.name)"), let found = try? files.entries(folder),
        let seen = described(entry.name, found)
      {
        release = seen
      }
      release?.note = "\(entry.name): \(problem.what) \(problem.why)"
      return release
    }
  }

  private func fetch(_ tag: String, _ name: String, into file: FilePath) throws -> Bool {
    let source = try path("releases/\(tag)/\(name)")
    let found = try entries(source.removingLastComponent()) ?? []
    guard found.contains(where: { $0.name == name }) else { return false }
    try reading(source) { try files.copy(source, file) }
    return true
  }

  // MARK: writing

  private func publish(_ publication: Publication) throws {
    let release = publication.release
    let target = try path("releases/\(release.tag)")
    if let there = try self.release(release.tag) {
      guard try isThere(release, as: there) else {
        throw Problem(
          "release.exists",
          "\(release.tag) is on the host already, with other artifacts.",
          next: ["hotfix verify \(OutsideText(release.tag).word)"]
        )
      }
      return
    }
    // Two publishers never share a staging folder; who renames first has published.
    let staging = try path(".staging/\(release.tag)-\(UInt64.random(in: 0 ..< .max))")
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

  /// Whether the artifacts on the host are the release's own, by their bytes.
  private func isThere(_ release: HostedRelease, as there: HostedRelease) throws -> Bool {
    guard there.isForeign else {
      return there.artifacts.map(\.digest) == release.artifacts.map(\.digest)
    }
    return try release.artifacts.allSatisfy { artifact in
      try files.digest(path("releases/\(release.tag)/\(artifact.name)"))?.digest == artifact.digest
    }
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
    let unlock = try files.lock(path(".lock"))
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
    // A link inside the folder stays one.
    try files.write(files.resolve(file) ?? file, new)
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
        why: "It is \(there.digest.short)…; the release has \(artifact.digestInWords).",
        next: ["Find out who put it there; then remove it and:  hotfix next"]
      )
    }
    let staging = try path(".staging/\(UInt64.random(in: 0 ..< .max))")
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
      guard HTTPAddress.fault(base) == nil, let url = URLComponents(string: base),
        let port = url.port,
        url.host == "127.0.0.1" || url.host == "localhost"
      else { return }
      _ = try await http.serve(root, port)
    }
  }
}
