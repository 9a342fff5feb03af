internal import Git
internal import Record
internal import ReleaseModel
internal import Signatures

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
      return [
        "git tag -s \(situation.opened.tag) \(situation.opened.branch) "
          + "-m \(shellQuoted("Hotfix: \(situation.opened.title)")) "
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
    guard tag.isAnnotated else {
      throw Problem(
        "tag.lightweight",
        "The tag \(name) is lightweight: it has no author and no signature.",
        next: ["git tag -d \(name)", "hotfix next"]
      )
    }
    return .holds(
      try await evidence(tag, name),
      facts: ["object": tag.object, "commit": tag.commit]
    )
  }

  /// What a tag says of itself; throws when it is not this run's, signed by one of its people.
  func evidence(_ tag: RefView.GitTagView, _ name: String) async throws -> [String] {
    let object = try await situation.git.object(tag.object)?.content ?? []
    guard String(decoding: object, as: UTF8.self).contains("\ntag \(name)\n") else {
      throw Problem(
        "tag.renamed",
        "The tag \(name) is another tag's object under a new name.",
        next: ["git tag -d \(name)", "hotfix next"]
      )
    }
    let signer = try await signer(TagObject(object), name)
    let message = String(decoding: object, as: UTF8.self)
    let anchor = message.split(separator: "\n").first { $0.hasPrefix("Hotfix-Record: ") }
    let digest = anchor.flatMap { $0.split(separator: " ").last }.map(String.init)
    guard let digest, anchor?.contains(situation.run) == true,
      situation.recordDigests.contains(where: { $0.description == digest })
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
      "record \(digest.prefix(19))…",
    ]
  }

  private func signer(_ object: TagObject, _ name: String) async throws -> String {
    guard let policy = situation.progress.policy, let armor = object.signature else {
      throw Problem(
        "tag.unsigned",
        "The tag \(name) is not signed.",
        next: ["git tag -d \(name)", "hotfix next"]
      )
    }
    do {
      let people = try situation.toolbox.people(of: policy)
      return try await SignatureVerifier(git: situation.git, people: people).signer(
        of: object.signedBytes,
        signature: armor,
        namespace: Chain.namespace,
        at: object.time
      )
    } catch let fault as SignatureVerifier.Fault {
      throw Problem(
        "tag.stranger",
        "The signature of the tag \(name) does not hold.",
        why: fault.text,
        next: ["git tag -d \(name)", "hotfix next"]
      )
    }
  }

  func create() async throws {
    guard let fix = situation.refs.fix, let digest = situation.recordDigests.last else { return }
    let text = """
      object \(fix)
      type commit
      tag \(situation.opened.tag)
      tagger \(situation.signer.identity) \(situation.toolbox.now().seconds) +0000

      Hotfix: \(situation.opened.title)

      Hotfix-Record: \(situation.run) \(digest)

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

/// A tag object's bytes: what is signed, when as it says, and the signature behind it.
struct TagObject: Sendable {
  let signedBytes: [UInt8]
  let signature: String?
  let time: Moment

  init(_ object: [UInt8]) {
    let text = String(decoding: object, as: UTF8.self)
    let begins = ["-----BEGIN SSH SIGNATURE-----", "-----BEGIN PGP SIGNATURE-----"]
    let start = begins.compactMap { text.firstRange(of: $0)?.lowerBound }.min()
    signature = start.map { String(text[$0...]) }
    signedBytes = Array(text[..<(start ?? text.endIndex)].utf8)
    let tagger = text.split(separator: "\n", maxSplits: 5).first { $0.hasPrefix("tagger ") }
    time = Moment(seconds: tagger?.split(separator: " ").suffix(2).first.flatMap { Int($0) } ?? 0)
  }
}
