package import ReleaseModel

/// What keeps git from writing a ref and does not go away by itself, as git's words name it.
///
/// To whoever pushes, both look like a lost race each time.
package enum GitObstacle: Sendable, Hashable {
  /// A lock file: for a moment every lock is in somebody's way; one that stays was left behind by a
  /// git that died.
  case lock(path: String, isRemote: Bool, words: String)
  /// A ref whose name begins with that of the one to be made, or the other way round.
  case ref(String, isRemote: Bool, words: String)

  /// Reads what git said; nil when nothing of the kind was in the way.
  package init?(_ said: String) {
    for line in said.split(whereSeparator: \.isNewline) {
      let isRemote = line.hasPrefix("remote:")
      let words = line.split(separator: " ").joined(separator: " ")
      if let match = line.firstMatch(of: /Unable to create '([^']+\.lock)': File exists/) {
        self = .lock(path: String(match.1), isRemote: isRemote, words: words)
        return
      }
      if let match = line.firstMatch(of: /'(refs\/[^']+)' exists; cannot create '/) {
        self = .ref(String(match.1), isRemote: isRemote, words: words)
        return
      }
    }
    return nil
  }

  package func problem(remote: String) -> Problem {
    switch self {
    case .lock(let path, let isRemote, let words):
      return Problem(
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
    case .ref(let ref, let isRemote, let words):
      let removal =
        isRemote
        ? "git push \(remote) \(shellQuoted(":\(ref)"))" : "git update-ref -d \(shellQuoted(ref))"
      return Problem(
        "git.ref-in-the-way",
        "The ref \(ref) \(isRemote ? "on \(remote) " : "")keeps git from making another.",
        why: words,
        next: [
          "\(removal)     removes it, where nobody needs it",
          "then repeat the command",
        ]
      )
    }
  }
}
