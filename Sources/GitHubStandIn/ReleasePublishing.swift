internal import Git

/// How a release becomes public: its target, its tag, and what immutability forbids for ever.
extension GitHubStandIn {
  /// The tag's commit where the tag is there, else the target's.
  func commitOf(_ release: Release, _ found: Repository) async throws -> String? {
    if let tagged = try await bare(found).resolve("refs/tags/\(release.tag)") { return tagged }
    return try await target(release.target, found)
  }

  /// A target is a branch or a whole commit's name: no tag, no full ref, no shortened name.
  private func target(_ name: String, _ found: Repository) async throws -> String? {
    let git = bare(found)
    if let branch = try await git.branch(name) { return branch }
    guard name.count == 40, name.allSatisfy(\.isHexDigit) else { return nil }
    return try await git.resolve(name)
  }

  /// Refuses a target that is none, also where the tag is there and it would not be needed.
  func requireTarget(_ release: Release, _ found: Repository) async throws {
    guard try await target(release.target, found) == nil else { return }
    let tagged = try await bare(found).resolve("refs/tags/\(release.tag)") != nil
    throw Self.badTarget(tagged || release.isDraft)
  }

  private static let noTag: JSON = [
    "resource": "Release", "code": "custom", "message": "Published releases must have a valid tag",
  ]

  private static func badTarget(_ isTagged: Bool) -> Refusal {
    let target: JSON = ["resource": "Release", "code": "invalid", "field": "target_commitish"]
    if isTagged { return .invalid([target]) }
    let tag: JSON = [
      "resource": "Release", "code": "custom", "field": "tag_name",
      "message": "tag_name is not a valid tag",
    ]
    return .invalid([tag, noTag, target])
  }

  private static func spent(isGone: Bool) -> Refusal {
    let used: JSON = [
      "resource": "Release", "code": "custom", "field": "tag_name",
      "message": "tag_name was used by an immutable release",
    ]
    guard isGone else { return .invalid([used]) }
    let refused: JSON = [
      "resource": "Release", "code": "custom", "field": "pre_receive",
      "message": .string(
        "pre_receive Repository rule violations found\n\n"
          + "Cannot create ref due to creations being restricted.\n\n"
      ),
    ]
    return .invalid([refused, used, noTag])
  }

  /// "Not found" is GitHub's answer when the target's commit changes workflows and the token may not.
  func requireWorkflowScope(_ commit: String?, _ found: Repository, _ call: Call)
    async throws
  {
    guard let commit, let scopes = call.viewer?.scopes, !scopes.contains("workflow") else { return }
    let changed = try await bare(found).text([
      "diff-tree", "--no-commit-id", "--name-only", "-r", "--root", commit, "--",
      ".github/workflows",
    ])
    if !changed.isEmpty { throw Refusal.notFound }
  }

  /// Makes a release public: its tag is made where there is none, and its place among the latest.
  func publish(_ release: inout Release, _ call: Call) async throws {
    let found = try repository(call.repository)
    let tag = release.tag
    let id = release.id
    if found.releases.values.contains(where: { $0.tag == tag && !$0.isDraft && $0.id != id }) {
      throw Refusal.invalid("Release", "tag_name", "already_exists")
    }
    let git = bare(found)
    if found.spentTags.contains(tag) {
      throw Self.spent(isGone: try await git.resolve("refs/tags/\(tag)") == nil)
    }
    if try await git.refs("refs/heads").isEmpty {
      throw Refusal.invalid([
        ["resource": "Release", "code": "custom", "message": "Repository is empty."]
      ])
    }
    guard let commit = try await commitOf(release, found) else { throw Self.badTarget(false) }
    if try await git.resolve("refs/tags/\(tag)") == nil { try await makeTag(tag, at: commit, call) }
    release.isDraft = false
    release.published = now()
    release.created = try await git.commitObject(commit)?.committer.date ?? now()
    release.isImmutable = found.hasImmutableReleases
    release.latestOrder = live.nextNumber()
    let ready = release
    try change(found.id) { found in
      // Another request may have published the tag while git was asked.
      if found.releases.values.contains(where: { $0.tag == tag && !$0.isDraft && $0.id != id }) {
        throw Refusal.invalid("Release", "tag_name", "already_exists")
      }
      found.releases[ready.id] = ready
      if ready.isImmutable { found.spentTags.insert(ready.tag) }
    }
    if release.isImmutable { try attest(release, commit, call.repository) }
    if call.viewer?.isInstallation != true { try await releasePublished(release, commit, call) }
  }

  /// Makes a release's tag; rules refuse it as they would a push, in the form of a validation.
  private func makeTag(_ tag: String, at commit: String, _ call: Call) async throws {
    do {
      try await refuseByRules("refs/tags/\(tag)", old: nil, new: commit, call)
    } catch let refusal as Refusal {
      throw Refusal.invalid("Release", "pre_receive", "custom", "pre_receive \(refusal.message)")
    }
    _ = try await bare(repository(call.repository)).move("refs/tags/\(tag)", to: commit, from: nil)
    let zero = String(repeating: "0", count: 40)
    let push = Push(ref: "refs/tags/\(tag)", old: zero, new: commit, login: call.login)
    if call.viewer?.isInstallation != true {
      try await startWorkflows(for: push, in: call.repository)
    }
  }
}
