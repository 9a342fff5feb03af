internal import Git
internal import Record
internal import ReleaseModel

extension Step {
  static let tag = Step(
    "tag",
    .release,
    runbook: "4.2",
    title: "A signed tag names the tested commit",
    why: "The tag says which tree was released, who says so, and which record proves it.",
    looksAt: "the annotated tag, its signature, the commit that it names, and the record's digest "
      + "in its message",
    mend: ["git tag -d TAG     removes a wrong tag that is not pushed yet"],
    effect: .local,
    observe: { try await Tagging($0).finding() },
    stillHolds: { situation in
      if case .holds = try await Tagging(situation).finding() { return true }
      return false
    },
    commands: { situation in
      let digest = situation.recordDigests.last?.description ?? ""
      let unseen = situation.unseenSentence.map { "-m \(OutsideText($0).word) " } ?? ""
      return [
        "git tag -s \(situation.opened.tag) \(situation.opened.branch) "
          + "-m \(OutsideText("Hotfix: \(OutsideText(situation.opened.title).line)").word) "
          + unseen
          + "-m \"Hotfix-Record: \(situation.run) \(digest)\""
      ]
    },
    perform: { situation in
      [
        Effect(
          "tag",
          says: "tags \((situation.refs.fix ?? "").prefix(12)) as \(situation.opened.tag)",
          body: .local { try await Tagging(situation).create() }
        )
      ]
    }
  )
}

/// The release tag: its bytes, its signature, its anchor in the record.
struct Tagging: Sendable {
  private let situation: Situation

  init(_ situation: Situation) {
    self.situation = situation
  }

  private var fault: TagFault {
    let name = situation.opened.tag
    return situation.refs.remoteTag.map {
      TagFault(name, situation.git.remote, commit: $0.commit)
    } ?? TagFault(ofRun: name)
  }

  func finding() async throws -> Finding {
    let name = situation.opened.tag
    guard let tag = situation.refs.remoteTag ?? situation.refs.localTag else {
      return .lacking("there is no tag \(name)")
    }
    guard let fix = situation.refs.fix, tag.commit == fix else {
      throw Problem(
        "tag.elsewhere",
        "The tag \(name) is there and names another commit.",
        why: "It names \(tag.commit.prefix(12)); tested and reviewed was "
          + "\((situation.refs.fix ?? "nothing").prefix(12)).",
        next: situation.refs.remoteTag == nil
          ? ["git tag -d \(name)", "hotfix next"]
          : [
            "hotfix abandon --reason \"\(name) is taken\"",
            "hotfix open \"…\"     takes the next name",
          ]
      )
    }
    guard tag.isAnnotated else { throw fault.lightweight }
    return .holds(
      try await evidence(tag, name),
      facts: ["object": tag.object, "commit": tag.commit]
    )
  }

  /// What a tag says of itself; throws when it is not this run's, signed by one of its people.
  func evidence(_ tag: RefView.GitTagView, _ name: String) async throws -> [String] {
    let object = TagObject(try await situation.git.object(tag.object)?.content ?? [])
    guard let policy = situation.progress.policy else { throw fault.unsigned }
    let signature = TagSignature(
      git: situation.git,
      people: try situation.toolbox.people(of: policy)
    )
    let signer = try await signature.signer(
      of: object,
      commit: tag.commit,
      fault
    )
    guard let anchor = object.anchor, anchor.run == situation.run,
      situation.recordDigests.contains(where: { $0.description == anchor.digest })
    else {
      throw Problem(
        "tag.anchor",
        "The tag \(name) does not carry a digest of this run's record.",
        next: situation.refs.remoteTag == nil
          ? ["git tag -d \(name)", "hotfix next"] : ["hotfix record verify \(situation.run)"]
      )
    }
    return [
      "\(name) names \(tag.commit.prefix(12))", "signed by \(signer)",
      "record \(anchor.digest.prefix(19))…",
    ]
  }

  func create() async throws {
    guard let fix = situation.refs.fix, let digest = situation.recordDigests.last else { return }
    let unseen = situation.unseenSentence.map { "\($0)\n\n" } ?? ""
    let text = """
      object \(fix)
      type commit
      tag \(situation.opened.tag)
      tagger \(situation.signer.identity) \(situation.toolbox.now().seconds) +0000

      Hotfix: \(OutsideText(situation.opened.title).line)

      \(unseen)Hotfix-Record: \(situation.run) \(digest)

      """
    let signature = try await situation.signer.sign(
      Array(text.utf8),
      namespace: Chain.namespace
    )
    let object = try await situation.git.write("tag", Array((text + signature).utf8))
    try await situation.git.updateRefs([
      RefUpdate("refs/tags/\(situation.opened.tag)", old: nil, new: object)
    ])
  }
}
