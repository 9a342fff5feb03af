internal import Feeds
internal import ReleaseModel

/// Refuses a feed that would offer anybody less than the one that is served.
struct FeedGuard: Sendable {
  private let plan: FeedPlan
  private var situation: Situation { plan.situation }
  private static let linesMax = 12

  init(_ plan: FeedPlan) {
    self.plan = plan
  }

  /// Compares a feed's new content with what is served, and returns what changes for whom.
  ///
  /// Throws `feed.backwards` where somebody loses, or where those who need the release do not get it.
  func check(_ served: ServedFeed, to new: [UInt8], _ version: String) throws -> [String] {
    let comparison = plan.comparison(served, to: new)
    try refuse(comparison, served, version)
    try requireReached(comparison, served, version)
    return changes(comparison, served)
  }

  /// Throws `feed.backwards` with the table of who loses what.
  func refuse(_ comparison: OfferComparison, _ served: ServedFeed, _ version: String) throws {
    guard !comparison.losses.isEmpty else { return }
    throw Problem(
      "feed.backwards",
      "Users of the feed \(served.feed.path) would be offered less than today.",
      why: comparison.table(onlyLosses: true, linesMax: Self.linesMax).joined(separator: "\n"),
      next: next(served, version)
    )
  }

  /// Only those who were offered the withdrawn version may be offered less.
  func checkWithdrawal(_ served: ServedFeed, to new: [UInt8], of version: String) throws {
    let losses = plan.comparison(served, to: new).losses.filter {
      $0.before.offered?.version != version || $0.after.failure != nil
    }
    guard let first = losses.first else { return }
    throw Problem(
      "feed.backwards",
      "Taking \(situation.version) out of \(served.feed.path) would take more from its users.",
      why: "\(first.title) users on \(shown(first.installed)) \(first.loss ?? "")",
      next: ["hotfix feed show \(situation.toolbox.host.url(served.feed.path))"]
    )
  }

  /// Every version of the release's own line has to be offered it, in one cohort at the least.
  private func requireReached(
    _ comparison: OfferComparison,
    _ served: ServedFeed,
    _ version: String
  ) throws {
    let needing = plan.needing(served.telling)
    for updater in served.feed.updaters {
      let rows = comparison.rows.filter { $0.client == updater.name }
      for installed in needing {
        let own = rows.filter { $0.installed.compared == installed.compared }
        guard !own.isEmpty, own.allSatisfy({ $0.after.offered?.version != version }) else {
          continue
        }
        let offered =
          own[0].after.failure.map { "the error \($0.code)" }
          ?? own[0].after.offered.map { "\($0.shortVersion) (\($0.version))" } ?? "nothing"
        throw Problem(
          "feed.backwards",
          "The feed \(served.feed.path) would not bring users \(situation.version).",
          why: "\(updater.title) users on \(shown(installed)) would be offered \(offered), and not "
            + "\(situation.version) (\(version)).",
          next: next(served, version)
        )
      }
    }
  }

  func shown(_ installed: OfferComparison.Installed) -> String {
    installed.compared == installed.name
      ? installed.name : "\(installed.name) (\(installed.compared))"
  }

  private func next(_ served: ServedFeed, _ version: String) -> [String] {
    let client = served.feed.updaters.first?.name ?? "sparkle"
    return buildNumber(served, version) + [
      "hotfix feed offer \(situation.toolbox.host.url(served.feed.path)) --client \(client) --matrix",
      "hotfix abandon --reason \"…\"",
    ]
  }

  /// Which build number would do, for an appcast.
  func buildNumber(_ served: ServedFeed, _ version: String) -> [String] {
    guard served.feed.kind == .appcast else { return [] }
    let all = plan.installed(served.telling)
    func isOld(_ installed: OfferComparison.Installed) -> Bool {
      isOlder(VersionName(installed.name), than: situation.version)
    }
    func below(_ a: OfferComparison.Installed, _ b: OfferComparison.Installed) -> Bool {
      SparkleVersionOrder.compare(a.compared, b.compared) < 0
    }
    let lower = all.filter(isOld).max(by: below)
    let upper = all.filter { !isOld($0) }.min(by: below)
    let isRight =
      (lower.map { SparkleVersionOrder.compare($0.compared, version) < 0 } ?? true)
      && (upper.map { SparkleVersionOrder.compare(version, $0.compared) < 0 } ?? true)
    guard !isRight, let lower else { return [] }
    let above = "above \(lower.compared) (\(lower.name))"
    let line = plan.ownLine(apartFrom: upper.map { VersionName($0.name) })
    let example = Int(lower.compared).map { "\($0 + 1)" } ?? "\(lower.compared).1"
    guard let upper else {
      let count =
        situation.settings.buildNumber.on(situation.version) ?? "git rev-list --count HEAD"
      return [
        "The build number of \(situation.version) is \(version); one \(above) would do. In hotfix.yml:",
        Int(lower.compared) == nil
          ? "version: { build: \"echo \(lower.compared).$(\(count))\" }"
          : "version: { build: \"expr \(lower.compared) + $(\(count))\" }",
      ]
    }
    guard SparkleVersionOrder.compare(lower.compared, upper.compared) < 0 else {
      return [
        "No build number would do: \(lower.name) has \(lower.compared), and \(upper.name), the newer "
          + "line, has \(upper.compared)."
      ]
    }
    let isBetween = SparkleVersionOrder.compare(example, upper.compared) < 0
    let number = isBetween ? example : "\(lower.compared).1"
    return [
      "The build number of \(situation.version) is \(version); one \(above) and below "
        + "\(upper.compared) (\(upper.name)) would do. In hotfix.yml:",
      "version: { build: { \"\(line)\": \"echo \(number)\" } }",
    ]
  }

  /// One line for those who fare alike.
  private func changes(_ comparison: OfferComparison, _ served: ServedFeed) -> [String] {
    var said: [(whom: [String], what: String)] = []
    for row in comparison.rows where row.change != .same && row.cohort.isEmpty {
      let from = row.before.offered?.shortVersion ?? "nothing"
      let what =
        "users on \(row.installed.name): \(row.after.offered?.shortVersion ?? "nothing") instead of \(from)"
      if let index = said.firstIndex(where: { $0.what == what }) {
        said[index].whom.append(row.title)
      } else {
        said.append(([row.title], what))
      }
    }
    return said.map { "\(served.feed.path): \($0.whom.joined(separator: ", ")) \($0.what)" }
  }
}
