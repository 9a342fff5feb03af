/// What an updater offers one user, and why not each other release.
package struct FeedOffer: Sendable, Hashable {
  package struct Offered: Sendable, Hashable {
    /// As the updater compares it.
    package var version: String
    /// As the user sees it.
    package var shortVersion: String
    package var url: String
    package var critical = false
    package var informational = false
    package var majorUpgrade = false
    package var downgrade = false

    package init(version: String, shortVersion: String? = nil, url: String) {
      self.version = version
      self.shortVersion = shortVersion ?? version
      self.url = url
    }
  }

  /// Why the updater's check ends with an error; `code` is the updater's own word where it has one.
  package struct Failure: Error, Sendable, Hashable {
    package let code: String
    package let why: String

    package init(_ code: String, _ why: String) {
      self.code = code
      self.why = why
    }
  }

  package enum Verdict: String, Sendable, Hashable {
    case offered, older, superseded, phased, channel, system, hardware, platform, delta
    case minimumVersion, majorUpgrade, skipped, unreadable
  }

  package struct Item: Sendable, Hashable {
    package let version: String
    package let verdict: Verdict
    package let why: String

    package init(_ version: String, _ verdict: Verdict, _ why: String) {
      self.version = version
      self.verdict = verdict
      self.why = why
    }
  }

  package var offered: Offered?
  /// The deltas that are tried before the full download, in order: URLs or file names.
  package var deltas: [String] = []
  package var failure: Failure?
  package var items: [Item] = []

  package init(offered: Offered? = nil, deltas: [String] = [], items: [Item] = []) {
    self.offered = offered
    self.deltas = deltas
    self.items = items
  }

  package init(failure: Failure) {
    self.failure = failure
  }
}
