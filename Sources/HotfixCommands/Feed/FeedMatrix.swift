internal import Feeds
internal import ReleaseModel
internal import Runbook

/// All users at once: `feed offer --matrix`.
extension FeedOfferCommand {
  private struct Matrix: Encodable {
    struct Row: Encodable {
      let client, from: String
      let offered, error: String?
    }

    let schema = "hotfix.feed-matrix/1"
    let rows: [Row]
  }

  func showMatrix(_ source: FeedSource) async throws {
    let clients = who.client.map { [$0] } ?? source.kind.clients
    var versions = askedVersions
    if versions.isEmpty { versions = try await versionsInUse(source) }
    let rows = clients.flatMap { client in
      versions.map { version in
        let answer = who.offer(source, to: who.user(on: version), client)
        return Matrix.Row(
          client: client,
          from: version,
          offered: answer.offered?.shortVersion,
          error: answer.failure.map { "\($0.code): \($0.why)" }
        )
      }
    }
    let width = versions.map(\.count).max() ?? 0
    try global.console.show(
      Matrix(rows: rows),
      rows.map { row in
        let what = row.error.map { "error \($0)" } ?? row.offered.map { "→ \($0)" } ?? "nothing"
        return "\(row.client.padded(17)) \(row.from.padded(width))  \(what)" as TerminalText
      }.joined()
    )
  }

  private var askedVersions: [String] {
    from.map { $0.split(separator: ",").map(String.init) } ?? []
  }

  /// The releases on the project's host, else what the feed itself has ever offered.
  private func versionsInUse(_ source: FeedSource) async throws -> [String] {
    let released = await releases(source)
    if !released.isEmpty { return released.map(\.compared) }
    var seen: Set<String> = []
    let listed = try source.parsed().entries.map(\.version).filter { seen.insert($0).inserted }
    // Somebody below everything stands for those on older versions; the newest are enough.
    return ["0.0.1"] + listed.prefix(24).reversed()
  }

  /// The releases on the project's host, as the feed's updaters compare them; none without a project.
  private func releases(_ source: FeedSource) async -> [OfferComparison.Installed] {
    guard let workspace = try? await global.workspace(allowsCheckout: true),
      let releases = try? await workspace.toolbox.host.releases()
    else { return [] }
    return releases.map { release in
      let name = release.version.text
      let build = release.artifacts.compactMap(\.bundleVersion).first
      return OfferComparison.Installed(
        source.kind == .appcast ? build ?? name : name,
        name: name
      )
    }
  }
}

/// Two states of a feed: `feed offer --matrix --against OLD`.
extension FeedOfferCommand {
  private struct Comparison: Encodable {
    struct Row: Encodable {
      let client, from, name, cohort: String
      let before, after: String?
      let change: String
      let why: String?

      init(_ row: OfferComparison.Row) {
        client = row.client
        from = row.installed.compared
        name = row.installed.name
        cohort = row.cohort
        before = row.before.offered?.shortVersion
        after = row.after.offered?.shortVersion
        change =
          switch row.change {
          case .same: "same"
          case .more: "more"
          case .less: "less"
          }
        why = row.loss
      }
    }

    let schema = "hotfix.feed-comparison/1"
    let rows: [Row]
  }

  /// Prints who is offered what before and after; throws `Waiting.refused` when somebody loses.
  func compare(_ old: String) async throws {
    let before = try await FeedSource.read(old, in: global.folder, client: who.client)
    // The new feed may be broken, which is then a loss: it is taken for what the old one is.
    let after = try await FeedSource.read(
      feed,
      in: global.folder,
      client: who.client ?? before.kind.clients.first
    )
    let clients = who.client.map { [$0] } ?? before.kind.clients
    let asked = askedVersions.map { OfferComparison.Installed($0, name: name(of: $0, in: before)) }
    let comparison = OfferComparison(
      from: before.bytes,
      to: after.bytes,
      before.kind,
      fileName: after.fileName,
      updaters: clients.compactMap { Updater.named($0) },
      installed: asked.isEmpty ? await releases(before) : asked,
      now: who.user(on: "").now
    )
    let losses = comparison.losses.count
    let summary =
      switch losses {
      case 0: "nobody is offered less"
      case 1: "1 user loses something"
      default: "\(losses) users lose something"
      }
    try global.console.show(
      Comparison(rows: comparison.rows.map(Comparison.Row.init)),
      (comparison.table(onlyLosses: false, linesMax: .max) + [summary])
        .map { TerminalText($0) }.joined()
    )
    if losses > 0 { throw Waiting.refused }
  }

  /// The name that people know a version by, where the feed tells it.
  private func name(of version: String, in source: FeedSource) -> String {
    let entry = try? source.parsed().entries.first { $0.version == version }
    return entry?.shortVersion ?? version
  }
}
