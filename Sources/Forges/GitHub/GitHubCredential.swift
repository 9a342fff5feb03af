package import Git
package import ReleaseModel

/// Where a token for GitHub comes from.
///
/// A project's `hotfix.yml` names the server, so a token that was meant for github.com must not go
/// to another host because the file says so.
package struct GitHubCredential: Sendable {
  private let address: GitHubAddress
  private let environment: @Sendable (String) -> String?
  private let run: ProcessRunner
  private let directory: FilePath

  package init(
    _ address: GitHubAddress,
    environment: @escaping @Sendable (String) -> String?,
    run: @escaping ProcessRunner,
    directory: FilePath
  ) {
    self.address = address
    self.environment = environment
    self.run = run
    self.directory = directory
  }

  /// The names of the variables that may hold a token.
  package static let names = [
    "GITHUB_TOKEN", "GH_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN",
  ]

  /// Returns the token and where it was found; nil when there is none.
  package func token() async -> (secret: Secret, source: String)? {
    for name in names {
      if let value = environment(name), !value.isEmpty { return (Secret(value), name) }
    }
    if let token = await output("gh", ["auth", "token", "--hostname", address.host]) {
      return (Secret(token), "gh auth token")
    }
    return await gitCredential().map { (Secret($0), "git's credential helper") }
  }

  /// The variables that are meant for this server: gh's rules, and that of Actions.
  private var names: [String] {
    if address.isDotCom || environment("GITHUB_SERVER_URL") == address.server {
      return ["GITHUB_TOKEN", "GH_TOKEN"]
    }
    return environment("GH_HOST") == address.host
      ? ["GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"] : []
  }

  private func output(_ program: String, _ arguments: [String], input: String = "") async
    -> String?
  {
    let call = ProcessCall(
      program,
      arguments,
      in: directory,
      environment: ["GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "true", "SSH_ASKPASS": "true"],
      input: Array(input.utf8),
      outputBytesMax: 65_536,
      seconds: 10
    )
    guard let answer = try? await run(call), answer.succeeded else { return nil }
    let text = answer.text.lines().joined(separator: "\n")
    return text.isEmpty ? nil : text
  }

  private func gitCredential() async -> String? {
    let scheme = address.server.hasPrefix("https:") ? "https" : "http"
    let question = """
      protocol=\(scheme)
      host=\(address.host)
      path=\(address.owner)/\(address.name).git


      """
    let answer = await output("git", ["credential", "fill"], input: question)
    let line = answer?.lines().first { $0.hasPrefix("password=") }
    return line.map { String($0.dropFirst("password=".count)) }.flatMap { $0.isEmpty ? nil : $0 }
  }
}
