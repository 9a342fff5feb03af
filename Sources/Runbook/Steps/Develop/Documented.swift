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
    notNeeded: Documenting.notNeeded,
    observe: { situation in
      guard let head = situation.refs.fix else { return .lacking("there is no fix") }
      guard let path = situation.settings.changelog else {
        return .lacking("there is no changelog")
      }
      let bytes = try await situation.git.file(path, at: head)
      if let reason = Documenting.isLeftAlone(bytes, situation) { return .holds([reason]) }
      guard let section = bytes.flatMap({ Changelog($0).section(situation.version) }),
        !section.isEmpty
      else { return .lacking("\(path) has no section \(situation.version)") }
      let below = try await Documenting.subjectBelow(head, situation)
      return .holds(
        ["\(path): [\(situation.version)]"],
        facts: below.map { ["over": $0] } ?? [:]
      )
    },
    commands: { situation in
      let path = OutsideText(situation.settings.changelog ?? "").word
      return [
        "$EDITOR \(path)     # add the section \(situation.version), as the others are written",
        "git commit -m 'Document \(situation.version)' -- \(path)",
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

  static let notNeeded: @Sendable (Situation) -> String? = {
    $0.settings.changelog == nil ? "hotfix.yml says changelog: none; the release notes say it" : nil
  }

  /// Why nothing is written into a changelog; nil where a section of the run is or can be in it.
  static func isLeftAlone(_ bytes: [UInt8]?, _ situation: Situation) -> String? {
    guard let path = situation.settings.changelog else { return nil }
    guard let bytes else {
      return situation.settings.isChangelogNamed
        ? nil : "there is no \(path), and hotfix.yml names no other; the release notes say it"
    }
    let changelog = Changelog(bytes)
    if changelog.section(situation.version) != nil { return nil }
    let entry = entry(situation.version, at: situation.toolbox.now(), by: "", path, situation)
    return changelog.takes(entry)
      ? nil : "\(path) is in a form of its own and stays as it is; the release notes say it"
  }

  /// Whether a commit is the tool's own draft: marked so, and nothing but what the tool writes.
  static func isDraft(_ commit: GitCommit, _ situation: Situation) async throws -> Bool {
    guard commit.body.contains(marker), let parent = commit.parents.first,
      let path = situation.settings.changelog
    else { return false }
    let changes = try await situation.git.changes(from: parent, to: commit.name)
    guard changes.map(\.path) == [path] else { return false }
    let old = try await situation.git.file(path, at: parent)
    let new = try await situation.git.file(path, at: commit.name)
    let author = try await author(of: commit.name, situation)
    // A base that moved gave the run another name, and the draft keeps the earlier one.
    let versions = situation.progress.names.compactMap(situation.settings.version(ofTag:))
    return (versions + [situation.version]).contains {
      new == drafted(old, entry($0, at: commit.time, by: author, path, situation), path)
    }
  }

  /// `Name <email>`, as the commit has it.
  private static func author(of commit: String, _ situation: Situation) async throws -> String {
    let object = try await situation.git.object(commit)?.content ?? []
    let line = String(decoding: object, as: UTF8.self).lines().first { $0.hasPrefix("author ") }
    guard let line, let end = line.lastIndex(of: ">") else { return "" }
    return String(line[...end].dropFirst("author ".count))
  }

  /// The subject of the commit under the tool's own, for which waivers were given.
  static func subjectBelow(_ head: String, _ situation: Situation) async throws -> String? {
    var below: String?
    for commit in try await situation.git.commits(["-8", "--first-parent", head]) {
      guard let parent = commit.parents.first, try await situation.isDraft(commit) else { break }
      below = try await situation.git.tree(of: parent).map { "tree:\($0)" }
    }
    return below
  }

  /// Commits the drafted section on the branch, without touching any other file.
  static func draft(_ situation: Situation) async throws {
    guard let head = situation.refs.fix, let path = situation.settings.changelog else { return }
    let git = situation.git
    let now = situation.toolbox.now()
    let entry = entry(situation.version, at: now, by: situation.signer.identity, path, situation)
    guard let text = drafted(try await git.file(path, at: head), entry, path) else { return }
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

  /// Returns the changelog with the section of a version; nil where its form is not understood.
  private static func drafted(
    _ old: [UInt8]?,
    _ entry: ChangelogEntry,
    _ path: String
  ) -> [UInt8]? {
    var changelog = old.map { Changelog($0) } ?? Changelog(Changelog.template(path))
    return changelog.add(entry) ? changelog.bytes : nil
  }

  private static func entry(
    _ version: VersionName,
    at moment: Moment,
    by author: String,
    _ path: String,
    _ situation: Situation
  ) -> ChangelogEntry {
    let outside = OutsideText(situation.opened.title)
    // A text that no program renders has no use for escapes.
    let title = Changelog.isMarkup(path) ? outside.markdown : outside.words
    return ChangelogEntry(
      version: version,
      at: moment,
      author: author,
      kind: situation.isSecurity ? .security : situation.isRollback ? .changed : .fixed,
      text: situation.opened.rollback.map {
        "The code of \($0.good.tag) is back: \($0.bad.tag) is taken back (\(title))."
      } ?? "\(title)."
    )
  }
}
