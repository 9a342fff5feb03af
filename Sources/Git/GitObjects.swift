package import ReleaseModel

extension Git {
  /// Writes a blob and returns its name.
  package func writeBlob(_ content: [UInt8]) async throws -> String {
    trimmedLine(try await output(["hash-object", "-w", "--stdin"], input: content))
  }

  package func writeObject(kind: String, _ content: [UInt8]) async throws -> String {
    trimmedLine(try await output(["hash-object", "-t", kind, "-w", "--stdin"], input: content))
  }

  /// Returns the tree of `base` with the given files written (nil removes one).
  ///
  /// Works on an index of its own, so the user's checkout and index are not touched.
  package func tree(
    of base: String,
    replacing files: [String: [UInt8]?],
    index: FilePath
  ) async throws -> String {
    let environment: [String: String?] = ["GIT_INDEX_FILE": index.string]
    try await output(["read-tree", base], environment: environment)
    var lines = ""
    for (path, content) in files.sorted(by: { $0.key < $1.key }) {
      if let content {
        lines += "100644 \(try await writeBlob(content))\t\(path)\n"
      } else {
        lines += "0 \(String(repeating: "0", count: 40))\t\(path)\n"
      }
    }
    try await output(
      ["update-index", "--index-info"],
      input: Array(lines.utf8),
      environment: environment
    )
    return trimmedLine(try await output(["write-tree"], environment: environment))
  }

  /// Commits a tree, signed when the user's git is set up to sign.
  package func commit(
    tree: String,
    parents: [String],
    message: String,
    sign: Bool
  ) async throws -> String {
    var arguments = ["commit-tree", tree]
    for parent in parents { arguments += ["-p", parent] }
    if sign { arguments.append("-S") }
    return trimmedLine(try await output(arguments, input: Array(message.utf8)))
  }

  /// What merging two commits gives, without a checkout.
  package enum Merge: Sendable, Hashable {
    case clean(tree: String)
    case conflicts([String])
  }

  package func merge(_ ours: String, _ theirs: String) async throws -> Merge {
    let answer = try await answer(["merge-tree", "--write-tree", "--name-only", "-z", ours, theirs])
    let parts = answer.text.split(separator: "\0", omittingEmptySubsequences: false)
    if answer.succeeded, let tree = parts.first {
      return .clean(tree: trimmedLine(Array(tree.utf8)))
    }
    guard answer.ending == .exited(1) else {
      throw Failure(arguments: ["merge-tree", ours, theirs], answer: answer)
    }
    return .conflicts(parts.dropFirst().prefix { !$0.isEmpty }.map(String.init))
  }

  /// Checks a commit out into a new folder of its own.
  package func addWorktree(_ path: FilePath, at revision: String) async throws {
    try await output(["worktree", "add", "--quiet", "--force", "--detach", path.string, revision])
  }

  package func removeWorktree(_ path: FilePath) async throws {
    let removed = try await answer(["worktree", "remove", "--force", path.string])
    if !removed.succeeded { _ = try await answer(["worktree", "prune"]) }
  }
}

private func trimmedLine(_ output: [UInt8]) -> String {
  var text = String(decoding: output, as: UTF8.self)
  if text.hasSuffix("\n") { text.removeLast() }
  return text
}
