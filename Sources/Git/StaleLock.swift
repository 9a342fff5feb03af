package import ReleaseModel

/// A lock file that keeps git from writing, as git's words name it.
///
/// For a moment every lock is in somebody's way; one that stays was left behind by a git that died.
package struct StaleLock: Sendable, Hashable {
  package let path: String
  package let isRemote: Bool
  /// Git's own line.
  package let words: String

  /// Reads what git said; nil when no lock file was in the way.
  package init?(_ said: String) {
    for line in said.split(whereSeparator: \.isNewline) {
      guard let match = line.firstMatch(of: /Unable to create '([^']+\.lock)': File exists/) else {
        continue
      }
      path = String(match.1)
      isRemote = line.hasPrefix("remote:")
      words = line.split(separator: " ").joined(separator: " ")
      return
    }
    return nil
  }

  package var problem: Problem {
    Problem(
      "git.locked",
      isRemote
        ? "A lock file on the remote's machine keeps git from writing."
        : "A lock file keeps git from writing into this clone.",
      why: words,
      next: [
        "rm \(shellQuoted(path))     \(isRemote ? "on the remote's machine, " : "")"
          + "once no git process runs there",
        "then repeat the command",
      ]
    )
  }
}
