/// What our calls of git set, so that a user's configuration and environment change nothing.
///
/// From git-config(1) and git(1), "Environment Variables": all that changes what one of our commands
/// does or prints, and that no option of the command itself sets. How to reach a server, and who signs
/// with which key, are left to the user.
package enum GitSettings {
  /// For every call.
  private static let everywhere = [
    // What is printed.
    "core.quotePath=false", "log.showSignature=false", "log.follow=false", "status.renames=false",
    "i18n.logOutputEncoding=UTF-8", "color.ui=false", "color.push=false", "color.remote=false",
    "color.status=false", "color.transport=false", "color.advice=false",
    "advice.detachedHead=false",
    // What is written and sent.
    "i18n.commitEncoding=UTF-8", "push.pushOption=", "submodule.recurse=false",
    // A merge is the same for everybody: readers make it again (`TakingIn.isMechanical`).
    "diff.algorithm=default", "merge.default=text", "merge.directoryRenames=conflict",
    "merge.renameLimit=7000", "merge.renames=true", "merge.renormalize=false",
    // What runs beside it.
    "core.fsmonitor=false", "gc.auto=0", "maintenance.auto=false",
  ]

  /// For what is not the user's checkout: files as they are committed, and no hooks.
  static let files = [
    "core.attributesFile=/dev/null", "core.autocrlf=false", "core.eol=lf", "core.safecrlf=false",
    "core.sparseCheckout=false", "core.symlinks=true",
  ]

  static func options(remote: String, asUser: Bool) -> [String] {
    let own = asUser ? [] : files + ["core.hooksPath=/dev/null", "merge.conflictStyle=merge"]
    // git refuses refs on the command line for a remote that is a mirror.
    let settings = everywhere + own + ["remote.\(remote).mirror=false"]
    return settings.flatMap { ["-c", $0] }
  }

  static func environment(asUser: Bool) -> [String: String?] {
    let environment = [
      "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0",
      // Objects are what their names say.
      "GIT_NO_REPLACE_OBJECTS": "1",
    ]
    // Hooks may use patterns.
    return asUser ? environment : environment.merging(["GIT_LITERAL_PATHSPECS": "1"]) { $1 }
  }

  /// Which repository, and how it is read: a hook or an alias of git sets some for its own, and neither
  /// our git nor a build that asks git means that one.
  package static let ambient: Set<String> = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_ATTR_SOURCE", "GIT_COMMON_DIR", "GIT_CONFIG",
    "GIT_DIR",
    "GIT_DIFF_OPTS", "GIT_EXTERNAL_DIFF", "GIT_GLOB_PATHSPECS", "GIT_GRAFT_FILE",
    "GIT_ICASE_PATHSPECS", "GIT_IMPLICIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_LITERAL_PATHSPECS",
    "GIT_NAMESPACE", "GIT_NOGLOB_PATHSPECS", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX",
    "GIT_QUARANTINE_PATH", "GIT_REPLACE_REF_BASE", "GIT_SHALLOW_FILE", "GIT_TEMPLATE_DIR",
    "GIT_WORK_TREE",
  ]
}
