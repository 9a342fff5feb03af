// Binary deltas from earlier releases to the one that is shipped.
//
// 1. They are made from the very archives that users installed: those on the host.
// 2. A delta that is not clearly smaller than the full download is left out (generate_appcast of
//    Sparkle 2.9.2: delta / 7 must be at most archive / 8).
// 3. Every updater falls back to the full download, so a release without deltas is not wrong.

internal import Foundation
internal import Git
internal import Record
internal import ReleaseModel
internal import Signatures

/// Makes the deltas that the feeds ask for.
struct DeltaMaker: Sendable {
  /// Returns the Ed25519 signature of a file of that size.
  typealias Sign = @Sendable (FilePath, Int) throws -> String?

  private let situation: Situation
  /// Where the artifacts lie, and the deltas beside them.
  private let folder: FilePath

  init(_ situation: Situation, folder: FilePath) {
    self.situation = situation
    self.folder = folder
  }

  private var toolbox: Toolbox { situation.toolbox }

  /// One delta to be made.
  private struct Wanted: Sendable {
    let release: HostedRelease
    let old: Artifact
    let full: Artifact
    let delta: Artifact.Delta
    let newBundle: FilePath
  }

  func deltas(
    to artifacts: [Artifact],
    _ commit: String,
    sign: @escaping Sign
  ) async throws -> [Artifact] {
    let work = toolbox.scratch.appending("deltas-\(situation.opened.tag)")
    try toolbox.files.remove(work)
    try toolbox.files.makeFolder(work)
    defer { try? toolbox.files.remove(work) }
    let wanted = try await wanted(artifacts, commit, in: work)
    return try await withThrowingTaskGroup(of: (Int, Artifact?).self) { group in
      for (number, wanted) in wanted.enumerated() {
        group.addTask {
          (number, try await make(wanted, in: work.appending("\(number)"), sign))
        }
      }
      var made: [(Int, Artifact)] = []
      for try await (number, artifact) in group {
        if let artifact { made.append((number, artifact)) }
      }
      return made.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }

  private func wanted(
    _ artifacts: [Artifact],
    _ commit: String,
    in work: FilePath
  ) async throws -> [Wanted] {
    let release = HostedRelease(
      app: situation.opened.app,
      tag: situation.opened.tag,
      version: situation.version,
      commit: commit,
      published: toolbox.now(),
      artifacts: artifacts
    )
    var wanted: [Wanted] = []
    for feed in situation.settings.feeds where feed.deltas > 0 {
      let telling = FeedTelling(feed: feed, host: toolbox.host)
      let full = try telling.artifact(of: release)
      guard full.bundleVersion != nil, let bundle = try await unpack(full, into: work) else {
        toolbox.say(.note("\(full.name) holds no app bundle, so it gets no deltas"))
        continue
      }
      for old in try await earlier(feed.deltas) {
        guard let artifact = try? telling.artifact(of: old), let version = artifact.bundleVersion,
          version != full.bundleVersion,
          !wanted.contains(where: { $0.delta.bundleVersion == version && $0.full == full })
        else { continue }
        wanted.append(
          Wanted(
            release: old,
            old: artifact,
            full: full,
            delta: .init(from: old.version, bundleVersion: version, fullName: full.name),
            newBundle: bundle
          )
        )
      }
    }
    return wanted
  }

  private func earlier(_ count: Int) async throws -> [HostedRelease] {
    try await toolbox.host.releases()
      .filter { $0.app == situation.opened.app && isOlder($0.version, than: situation.version) }
      // Of another tool's release the build number is not known, by which a delta is found.
      .filter { !$0.isForeign }
      .sorted { isOlder($0.version, than: $1.version) }
      .suffix(count)
  }

  private func unpack(_ full: Artifact, into work: FilePath) async throws -> FilePath? {
    let target = work.appending("new-\(full.name)")
    if !toolbox.files.exists(target) {
      try toolbox.files.makeFolder(target)
      try await toolbox.unpack(folder.appending(full.name), target)
    }
    return try Bundles.bundle(inFolder: target, files: toolbox.files)
  }

  private func make(_ wanted: Wanted, in work: FilePath, _ sign: Sign) async throws -> Artifact? {
    guard let old = try await oldBundle(wanted, in: work) else { return nil }
    let name =
      "\(situation.opened.app.replacing(" ", with: "-"))-\(situation.version)-from-\(wanted.delta.from).delta"
    let file = folder.appending(name)
    try toolbox.files.remove(file)
    do {
      try await toolbox.makeDelta(old, wanted.newBundle, file)
    } catch let problem as Problem where problem.code == "delta.old-sparkle" {
      toolbox.say(.note("no delta from \(wanted.delta.from): \(problem.why)"))
      return nil
    }
    guard let (size, digest) = try toolbox.files.digest(file) else { return nil }
    let compared = "\(size) bytes instead of \(wanted.full.size)"
    guard size / 7 <= wanted.full.size / 8 else {
      try toolbox.files.remove(file)
      toolbox.say(.note("no delta from \(wanted.delta.from): it would take \(compared)"))
      return nil
    }
    toolbox.say(.note("delta from \(wanted.delta.from): \(compared)"))
    var artifact = Artifact(name: name, size: size, digest: digest, platform: wanted.full.platform)
    artifact.delta = wanted.delta
    artifact.edSignature = try sign(file, size)
    return artifact
  }

  /// The bundle of an earlier release, from the host's own bytes.
  private func oldBundle(_ wanted: Wanted, in work: FilePath) async throws -> FilePath? {
    try toolbox.files.makeFolder(work)
    let archive = work.appending("archive-\(wanted.old.name)")
    let host = toolbox.host
    guard try await host.fetch(wanted.release.tag, wanted.old.name, archive),
      let found = try toolbox.files.digest(archive)
    else {
      toolbox.say(
        .note("no delta from \(wanted.delta.from): \(wanted.old.name) is gone from the host")
      )
      return nil
    }
    guard wanted.old.digest.map({ $0 == found.digest }) ?? true else {
      throw Problem(
        "delta.old-artifact",
        "The host has other bytes of \(wanted.old.name) than \(wanted.release.tag) was published with.",
        why: "A delta made from them would fit nobody's installed app.",
        next: [
          "hotfix verify \(OutsideText(wanted.release.tag).word)",
          "Restore the file from a backup.",
        ]
      )
    }
    let target = work.appending("old")
    try toolbox.files.makeFolder(target)
    try await toolbox.unpack(archive, target)
    return try Bundles.bundle(inFolder: target, files: toolbox.files)
  }
}
