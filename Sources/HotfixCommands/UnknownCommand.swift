internal import ArgumentParser
internal import ReleaseModel

/// A word in a command's place that is none.
enum UnknownCommand {
  /// Returns what to say of it, or nil where every command is known.
  static func problem(_ arguments: [String]) -> Problem? {
    var path = "hotfix"
    var command: any ParsableCommand.Type = HotfixCommand.self
    for word in arguments {
      let names = names(under: command)
      guard !names.isEmpty, !word.hasPrefix("-"), word != "help" else { return nil }
      guard let next = names[word] else {
        let near = nearestName(to: word, in: names.keys.sorted())
        return Problem(
          "command.unknown",
          "There is no command \(path) \(word).",
          next: near.map { ["\(path) \($0)"] } ?? ["\(path) --help     lists the commands"]
        )
      }
      path += " \(word)"
      command = next
    }
    return nil
  }

  private static func names(
    under command: any ParsableCommand.Type
  ) -> [String: any ParsableCommand.Type] {
    var all: [any ParsableCommand.Type] = command.configuration.subcommands
    for group in command.configuration.groupedSubcommands { all += group.subcommands }
    var names: [String: any ParsableCommand.Type] = [:]
    for one in all { names[one._commandName] = one }
    return names
  }
}
