/// A value that cannot be printed: keys, tokens, webhook addresses (invariant 6).
package struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  private let value: String

  package init(_ value: String) {
    self.value = value
  }

  package var description: String { "•••" }
  package var debugDescription: String { "•••" }
  package var customMirror: Mirror { Mirror(self, children: []) }

  /// Hands the value to the one call that needs it.
  package func reveal() -> String { value }
}
