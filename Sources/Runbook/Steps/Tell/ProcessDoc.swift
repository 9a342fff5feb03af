internal import Documents
internal import Record
internal import Git
internal import ReleaseModel

extension Step {
  static let processDoc = Step(
    "process-doc",
    .tell,
    runbook: "6.3",
    title: "The hotfix is documented",
    why: "The next incident is handled better by those who can read how this one went.",
    looksAt: "the run's document on main",
    mend: ["hotfix report --markdown > docs/hotfixes/TAG.md     and commit it on main"],
    after: ["announcement", "users", "advisory", "release-notes", "changelog", "issues"],
    effect: .compareAndSwap,
    observe: { situation in
      let path = Papers(situation).path("md")
      guard let main = situation.refs.main,
        try await situation.git.file(path, at: main) != nil
      else { return .lacking("\(path) is not on main") }
      return .holds(["\(path) on \(situation.opened.main)"])
    },
    commands: { situation in
      let path = Papers(situation).path("md")
      return [
        "git switch \(situation.opened.main) && git pull --ff-only",
        "mkdir -p \(situation.settings.documents)",
        "hotfix report --markdown > \(path)", "git add \(path)",
        "git commit -m 'Document hotfix \(situation.opened.tag)'",
        "git push \(situation.git.remote) \(situation.opened.main)",
      ]
    },
    perform: { situation in
      let papers = Papers(situation)
      return [
        try await papers.commit(
          ["md"],
          message: "Document hotfix \(situation.opened.tag)",
          says: "writes \(papers.path("md")) on \(situation.opened.main)"
        )
      ]
    }
  )
}

/// The run's documents in the repository.
struct Papers: Sendable {
  private let situation: Situation

  init(_ situation: Situation) {
    self.situation = situation
  }

  func path(_ suffix: String) -> String {
    "\(situation.settings.documents)/\(situation.opened.tag).\(suffix)"
  }

  /// Commits the documents on top of main, without a checkout; the push carries the record too.
  func commit(_ suffixes: [String], message: String, says: String) async throws -> Effect {
    guard let main = situation.refs.main else {
      throw Problem(
        "main.missing",
        "The branch \(situation.opened.main) is not on the remote.",
        next: ["git push \(situation.git.remote) \(situation.opened.main)"]
      )
    }
    let report = Reporting.report(
      situation,
      writing: suffixes.contains("html") ? "report" : "process-doc"
    )
    var files: [String: [UInt8]?] = [:]
    for suffix in suffixes {
      files[path(suffix)] = Array((suffix == "md" ? report.markdown : report.html).utf8)
    }
    let git = situation.git
    let index = situation.toolbox.scratch.appending("index-\(situation.toolbox.makeKey())")
    let tree = try await git.tree(of: main, replacing: files, index: index)
    try situation.toolbox.files.remove(index)
    let commit = try await git.commit(
      tree: tree,
      parents: [main],
      message: message + "\n",
      sign: true
    )
    let ref = "refs/heads/\(situation.opened.main)"
    return Effect(ref, says: says, body: .push([RefUpdate(ref, old: main, new: commit)]))
  }
}
