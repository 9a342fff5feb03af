internal import Record
internal import Feeds
internal import Git
internal import ReleaseModel

extension Step {
  static let versionOrder = Step(
    "version-order",
    .release,
    runbook: "4",
    title: "Every updater orders the new version right",
    why: "A name that sorts wrong strands users, and a published version cannot be taken back.",
    looksAt: "the version as each feed's updater compares it: above every version in use, and "
      + "below the next regular release",
    mend: [
      "hotfix version order OLD NEW NEXT     shows how each updater orders them",
      "Set version.build in hotfix.yml to a number that grows with every commit.",
    ],
    effect: .local,
    notNeeded: { $0.settings.feeds.isEmpty ? "hotfix.yml names no update feed" : nil },
    observe: { situation in
      Receipts(situation).finding("version-order", otherwise: "the order is not proven yet")
    },
    commands: { situation in
      [
        "hotfix version order \(situation.opened.base.version) \(situation.version) "
          + "\(situation.version.nextRegular?.text ?? "")",
        "hotfix note --done version-order \"compared by hand\"",
      ]
    },
    perform: { situation in
      [
        Effect(
          "order",
          says: "compares the versions as the updaters do",
          body: .local { try await OrderProof(situation).prove() }
        )
      ]
    }
  )
}

/// Proves the order of versions, before anything irreversible.
struct OrderProof: Sendable {
  private let situation: Situation

  init(_ situation: Situation) {
    self.situation = situation
  }

  func prove() async throws {
    guard let fix = situation.refs.fix, let next = situation.version.nextRegular else { return }
    let numbers = BuildNumbers(situation)
    let new = try await numbers.number(of: situation.version, at: fix)
    let after = try await numbers.number(of: next, at: try await mergedMain(fix))
    var evidence: [String] = []
    for used in try await VersionsInUse(situation).all() {
      let old = try await numbers.number(of: used)
      guard SparkleVersionOrder.compare(old, new) < 0 else {
        throw wrong("\(situation.version) (\(new)) is not newer than \(used.version) (\(old))")
      }
      evidence.append("Sparkle: \(used.version) (\(old)) < \(situation.version) (\(new))")
    }
    guard SparkleVersionOrder.compare(new, after) < 0 else {
      throw wrong(
        "users on \(situation.version) (\(new)) would not be offered the next regular release "
          + "\(next) (\(after))"
      )
    }
    try await FeedPublisher(situation).proveOffer(build: new)
    evidence.append("Sparkle: \(situation.version) (\(new)) < next regular \(next) (\(after))")
    try Receipts(situation).write("version-order", evidence, facts: ["build": new])
  }

  private func wrong(_ why: String) -> Problem {
    Problem(
      "version.order",
      "Users' updaters would not take the new version right.",
      why: "Sparkle: \(why).",
      next: [
        "hotfix version order \(situation.opened.base.version) \(situation.version)",
        "Set in hotfix.yml:  version: { build: git rev-list --count HEAD }", "hotfix next",
      ]
    )
  }

  /// What main will be after the merge; a commit without a ref.
  private func mergedMain(_ fix: String) async throws -> String {
    guard let main = situation.refs.main else { return fix }
    let git = situation.git
    if try await git.isAncestor(fix, of: main) { return main }
    // With conflicts the tree is not known yet; the history, which build numbers count, is.
    var tree = "\(main)^{tree}"
    if case .clean(let merged) = try await git.merge(main, fix) { tree = merged }
    return try await git.commit(
      tree: tree,
      parents: [main, fix],
      message: "trial merge\n",
      sign: false
    )
  }
}
