internal import Synchronization

/// A regular expression that is compiled once.
///
/// A literal in a function's body is parsed anew at each call, which costs more than most matches.
/// The lock is for Swift's `Regex`, which promises nothing about threads.
final class Pattern<Output: Sendable>: Sendable {
  private let regex: Mutex<Regex<Output>>

  init(_ regex: sending Regex<Output>) {
    self.regex = Mutex(regex)
  }

  /// What the whole text gives, or nil where it has another form.
  func whole(_ text: some StringProtocol & SendableMetatype) -> Output? {
    let text = Substring(text)
    return regex.withLock { text.wholeMatch(of: $0)?.output }
  }

  /// What the first match in the text gives.
  func first(in text: String) -> Output? {
    regex.withLock { text.firstMatch(of: $0)?.output }
  }

  func matches(_ text: some StringProtocol & SendableMetatype) -> Bool { whole(text) != nil }
}
