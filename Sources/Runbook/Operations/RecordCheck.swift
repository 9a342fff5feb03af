// A record held against git.
//
// 1. The policy is what the files of a commit of main make, byte by byte, and main contains this
//    commit as the reader knows main. Whoever signs a first event cannot bring a policy of their own.
// 2. A record from before the commit was named holds when any commit of main makes its policy.
// 3. The base, and what a rollback names, is the commit that its tag names: on the remote as last
//    fetched, in this clone where the remote was never asked. Its version is the tag's by the settings.
// 4. The judgement is a pure function of what git says; reading, appending and `record verify` all
//    ask here.

package import Git
package import Record
internal import ReleaseModel

/// Holds what records say of main and of tags against what git says.
package struct RecordCheck: Sendable {
  private let git: Git
  private let policies: MainPolicy
  private let memo = Memo()

  /// `main` is the main branch's remote-tracking ref.
  package init(git: Git, main: String) {
    self.git = git
    policies = MainPolicy(git: git, main: main)
  }

  /// Throws `RecordFault` for the first thing that is not so.
  package func require(_ chain: Chain) async throws {
    let claims = RecordClaims(chain.events)
    var settings: [Settings] = []
    for claim in claims.policies {
      let source = try await source(of: claim)
      if let fault = claim.fault(source, main: policies.main) { throw fault }
      if case .read(let pinned) = source, let own = try? pinned.settings.of(claims.component) {
        settings.append(own)
      }
    }
    if !settings.contains(where: { $0.names(all: claims) }),
      // The base may have moved since main named its tags in another way.
      let newest = try? await policies.newest()?.settings.of(claims.component)
    {
      settings.append(newest)
    }
    for claim in claims.names where !settings.contains(where: { $0.names(claim) }) {
      throw RecordFault.baseNotTagged(
        sequence: claim.sequence,
        reason: "\(claim.tag) is not the tag of \(claim.version) by \(Settings.fileName).",
        next: []
      )
    }
    for claim in claims.releases {
      let fault = claim.fault(
        try await tags(claim.release.tag),
        isVersion: settings.contains { $0.names(claim) },
        isOpen: claims.isOpen,
        remote: git.remote
      )
      if let fault { throw fault }
    }
  }

  private func source(of claim: RecordClaims.PolicyClaim) async throws -> PolicySource {
    guard let tip = try await git.resolve(policies.main + "^{commit}") else { return .noMain }
    guard let commit = claim.settings else {
      let question = "policy \(claim.policy.digest) in \(tip)"
      let found = try await memo.answer(question) {
        [try await policies.search(for: claim.policy)?.commit ?? ""]
      }
      guard let commit = found.first, let pinned = try await policies.at(commit) else {
        return .notFound
      }
      return .read(pinned)
    }
    guard let object = try await git.object(commit), object.kind == "commit",
      object.name == commit
    else { return .unknown(commit) }
    do {
      guard try await git.isAncestor(commit, of: tip) else { return .notOnMain(commit) }
      guard let pinned = try await policies.at(commit) else {
        return .unreadable(commit, "it has no \(Settings.fileName) or no list of signers.")
      }
      return .read(pinned)
    } catch let problems as Problems {
      return .unreadable(commit, problems.all.map(\.what).joined(separator: "\n"))
    } catch let failure as Git.Failure {
      // History is missing, as in a shallow clone.
      return .unreadable(commit, failure.problem.why)
    }
  }

  private func tags(_ name: String) async throws -> TagView {
    let refs = [Git.remoteTagRef(git.remote, name), "refs/tags/\(name)"]
    let found = try await git.detailedRefs(refs)
    return TagView(remote: found[refs[0]], local: found[refs[1]])
  }
}

/// Where a policy comes from, as git says.
enum PolicySource {
  case noMain
  /// Not an object of this clone.
  case unknown(String)
  case notOnMain(String)
  case unreadable(String, String)
  /// No commit is named, and no commit of main makes such a policy.
  case notFound
  case read(MainPolicy.Pinned)
}

/// A release's tag, on the remote as last fetched and in this clone.
struct TagView {
  let remote: Git.DetailedRef?
  let local: Git.DetailedRef?
}

extension RecordClaims.PolicyClaim {
  /// Returns why a policy does not count; nil when it is main's.
  func fault(_ source: PolicySource, main: String) -> RecordFault? {
    let main = main.hasPrefix("refs/remotes/") ? String(main.dropFirst(13)) : main
    let reason: String
    switch source {
    case .read(let pinned):
      if let own = self.main, own != pinned.settings.main {
        reason = "it takes \(own) for main, which is \(pinned.settings.main)."
        break
      }
      if pinned.policy == policy { return nil }
      let differences = policy.differences(from: pinned.policy).joined(separator: ", ")
      reason = "the files of \(pinned.commit.prefix(12)) make another one (\(differences))."
    case .noMain: reason = "\(main) is not in this clone."
    case .unknown(let commit):
      reason =
        "\(commit.prefix(12)), which it names, is no commit of this clone. A shallow clone gets it "
        + "with `git fetch --unshallow`."
    case .notOnMain(let commit):
      reason =
        "\(commit.prefix(12)), which it names, is not in the history of \(main). Either \(main) was "
        + "set back after the run was opened, or the event was made by hand."
    case .unreadable(let commit, let why):
      reason = "the settings of \(commit.prefix(12)), which it names, cannot be read: \(why)"
    case .notFound:
      reason = "it names no commit, and no commit of \(main) makes such a policy."
    }
    return .policyNotMains(sequence: sequence, reason: reason)
  }
}

extension RecordClaims.ReleaseClaim {
  /// Returns why a release is not what its tag says; nil when it is.
  ///
  /// A run that has ended outlives the tag of its base.
  func fault(_ tags: TagView, isVersion: Bool, isOpen: Bool, remote: String) -> RecordFault? {
    let (tag, commit) = (release.tag, release.commit.prefix(12))
    func fault(_ reason: String, next: [String]) -> RecordFault {
      .baseNotTagged(sequence: sequence, reason: reason, next: next)
    }
    guard let found = tags.remote ?? tags.local else {
      guard isOpen else { return nil }
      return fault(
        "\(tag), at \(commit) by the record, is neither on \(remote) nor in this clone.",
        next: ["git push \(remote) \(tag)     by somebody who has the tag"]
      )
    }
    guard found.commit == release.commit else {
      let place = tags.remote == nil ? "in this clone" : "on \(remote)"
      let said =
        "the record says that \(tag) is \(commit); \(place) it is \(found.commit.prefix(12))."
      guard let old = tags.local, let new = tags.remote, old.commit == release.commit else {
        return fault(
          said + " Either the tag was moved after the run was opened, or the event was made by "
            + "hand.",
          next: ["git log -1 \(tag); git log -1 \(release.commit)     shows which one was released"]
        )
      }
      return fault(
        said + " This clone's tag still names \(commit): the tag was moved on \(remote).",
        next: [
          "git push --force-with-lease=refs/tags/\(tag):\(new.object) \(remote) "
            + "+refs/tags/\(tag)     puts the tag back"
        ]
      )
    }
    if isVersion { return nil }
    return fault(
      "\(tag) is not the tag of \(release.version) by \(Settings.fileName).",
      next: []
    )
  }
}

extension Settings {
  /// Whether a tag's name is that of the version.
  fileprivate func names(_ claim: RecordClaims.NameClaim) -> Bool {
    tag.filled(["version": claim.version.text]) == claim.tag
  }

  fileprivate func names(_ claim: RecordClaims.ReleaseClaim) -> Bool {
    version(ofTag: claim.release.tag) == claim.release.version
  }

  fileprivate func names(all claims: RecordClaims) -> Bool {
    claims.names.allSatisfy(names) && claims.releases.allSatisfy(names)
  }
}
