package import ReleaseModel

/// What a failed push means to a person.
package enum PushProblem {
  package static func problem(_ words: String) -> Problem {
    if words.contains("does not support --atomic")
      || words.contains("atomic") && words.contains("not support")
    {
      return Problem(
        "push.not-atomic",
        "The remote cannot take several refs in one push.",
        why: words,
        next: ["Use a git server with atomic pushes (git ≥ 2.4, `receive.advertiseAtomic`)."]
      )
    }
    if let problem = gitHub(words) { return problem }
    if words.contains("hook declined") {
      return Problem(
        "push.hook",
        "A hook on the remote refused the push; nothing was changed.",
        why: words,
        next: ["Do what the hook asks for, then:  hotfix next"]
      )
    }
    return Problem(
      "push.refused",
      "The remote refused the push; nothing was changed.",
      why: words,
      next: ["hotfix doctor     checks what the remote allows", "then:  hotfix next"]
    )
  }

  /// GitHub's own refusals, known by their numbers.
  private static func gitHub(_ words: String) -> Problem? {
    if words.contains("GH013"), words.contains("refs/tags/") {
      return Problem(
        "push.tag-rule",
        "A rule of the repository forbids the tag; nothing was changed.",
        why: words,
        next: [
          "Let the rule be bypassed by those who release (repository settings, Rules), or",
          "hotfix abandon --reason \"…\"     when the name was used by an immutable release",
          "then:  hotfix next",
        ]
      )
    }
    if words.contains("GH013"), words.contains("secret") {
      return Problem(
        "push.secret",
        "GitHub found a secret in what was to be pushed; nothing was changed.",
        why: words,
        next: [
          "Take the secret out of every commit, and renew it: it was on this machine's disk.",
          "hotfix next",
        ]
      )
    }
    guard words.contains("GH006") || words.contains("GH013") else { return nil }
    return Problem(
      "push.protected",
      "A branch is protected on GitHub and takes no direct push; nothing was changed.",
      why: words,
      next: [
        "gh pr view --web     what goes into it goes through a pull request",
        "hotfix next     once it is merged there",
      ]
    )
  }

  package static func unreachable(_ words: String) -> Problem {
    let isRefused = ["Authentication failed", "could not read Username", "Permission denied"]
      .contains { words.contains($0) }
    if isRefused {
      return Problem(
        "push.unauthorized",
        "The remote does not take your credentials; nothing was changed.",
        why: words,
        next: [
          "gh auth login && gh auth setup-git     or renew the key or token that git uses",
          "hotfix next",
        ]
      )
    }
    return Problem(
      "push.unreachable",
      "The remote gave no answer to the push.",
      why: words,
      next: ["Check the connection, then:  hotfix next     it looks first and repeats nothing"]
    )
  }
}
