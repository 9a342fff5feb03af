package import ReleaseModel

/// A fact on its way into the record.
///
/// It carries the moment at which it was observed, intended or concluded: facts wait for the next
/// push, and that push says nothing of when they happened.
package struct PendingFact: Sendable, Hashable {
  /// Made before the first attempt to append, so that a repeated attempt is recognised.
  package let key: String
  package let fact: Fact
  package let at: Moment

  package init(key: String, fact: Fact, at: Moment) {
    self.key = key
    self.fact = fact
    self.at = at
  }
}
