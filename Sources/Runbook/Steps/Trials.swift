package import Git
internal import Record
package import ReleaseModel

/// Runs of the project's commands in a clean checkout of exactly the fix's tree.
///
/// A run leaves no trace in the world, so its result is kept in the scratch folder until the step
/// is observed and recorded.
struct Trials: Sendable {
  private let situation: Situation

  init(_ situation: Situation) {
    self.situation = situation
  }

  func finding(_ step: String) -> Finding {
    guard situation.refs.fix != nil else { return .lacking("there is no fix") }
    return Receipts(situation).finding(step, otherwise: "\(step) has not been run on this tree")
  }

  func answer(_ line: String, in path: FilePath, log: FilePath) async throws -> ProcessAnswer {
    try await situation.command(line, in: path, seconds: situation.settings.testSeconds, log: log)
  }

  /// Begins a step's log, which stays when a command fails.
  func startLog(_ step: String) throws -> FilePath {
    let log = situation.toolbox.scratch.appending("\(step)-\(situation.run).log")
    try situation.toolbox.files.write(log, [])
    situation.toolbox.say(.note("running \(step); log: \(log.string)"))
    return log
  }

  func inCheckout<T: Sendable>(
    of commit: String,
    _ body: @Sendable (FilePath) async throws -> T
  ) async throws -> T {
    try await situation.toolbox.inCheckout(of: commit, situation.git, body)
  }

  /// Checks a commit out into a scratch clone in which a tag names it, for the time of `body`.
  ///
  /// Builds that ask `git describe` see the tag before anybody else does. The folder's name is always
  /// the same, so that a path that gets into the bytes makes no difference.
  func inClone<T: Sendable>(
    of commit: String,
    tagged tag: String,
    _ body: @Sendable (FilePath) async throws -> T
  ) async throws -> T {
    let path = situation.toolbox.scratch.appending("build-\(tag)")
    let files = situation.toolbox.files
    let unlock = try files.lock(situation.toolbox.scratch.appending("build-\(tag).lock"))
    defer { unlock() }
    try files.remove(path)
    defer { try? files.remove(path) }
    try await situation.git.clone(to: path, at: commit, tagged: tag)
    return try await body(path)
  }

  /// Runs the commands on the fix; all have to succeed.
  func run(_ step: String, _ lines: [String], log: FilePath? = nil) async throws {
    guard let head = situation.refs.fix, let tree = situation.refs.fixTree else { return }
    let log = try log ?? startLog(step)
    let evidence = try await inCheckout(of: head) { path in
      var evidence: [String] = []
      for line in lines {
        let start = situation.toolbox.milliseconds()
        let answer = try await answer(line, in: path, log: log)
        guard answer.succeeded else { throw failed(step, line, answer, log) }
        let seconds = (situation.toolbox.milliseconds() - start + 500) / 1000
        evidence.append("`\(line)` passed on tree \(tree.prefix(12)) in \(seconds) s")
      }
      return evidence
    }
    let first =
      step == "proof" ? ["failed on \(situation.opened.base.tag), twice"] : [String]()
    let facts = step == "proof" ? ["base": situation.opened.base.commit] : [:]
    try Receipts(situation).write(step, first + evidence, facts: facts)
  }

  private func failed(
    _ step: String,
    _ line: String,
    _ answer: ProcessAnswer,
    _ log: FilePath
  ) -> Problem {
    let code =
      switch answer.ending {
      case .timedOut: "\(step).hangs"
      case .exited(127), .exited(126), .notFound: "\(step).missing"
      default: "\(step).failed"
      }
    let what =
      switch answer.ending {
      case .timedOut: "The \(step) did not end within its time limit."
      case .exited(127), .exited(126), .notFound: "The command of the \(step) is not there."
      default: "The \(step) failed on the fix."
      }
    return Problem(
      code,
      what,
      why: ProjectCommand.why(line, answer),
      next: [
        "less \(shellQuoted(log.string))     all of its output",
        "Mend it on \(situation.opened.branch), commit, then:  hotfix next",
      ]
    )
  }

  func commands(_ step: String, _ lines: [String]) -> [String] {
    let branch = situation.opened.branch
    return ["git worktree add --detach ../\(step) \(branch)"]
      + lines.map { "(cd ../\(step) && \($0))" }
      + ["git worktree remove ../\(step)", "hotfix note --done \(step) \"ran by hand, passed\""]
  }
}

extension Toolbox {
  /// Checks a commit out into a scratch worktree for the time of `body`.
  package func inCheckout<T: Sendable>(
    of commit: String,
    _ git: Git,
    _ body: @Sendable (FilePath) async throws -> T
  ) async throws -> T {
    let path = scratch.appending("tree-\(makeKey())")
    let worktree = git.scratchWorktree(path, exists: files.exists)
    let result: Result<T, any Error>
    do {
      if let worktree {
        for file in worktree.files(at: commit) { try files.write(file.path, Array(file.text.utf8)) }
        try await git.fill(worktree)
      } else {
        try await git.addWorktree(path, at: commit)
      }
      result = .success(try await body(path))
    } catch { result = .failure(error) }
    // A test may leave what cannot be removed; git takes from its list what it can.
    if let worktree, (try? files.remove(path)) != nil {
      try files.remove(worktree.administration)
    } else {
      try await git.removeWorktree(path)
    }
    return try result.get()
  }
}
