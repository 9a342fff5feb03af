internal import Synchronization

/// The variables that hold secrets; no program that hotfix starts gets them.
///
/// It grows while settings are read: main's, the checkout's, those of the branch and of the tag.
package final class SecretNames: Sendable, ExpressibleByArrayLiteral {
  private let names: Mutex<Set<String>>

  package init(_ names: some Sequence<String> = []) {
    self.names = Mutex(Set(names))
  }

  package convenience init(arrayLiteral names: String...) {
    self.init(names)
  }

  package var all: Set<String> { names.withLock { $0 } }

  package func insert(_ names: some Sequence<String>) {
    self.names.withLock { $0.formUnion(names) }
  }

  package func remove(_ names: some Sequence<String>) {
    self.names.withLock { $0.subtract(names) }
  }

  /// Adds the variables that a `hotfix.yml` mentions, also where it cannot be read as a whole.
  package func insert(mentionedIn text: String) {
    insert(text.matches(of: /env:([A-Za-z_][A-Za-z0-9_]*)/).map { String($0.1) })
  }
}
