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
    let build = try await numbers.number(of: situation.version, at: fix)
    let after = try await numbers.number(of: next, at: try await mergedMain(fix))
    let used = try await VersionsInUse(situation).all()
    var builds: [VersionName: String] = [:]
    for old in used { builds[old.version] = try await numbers.number(of: old) }
    var lines: [(line: String, updaters: [String])] = []
    var objections: [String] = []
    for (updater, countsBuilds) in updaters {
      // An appcast carries build numbers; every other feed carries the name.
      func spelled(_ version: VersionName, _ number: String?) -> Spelling {
        Spelling(version, countsBuilds ? number ?? version.text : version.text)
      }
      let olds = used.map { spelled($0.version, builds[$0.version]) }
      let new = spelled(situation.version, build)
      let regular = spelled(next, after)
      for old in olds {
        guard let why = objection(updater, old.compared, new.compared) else { continue }
        objections.append("\(updater.title): users on \(old.shown) \(why)")
      }
      if let why = objection(updater, new.compared, regular.compared) {
        objections.append(
          "\(updater.title): users on \(new.shown), about the next regular release "
            + "\(regular.shown), \(why)"
        )
      }
      if let why = updater.stranding(new.compared) { objections.append("\(updater.title): \(why)") }
      let before = olds.isEmpty ? "" : olds.map(\.shown).joined(separator: ", ") + " < "
      let line = "\(before)\(new.shown) < next regular \(regular.shown)"
      if let index = lines.firstIndex(where: { $0.line == line }) {
        lines[index].updaters.append(updater.title)
      } else {
        lines.append((line, [updater.title]))
      }
    }
    guard objections.isEmpty else { throw wrong(objections) }
    try await FeedPublisher(situation).proveOffer(build: build)
    let evidence = lines.map { "\($0.updaters.joined(separator: ", ")): \($0.line)" }
    try Receipts(situation).write("version-order", evidence, facts: ["build": build])
  }

  /// A version as an updater compares it, and as people read it.
  private struct Spelling {
    let compared: String
    let shown: String

    init(_ version: VersionName, _ compared: String) {
      self.compared = compared
      shown = compared == version.text ? version.text : "\(version) (\(compared))"
    }
  }

  /// Every updater of every feed once, and whether it compares build numbers.
  private var updaters: [(Updater, Bool)] {
    var seen: Set<String> = []
    return situation.settings.feeds.flatMap { feed in
      feed.updaters.filter { seen.insert($0.name).inserted }.map { ($0, feed.kind == .appcast) }
    }
  }

  /// Why an updater does not carry its users from `a` to `b`, or nil.
  private func objection(_ updater: Updater, _ a: String, _ b: String) -> String? {
    do {
      let order = try updater.order(a, b)
      if order < 0 { return nil }
      return order == 0 ? "would see the same version in it" : "would see an older version in it"
    } catch {
      let refused = error as? VersionRefused
      return "would be stopped by \(refused?.version ?? b): \(refused?.why ?? "\(error)")"
    }
  }

  private func wrong(_ objections: [String]) -> Problem {
    let safe = SafeSpelling.next(after: situation.opened.base.version.text)
    return Problem(
      "version.order",
      "Users' updaters would not take the new version right.",
      why: objections.prefix(12).joined(separator: "\n"),
      next: [
        "hotfix version order \(situation.opened.base.version) \(situation.version) "
          + "\(situation.version.nextRegular?.text ?? "")",
        "Set in hotfix.yml:  version: { build: git rev-list --count HEAD }     for appcasts",
        "or:  version: { scheme: patch }     which names it \(safe ?? "by three numbers")",
        "hotfix abandon --reason \"the name\"     then open it again",
      ]
    )
  }

  /// What main will be after the merge; a commit without a ref.
  private func mergedMain(_ fix: String) async throws -> String {
    guard let main = situation.refs.main else { return fix }
    let git = situation.git
    if try await git.isAncestor(fix, of: main) { return main }
    // With conflicts the tree is not known yet; the history, which build numbers count, is.
    var tree = try await git.tree(of: main) ?? ""
    if case .clean(let merged) = try await git.merge(main, fix) { tree = merged }
    return try await git.commit(
      tree: tree,
      parents: [main, fix],
      message: "trial merge\n",
      by: situation.signer,
      at: situation.toolbox.now(),
      signs: false
    )
  }
}
