internal import Git
package import Record
package import ReleaseModel

/// Releases of other lines that lack the fix: one fault, many lines.
///
/// What is released cannot be changed, so nothing waits for them; a run for each is offered.
package struct OtherLines: Sendable {
  /// The fact under which the offers are kept for the report.
  static let fact = "followUps"
  private static let linesMax = 8
  private static let commitsMax = 300

  private let situation: Situation

  init(_ situation: Situation) {
    self.situation = situation
  }

  /// Returns an offer for every line that needs one, lowest line first.
  func followUps(_ fix: String) async throws -> [String] {
    guard !situation.isRollback else { return [] }
    let own = try await ownCommits(fix)
    var offers: [String] = []
    for release in try await releases() where !(try await hasFix(release, fix, own)) {
      let picks = own.map { " --pick \($0.name.prefix(12))" }.joined()
      offers.append(
        "\(release.tag) lacks the fix:  hotfix open \(OutsideText(situation.opened.title).word) "
          + "--base \(OutsideText(release.tag).word)\(picks) …"
      )
    }
    return offers
  }

  /// The newest release of every higher line, and of every lower one that has the fault.
  private func releases() async throws -> [BaseRelease] {
    guard let line = ReleaseLine(situation.version) else { return [] }
    let affected = (situation.progress.assessment?.affected ?? [])
      .compactMap { ReleaseLine(situation.settings.version(ofTag: $0) ?? VersionName($0)) }
    let all = try await situation.git.tags().compactMap { tag in
      situation.settings.version(ofTag: tag.name).map {
        BaseRelease(tag: tag.name, commit: tag.commit, version: $0)
      }
    }
    return Array(Self.choose(all, besides: line, affected: Set(affected)).prefix(Self.linesMax))
  }

  /// Returns the newest release of each line that users may still have the fault on.
  package static func choose(
    _ releases: [BaseRelease],
    besides own: ReleaseLine,
    affected: Set<ReleaseLine>
  ) -> [BaseRelease] {
    var newest: [ReleaseLine: BaseRelease] = [:]
    for release in releases where !release.version.isPrerelease {
      guard let line = ReleaseLine(release.version), line != own,
        line > own || affected.contains(line)
      else { continue }
      if let known = newest[line], !isOlder(known.version, than: release.version) { continue }
      newest[line] = release
    }
    return newest.sorted { $0.key < $1.key }.map(\.value)
  }

  private func hasFix(
    _ release: BaseRelease,
    _ fix: String,
    _ own: [GitCommit]
  ) async throws -> Bool {
    let git = situation.git
    if try await Containment.evidence(of: fix, in: release.commit, situation) != nil { return true }
    guard !own.isEmpty else { return false }
    let range = ["\(situation.opened.base.commit)..\(release.commit)"]
    let picked = try await git.commits(range, limit: Self.commitsMax).map(\.body)
    return own.allSatisfy { commit in
      picked.contains { $0.contains("cherry picked from commit \(commit.name)") }
    }
  }

  /// The fix's own commits, oldest first.
  private func ownCommits(_ fix: String) async throws -> [GitCommit] {
    let range = ["--no-merges", "\(situation.opened.base.commit)..\(fix)"]
    var own: [GitCommit] = []
    for commit in try await situation.git.commits(range, limit: 20)
    where !(try await situation.isDraft(commit)) {
      own.append(commit)
    }
    return own.reversed()
  }
}
