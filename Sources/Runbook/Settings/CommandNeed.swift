/// Something that has to be there before a command of `hotfix.yml` can run.
package struct CommandNeed: Sendable, Hashable {
  package enum Kind: Sendable, Hashable {
    /// A program in `PATH`, a builtin of the shell, or a file.
    case program(String)
    /// A file that an interpreter reads.
    case file(String)
    /// The arguments of `make`.
    case make([String])
    /// A script of `package.json`; `isStrict` when nothing else can have the name.
    case script(manager: String, name: String, isStrict: Bool)
    /// A recipe of the justfile.
    case recipe(String)
    /// A command of a program to which others add theirs, as `cargo nextest`.
    case subcommand(program: String, name: String)
  }

  /// The arguments with which a program lists its commands; what others added is among them.
  package static let listsCommands = [
    "cargo": ["--list"], "git": ["--list-cmds=builtins,main,others,alias"], "go": ["tool"],
  ]

  package let kind: Kind
  /// Where it is needed, from the root of the repository.
  package let directory: String
  /// Whether an earlier command of the line may make it.
  package let mayBeMade: Bool

  /// Returns what a command line needs, as far as its text says so.
  package static func all(of line: String) -> [CommandNeed] {
    var needs: [CommandNeed] = []
    for command in ShellLine(line)?.commands ?? [] {
      for kind in kinds(command.words) {
        let need = CommandNeed(
          kind: kind,
          directory: command.directory,
          mayBeMade: command.isAfterOthers
        )
        if !needs.contains(need) { needs.append(need) }
      }
    }
    return needs
  }

  private static let interpreters: Set = [
    "sh", "bash", "dash", "zsh", "ksh", "python", "python3", "node", "ruby", "perl", "pwsh",
  ]

  private static func kinds(_ words: [ShellLine.Word]) -> [Kind] {
    guard let program = words.first, program.isLiteral, !program.text.hasPrefix("-") else {
      return []
    }
    let arguments = words.dropFirst()
    let more: Kind? =
      switch program.text {
      case "make", "gmake": make(arguments)
      case "npm", "pnpm", "yarn", "bun": script(program.text, arguments)
      case "cargo", "git":
        plain(arguments.first { !$0.text.hasPrefix("+") })
          .map { .subcommand(program: program.text, name: $0) }
      case "go" where arguments.first?.text == "tool":
        plain(arguments.dropFirst().first).map { .subcommand(program: "go", name: $0) }
      case "just": plain(arguments.first { !$0.text.contains("=") }).map { .recipe($0) }
      case let name where interpreters.contains(name): plain(arguments.first).map { .file($0) }
      default: nil
      }
    return [.program(program.text)] + [more].compactMap(\.self)
  }

  /// A word that is known and no option.
  private static func plain(_ word: ShellLine.Word?) -> String? {
    guard let word, word.isLiteral, !word.text.isEmpty, !word.text.hasPrefix("-") else {
      return nil
    }
    return word.text
  }

  private static func make(_ arguments: ArraySlice<ShellLine.Word>) -> Kind? {
    // What a variable or a number of jobs is does not change which targets there are.
    let known = arguments.filter {
      $0.isLiteral || !$0.text.contains("=") && !$0.text.hasPrefix("-j")
    }
    return known.allSatisfy(\.isLiteral) ? .make(known.map(\.text)) : nil
  }

  private static func script(_ manager: String, _ arguments: ArraySlice<ShellLine.Word>) -> Kind? {
    let words = arguments.drop { ["-s", "--silent"].contains($0.text) }
    guard let verb = plain(words.first) else { return nil }
    if ["run", "run-script"].contains(verb) {
      // yarn and bun run programs of packages in the same way.
      return plain(words.dropFirst().first).map {
        .script(manager: manager, name: $0, isStrict: ["npm", "pnpm"].contains(manager))
      }
    }
    guard verb == "test" || verb == "t", manager != "bun" else { return nil }
    return .script(manager: manager, name: "test", isStrict: true)
  }
}
