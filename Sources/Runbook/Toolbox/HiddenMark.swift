/// By what a text of ours is found again, so that it is not posted twice.
package struct HiddenMark: Sendable, Hashable {
  /// Hidden at the text's end; everybody can read it in the record.
  package var marker: String
  /// The accounts that the record names; a text counts from these, and from the one that asks.
  package var accounts: Set<String>

  package init(_ marker: String, accounts: Set<String>) {
    self.marker = marker
    self.accounts = accounts
  }
}
