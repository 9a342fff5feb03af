internal import Documents
internal import Git
internal import Record
internal import ReleaseModel

/// The run's documents in the repository.
///
/// They go straight to main, without a checkout; where main takes pull requests alone, through one of
/// their own, which is merged at once if the host lets us.
struct Papers: Sendable {
  private let situation: Situation

  init(_ situation: Situation) {
    self.situation = situation
  }

  private var main: String { situation.opened.main }

  func path(_ suffix: String) -> String {
    "\(situation.settings.documents ?? "")/\(situation.opened.tag).\(suffix)"
  }

  static let notNeeded: @Sendable (Situation) -> String? = {
    $0.settings.documents == nil ? "hotfix.yml says documents: none; the record has it all" : nil
  }

  private func branch(_ suffix: String) -> String {
    "hotfix-papers/\(situation.opened.tag)-\(suffix)"
  }

  func finding(_ suffix: String, isRight: (String) -> Bool) async throws -> Finding {
    let path = path(suffix)
    if let head = situation.refs.main, let bytes = try await situation.git.file(path, at: head),
      isRight(String(decoding: bytes, as: UTF8.self))
    {
      return .holds(["\(path) on \(main)"])
    }
    let pull = try await situation.toolbox.forge?.pulls.find(branch(suffix), main)
    guard let pull, pull.state == .open else { return .lacking("\(path) is not on \(main)") }
    return .waiting(
      .person(
        "a maintainer",
        "merges \(path): \(pull.url)",
        "gh pr merge \(pull.number)",
        "hotfix next"
      )
    )
  }

  func effects(_ suffixes: [String], message: String) async throws -> [Effect] {
    guard let head = situation.refs.main, let last = suffixes.last else {
      throw Problem(
        "main.missing",
        "The branch \(main) is not on the remote.",
        next: ["git push \(situation.git.remote) \(main)"]
      )
    }
    let commit = try await commit(suffixes, over: head, message)
    guard let forge = situation.toolbox.forge, try await forge.pulls.isProtected(main) else {
      let ref = "refs/heads/\(main)"
      let says = "writes \(path(last)) on \(main)"
      return [
        Effect(ref, says: says, body: .push([RefUpdate(ref, old: head, new: commit)]))
      ]
    }
    return try await request(commit, branch(last), message, forge)
  }

  private func commit(
    _ suffixes: [String],
    over head: String,
    _ message: String
  ) async throws -> String {
    let report = Reporting.report(
      situation,
      writing: suffixes.contains("html") ? "report" : "process-doc"
    )
    var files: [String: [UInt8]?] = [:]
    for suffix in suffixes {
      files[path(suffix)] = Array((suffix == "md" ? report.markdown : report.html).utf8)
    }
    let git = situation.git
    let tree = try await git.tree(of: head, replacing: files)
    return try await git.commit(
      tree: tree,
      parents: [head],
      message: message + "\n",
      by: situation.signer,
      at: situation.toolbox.now()
    )
  }

  private func request(
    _ commit: String,
    _ branch: String,
    _ message: String,
    _ forge: Forge
  ) async throws -> [Effect] {
    let ref = "refs/heads/\(branch)"
    let old = try await situation.git.resolve("refs/remotes/\(situation.git.remote)/\(branch)")
    let text = PullRequestText(
      branch: branch,
      base: main,
      title: message,
      body:
        "Written by the run \(OutsideText(situation.run).markdown). Nothing but documents changes.",
      labels: ["documentation"],
      reviewers: []
    )
    let (git, method) = (situation.git, situation.settings.github?.mergeMethod ?? "merge")
    return [
      Effect(
        ref,
        says: "pushes \(branch)",
        body: .push([RefUpdate(ref, old: old, new: commit)])
      ),
      Effect(
        "pull request of \(branch)",
        says: "asks for \(main) to take it",
        body: .outward {
          let outcome = try await forge.pulls.take(text, by: method)
          try await git.fetch()
          return .done(outcome)
        }
      ),
    ]
  }
}
