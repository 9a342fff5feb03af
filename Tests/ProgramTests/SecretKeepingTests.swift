import Foundation
import Git
import HotfixTesting
import Machine
import ReleaseModel
import Runbook
import Testing

/// No program that hotfix starts gets a secret: not git, its hooks, a build or a test.
@Suite struct SecretKeepingTests {
  private static let secrets = [
    "WICK_KEY": "", "WICK_MINISIGN": "", "WICK_HOOK": "http://127.0.0.1:1/hook-4f1c9b7a",
    "MAIN_ONLY": "main-only-8d02e6", "BRANCH_ONLY": "branch-only-5ab1c3",
  ]

  private static let hooks = [
    "pre-commit", "prepare-commit-msg", "commit-msg", "post-commit", "post-checkout", "post-merge",
    "pre-merge-commit", "post-rewrite", "pre-push", "reference-transaction", "post-index-change",
    "pre-receive", "update", "post-receive", "post-update",
  ]

  /// Looks for secrets by name and by value, in what a program can see of those above it too.
  ///
  /// It goes up as far as hotfix, whose own `/proc` files `aChildCannotReadItsParent` is about.
  private static let spy = #"""
    #!/bin/sh
    [ -n "$SPY" ] || exit 0
    me=${SPY_AS:-$(basename "$0")}
    echo "ran $me" >> "$SPY"
    tell() { echo "found $1 in $2 of $me" >> "$SPY"; }
    for name in $(cat "$SPY.names"); do
      env | grep -q "^$name=" && tell "$name" environment
    done
    while read -r value; do
      env | grep -qF -- "$value" && tell "$value" environment
      process=$PPID
      while [ "$process" -gt 1 ] && [ "$(readlink /proc/$process/exe)" != "$SPY_STOPS" ]; do
        for part in environ cmdline; do
          tr '\0' '\n' < /proc/$process/$part 2> /dev/null | grep -qF -- "$value" &&
            tell "$value" "$part $(tr '\0' ' ' < /proc/$process/cmdline)"
        done
        process=$(awk '/^PPid/ { print $2 }' /proc/$process/status)
      done
      grep -rqF -- "$value" . 2> /dev/null && tell "$value" files
    done < "$SPY.values"
    case "$(basename "$0")" in
      reference-transaction | pre-receive | post-receive | post-rewrite) cat > /dev/null ;;
    esac
    exit 0

    """#

  private static func world(spy: String, onGitHub: Bool) async throws -> World {
    try await World(onGitHub: onGitHub) { settings in
      settings.replacing("suite: for", with: "suite: SPY_AS=suite sh \(spy); for")
        .replacing("build: sh build.sh", with: "build: SPY_AS=build sh \(spy); sh build.sh")
        .replacing("proof: sh", with: "proof: SPY_AS=proof sh \(spy); sh")
        + "# env:MAIN_ONLY env:WICK_HOOK env:WICK_MINISIGN\n"
    }
  }

  @Test(arguments: [false, true])
  func noHookNoBuildAndNoSuiteFindsASecret(onGitHub: Bool) async throws {
    let scratch = ScratchFolder("hotfix-spy")
    let place = scratch.path.string
    let script = scratch.path.appending("spy.sh")
    try LiveFiles.files.write(script, Array(Self.spy.utf8))
    let world = try await Self.world(spy: script.string, onGitHub: onGitHub)
    var secrets = Self.secrets
    for name in ["WICK_KEY", "WICK_MINISIGN"] { secrets[name] = world.ana.environment[name] }
    // Each has their own on GitHub; only the stand-in's server may know both.
    if onGitHub { secrets["GH_TOKEN"] = "token-of-gh-0b5d" }
    // The longest line of a key says enough, and is one line.
    let values = secrets.values.map { $0.split(separator: "\n").max { $0.count < $1.count } ?? "" }
    func write(_ name: String, _ lines: [String]) throws {
      let text = lines.sorted().joined(separator: "\n") + "\n"
      try LiveFiles.files.write(FilePath("\(place)/\(name)"), Array(text.utf8))
    }
    try write("found.names", secrets.keys + (onGitHub ? ["GITHUB_TOKEN"] : []))
    try write("found.values", values.map(String.init))
    let folders = [world.ana, world.ben].map { $0.clone.appending(".git").appending("hooks") }
    for folder in folders + (onGitHub ? [] : [world.remote.appending("hooks")]) {
      for hook in Self.hooks {
        try LiveFiles.files.write(folder.appending(hook), Array(Self.spy.utf8))
        chmod(folder.appending(hook).string, 0o755)
      }
    }
    var environment = secrets
    environment["SPY"] = "\(place)/found"
    environment["SPY_STOPS"] = World.tools.appending("hotfix").string
    try await carryThrough(world, environment)
    let found = try String(contentsOfFile: "\(place)/found", encoding: .utf8)
    let lines = Set(found.split(separator: "\n").map(String.init))
    let lookers = ["reference-transaction", "suite", "build", "proof"]
    for name in lookers + (onGitHub ? [] : ["pre-receive"]) {
      #expect(lines.contains("ran \(name)"), "\(name) looked")
    }
    #expect(lines.filter { !$0.hasPrefix("ran ") } == [])
  }

  /// A whole hotfix by the built program.
  private func carryThrough(_ world: World, _ environment: [String: String]) async throws {
    // Nothing says that it is a secret before the branch's settings do.
    var environment = environment
    let late = environment.removeValue(forKey: "BRANCH_ONLY")
    func run(_ person: World.Person, _ arguments: [String], _ status: Int32) async throws {
      let outcome = try await world.program(person, arguments, environment: environment)
      try world.expect(outcome, status)
    }
    try await run(world.ana, World.openArguments, 0)
    try await run(world.ben, ["approve"], 0)
    try await run(world.ana, ["next"], 3)
    let settings = try world.read("ana/hotfix.yml")
    try world.write(world.ana, ["hotfix.yml": settings + "# env:BRANCH_ONLY\n"])
    try await world.fix()
    environment["BRANCH_ONLY"] = late
    try await run(world.ana, ["next"], 3)
    try await run(world.ben, ["approve"], 0)
    try await run(world.ana, ["next"], 0)
    try await run(world.ana, ["close"], 0)
  }

  /// Only a process that can be traced may be read: `/proc/PID/environ` of another belongs to root.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/proc/self/environ")))
  func aChildCannotReadItsParent() async throws {
    let scratch = ScratchFolder("hotfix-dumpable")
    // The server is asked by hotfix, and looks at it from outside.
    let mark = scratch.path.appending("pid").string
    let server = try RawServer { connection in
      connection.read()
      let text = (try? String(contentsOfFile: mark, encoding: .utf8)) ?? ""
      var status = stat()
      let found = stat("/proc/\(text.dropLast())/environ", &status) == 0
      connection.write("HTTP/1.1 404 \(found ? "owner \(status.st_uid)" : "none")\r\n\r\n".utf8)
      try? Data("\(status.st_uid)".utf8).write(to: URL(fileURLWithPath: mark + ".owner"))
    }
    // As root, everything is root's: somebody else runs it there.
    let isRoot = geteuid() == 0
    chmod(scratch.path.string, 0o777)
    let become = isRoot ? "setpriv --reuid=65534 --regid=65534 --clear-groups" : ""
    let built = shellQuoted(World.tools.appending("hotfix").string)
    let line = "echo $$ > \(mark); exec \(become) \(built) feed show \"$0\""
    let answer = try await LiveProcesses.runner(
      inherited: ProcessInfo.processInfo.environment
    )(
      ProcessCall(
        "sh",
        ["-c", line, "http://127.0.0.1:\(server.port)/appcast.xml"],
        in: scratch.path
      )
    )
    #expect(answer.errors.contains("[feed.status]"), "\(answer.errors)")
    #expect(try String(contentsOfFile: mark + ".owner", encoding: .utf8) == "0")
  }
}
