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
    for (name, script) in [("proc-receive", procReceive), ("post-receive", postReceive)] {
      let file = hooks.appending(name).string
      try script.write(toFile: file, atomically: true, encoding: .utf8)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file)
    }
  }

  /// Refuses ref by ref and says why in GitHub's words, which no other hook can.
  ///
  /// It speaks git's protocol for `proc-receive`: packets of the commands come in, and for each one
  /// goes out `ng`, or `ok` with the wish that git does it itself.
  private static let procReceive = #"""
    #!/bin/sh
    LC_ALL=C
    export LC_ALL
    zero=0000000000000000000000000000000000000000
    tab=$(printf '\t')
    take() {
      size=$(dd bs=1 count=4 2>/dev/null)
      case $size in ''|0000) return 1 ;; esac
      packet=$(dd bs=1 count=$((0x$size - 4)) 2>/dev/null | tr '\000\n' '  ')
    }
    give() { printf '%04x%s' $((${#1} + 4)) "$1"; }

    judge() {
      old=$1 new=$2 ref=$3
      operation=update
      if [ "$old" = $zero ]; then operation=create
      elif [ "$new" = $zero ]; then operation=delete
      elif ! git merge-base --is-ancestor "$old" "$new" 2>/dev/null; then operation=force
      fi
      if [ -n "$STANDIN_WORKFLOWS" ] && [ $operation != delete ]; then
        if [ $operation = create ]; then since="--not --all"; else since="^$old"; fi
        changed=$(git log --format= --name-only "$new" $since -- .github/workflows | head -n 1)
        if [ -n "$changed" ]; then
          refusing="create or update workflow \`$changed\` without $STANDIN_WORKFLOWS"
          give "ng $ref refusing to allow a $STANDIN_WHO to $refusing"
          return
        fi
      fi
      code='' words=''
      if [ -f "$STANDIN_RULES" ]; then
        while IFS=$tab read -r pattern operations commits itscode itswords; do
          case $ref in $pattern) ;; *) continue ;; esac
          case ",$operations," in *",$operation,"*) ;; *) continue ;; esac
          case ",$commits," in *",$new,"*) continue ;; esac
          code=$itscode
          case $words in *"$itswords"*) continue ;; esac
          words="$words$itswords
    "
        done < "$STANDIN_RULES"
      fi
      case $code in
        '')
          give "ok $ref"
          give 'option fall-through'
          ;;
        GH006)
          echo "error: GH006: Protected branch update failed for $ref." >&2
          printf '%s' "$words" | while read -r line; do echo "error: $line" >&2; done
          give "ng $ref protected branch hook declined"
          ;;
        *)
          echo "error: GH013: Repository rule violations found for $ref." >&2
          echo "Review all repository rules at $STANDIN_PAGE/rules?ref=$(
            printf '%s' "$ref" | sed 's|/|%2F|g')" >&2
          echo >&2
          printf '%s' "$words" | while read -r line; do printf -- '- %s\n\n' "$line" >&2; done
          give "ng $ref push declined due to repository rule violations"
          ;;
      esac
    }

    while take; do :; done
    give 'version=1'
    printf 0000
    commands=''
    while take; do
      commands="$commands$packet
    "
    done
    printf '%s' "$commands" | while read -r old new ref; do judge "$old" "$new" "$ref"; done
    printf 0000

    """#

  private static let postReceive = """
    #!/bin/sh
    if [ -n "$STANDIN_RECEIVED" ]; then exec cat >"$STANDIN_RECEIVED"; fi
    exec cat >/dev/null

    """
}
