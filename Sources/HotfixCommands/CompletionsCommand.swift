internal import ArgumentParser

struct CompletionsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "completions",
    abstract: "Print the completion script for a shell",
    discussion: """
      $ hotfix completions bash > /etc/bash_completion.d/hotfix
      $ hotfix completions zsh > "${fpath[1]}/_hotfix"
      $ hotfix completions fish > ~/.config/fish/completions/hotfix.fish
      """
  )

  @Argument(help: "bash, zsh or fish.")
  var shell: String

  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard ["bash", "zsh", "fish"].contains(shell) else {
      throw ValidationError("The shell is bash, zsh or fish.")
    }
  }

  private struct Result: Encodable {
    let schema = "hotfix.completions/1"
    let shell, script: String
  }

  func run() async throws {
    let script = HotfixCommand.completionScript(for: CompletionShell(rawValue: shell) ?? .bash)
    try global.console.show(Result(shell: shell, script: script), script)
  }
}
