internal import ArgumentParser

/// What `hotfix` and `hotfix --help` show: the way through an incident, then every command.
///
/// Laid out here and not by the parser, whose look through all commands takes as long as the rest
/// of the program's start.
enum FrontPage {
  /// Whether nothing but the front page is asked for.
  static func isMeant(by arguments: [String]) -> Bool {
    arguments.isEmpty || [["--help"], ["-h"], ["help"]].contains(arguments)
  }

  static var text: String {
    let root = HotfixCommand.configuration
    let groups = root.groupedSubcommands.map { group in
      let lines = group.subcommands.map { command in
        "  \((command.configuration.commandName ?? "").padded(13))\(command.configuration.abstract)"
      }
      return "\(group.name):\n" + lines.joined(separator: "\n")
    }
    return """
      hotfix – \(root.abstract)

      \(root.discussion)

      \(groups.joined(separator: "\n\n"))

      hotfix COMMAND --help     a command, with a session to copy from
      hotfix help STEP          a step of the procedure; hotfix help steps lists them
      hotfix --version
      """
  }
}
