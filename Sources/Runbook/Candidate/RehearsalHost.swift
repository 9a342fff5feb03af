internal import Foundation
internal import ReleaseModel
internal import Signatures

/// A private copy of the release host: what one release adds, over what is served today.
///
/// Reads go to the real host, writes to a folder that is served on loopback. Nothing that happens
/// here is seen by anybody else.
struct RehearsalHost: Sendable {
  let real: ReleaseHost
  /// The release that is rehearsed.
  let tag: String
  let feeds: [String]
  /// Where the copy lies, and where it is served.
  let folder: FilePath
  let base: String
  let files: Files

  var host: ReleaseHost {
    var host = real
    host.release = { [self] in $0 == tag ? try published() : try await real.release($0) }
    host.releases = { [self] in
      try await real.releases().filter { $0.tag != tag } + [try published()].compactMap(\.self)
    }
    host.publish = { [self] in try publish($0) }
    host.notes = { [self] in
      $0 == tag ? try text("releases/\(tag)/notes.md") : try await real.notes($0)
    }
    host.readFile = { [self] in
      if let own = try files.read(path($0), 64 << 20) { return own }
      return try await real.readFile($0)
    }
    host.writeFile = { [self] in try files.write(path($0), $2) }
    host.place = { [self] _, artifact, place in
      let source = path("releases/\(tag)/\(artifact.name)")
      if source != path(place), !files.exists(path(place)) { try files.copy(source, path(place)) }
    }
    host.fetch = { [self] in
      guard $0 == tag else { return try await real.fetch($0, $1, $2) }
      let source = path("releases/\(tag)/\($1)")
      guard files.exists(source) else { return false }
      try files.copy(source, $2)
      return true
    }
    host.url = { [self] in isOwn($0) ? "\(base)/\($0)" : real.url($0) }
    host.artifactPath = { [self] in
      $0 == tag ? "releases/\(tag)/\($1)" : real.artifactPath($0, $1)
    }
    host.feedDelaySecondsMax = 0
    host.markWithdrawn = { _, _ in }
    return host
  }

  private func isOwn(_ path: String) -> Bool {
    path.hasPrefix("releases/\(tag)/") || feeds.contains(path) && files.exists(self.path(path))
  }

  private func path(_ relative: String) -> FilePath {
    folder.pushing(FilePath(relative).lexicallyNormalized())
  }

  private func text(_ relative: String) throws -> String? {
    try files.read(path(relative), 4 << 20).map { String(decoding: $0, as: UTF8.self) }
  }

  private func published() throws -> HostedRelease? {
    guard let bytes = try files.read(path("releases/\(tag)/release.json"), 4 << 20) else {
      return nil
    }
    return try HostedRelease.read(bytes, tag: tag, at: "the rehearsal")
  }

  private func publish(_ publication: Publication) throws {
    let home = path("releases/\(tag)")
    try files.makeFolder(home)
    for artifact in publication.release.artifacts {
      let source = publication.folder.appending(artifact.name)
      try files.copy(source, home.appending(artifact.name))
      // Among a release's own assets, a feed and its artifacts lie side by side.
      if real.feedsTravelWithRelease { try files.copy(source, path(artifact.name)) }
    }
    try files.write(home.appending("SHA256SUMS"), Array(publication.checksums.utf8))
    try files.write(home.appending("notes.md"), Array(publication.notes.utf8))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try files.write(
      home.appending("release.json"),
      [UInt8](try encoder.encode(publication.release))
    )
    for (name, bytes) in publication.feeds { try files.write(path(name), bytes) }
  }
}
