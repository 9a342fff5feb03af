package import Documents
internal import Git
internal import Record
package import ReleaseModel

extension Step {
  static let version = Step(
    "version",
    .develop,
    runbook: "2.2",
    title: "The files that carry the version say the new one",
    why: "An app that says the old version is offered the same update again and again.",
    looksAt: "the files of version.files at the branch's head, and their lock files",
    mend: ["hotfix version write VERSION FILE…     writes it; then commit, and:  hotfix next"],
    after: ["fix"],
    effect: .local,
    notNeeded: { situation in
      guard !situation.settings.versionFiles.isEmpty else { return "no version.files are set" }
      return situation.opened.rollback.map { "restoring \($0.good.tag) writes them" }
    },
    observe: { situation in
      guard let head = situation.refs.fix else { return .lacking("there is no fix") }
      let bump = try await Bump(at: head, situation)
      guard bump.isOpen else { return .holds(bump.evidence) }
      guard !situation.settings.writesVersion else { return .lacking(bump.lacks) }
      return .waiting(
        .person(
          "the author",
          "writes the version \(situation.version): \(bump.lacks)",
          "git switch \(situation.opened.branch)",
          bump.command,
          "git commit -a -m \"Version \(situation.version)\"",
          "hotfix next"
        )
      )
    },
    commands: { situation in
      let files = situation.settings.versionFiles.map { OutsideText($0.entry).word }
      return [
        "git switch \(situation.opened.branch)",
        "hotfix version write \(situation.version) \(files.joined(separator: " "))",
        "git commit -a -m \"Version \(situation.version)\"",
      ]
    },
    perform: { situation in
      [
        Effect(
          "version",
          says: "writes \(situation.version) into the files that carry the version",
          body: .local { try await Bump.commit(situation) }
        )
      ]
    }
  )
}

/// What writing a version into the files that carry it changes at one commit.
struct Bump: Sendable {
  /// The files that say another version, as they would be; lock files come with their manifests.
  private(set) var files: [String: [UInt8]] = [:]
  private(set) var evidence: [String] = []
  /// What is wrong, in words.
  private(set) var lacks = ""
  /// The entries of `version.files` that are wrong.
  private var entries: [String] = []
  private let version: VersionName

  var isOpen: Bool { !files.isEmpty }
  /// Writes the version into a checkout.
  var command: String {
    (["hotfix version write \(version)"] + entries.map { OutsideText($0).word })
      .joined(separator: " ")
  }

  /// Throws `version.file` for a file that is not there, or says no version.
  init(at commit: String, _ situation: Situation, as name: VersionName? = nil) async throws {
    let version = name ?? situation.version
    self.version = version
    var others: [String] = []
    for file in situation.settings.versionFiles {
      let bytes = try await situation.git.file(file.path, at: commit)
      let text = bytes.map { String(decoding: $0, as: UTF8.self) } ?? ""
      guard let new = file.rewritten(text, to: version) else {
        throw VersionFile.problem(file, isThere: bytes != nil)
      }
      let own = file.otherVersions(in: text, than: version)
      guard let old = own.first else {
        evidence.append("\(file.path) says \(file.versions(in: text).joined(separator: ", "))")
        continue
      }
      files[file.path] = Array(new.utf8)
      others.append("\(file.path) says \(own.joined(separator: ", "))")
      entries.append(file.entry)
      for path in file.lockPaths {
        guard let bytes = try await situation.git.file(path, at: commit) else { continue }
        let text = String(decoding: bytes, as: UTF8.self)
        let locked = VersionFile.relocked(text, path, from: old, to: version)
        if let locked { files[path] = Array(locked.utf8) }
      }
    }
    lacks = others.joined(separator: "; ")
  }

  /// Commits the files on the branch, without touching any other.
  static func commit(_ situation: Situation) async throws {
    guard let head = situation.refs.fix else { return }
    let git = situation.git
    let commit = try await git.commit(
      tree: try await git.tree(of: head, replacing: Bump(at: head, situation).files),
      parents: [head],
      message: "Version \(situation.version)\n",
      by: situation.signer,
      at: situation.toolbox.now()
    )
    try await Branching.move(situation, to: commit)
  }

  /// Whether a commit writes a version of the run into these files and does nothing else.
  static func isOne(_ commit: GitCommit, _ situation: Situation) async throws -> Bool {
    guard !situation.settings.versionFiles.isEmpty, commit.parents.count == 1 else { return false }
    let parent = commit.parents[0]
    let changed = try await situation.git.changes(from: parent, to: commit.name).map(\.path)
    let known = Set(situation.settings.versionFiles.flatMap { [$0.path] + $0.lockPaths })
    guard !changed.isEmpty, changed.allSatisfy(known.contains) else { return false }
    // A base that moved gave the run another name, and the commit keeps the earlier one.
    let names = situation.progress.names.compactMap(situation.settings.version(ofTag:))
    for name in Set(names + [situation.version]) {
      guard let bump = try? await Bump(at: parent, situation, as: name) else { continue }
      let tree = try await situation.git.tree(of: parent, replacing: bump.files)
      if tree == commit.tree { return true }
    }
    return false
  }

  /// The changed files that differ in nothing but the version: they are no part of the fix.
  static func files(
    among paths: [String],
    from base: String,
    to head: String,
    _ situation: Situation
  ) async throws -> Set<String> {
    var same: Set<String> = []
    for file in situation.settings.versionFiles {
      let affected = [file.path] + file.lockPaths
      guard affected.contains(where: paths.contains) else { continue }
      func text(_ path: String, _ commit: String) async throws -> String {
        String(decoding: try await situation.git.file(path, at: commit) ?? [], as: UTF8.self)
      }
      let (old, new) = (try await text(file.path, base), try await text(file.path, head))
      let version = situation.version
      if file.rewritten(old, to: version) == file.rewritten(new, to: version) {
        same.insert(file.path)
      }
      guard let was = file.versions(in: old).first, let new = file.versions(in: new).first else {
        continue
      }
      for path in file.lockPaths where paths.contains(path) {
        let relocked = VersionFile.relocked(
          try await text(path, base),
          path,
          from: was,
          to: VersionName(new)
        )
        if relocked == (try await text(path, head)) { same.insert(path) }
      }
    }
    return same.intersection(paths)
  }

  /// Resolves a merge in which both sides changed the version: theirs counts, which is never set back.
  ///
  /// Returns the files as they are on their side; nil where one of `files` differs from the common
  /// ancestor in more than its version.
  static func resolving(
    _ files: [String],
    ours: String,
    theirs: String,
    over base: String,
    _ situation: Situation
  ) async throws -> [String: [UInt8]]? {
    let same = try await Self.files(among: files, from: base, to: ours, situation)
    guard same.count == files.count else { return nil }
    var resolved: [String: [UInt8]] = [:]
    for path in files {
      guard let bytes = try await situation.git.file(path, at: theirs) else { return nil }
      resolved[path] = bytes
    }
    return resolved
  }
}

extension VersionFile {
  /// The problem of a file that does not carry a version.
  package static func problem(_ file: VersionFile, isThere: Bool) -> Problem {
    let what =
      isThere
      ? "\(file.path) says no version\(file.pattern.map { " in \"\($0)\"" } ?? "")."
      : "\(file.path), one of version.files, is not there."
    return Problem(
      "version.file",
      what,
      next: ["Mend version.files in \(Settings.fileName), then:  hotfix doctor"]
    )
  }
}
