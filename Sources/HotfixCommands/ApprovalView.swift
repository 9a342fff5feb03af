internal import Git
internal import Record
internal import ReleaseModel
internal import Runbook

/// What a person sees before they sign: the base, the commits, the files, and each statement.
struct ApprovalView: Sendable {
  private static let commitsMax = 50
  private static let filesMax = 200

  private let proposals: [Stating.Proposal]
  private let situation: Situation

  init(_ proposals: [Stating.Proposal], _ situation: Situation) {
    self.proposals = proposals
    self.situation = situation
  }

  /// Shows it all and asks once; throws unless the answer is yes.
  func ask(_ console: Console) async throws {
    console.warn(try await text(console))
    let count = proposals.count
    try Asking(console: console).confirm(count == 1 ? "Sign this?" : "Sign these \(count)?")
  }

  private func text(_ console: Console) async throws -> TerminalText {
    let opened = situation.opened
    let range = try await ReviewedRange(situation)
    var lines: [TerminalText] = [
      console.bold("\(opened.app) \(opened.tag): \(opened.title)") + "   \(situation.run)",
      "base     \(opened.base.tag), commit \(range.base)",
    ]
    if proposals.contains(where: { $0.commit == nil }), let given = situation.progress.assessment {
      lines += [
        "why      \(given.verdict) (\(given.reasons.joined(separator: "; ")))",
        "         it cannot wait: \(given.cannotWait)",
      ]
    }
    for commit in Set(proposals.compactMap(\.commit)) {
      lines += try await changes(range.base, commit, console)
    }
    lines += proposals.enumerated().map { index, proposal in
      let label: TerminalText = index == 0 ? "to sign  " : "         "
      return label + "\(console.bold("\(proposal.step)").padded(16)) \(proposal.subject)"
    }
    return lines.joined()
  }

  private func changes(
    _ base: String,
    _ head: String,
    _ console: Console
  ) async throws -> [TerminalText] {
    let git = situation.git
    let commits = try await git.commits(["\(base)..\(head)"])
    let files = try await git.changes(from: base, to: head)
    var lines: [TerminalText] = ["head     commit \(head)"]
    for (index, commit) in commits.reversed().prefix(Self.commitsMax).enumerated() {
      let label: TerminalText = index == 0 ? "commits  " : "         "
      lines.append(
        label
          + "\(commit.name.prefix(12)) \(commit.subject)   \(console.dim("\(commit.authorEmail)"))"
      )
    }
    if commits.count > Self.commitsMax {
      lines.append("         and \(commits.count - Self.commitsMax) more")
    }
    for (index, file) in files.prefix(Self.filesMax).enumerated() {
      let label: TerminalText = index == 0 ? "files    " : "         "
      let lineCounts: TerminalText =
        if let added = file.added, let removed = file.removed {
          "\(console.green("+\(added)")) \(console.red("-\(removed)"))"
        } else {
          "binary"
        }
      lines.append(label + "\(file.path)  \(lineCounts)")
    }
    if files.count > Self.filesMax {
      lines.append("         and \(files.count - Self.filesMax) more")
    }
    return lines + ["diff     hotfix diff \(situation.run)"]
  }
}

/// From which commit to which a fix is reviewed.
struct ReviewedRange: Sendable {
  /// The commit that the base's tag names, whatever else is said of it.
  let base: String
  /// The head that is to be approved; nil while there is no fix.
  let head: String?

  init(_ situation: Situation) async throws {
    let base = situation.opened.base
    let tagged = try await situation.git.resolve("refs/tags/\(base.tag)^{commit}")
    self.base = tagged ?? base.commit
    head = situation.refs.fix
  }
}
