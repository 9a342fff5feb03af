internal import Git
internal import Record
internal import ReleaseModel

/// The tag and main as last fetched, held against what the run recorded when it released.
package struct ReleasedRefs: Sendable {
  private let situation: Situation

  package init(_ situation: Situation) {
    self.situation = situation
  }

  private var name: String { situation.opened.tag }
  private var remote: String { situation.git.remote }

  /// Throws `tag.moved` when the remote's tag is not the one that the run pushed.
  package func requireTag() async throws {
    guard let pushed = situation.progress.observed["push"] else { return }
    let tag = situation.refs.remoteTag
    let facts = [pushed, situation.progress.observed["tag"]].compactMap { $0?.data.facts }
      .first { $0["object"] != nil }
    guard let object = facts?["object"], let commit = facts?["commit"] else {
      return try await requireOldTag(pushed, tag)
    }
    guard tag?.object != object || tag?.commit != commit else { return }
    throw moved(
      "It was \(object.prefix(12)), which names \(commit.prefix(12)), when \(pushed.actor) pushed it "
        + "at \(pushed.at.iso).",
      tag,
      // The remote may have dropped it; this clone has what it once fetched.
      ["git push --force \(remote) \(object):refs/tags/\(name)     puts the released tag back"]
    )
  }

  /// Records of before name no tag object: the released tree and the signed anchor are known.
  private func requireOldTag(
    _ pushed: Progress.Observation,
    _ tag: RefView.GitTagView?
  ) async throws {
    let was =
      "Released was \(pushed.data.subject), when \(pushed.actor) pushed it at \(pushed.at.iso)."
    let back = ["hotfix log \(situation.run)     tells what was released"]
    let tree: String? =
      if let tag { try await situation.git.tree(of: tag.commit) } else { nil }
    guard let tag, let tree, pushed.data.subject == "tree:\(tree)" else {
      throw moved(was, tag, back)
    }
    guard situation.progress.observed["tag"]?.byHand == false else { return }
    do {
      _ = try await Tagging(situation).evidence(tag, name)
    } catch let problem as Problem {
      throw moved("\(was)\n\(problem.what)", tag, back)
    }
  }

  private func moved(
    _ was: String,
    _ tag: RefView.GitTagView?,
    _ back: [String]
  ) -> Problem {
    let now = tag.map { "It is \($0.object.prefix(12)), which names \($0.commit.prefix(12)), now." }
    return Problem(
      "tag.moved",
      "The tag \(name) on the remote is not the one that was released.",
      why: "\(was)\n\(now ?? "It is gone from the remote now.")",
      next: back + [
        "Ask the team who moved it; whoever builds from the tag gets other code.",
        "hotfix verify \(name)     once it is back",
      ]
    )
  }

  /// Throws `main.lost` when main no longer contains the fix, although it was seen to.
  func requireMain() async throws {
    guard situation.progress.observed["push"] != nil,
      let seen = situation.progress.observed["merged-back"], !seen.byHand,
      let fix = situation.refs.fix
    else { return }
    let (opened, main) = (situation.opened, situation.refs.main)
    if let main, try await Containment.evidence(of: fix, in: main, situation) != nil { return }
    throw Problem(
      "main.lost",
      "\(opened.main) on the remote does not contain the fix any more.",
      why: "At \(seen.at.iso) was seen: \(seen.data.evidence.joined(separator: "; ")).\n"
        + "It is \(main.map { "\($0.prefix(12))" } ?? "gone") now.",
      next: [
        "Ask the team who set \(opened.main) back.", "git switch \(opened.main)",
        "git merge \(opened.tag)", "git push \(remote) \(opened.main)",
        "hotfix close     once it is there",
      ]
    )
  }
}
