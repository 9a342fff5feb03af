internal import Git
internal import ReleaseModel

/// A worktree in which a person resolves the conflicts of a merge.
struct ConflictFolder: Sendable {
  private let situation: Situation
  private let folder: FilePath
  private let message: String
  private let conflict: (code: String, what: String)
  private let unresolved: String
  private var git: Git { situation.git }

  /// `conflict` and `unresolved` are codes of `docs/errors.md`.
  init(
    _ situation: Situation,
    name: String,
    message: String,
    conflict: (code: String, what: String),
    unresolved: String
  ) {
    self.situation = situation
    folder = situation.toolbox.scratch.appending(name)
    self.message = message
    self.conflict = conflict
    self.unresolved = unresolved
  }

  var exists: Bool { situation.toolbox.files.exists(folder) }

  /// Begins the merge, and returns what the person has to be told.
  func begin(at ours: String, merging theirs: String, files: [String]) async throws -> Problem {
    try await close()
    try await git.addWorktree(folder, at: ours, asUser: true)
    _ = try await git.answer(
      [
        "merge", "--no-ff", "--no-squash", "--no-autostash", "--no-verify-signatures",
        "--strategy=ort", "-m", message, theirs,
      ],
      in: folder,
      asUser: true
    )
    return Problem(
      conflict.code,
      conflict.what,
      why: files.prefix(20).joined(separator: "\n"),
      next: [
        "cd \(OutsideText(folder.string).word)",
        "resolve the files, then:  git commit -a --no-edit",
        "hotfix next --continue",
      ]
    )
  }

  func head() async throws -> String {
    try await git.text(["rev-parse", "HEAD"], in: folder)
  }

  /// Returns what the person committed over `head`, the newest of `branch`; nil where no merge
  /// was begun.
  func resolved(_ head: String, over branch: String) async throws -> String? {
    guard exists else { return nil }
    let tip = try await self.head()
    if tip != head, try await git.isAncestor(head, of: tip) { return tip }
    if try await git.isAncestor(tip, of: head) { throw try await notYet() }
    throw try await notYet(["git merge \(head.prefix(12))     brings what came to \(branch) since"])
  }

  /// Says that the merge is not committed yet.
  func notYet(_ more: [String] = []) async throws -> Problem {
    Problem(
      unresolved,
      "The merge is not resolved and committed yet.",
      why: try await git.text(["status", "--porcelain"], in: folder),
      next: ["cd \(OutsideText(folder.string).word)"] + more + [
        "git commit -a --no-edit", "hotfix next --continue",
        "git worktree remove --force \(OutsideText(folder.string).word)     begins the merge again",
      ]
    )
  }

  func moved(_ what: String, _ theirs: String, code: String) -> Problem {
    Problem(
      code,
      what,
      next: [
        "cd \(OutsideText(folder.string).word)", "git merge \(theirs)", "hotfix next --continue",
      ]
    )
  }

  func close() async throws {
    if exists { try await git.removeWorktree(folder) }
  }
}
