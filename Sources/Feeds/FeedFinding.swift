/// A finding about a feed.
package struct FeedFinding: Sendable, Hashable {
  package enum Severity: String, Sendable, Hashable, Comparable {
    case error, warning, note

    package static func < (a: Severity, b: Severity) -> Bool { a.rank < b.rank }
    private var rank: Int { self == .error ? 0 : self == .warning ? 1 : 2 }
  }

  package let rule: String
  package let severity: Severity
  package let place: FeedPlace
  /// The updaters whose users it concerns.
  package let clients: [String]
  package let message: String
  package let mend: String

  package init(
    _ rule: String,
    _ severity: Severity,
    _ place: FeedPlace,
    clients: [String],
    _ message: String,
    mend: String
  ) {
    self.rule = rule
    self.severity = severity
    self.place = place
    self.clients = clients
    self.message = message
    self.mend = mend
  }
}

/// Gathers findings for the updaters of one format.
struct FindingCollector {
  let clients: [String]
  private(set) var findings: [FeedFinding] = []

  init(_ clients: [String]) {
    self.clients = clients
  }

  mutating func add(
    _ rule: String,
    _ severity: FeedFinding.Severity,
    _ place: FeedPlace,
    _ message: String,
    mend: String,
    clients only: [String]? = nil
  ) {
    findings.append(
      FeedFinding(rule, severity, place, clients: only ?? clients, message, mend: mend)
    )
  }

  /// The findings in the order of the file.
  var sorted: [FeedFinding] {
    findings.sorted {
      ($0.place.line, $0.place.column, $0.rule) < ($1.place.line, $1.place.column, $1.rule)
    }
  }

  /// Reports versions that stand more than once.
  mutating func addDuplicates(_ entries: [(key: String, place: FeedPlace)], _ what: String) {
    var seen: Set<String> = []
    for entry in entries where !seen.insert(entry.key).inserted {
      add(
        "duplicate-version",
        .warning,
        entry.place,
        "\(entry.key) stands twice; \(what).",
        mend: "Remove one of them."
      )
    }
  }

  /// Reports a version name that semver clients read otherwise than people do.
  mutating func addVersionName(_ version: String, _ place: FeedPlace) {
    guard let parsed = SemanticVersion(version.drop { $0 == "v" }) else { return }
    if !parsed.build.isEmpty {
      add(
        "build-metadata",
        .warning,
        place,
        "\(version): updaters do not agree whether \"+\(parsed.build.joined(separator: "."))\" is "
          + "newer.",
        mend: "Release a plain number, such as 1.0.2 after 1.0.1."
      )
    }
    if !parsed.prerelease.isEmpty {
      add(
        "prerelease-name",
        .warning,
        place,
        "\(version) is a pre-release to semver: below \(parsed.numbers.joined(separator: ".")), "
          + "and some updaters keep its users on a channel of their own.",
        mend: "Release a plain number; see: hotfix version order \(version) "
          + parsed.numbers.joined(separator: ".")
      )
    }
  }
}
