internal import Git
package import Record
internal import ReleaseModel

/// The releases that came out on a run's line since its base.
///
/// What users of the line have by then, the run's release has to contain; else it takes a fix away
/// from them.
package struct LaterReleases: Sendable {
  private let situation: Situation

  package init(_ situation: Situation) {
    self.situation = situation
  }

  /// Returns the releases on the base's line that are higher than it, highest first.
  package static func choose(
    _ releases: [BaseRelease],
    after base: BaseRelease,
    except own: String
  ) -> [BaseRelease] {
    guard let line = ReleaseLine(base.version) else { return [] }
    return releases.filter { release in
      release.tag != own && ReleaseLine(release.version) == line
        && isOlder(base.version, than: release.version)
        && !release.version.isPrerelease
    }.sorted { isOlder($1.version, than: $0.version) }
  }

  /// Whether no release is to be taken in, by the refs and the record alone.
  func hasTakenAll() async throws -> Bool {
    try await candidates().allSatisfy { known.contains($0.tag) }
  }

  /// What was found: the release to take in, and the withdrawn ones that were passed over.
  struct Found: Sendable {
    var release: BaseRelease?
    var withdrawn: [String] = []

    var evidence: [String] {
      withdrawn.map { "\($0) was withdrawn, so the fix need not contain it" }
    }
    var facts: [String: String] {
      withdrawn.isEmpty ? [:] : [Found.fact: withdrawn.joined(separator: " ")]
    }
    static let fact = "withdrawn"
  }

  /// Returns the newest release to take in, as tags and host have it.
  func newest() async throws -> Found {
    var found = Found()
    for release in try await candidates() {
      // The host is asked only about a release that matters, so that `status` works offline.
      if !known.contains(release.tag), try await !isWithdrawn(release) {
        found.release = release
        return found
      }
      found.withdrawn.append(release.tag)
    }
    return found
  }

  private func isWithdrawn(_ release: BaseRelease) async throws -> Bool {
    try await situation.toolbox.host.release(release.tag)?.withdrawn != nil
  }

  /// What was withdrawn when the branch was last seen to hold; it never comes back.
  private var known: Set<String> {
    let fact = situation.progress.observed["branch"]?.data.facts[Found.fact] ?? ""
    return Set(fact.split(separator: " ").map(String.init))
  }

  private func candidates() async throws -> [BaseRelease] {
    let releases = try await situation.git.tags().compactMap { tag in
      situation.settings.version(ofTag: tag.name).map {
        BaseRelease(tag: tag.name, commit: tag.commit, version: $0)
      }
    }
    let opened = situation.opened
    return Self.choose(releases, after: opened.base, except: opened.tag)
      .filter { isSaneName($0.tag) && isSaneName($0.version.text) }
  }
}
