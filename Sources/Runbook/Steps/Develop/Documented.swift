internal import Record
internal import Documents
internal import Git
internal import ReleaseModel

extension Step {
  static let documented = Step(
    "documented",
    .develop,
    runbook: "2.2",
    title: "The change is in the changelog",
    why: "Users and support read there what a release changed.",
    looksAt: "the section of the new version in the changelog, at the branch's head",
    mend: ["Write the section by hand, commit it, then:  hotfix next"],
    after: ["fix"],
    effect: .local,
    observe: { situation in
      guard let head = situation.refs.fix else { return .lacking("there is no fix") }
      let path = situation.settings.changelog
      guard let bytes = try await situation.git.file(path, at: head),
        let section = Changelog(String(decoding: bytes, as: UTF8.self)).section(situation.version),
        !section.isEmpty
      else { return .lacking("\(path) has no section \(situation.version)") }
      let below = try await Documenting.subjectBelow(head, situation)
      return .holds(
        ["\(path): [\(situation.version)]"],
        facts: below.map { ["over": $0] } ?? [:]
      )
    },
    commands: { situation in
      [
        "$EDITOR \(situation.settings.changelog)     # add: ## [\(situation.version)] - "
          + situation.toolbox.now().day,
        "git commit -m 'Document \(situation.version)' -- \(situation.settings.changelog)",
      ]
    },
    perform: { situation in
      [
        Effect(
          "changelog",
          says: "drafts the section \(situation.version) of the changelog",
          body: .local { try await Documenting.draft(situation) }
        )
      ]
    }
  )
}

enum Documenting {
  /// Marks the tool's own commits, which are no fix.
  static let marker = "Hotfix-Draft: changelog"

  /// Whether a commit is the tool's own draft: marked so, and touching nothing but the changelog.
  static func isDraft(_ commit: GitCommit, _ situation: Situation) async throws -> Bool {
    guard commit.body.contains(marker), let parent = commit.parents.first else { return false }
    let changes = try await situation.git.changes(from: parent, to: commit.name)
    return changes.map(\.path) == [situation.settings.changelog]
  }

  /// The subject of the commit under a draft, for which waivers were given.
  static func subjectBelow(_ head: String, _ situation: Situation) async throws -> String? {
    guard let commit = try await situation.git.commits(["-1", head]).first,
      try await isDraft(commit, situation), let parent = commit.parents.first,
      let tree = try await situation.git.tree(of: parent)
    else { return nil }
    return "tree:\(tree)"
  }

  /// Commits the drafted section on the branch, without touching any other file.
  static func draft(_ situation: Situation) async throws {
    guard let head = situation.refs.fix else { return }
    let git = situation.git
    let path = situation.settings.changelog
    let old = try await git.file(path, at: head).map { String(decoding: $0, as: UTF8.self) }
    var changelog = Changelog(old ?? Changelog.template)
    let heading = situation.isSecurity ? "Security" : situation.isRollback ? "Changed" : "Fixed"
    let entry =
      situation.opened.rollback.map {
        "The code of \($0.good.tag) is back: \($0.bad.tag) is taken back (\(situation.opened.title))."
      } ?? "\(situation.opened.title)."
    changelog.add(
      situation.version,
      day: situation.toolbox.now().day,
      heading: heading,
      entries: [entry]
    )
    let tree = try await git.tree(of: head, replacing: [path: Array(changelog.text.utf8)])
    let commit = try await git.commit(
      tree: tree,
      parents: [head],
      message: "Document \(situation.version) in the changelog\n\n\(marker)\n",
      by: situation.signer,
      at: situation.toolbox.now()
    )
    try await Branching.move(situation, to: commit)
  }
}
