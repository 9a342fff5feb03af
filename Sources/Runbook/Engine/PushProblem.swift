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

  package static func unreachable(_ words: String) -> Problem {
    Problem(
      "push.unreachable",
      "The remote gave no answer to the push.",
      why: words,
      next: ["Check the connection, then:  hotfix next     it looks first and repeats nothing"]
    )
  }
}
