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
        let section = Changelog(bytes).section(situation.version),
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
        "$EDITOR \(OutsideText(situation.settings.changelog).word)     # add: ## [\(situation.version)] - "
          + situation.toolbox.now().day,
        "git commit -m 'Document \(situation.version)' -- \(OutsideText(situation.settings.changelog).word)",
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

  /// Whether a commit is the tool's own draft: marked so, and nothing but what the tool writes.
  static func isDraft(_ commit: GitCommit, _ situation: Situation) async throws -> Bool {
    guard commit.body.contains(marker), let parent = commit.parents.first else { return false }
    let changes = try await situation.git.changes(from: parent, to: commit.name)
    let path = situation.settings.changelog
    guard changes.map(\.path) == [path] else { return false }
    let old = try await situation.git.file(path, at: parent)
    let new = try await situation.git.file(path, at: commit.name)
    // A base that moved gave the run another name, and the draft keeps the earlier one.
    let versions = situation.progress.names.compactMap(situation.settings.version(ofTag:))
    return (versions + [situation.version]).contains {
      new == drafted(old, $0, day: commit.time.day, situation)
    }
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
    let now = situation.toolbox.now()
    let text = drafted(
      try await git.file(path, at: head),
      situation.version,
      day: now.day,
      situation
    )
    let tree = try await git.tree(of: head, replacing: [path: text])
    let commit = try await git.commit(
      tree: tree,
      parents: [head],
      message: "Document \(situation.version) in the changelog\n\n\(marker)\n",
      by: situation.signer,
      at: now
    )
    try await Branching.move(situation, to: commit)
  }

  /// Returns the changelog with the section of a version.
  private static func drafted(
    _ old: [UInt8]?,
    _ version: VersionName,
    day: String,
    _ situation: Situation
  ) -> [UInt8] {
    var changelog = old.map { Changelog($0) } ?? Changelog(Changelog.template)
    let heading = situation.isSecurity ? "Security" : situation.isRollback ? "Changed" : "Fixed"
    let title = OutsideText(situation.opened.title).markdown
    let entry =
      situation.opened.rollback.map {
        "The code of \($0.good.tag) is back: \($0.bad.tag) is taken back (\(title))."
      } ?? "\(title)."
    changelog.add(version, day: day, heading: heading, entries: [entry])
    return changelog.bytes
  }
}
