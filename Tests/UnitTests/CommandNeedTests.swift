import Runbook
import Testing

/// What command lines need, read without a shell.
@Suite struct CommandNeedTests {
  private func programs(_ line: String) -> [String]? {
    ShellLine(line)?.commands.map { $0.words.map(\.text).joined(separator: " ") }
  }

  @Test(arguments: [
    ("make test", ["make test"]),
    ("CI=1 FLAGS=\"-a -b\" make test TEST='a b'", ["make test TEST=a b"]),
    ("a && b || c; d & e | f", ["a", "b", "c", "d", "e", "f"]),
    ("npm ci\nnpm test # all; of it", ["npm ci", "npm test"]),
    ("tool >out 2>&1 <in --flag", ["tool --flag"]),
    ("tool 2>/dev/null&>>log next", ["tool next"]),
    ("if test -f x; then ./a; else ./b; fi", ["test -f x", "./a", "./b"]),
    ("for f in a b; do lint \"$f\"; done", ["lint $f"]),
    ("exec env A=1 tool", ["tool"]),
    ("! grep -q 'a;b' file", ["grep -q a;b file"]),
    ("echo a\\ b \"c \\\" d\"", ["echo a b c \" d"]),
    ("echo \"$(date; echo ')')\" && next", ["echo $", "next"]),
    ("echo `a; b` ${x:-y z} c", ["echo ` $ c"]),
    ("", []),
  ])
  func aLineIsReadAsAShellReadsIt(_ line: String, _ expected: [String]) {
    #expect(programs(line) == expected)
  }

  @Test(arguments: ["f() { a; }", "cat <<E\nx\nE", "case $a in b) c;; esac", "echo 'a", "a )"])
  func whatIsNotReadIsNothing(_ line: String) {
    #expect(ShellLine(line) == nil)
    #expect(CommandNeed.all(of: line).isEmpty)
  }

  @Test func commandsKnowWhereTheyRun() {
    let commands = ShellLine("a; (cd x && cd y/z && b); c; cd \"$D\"; d")?.commands ?? []
    #expect(commands.map(\.directory) == ["", "x/y/z", ""])
    #expect(commands.map(\.isAfterOthers) == [false, true, true])
  }

  private func kinds(_ line: String) -> [CommandNeed.Kind] {
    CommandNeed.all(of: line).map(\.kind)
  }

  @Test func targetsAreThoseOfMake() {
    #expect(
      kinds("make -C app -j$(nproc) test TEST={test}")
        == [.program("make"), .make(["-C", "app", "test"])]
    )
    #expect(kinds("make") == [.program("make"), .make([])])
    #expect(kinds("make test-{test}") == [.program("make")])
  }

  @Test(arguments: [
    ("npm test", "npm", "test", true), ("npm run build", "npm", "build", true),
    ("pnpm run -s", nil, "", true), ("pnpm -s run dist", "pnpm", "dist", true),
    ("yarn run build", "yarn", "build", false), ("npm ci", nil, "", true),
    ("bun test", nil, "", true), ("npm run {test}", nil, "", true),
  ])
  func scriptsAreThoseThatAManagerRuns(
    _ line: String,
    _ manager: String?,
    _ name: String,
    _ isStrict: Bool
  ) {
    let expected = manager.map {
      CommandNeed.Kind.script(manager: $0, name: name, isStrict: isStrict)
    }
    #expect(kinds(line).dropFirst().first == expected)
  }

  @Test func filesOfInterpretersAreNeeded() {
    #expect(kinds("sh build.sh {version}") == [.program("sh"), .file("build.sh")])
    #expect(kinds("sh tests/{test}.sh") == [.program("sh")])
    #expect(kinds("python3 -m pytest") == [.program("python3")])
    #expect(kinds("just VERSION=1 dist") == [.program("just"), .recipe("dist")])
    #expect(kinds("\"$TOOL\" x").isEmpty)
  }

  @Test(arguments: [
    ("cargo nextest run", "cargo", "nextest"), ("cargo +nightly tauri build", "cargo", "tauri"),
    ("git lfs pull", "git", "lfs"), ("go tool golangci-lint", "go", "golangci-lint"),
    ("cargo --locked test", "cargo", nil), ("cargo {test}", "cargo", nil),
    ("go test ./...", "go", nil),
  ])
  func commandsOfOthersAreNeeded(_ line: String, _ program: String, _ name: String?) {
    let more = name.map { CommandNeed.Kind.subcommand(program: program, name: $0) }
    #expect(kinds(line) == [.program(program)] + [more].compactMap(\.self))
  }
}
