package import ReleaseModel

/// A change of one ref on the remote, by compare-and-swap.
package struct RefUpdate: Sendable, Hashable {
  package let ref: String
  /// What the ref has to be now; nil when it must not exist.
  package let old: String?
  /// What it becomes; nil deletes it.
  package let new: String?

  package init(_ ref: String, old: String?, new: String?) {
    self.ref = ref
    self.old = old
    self.new = new
  }

  /// The ref's name as people write it.
  package var shortName: String {
    for prefix in ["refs/heads/", "refs/tags/"] where ref.hasPrefix(prefix) {
      return String(ref.dropFirst(prefix.count))
    }
    return ref
  }
}

extension RefUpdate {
  /// The tracking ref that follows a pushed ref, so that the next look needs no fetch.
  ///
  /// Where the ref is deleted on the remote, the tracking ref goes too.
  package func tracking(_ remote: String) -> RefUpdate? {
    for space in Git.sharedSpaces where ref.hasPrefix("refs/\(space)/") {
      let name = String(ref.dropFirst("refs/\(space)/".count))
      return RefUpdate(Git.tracking(space, remote) + name, old: nil, new: new)
    }
    if ref.hasPrefix("refs/heads/") {
      return RefUpdate("refs/remotes/\(remote)/\(shortName)", old: nil, new: new)
    }
    guard ref.hasPrefix("refs/tags/") else { return nil }
    return RefUpdate(Git.remoteTagRef(remote, shortName), old: nil, new: new)
  }
}

/// How a push ended.
package enum PushOutcome: Sendable, Hashable {
  case done
  /// Somebody else moved a ref: look again and decide again.
  case lost(String)
  /// A hook, a permission or a setting said no: trying again does not help.
  case refused(String)
  /// No answer came: what happened has to be looked at.
  case unknown(String)
}

/// A tag, annotated or not.
package struct GitTag: Sendable, Hashable {
  package let name: String
  /// The tag object, or the commit for a lightweight tag.
  package let object: String
  package let commit: String
  package let isAnnotated: Bool
}

extension Git {
  /// Brings branches, tags and records from the remote; never touches a local branch.
  ///
  /// Records land in the tracking namespace only: a configured `+refs/hotfix/*:refs/hotfix/*`
  /// would lose unpushed events on `--prune` (git-fetch(1), "PRUNING").
  package func fetch(seconds: Int = 120) async throws {
    try await output(
      [
        "fetch", "--quiet", "--no-write-fetch-head", "--prune", "--no-tags",
        "--no-recurse-submodules", "--no-write-commit-graph",
        // Nothing else moves, whatever refs the remote's setting names: not even this clone's witness.
        "--refmap=", remote, "+refs/heads/*:refs/remotes/\(remote)/*",
        "+refs/tags/*:refs/remotes-tags/\(remote)/*",
        "+refs/hotfix/*:refs/remotes-hotfix/\(remote)/*",
      ] + Self.sharedSpaces.map { "+refs/\($0)/*:\(Self.tracking($0, remote))*" },
      seconds: seconds
    )
  }

  private static let names = "hotfix-names"
  private static let lines = "hotfix-lines"
  /// Refs that runs compete for: names, made once and never moved, and the newest of each line.
  static let sharedSpaces = [names, lines]

  static func tracking(_ space: String, _ remote: String) -> String {
    "refs/remotes-\(space)/\(remote)/"
  }

  /// The ref that reserves a tag's name for one run; whoever creates it first has the name.
  package static func nameRef(_ tag: String) -> String { "refs/\(names)/\(tag)" }

  /// Returns the change by which a tag becomes the newest hotfix of its release line.
  ///
  /// It travels with the tag: of two runs that release at once on one line, the second loses the
  /// race, looks again, and takes the first one in. main alone does not see to that, because a fix
  /// may be in main long before its tag.
  package func lineUpdate(_ line: ReleaseLine, to tag: String?) async throws -> RefUpdate {
    let seen = "\(Self.tracking(Self.lines, remote))\(line)"
    return RefUpdate("refs/\(Self.lines)/\(line)", old: try await refs([seen])[seen], new: tag)
  }

  /// The ref that keeps the commits of a run that was given up.
  package static func abandonedRef(_ run: String) -> String { "refs/hotfix-abandoned/\(run)" }

  /// Returns the tags whose names runs have taken, as last fetched.
  package func takenNames() async throws -> [String] {
    let prefix = Self.tracking(Self.names, remote)
    return try await refs([prefix]).keys.map { String($0.dropFirst(prefix.count)) }.sorted()
  }

  /// Returns local refs under `prefix` with the objects that they name.
  package func refs(_ prefixes: [String]) async throws -> [String: String] {
    var refs: [String: String] = [:]
    for line in try await lines(["for-each-ref", "--format=%(objectname) %(refname)"] + prefixes) {
      let parts = line.split(separator: " ", maxSplits: 1)
      if parts.count == 2 { refs[String(parts[1])] = String(parts[0]) }
    }
    return refs
  }

  /// Returns the tags here, oldest first.
  package func localTags() async throws -> [String] {
    try await lines(
      ["for-each-ref", "--sort=creatordate", "--format=%(refname:strip=2)", "refs/tags"]
    )
  }

  /// Brings one commit from the remote, if it still has it.
  package func fetch(commit: String) async throws {
    _ = try await answer([
      "fetch", "--quiet", "--no-write-fetch-head", "--no-prune", "--no-tags",
      "--no-recurse-submodules", "--no-write-commit-graph", "--refmap=", remote, commit,
    ])
  }

  static let refMover = ["update-ref", "--stdin"]

  package static func remoteTagRef(_ remote: String, _ tag: String) -> String {
    "refs/remotes-tags/\(remote)/\(tag)"
  }

  /// A ref with what it names and what that comes down to.
  package struct DetailedRef: Sendable, Hashable {
    package let object: String
    package let commit: String
    package let tree: String
    package let isTagObject: Bool
  }

  /// Returns the given refs, each with its commit and tree.
  package func detailedRefs(_ names: [String]) async throws -> [String: DetailedRef] {
    let found = try await look(names.flatMap { [$0, $0 + "^{}", $0 + "^{tree}"] })
    var refs: [String: DetailedRef] = [:]
    for (index, name) in names.enumerated() {
      guard let object = found[index * 3], let peeled = found[index * 3 + 1] else { continue }
      refs[name] = DetailedRef(
        object: object.name,
        commit: peeled.name,
        tree: found[index * 3 + 2]?.name ?? "",
        isTagObject: object.kind == "tag"
      )
    }
    return refs
  }

  /// Returns the remote's tags as last fetched, oldest first.
  package func tags() async throws -> [GitTag] { try await tags([]) }

  /// The remote's tags whose history has a commit.
  package func tags(containing commit: String) async throws -> [GitTag] {
    try await tags(["--contains=\(commit)"])
  }

  private func tags(_ filter: [String]) async throws -> [GitTag] {
    try await lines(
      ["for-each-ref", "--sort=creatordate"] + filter + [
        "--format=%(refname:strip=3) %(objecttype) %(objectname) %(*objectname)",
        "refs/remotes-tags/\(remote)",
      ]
    ).compactMap { line in
      let parts = line.split(separator: " ").map(String.init)
      guard parts.count >= 3 else { return nil }
      let annotated = parts[1] == "tag"
      guard let commit = annotated ? parts.dropFirst(3).first : parts[2] else { return nil }
      return GitTag(name: parts[0], object: parts[2], commit: commit, isAnnotated: annotated)
    }
  }

  /// Moves local refs by compare-and-swap; `tracking` refs follow the remote whatever they were
  /// (git itself may have moved them after a push).
  package func updateRefs(
    _ updates: [RefUpdate],
    tracking: [RefUpdate] = []
  ) async throws {
    guard !updates.isEmpty || !tracking.isEmpty else { return }
    // As long as this repository's names are: 40 digits of SHA-1, or 64 of SHA-256.
    let length = (updates + tracking).compactMap { $0.new ?? $0.old }.first?.count ?? 40
    let zero = String(repeating: "0", count: length)
    let commands =
      updates.map { update in
        update.new.map { "update \(update.ref) \($0) \(update.old ?? zero)\n" }
          ?? "delete \(update.ref) \(update.old ?? "")\n"
      } + tracking.map { "update \($0.ref) \($0.new ?? zero)\n" }
    let isWhole = { @Sendable (said: [UInt8]) in
      said.suffix(11).elementsEqual("commit: ok\n".utf8)
    }
    _ = try await ask(
      Self.refMover,
      "start\n\(commands.joined())commit\n",
      until: isWhole
    )
  }

  /// Pushes all updates as one transaction, each with a lease on its old value.
  ///
  /// A lease alone drops the fast-forward rule, so the caller makes sure of ancestry.
  package func push(_ updates: [RefUpdate]) async throws -> PushOutcome {
    var arguments = [
      "push", "--porcelain", "--atomic", "--no-verify", "--no-signed", "--no-follow-tags",
      "--no-recurse-submodules", "--no-force-if-includes",
    ]
    arguments += updates.map { "--force-with-lease=\($0.ref):\($0.old ?? "")" }
    arguments.append(remote)
    arguments += updates.map { "\($0.new ?? ""):\($0.ref)" }
    let answer = try await answer(arguments, seconds: 300)
    return pushOutcome(answer)
  }
}

/// Returns the outcome that `git push --porcelain` reports (git-push(1), "OUTPUT").
package func pushOutcome(_ answer: ProcessAnswer) -> PushOutcome {
  if answer.succeeded { return .done }
  let rejected = answer.text.lines().filter { $0.hasPrefix("!") }.map(String.init)
  let words = (rejected.joined(separator: "\n") + "\n" + answer.errors)
  let races = [
    "stale info", "fetch first", "non-fast-forward", "already exists", "failed to update ref",
    "cannot lock ref", "incorrect old value provided", "reference already exists",
  ]
  // A refusal by the remote's hook drags the other refs down with "atomic push failed".
  let refusals = ["hook declined", "denied", "deny updating", "protected", "funny refname"]
  if answer.errors.contains("does not support --atomic") {
    return .refused(answer.errors)
  }
  if rejected.isEmpty {
    return .unknown(answer.errors.isEmpty ? answer.endingInWords : answer.errors)
  }
  if refusals.contains(where: words.contains) { return .refused(words) }
  if races.contains(where: words.contains) { return .lost(words) }
  return .refused(words)
}
