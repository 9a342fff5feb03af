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
    guard let (evidence, build, items) = try await proven() else { return }
    try Receipts(situation).write(
      "version-order",
      evidence,
      facts: ["build": build, "items": items]
    )
  }

  /// Returns the evidence, the build number, and the feeds' newest items before the release.
  ///
  /// Throws `version.order`, `feed.backwards`, `feed.immutable`, `feed.unreadable`, `feed.missing`.
  func proven() async throws -> (evidence: [String], build: String, items: String)? {
    guard let fix = situation.refs.fix, let next = situation.version.nextRegular else { return nil }
    var plan = try await FeedPlan.make(situation)
    let numbers = BuildNumbers(situation)
    let build = try await numbers.number(of: situation.version, at: fix)
    plan.numbers = try await unknown(plan, numbers)
    // An older line's next release does not come from main.
    let isNewest = plan.newest().map { isOlder($0, than: situation.version) } ?? true
    let after = isNewest ? try await numbers.number(of: next, at: mergedMain(fix)) : nil
    let prover = FeedPublisher(situation)
    var lines: [(line: String, updaters: [String])] = []
    var objections: [String] = []
    var hints: [String] = []
    for served in plan.feeds {
      let compared = served.feed.kind == .appcast ? build : situation.version.text
      guard case .takesIt = try prover.trialRole(served, plan, version: compared) else { continue }
      // The newest release brings its feeds along; an older line's changes them where they are.
      if !isNewest { try await situation.toolbox.host.requireChangeable(served.feed.path) }
      let order = FeedOrder(served: served, plan: plan, new: compared, next: next, after: after)
      let found = order.objections()
      if !found.isEmpty { hints += FeedGuard(plan).buildNumber(served, compared) }
      objections += found.filter { !objections.contains($0) }
      for (line, title) in order.lines() {
        if let index = lines.firstIndex(where: { $0.line == line }) {
          if !lines[index].updaters.contains(title) { lines[index].updaters.append(title) }
        } else {
          lines.append((line, [title]))
        }
      }
    }
    guard objections.isEmpty else { throw wrong(objections, hints) }
    let said = try prover.prove(plan, build: build)
    let evidence = lines.map { "\($0.updaters.joined(separator: ", ")): \($0.line)" } + said
    return (evidence, build, VersionsInUse.record(plan.feeds))
  }

  /// The build numbers of the last versions in use that neither the host nor a feed tells.
  private func unknown(
    _ plan: FeedPlan,
    _ numbers: BuildNumbers
  ) async throws -> [VersionName: String] {
    guard plan.feeds.contains(where: { $0.feed.kind == .appcast }) else { return [:] }
    var found: [VersionName: String] = [:]
    let unknown = plan.used.filter { used in
      used.items.isEmpty
        && used.release.map {
          !$0.isForeign && $0.artifacts.allSatisfy { $0.bundleVersion == nil }
        } ?? true
    }
    for used in unknown.suffix(5) { found[used.version] = try await numbers.number(of: used) }
    return found
  }

  private func wrong(_ objections: [String], _ hints: [String]) -> Problem {
    var next = hints
    if hints.isEmpty {
      next.append(
        "hotfix version order \(situation.opened.base.version) \(situation.version) "
          + "\(situation.version.nextRegular?.text ?? "")"
      )
      let safe = SafeSpelling.next(after: situation.opened.base.version.text)
      if situation.settings.scheme != .patch {
        next.append(
          "version: { scheme: patch }     in hotfix.yml names it \(safe ?? "by three numbers")"
        )
      }
      next.append("hotfix abandon --reason \"the name\"     then open it again")
    }
    return Problem(
      "version.order",
      "Users' updaters would not take the new version right.",
      why: objections.prefix(12).joined(separator: "\n"),
      next: next + ["hotfix next     once it is on \(situation.opened.main)"]
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

/// The order of the new version as one feed's updaters see it.
struct FeedOrder: Sendable {
  let served: ServedFeed
  let plan: FeedPlan
  /// The new version as the feed's updaters compare it.
  let new: String
  let next: VersionName
  /// The build number of the next regular release; nil where that is not known.
  let after: String?

  private var version: VersionName { plan.situation.version }
  private var countsBuilds: Bool { served.feed.kind == .appcast }

  private var olds: [OfferComparison.Installed] {
    let older = plan.installed(served.telling).filter {
      isOlder(VersionName($0.name), than: version)
    }
    return Array(older.suffix(5))
  }

  private func shown(_ name: String, _ compared: String) -> String {
    name == compared ? name : "\(name) (\(compared))"
  }

  /// The next regular release as the updaters compare it, where that is known.
  private var regular: String? { countsBuilds ? after : next.text }

  func objections() -> [String] {
    served.feed.updaters.flatMap { updater -> [String] in
      var said: [String] = []
      for old in olds {
        guard let why = objection(updater, old.compared, new) else { continue }
        said.append("\(updater.title): users on \(shown(old.name, old.compared)) \(why)")
      }
      if let regular, let why = objection(updater, new, regular) {
        said.append(
          "\(updater.title): users on \(shown(version.text, new)), about the next regular release "
            + "\(shown(next.text, regular)), \(why)"
        )
      }
      if let why = updater.stranding(new) { said.append("\(updater.title): \(why)") }
      return said
    }
  }

  func lines() -> [(line: String, title: String)] {
    let before = olds.map { shown($0.name, $0.compared) + " < " }.joined()
    let behind = regular.map { " < next regular \(shown(next.text, $0))" } ?? ""
    return served.feed.updaters.map { (before + shown(version.text, new) + behind, $0.title) }
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
}
