internal import ReleaseModel

extension OfferComparison {
  /// The rows as a table for people: who, from, before, after, and what is lost.
  ///
  /// Equal outcomes of several updaters, versions and cohorts are one line. The first line names the
  /// columns; at most `linesMax` lines follow, and then how many more there are. No rows: no lines.
  package func table(onlyLosses: Bool, linesMax: Int) -> [String] {
    let lines = OfferLines(self, onlyLosses: onlyLosses).lines
    guard !lines.isEmpty else { return [] }
    let shown = lines.prefix(max(0, linesMax))
    let hasLosses = shown.contains { !$0.outcome.lost.isEmpty }
    let head = ["who", "from", "before", "after"] + (hasLosses ? ["what is lost"] : [])
    let cells = [head] + shown.map { Array($0.cells.prefix(head.count)) }
    let widths = head.indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
    let text = cells.map { row in
      let padded = zip(row, widths).map { cell, width in
        cell + String(repeating: " ", count: width - cell.count)
      }
      return trimmed(padded.joined(separator: "  "))
    }
    return text + (lines.count > shown.count ? ["… and \(lines.count - shown.count) more"] : [])
  }
}

/// The rows of a comparison, merged where they say the same.
private struct OfferLines {
  struct Outcome: Hashable {
    let before, after, lost: String
  }

  struct Line {
    var titles: [String]
    let cohorts: String
    let versions: [Int]
    let from: String
    let outcome: Outcome

    var cells: [String] {
      let who = "\(titles.joined(separator: ", ")) users\(cohorts.isEmpty ? "" : " ")\(cohorts)"
      return [who, from, outcome.before, outcome.after, outcome.lost].map(cleaned)
    }
  }

  /// One version's users of one updater that fare alike.
  private struct Group: Hashable {
    let title: String
    let outcome: Outcome
    let cohorts: String
  }

  private(set) var lines: [Line] = []

  init(_ comparison: OfferComparison, onlyLosses: Bool) {
    let rows = onlyLosses ? comparison.losses : comparison.rows
    let versions = Self.order(comparison.rows)
    var order: [Group] = []
    var members: [Group: [Int]] = [:]
    for group in Self.groups(rows, Self.cohorts(comparison.rows), versions) {
      if members[group.group] == nil { order.append(group.group) }
      members[group.group, default: []].append(group.version)
    }
    for group in order {
      let members = (members[group] ?? []).sorted()
      let twin = lines.firstIndex { line in
        line.outcome == group.outcome && line.cohorts == group.cohorts && line.versions == members
      }
      if let twin {
        lines[twin].titles.append(group.title)
      } else {
        lines.append(
          Line(
            titles: [group.title],
            cohorts: group.cohorts,
            versions: members,
            from: Self.words(members, versions.names),
            outcome: group.outcome
          )
        )
      }
    }
  }

  private typealias Versions = (names: [String], place: [OfferComparison.Installed: Int])

  /// The updater that was asked for the most versions has them all in order.
  private static func order(_ rows: [OfferComparison.Row]) -> Versions {
    let asked = Dictionary(grouping: rows, by: \.client)
    let most = asked.values.max { a, b in
      let (x, y) = (Set(a.map(\.installed)).count, Set(b.map(\.installed)).count)
      return x == y ? a[0].client > b[0].client : x < y
    }
    var versions: Versions = ([], [:])
    for one in ((most ?? []) + rows).map(\.installed) where versions.place[one] == nil {
      versions.place[one] = versions.names.count
      versions.names.append(one.name)
    }
    return versions
  }

  /// How many cohorts each updater has been asked for.
  private static func cohorts(_ rows: [OfferComparison.Row]) -> [String: Int] {
    var cohorts: [String: Set<String>] = [:]
    for row in rows { cohorts[row.title, default: []].insert(row.cohort) }
    return cohorts.mapValues(\.count)
  }

  private static func groups(
    _ rows: [OfferComparison.Row],
    _ cohortCounts: [String: Int],
    _ versions: Versions
  ) -> [(group: Group, version: Int)] {
    struct Key: Hashable {
      let title: String
      let version: Int
      let outcome: Outcome
    }
    var order: [Key] = []
    var cohorts: [Key: [String]] = [:]
    for row in rows {
      let key = Key(
        title: row.title,
        version: versions.place[row.installed] ?? 0,
        outcome: Outcome(
          before: words(row.before),
          after: words(row.after),
          lost: row.loss ?? ""
        )
      )
      if cohorts[key] == nil { order.append(key) }
      cohorts[key, default: []].append(row.cohort)
    }
    return order.map { key in
      let asked = cohorts[key] ?? []
      // The usual users speak for all; those who fare otherwise have lines of their own.
      let isEverybody = asked.contains("") || asked.count == cohortCounts[key.title]
      let words = isEverybody ? "" : listed(asked)
      return (Group(title: key.title, outcome: key.outcome, cohorts: words), key.version)
    }
  }

  private static func words(_ offer: FeedOffer) -> String {
    if let failure = offer.failure { return "error \(failure.code)" }
    return offer.offered?.named ?? "nothing"
  }

  private static let namesMax = 4

  private static func listed(_ all: [String]) -> String {
    guard all.count > namesMax else { return all.joined(separator: ", ") }
    return all.prefix(namesMax).joined(separator: ", ") + " and \(all.count - namesMax) more"
  }

  /// The versions, with a run of more than two written as its ends.
  private static func words(_ members: [Int], _ names: [String]) -> String {
    guard members.count < names.count || names.count == 1 else { return "any version" }
    var runs: [ClosedRange<Int>] = []
    for member in members {
      if let last = runs.last, last.upperBound + 1 == member, last.lowerBound > 0 {
        runs[runs.count - 1] = last.lowerBound...member
      } else {
        runs.append(member...member)
      }
    }
    return listed(
      runs.flatMap { run in
        run.count > 2
          ? ["\(names[run.lowerBound]) … \(names[run.upperBound])"] : run.map { names[$0] }
      }
    )
  }
}

/// Text of a feed on one line of a table.
private func cleaned(_ text: String) -> String {
  let textMax = 240
  let line = String(
    text.unicodeScalars.prefix(textMax + 1).map { scalar -> Character in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator: " "
      default: Character(scalar)
      }
    }
  )
  return line.unicodeScalars.count > textMax ? "\(line.prefix(textMax))…" : line
}
