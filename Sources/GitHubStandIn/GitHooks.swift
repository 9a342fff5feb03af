internal import Foundation
internal import ReleaseModel

/// The hooks of a bare repository: rules are enforced, and what arrived is written down.
///
/// A push over HTTP brings its rules along in a file, made from the state at that moment. Each line
/// of it is `pattern <tab> operations <tab> commits that may <tab> code <tab> words`. A push from
/// the disk brings none: that is how a test arranges history.
enum GitHooks {
  static func install(in repository: FilePath) throws {
    let hooks = repository.appending("hooks")
    try FileManager.default.createDirectory(
      atPath: hooks.string,
      withIntermediateDirectories: true
    )
    for (name, script) in [("update", update), ("post-receive", postReceive)] {
      let file = hooks.appending(name).string
      try script.write(toFile: file, atomically: true, encoding: .utf8)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file)
    }
  }

  /// GitHub refuses ref by ref, so this is an `update` hook: the other refs of a push go through.
  private static let update = #"""
    #!/bin/sh
    ref=$1 old=$2 new=$3
    zero=0000000000000000000000000000000000000000
    operation=update
    if [ "$old" = $zero ]; then operation=create
    elif [ "$new" = $zero ]; then operation=delete
    elif ! git merge-base --is-ancestor "$old" "$new" 2>/dev/null; then operation=force
    fi
    if [ "$STANDIN_WORKFLOW_SCOPE" = no ] && [ $operation != delete ]; then
      if [ $operation = create ]; then since="--not --all"; else since="^$old"; fi
      changed=$(git log --format= --name-only "$new" $since -- .github/workflows | head -n 1)
      if [ -n "$changed" ]; then
        echo "refusing to allow a Personal Access Token to create or update workflow" \
          "\`$changed\` without \`workflow\` scope" >&2
        exit 1
      fi
    fi
    [ -f "$STANDIN_RULES" ] || exit 0
    tab=$(printf '\t')
    code= words=
    while IFS=$tab read -r pattern operations commits itscode itswords; do
      case $ref in $pattern) ;; *) continue ;; esac
      case ",$operations," in *",$operation,"*) ;; *) continue ;; esac
      case ",$commits," in *",$new,"*) continue ;; esac
      code=$itscode
      words="$words$itswords
    "
    done < "$STANDIN_RULES"
    [ -n "$code" ] || exit 0
    if [ "$code" = GH006 ]; then
      echo "error: GH006: Protected branch update failed for $ref." >&2
      printf '%s' "$words" | while read -r line; do echo "error: $line" >&2; done
    else
      echo "error: GH013: Repository rule violations found for $ref." >&2
      printf '%s' "$words" | while read -r line; do printf '\n- %s\n' "$line" >&2; done
    fi
    exit 1

    """#

  private static let postReceive = """
    #!/bin/sh
    if [ -n "$STANDIN_RECEIVED" ]; then exec cat >"$STANDIN_RECEIVED"; fi
    exec cat >/dev/null

    """
}
