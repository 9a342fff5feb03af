internal import Record
package import ReleaseModel

/// An object of git: a commit, a tree, a blob or a tag.
package struct GitObject: Sendable, Hashable {
  package let name: String
  package let kind: String
  /// Empty where only its name was asked for.
  package let content: [UInt8]
}

extension Git {
  package static let objectReader = ["cat-file", "--batch-command", "--buffer"]

  /// Returns the object that `revision` names, or nil.
  package func resolve(_ revision: String) async throws -> String? {
    try await look([revision]).first??.name
  }

  /// Returns an object whole, or nil when it is not there.
  package func object(_ revision: String) async throws -> GitObject? {
    try await objects([revision]).first ?? nil
  }

  /// Returns a file's bytes at a revision, or nil when it is not there.
  package func file(_ path: String, at revision: String) async throws -> [UInt8]? {
    let object = try await object("\(revision):\(path)")
    return object?.kind == "blob" ? object?.content : nil
  }

  /// Returns what each revision names, without the content; nil where nothing is.
  func look(_ revisions: [String]) async throws -> [GitObject?] {
    try await ask("info", revisions)
  }

  /// Returns the objects that the revisions name, whole; nil where nothing is.
  func objects(_ revisions: [String]) async throws -> [GitObject?] {
    try await ask("contents", revisions)
  }

  private func ask(_ command: String, _ revisions: [String]) async throws -> [GitObject?] {
    var answers: [GitObject?] = []
    var rest = revisions[...]
    // Few enough at once that their answer stays within the limit of one.
    while !rest.isEmpty {
      let some = rest.prefix(128)
      rest = rest.dropFirst(some.count)
      var question = ""
      for revision in some { question += "\(command) \(try await oneLine(revision))\n" }
      let batch = GitBatch(count: some.count, hasContents: command == "contents")
      let said = try await ask(
        Self.objectReader,
        question + "flush\n",
        until: { batch.isWhole($0) }
      )
      answers += batch.objects(said)
    }
    return answers
  }

  /// A question is one line: a revision with a line feed in it is asked for in another way.
  private func oneLine(_ revision: String) async throws -> String {
    guard revision.utf8.contains(0x0A) else { return revision }
    let name = try await optionalText([
      "rev-parse", "--verify", "--quiet", "--end-of-options", revision,
    ])
    return name ?? "missing"
  }

  /// Writes an object and returns its name.
  package func write(_ kind: String, _ content: [UInt8]) async throws -> String {
    if let writer { return try writer.write(kind, content) }
    return try await output(["hash-object", "-t", kind, "-w", "--stdin"], input: content).textOfLine
  }

  /// Commits a tree as the signer, without a checkout.
  ///
  /// `signs` false is for a commit that no ref will name.
  package func commit(
    tree: String,
    parents: [String],
    message: String,
    by signer: Signer,
    at time: Moment,
    signs: Bool = true
  ) async throws -> String {
    let unsigned = RecordCommit.unsigned(
      tree: tree,
      parents: parents,
      person: signer.identity,
      seconds: time.seconds,
      message: message
    )
    guard signs else { return try await write("commit", unsigned) }
    let signature = try await signer.sign(unsigned, namespace: Chain.namespace)
    return try await write(
      "commit",
      RecordCommit.signed(unsigned, signature: signature, sha256: tree.count == 64)
    )
  }

  /// What merging two commits gives, without a checkout.
  package enum Merge: Sendable, Hashable {
    case clean(tree: String)
    /// The paths, and the tree in which these files carry the markers.
    case conflicts([String], tree: String)
  }

  package func merge(_ ours: String, _ theirs: String) async throws -> Merge {
    let answer = try await answer(["merge-tree", "--write-tree", "--name-only", "-z", ours, theirs])
    let parts = answer.text.split(separator: "\0", omittingEmptySubsequences: false)
    if answer.succeeded, let tree = parts.first {
      return .clean(tree: String(tree))
    }
    guard answer.ending == .exited(1) else {
      throw failure(["merge-tree", ours, theirs], answer)
    }
    return .conflicts(
      parts.dropFirst().prefix { !$0.isEmpty }.map(String.init),
      tree: String(parts.first ?? "")
    )
  }

  /// Moves the branch of one of the user's checkouts forward, with its files.
  package func forward(_ checkout: FilePath, to commit: String) async throws -> ProcessAnswer {
    try await answer(
      [
        "merge", "--quiet", "--ff-only", "--no-squash", "--no-autostash", "--no-verify-signatures",
        "--strategy=ort", commit,
      ],
      in: checkout,
      asUser: true
    )
  }

  /// Checks a commit out into a new folder of its own.
  ///
  /// `asUser` is for one in which a person works.
  package func addWorktree(
    _ path: FilePath,
    at revision: String,
    asUser: Bool = false
  ) async throws {
    try await output(
      ["worktree", "add", "--quiet", "--force", "--detach", path.string, revision],
      asUser: asUser
    )
  }

  package func removeWorktree(_ path: FilePath) async throws {
    let removed = try await answer(["worktree", "remove", "--force", path.string])
    if !removed.succeeded { _ = try await answer(["worktree", "prune"]) }
  }
}
