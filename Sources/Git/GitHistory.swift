package import ReleaseModel

/// A commit as the steps look at it.
package struct GitCommit: Sendable, Hashable {
  package let name: String
  package let tree: String
  package let parents: [String]
  package let authorEmail: String
  package let committerEmail: String
  package let time: Moment
  package let subject: String
  package let body: String
}

/// How much a file changed between two trees.
package struct FileChange: Sendable, Hashable {
  package let path: String
  /// Nil for a binary file.
  package let added: Int?
  package let removed: Int?
}

extension Git {
  package func isAncestor(_ a: String, of b: String) async throws -> Bool {
    if a == b { return true }
    let answer = try await answer(["merge-base", "--is-ancestor", a, b])
    if answer.ending == .exited(1) { return false }
    guard answer.succeeded else { throw failure(["merge-base", a, b], answer) }
    return true
  }

  package func mergeBase(_ a: String, _ b: String) async throws -> String? {
    try await optionalText(["merge-base", a, b])
  }

  package func tree(of revision: String) async throws -> String? {
    try await resolve(revision + "^{tree}")
  }

  /// Returns the commits in `range`, newest first; at most `limit`.
  package func commits(_ range: [String], limit: Int = 1000) async throws -> [GitCommit] {
    let format = ["%H", "%T", "%P", "%ae", "%ce", "%ct", "%s", "%b"].joined(separator: "%x1f")
    let text = try await text(
      ["log", "-z", "--max-count=\(limit)", "--format=tformat:\(format)"] + range + ["--"]
    )
    return text.split(separator: "\0").compactMap { record in
      // The body comes last, whatever it holds.
      let fields = record.split(
        separator: "\u{1F}",
        maxSplits: 7,
        omittingEmptySubsequences: false
      ).map(String.init)
      guard fields.count == 8, let seconds = Int(fields[5]) else { return nil }
      return GitCommit(
        name: fields[0],
        tree: fields[1],
        parents: fields[2].split(separator: " ").map(String.init),
        authorEmail: fields[3],
        committerEmail: fields[4],
        time: Moment(seconds: seconds),
        subject: String(fields[6].withoutByteOrderMark),
        body: fields[7]
      )
    }
  }

  /// Returns the names of the commits in `range`, newest first; at most `limit`.
  package func commitNames(_ range: [String], limit: Int) async throws -> [String] {
    try await text(["rev-list", "--max-count=\(limit)"] + range + ["--"])
      .lines().map(String.init)
  }

  /// Returns the newest commits of a branch that changed a path; at most 200.
  package func commits(touching path: String, on branch: String) async throws -> [GitCommit] {
    let names = try await text(["log", "--max-count=200", "--format=%H", branch, "--", path])
    return names.isEmpty
      ? []
      : try await commits(["--no-walk=unsorted"] + names.lines().map(String.init))
  }

  package func changes(from base: String, to fix: String) async throws -> [FileChange] {
    let text = try await text([
      "diff-tree", "-r", "-z", "--numstat", "--no-renames", "--ignore-submodules=none", base, fix,
      "--",
    ])
    return text.split(separator: "\0").compactMap { record in
      let fields = record.split(separator: "\t", maxSplits: 2).map(String.init)
      guard fields.count == 3 else { return nil }
      return FileChange(path: fields[2], added: Int(fields[0]), removed: Int(fields[1]))
    }
  }

  /// Returns what changed between two commits, as git's patch, whatever the user's settings are.
  package func diff(from base: String, to head: String) async throws -> String {
    let options = [
      "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames", "--patch", "--stat=100",
      "--src-prefix=a/", "--dst-prefix=b/", "--submodule=short", "--ignore-submodules=none",
    ]
    return try await text(["diff"] + options + [base, head, "--"])
  }

  /// The command by which git shows long output; nil where it shows none in pages.
  package func pager() async throws -> String? {
    let pager = try await optionalText(["var", "GIT_PAGER"]) ?? ""
    return ["", "cat"].contains(pager) ? nil : pager
  }

  package func isDirty() async throws -> Bool {
    let status = ["status", "--porcelain", "-z", "--untracked-files=no"]
    return !(try await output(status, asUser: true)).isEmpty
  }

  /// Returns the current branch's full ref name, or nil on a detached head.
  package func head() async throws -> String? {
    try await optionalText(["symbolic-ref", "--quiet", "HEAD"])
  }

  /// Returns the folder in which `branch` (a full ref name) is checked out, if any.
  package func worktree(of branch: String) async throws -> FilePath? {
    var path: String?
    for line in try await text(["worktree", "list", "--porcelain", "-z"]).split(separator: "\0") {
      if line.hasPrefix("worktree ") { path = String(line.dropFirst(9)) }
      if line == "branch \(branch)" { return path.map { FilePath($0) } }
    }
    return nil
  }

  /// Returns the settings whose whole names match a regular expression, each with its last value.
  package func config(_ names: String) async throws -> [String: String] {
    let text = try await optionalText(["config", "--null", "--get-regexp", "^(\(names))$"])
    var config: [String: String] = [:]
    for entry in (text ?? "").split(separator: "\0") {
      // By bytes: a value may begin with what joins the line feed in one character.
      let parts = entry.utf8.split(separator: 0x0A, maxSplits: 1).compactMap { String($0) }
      if parts.count == 2 { config[parts[0]] = parts[1] }
    }
    return config
  }
}
